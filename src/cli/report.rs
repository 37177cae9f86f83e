//! `report`: records shown again, or exported for other programs.

use std::path::{Path, PathBuf};

use super::args::{Exports, Format, Report};
use super::inputs;
use super::output::{print, say, show};
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::record::{self, Read, Record};
use crate::report::{self, ExportForm, Source};

/// Does what `tierbench report` says.
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
    let mut outcome = Ok(());
    let all = inputs::read_all(&paths, &mut outcome);
    if all.is_empty() {
        return outcome;
    }
    let book = Book::load()?;
    if !exports.is_empty() || args.exports.html.is_some() {
        let own = own(&all, &mut outcome);
        if own.is_empty() {
            return outcome;
        }
        let records: Vec<Record> = own.iter().map(|(_, record)| record.clone()).collect();
        export(&records, &exports, &mut outcome);
        if let Some(path) = &args.exports.html
            && let Err(error) = page(&own, path, &book)
        {
            inputs::also(&mut outcome, error);
        }
    }
    match (args.format, exports.is_empty() && args.exports.html.is_none()) {
        (None, false) => {}
        (format, _) => {
            let all: Vec<Read> = all.into_iter().map(|(_, read)| read).collect();
            shown(&all, format.unwrap_or_default(), &book)?;
        }
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
fn own(all: &[(PathBuf, Read)], outcome: &mut Result<()>) -> Vec<(PathBuf, Record)> {
    let mut own = Vec::new();
    for (path, read) in all {
        match read {
            Read::Own(record) => own.push((path.clone(), (**record).clone())),
            Read::External(_) => inputs::also(
                outcome,
                Error::input(
                    files::name(path),
                    "an import of another program's results; exports take runs of tierbench only, \
                     --format json shows an import",
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
            for line in report::annotations(records) {
                say(line);
            }
        }
    }
}

/// The page names the digest of each file, so it reads them once more.
fn page(own: &[(PathBuf, Record)], path: &Path, book: &Book) -> Result<()> {
    let source = |(path, _): &(PathBuf, Record)| {
        let (record, sha256) = record::read_with_digest(path)?;
        Ok(Source { record, sha256 })
    };
    let sources = own.iter().map(source).collect::<Result<Vec<_>>>()?;
    let text = report::html(&sources, book)?;
    if is_stdout(path) {
        return print(&text);
    }
    report::replace_file(path, &text)?;
    say(format_args!("html: {}", files::name(path)));
    Ok(())
}

fn shown(all: &[Read], format: Format, book: &Book) -> Result<()> {
    match (all, format) {
        ([Read::Own(record)], format) => show(record, format, book),
        ([Read::External(external)], Format::Json) => {
            print(&report::externals_json(&[(**external).clone()])?)
        }
        (_, Format::Json) => print(&report::reports_json(all)?),
        (_, Format::Text) => {
            let pages = all.iter().map(|read| match read {
                Read::Own(record) => Ok(report::text(record, book)),
                Read::External(external) => Ok(report::external_text(external)),
            });
            let pages: Vec<String> = pages.collect::<Result<_>>()?;
            let pages: Vec<&str> = pages.iter().map(|page| page.trim_end()).collect();
            print(&pages.join("\n\n\n"))
        }
    }
}
