//! `report`: records shown again, or exported for other programs.

use std::path::{Path, PathBuf};

use super::args::{Exports, Format, Report};
use super::output::{print, show};
use crate::error::{Error, Result};
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
    let all: Vec<Read> = args.records.iter().map(|p| record::read_any(p)).collect::<Result<_>>()?;
    let book = Book::load()?;
    let mut outcome = if exports.is_empty() { Ok(()) } else { export(&own(args, &all)?, &exports) };
    if let Some(path) = &args.exports.html {
        outcome = outcome.and(page(args, path, &book));
    }
    match (args.format, exports.is_empty() && args.exports.html.is_none()) {
        (None, false) => {}
        (format, _) => shown(&all, format.unwrap_or_default(), &book)?,
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

fn own(args: &Report, all: &[Read]) -> Result<Vec<Record>> {
    let named = args.records.iter().zip(all);
    let own = named.map(|(path, read)| match read {
        Read::Own(record) => Ok((**record).clone()),
        Read::External(_) => Err(Error::input(
            path.display().to_string(),
            "an import of another program's results; exports take runs of tierbench only, \
             --format json shows an import",
        )),
    });
    own.collect()
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

/// The page names the digest of each file, so it reads them once more.
fn page(args: &Report, path: &Path, book: &Book) -> Result<()> {
    let source = |path: &PathBuf| {
        let (record, sha256) = record::read_with_digest(path)?;
        Ok(Source { record, sha256 })
    };
    let sources = args.records.iter().map(source).collect::<Result<Vec<_>>>()?;
    let text = report::html(&sources, book)?;
    if is_stdout(path) {
        return print(&text);
    }
    report::replace_file(path, &text)?;
    eprintln!("html: {}", path.display());
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
                Read::Own(record) => report::text(record, book),
                Read::External(external) => report::external_text(external),
            });
            let pages: Vec<String> = pages.collect::<Result<_>>()?;
            let pages: Vec<&str> = pages.iter().map(|page| page.trim_end()).collect();
            print(&pages.join("\n\n\n"))
        }
    }
}
