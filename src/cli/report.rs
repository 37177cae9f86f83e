//! `report`: records shown again, or exported for other programs.

use std::path::{Path, PathBuf};

use super::args::{Exports, Format, Report};
use super::evidence::{Checked, Opened};
use super::inputs;
use super::output::{print, say, show};
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::record::{External, Record};
use crate::report::{self, ExportForm, ImportSource, Source};

/// Does what `tierbench report` says. What is wrong with one record keeps none of the others from being shown: the
/// error comes out at the end.
pub(super) fn run(args: &Report) -> Result<()> {
    let exports = args.exports.wanted();
    let files = exports.iter().map(|(_, path)| *path).chain(&args.exports.html);
    let to_stdout = files.filter(|path| is_stdout(path)).count();
    if to_stdout + usize::from(args.format.is_some()) > 1 {
        return Err(Error::Usage(
            "stdout holds one form only; name files for the other ones".into(),
        ));
    }
    let paths = inputs::records(&args.records);
    let files = exports.iter().map(|(_, path)| *path).chain(&args.exports.html);
    let files: Vec<&PathBuf> = files.filter(|path| !is_stdout(path)).collect();
    inputs::keep_apart(&paths, &files)?;
    let book = Book::load()?;
    let mut outcome = Ok(());
    let all = inputs::open_all(&paths, &book, &mut outcome);
    if all.is_empty() {
        return outcome;
    }
    if !exports.is_empty() {
        let own = own(&all, &mut outcome);
        if own.is_empty() {
            return outcome;
        }
        let records: Vec<Record> = own.iter().map(|run| run.record.clone()).collect();
        export(&records, &exports, &mut outcome);
    }
    if let Some(path) = &args.exports.html
        && let Err(error) = page(&all, path, &book)
    {
        inputs::also(&mut outcome, error);
    }
    match (args.format, exports.is_empty() && args.exports.html.is_none()) {
        (None, false) => {}
        (format, _) => shown(&all, format.unwrap_or_default(), &book)?,
    }
    for error in all.iter().filter_map(|(_, opened)| opened.run()?.disagreement()) {
        inputs::also(&mut outcome, error);
    }
    outcome
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

impl Exports {
    fn wanted(&self) -> Vec<(ExportForm, &PathBuf)> {
        let all = [
            (ExportForm::Csv, &self.csv),
            (ExportForm::Markdown, &self.markdown),
            (ExportForm::Junit, &self.junit),
            (ExportForm::Github, &self.github),
            (ExportForm::GhaBenchmark, &self.gha_benchmark),
            (ExportForm::Bmf, &self.bmf),
        ];
        all.into_iter().filter_map(|(form, path)| Some((form, path.as_ref()?))).collect()
    }
}

/// The runs of this program among the records.
fn own<'a>(all: &'a [(PathBuf, Opened)], outcome: &mut Result<()>) -> Vec<&'a Checked> {
    let mut own = Vec::new();
    for (path, opened) in all {
        match opened.run() {
            Some(run) => own.push(run),
            None => inputs::also(
                outcome,
                Error::input(
                    files::name(path),
                    "an import of another program's results; of the exports, --html and --format json take one",
                ),
            ),
        }
    }
    own
}

/// Writes every file that can be written.
fn export(records: &[Record], exports: &[(ExportForm, &PathBuf)], outcome: &mut Result<()>) {
    for (form, path) in exports {
        let written = form.export(records).and_then(|text| match form {
            _ if is_stdout(path) => print(&text),
            ExportForm::Github => report::append_file(path, &text),
            _ => report::replace_file(path, &text),
        });
        match written {
            Ok(()) if !is_stdout(path) => {
                say(format_args!("{}: {}", form.name(), files::name(path)));
            }
            Ok(()) => {}
            Err(error) => inputs::also(outcome, error),
        }
        if *form == ExportForm::Github && std::env::var_os("GITHUB_ACTIONS").is_some() {
            match report::annotations(records) {
                Ok(lines) => lines.iter().for_each(say),
                Err(error) => inputs::also(outcome, error),
            }
        }
    }
}

fn page(all: &[(PathBuf, Opened)], path: &Path, book: &Book) -> Result<()> {
    let source = |run: &Checked| Source {
        record: run.record.clone(),
        sha256: run.sha256.clone(),
        standing: run.standing.text(),
    };
    let runs = all.iter().filter_map(|(_, opened)| opened.run());
    let sources: Vec<Source> = runs.map(source).collect();
    let imports = all.iter().filter_map(|(_, opened)| opened.import());
    let imports: Vec<ImportSource> = imports.cloned().collect();
    let text = report::html(&sources, &imports, book)?;
    if is_stdout(path) {
        return print(&text);
    }
    report::replace_file(path, &text)?;
    say(format_args!("html: {}", files::name(path)));
    Ok(())
}

fn shown(all: &[(PathBuf, Opened)], format: Format, book: &Book) -> Result<()> {
    let all: Vec<&Opened> = all.iter().map(|(_, opened)| opened).collect();
    if format == Format::Text {
        let pages = all.iter().map(|opened| match opened {
            Opened::Run(run) => report::text(&run.record, Some(&run.standing.text()), book),
            Opened::Import(import) => report::external_text(&import.external, book),
        });
        let pages: Vec<String> = pages.collect::<Result<_>>()?;
        let pages: Vec<&str> = pages.iter().map(|page| page.trim_end()).collect();
        return print(&pages.join("\n\n\n"));
    }
    match all.as_slice() {
        [Opened::Run(run)] => show(&run.record, format, book),
        [Opened::Import(import)] => {
            print(&report::externals_json(std::slice::from_ref(&import.external))?)
        }
        all => {
            let records = all.iter().filter_map(|opened| opened.run());
            let records: Vec<&Record> = records.map(|run| &run.record).collect();
            let imports = all.iter().filter_map(|opened| opened.import());
            let imports: Vec<&External> = imports.map(|import| &import.external).collect();
            print(&report::reports_json(&records, &imports)?)
        }
    }
}
