//! `report`: records again, on stdout or as files.

use std::path::Path;

use super::args::{Format, Report};
use super::commands::{print, show};
use crate::error::{Error, Result};
use crate::record::{self, Read};
use crate::report::{self, Source};

/// Files that are asked for replace the output on stdout.
pub(super) fn run(args: &Report) -> Result<()> {
    if let Some(file) = &args.html {
        let source = |path: &std::path::PathBuf| {
            let (record, sha256) = record::read_with_digest(path)?;
            Ok(Source { record, sha256 })
        };
        let sources = args.records.iter().map(source).collect::<Result<Vec<_>>>()?;
        return write(file, &report::html(&sources)?);
    }
    for (n, path) in args.records.iter().enumerate() {
        let read = record::read_any(path)?;
        if n > 0 && matches!(args.format, Format::Text) {
            print(&format!("\n{}\n", "=".repeat(80)))?;
        }
        match read {
            Read::Own(record) => show(&record, args.format)?,
            Read::External(external) => match args.format {
                Format::Json => print(&report::externals_json(&[*external])?)?,
                Format::Text => print(&report::external_text(&external))?,
            },
        }
    }
    Ok(())
}

/// To a file, or to stdout for `-`.
fn write(file: &Path, text: &str) -> Result<()> {
    if file == Path::new("-") {
        return print(text);
    }
    std::fs::write(file, text).map_err(|source| Error::Report { path: file.into(), source })?;
    eprintln!("report: {}", file.display());
    Ok(())
}
