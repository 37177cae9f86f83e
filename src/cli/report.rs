//! `report`: records shown again, or exported for other programs.

use std::path::{Path, PathBuf};

use super::args::{Exports, Format, Report};
use super::evidence::{Checked, Opened, open};
use super::output::{print, show};
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::record::{External, Record};
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
    let book = Book::load()?;
    let all: Vec<Opened> = args.records.iter().map(|p| open(p, &book)).collect::<Result<_>>()?;
    let mut outcome = if exports.is_empty() { Ok(()) } else { export(&own(args, &all)?, &exports) };
    if let Some(path) = &args.exports.html {
        outcome = outcome.and(page(args, &all, path, &book));
    }
    match (args.format, exports.is_empty() && args.exports.html.is_none()) {
        (None, false) => {}
        (format, _) => shown(&all, format.unwrap_or_default(), &book)?,
    }
    let runs = all.iter().filter_map(Opened::run);
    outcome.and(runs.filter_map(Checked::disagreement).map(Err).next().unwrap_or(Ok(())))
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

fn own(args: &Report, all: &[Opened]) -> Result<Vec<Record>> {
    let own = args.records.iter().zip(all).map(|(path, opened)| match opened {
        Opened::Run(checked) => Ok(checked.record.clone()),
        Opened::Import(_) => Err(not_for_exports(path)),
    });
    own.collect()
}

fn not_for_exports(path: &Path) -> Error {
    Error::input(
        path.display().to_string(),
        "an import of another program's results; exports take runs of tierbench only, \
         --format json shows an import",
    )
}

/// Writes every file that can be written; the first that cannot is the error.
fn export(records: &[Record], exports: &[(ExportForm, &PathBuf)]) -> Result<()> {
    let mut outcome = Ok(());
    for (form, path) in exports {
        let written = form.export(records).and_then(|text| match form {
            _ if is_stdout(path) => print(&text),
            ExportForm::Github => report::append_file(path, &text),
            _ => report::replace_file(path, &text),
        });
        match written {
            Ok(()) if !is_stdout(path) => eprintln!("{}: {}", form.name(), path.display()),
            Ok(()) => {}
            Err(error) if outcome.is_ok() => outcome = Err(error),
            Err(error) => eprintln!("error: {error}"),
        }
        if *form == ExportForm::Github && std::env::var_os("GITHUB_ACTIONS").is_some() {
            for line in report::annotations(records)? {
                eprintln!("{line}");
            }
        }
    }
    outcome
}

fn page(args: &Report, all: &[Opened], path: &Path, book: &Book) -> Result<()> {
    let source = |(path, opened): (&PathBuf, &Opened)| match opened {
        Opened::Run(checked) => Ok(Source {
            record: checked.record.clone(),
            sha256: checked.sha256.clone(),
            standing: checked.standing.text(),
        }),
        Opened::Import(_) => Err(not_for_exports(path)),
    };
    let sources = args.records.iter().zip(all).map(source).collect::<Result<Vec<_>>>()?;
    let text = report::html(&sources, book)?;
    if is_stdout(path) {
        return print(&text);
    }
    report::replace_file(path, &text)?;
    eprintln!("html: {}", path.display());
    Ok(())
}

fn shown(all: &[Opened], format: Format, book: &Book) -> Result<()> {
    if format == Format::Text {
        let pages = all.iter().map(|opened| match opened {
            Opened::Run(run) => report::text(&run.record, Some(&run.standing.text()), book),
            Opened::Import(external) => report::external_text(external),
        });
        let pages: Vec<String> = pages.collect::<Result<_>>()?;
        let pages: Vec<&str> = pages.iter().map(|page| page.trim_end()).collect();
        return print(&pages.join("\n\n\n"));
    }
    match all {
        [Opened::Run(run)] => show(&run.record, format, book),
        [Opened::Import(external)] => print(&report::externals_json(&[(**external).clone()])?),
        _ => {
            let records: Vec<&Record> =
                all.iter().filter_map(Opened::run).map(|r| &r.record).collect();
            let imports: Vec<&External> = all.iter().filter_map(Opened::import).collect();
            print(&report::reports_json(&records, &imports)?)
        }
    }
}
