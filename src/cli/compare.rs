//! `compare`: runs beside a base, and a gate for scripts.

use std::path::{Path, PathBuf};

use super::args::{Compare, PageFormat};
use super::evidence::Checked;
use super::output::print;
use crate::compare::{Gate, adapters_differ, compare, regressions};
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::record::Record;
use crate::report::{comparison_json, comparison_markdown, comparison_text};

/// Does what `tierbench compare` says. The output is complete before a gate fails.
pub(super) fn run(args: &Compare) -> Result<()> {
    let (base_file, others) = files(args)?;
    let book = Book::load()?;
    let base = Checked::agreeing(base_file, &book)?.with_samples()?;
    let others: Vec<(String, Record)> = others
        .iter()
        .map(|file| {
            Ok((file.display().to_string(), Checked::agreeing(file, &book)?.with_samples()?))
        })
        .collect::<Result<_>>()?;
    if !args.across_adapters {
        for (file, record) in &others {
            same_adapter(base_file, &base, file, record)?;
        }
    }
    let comparison = compare((&base_file.display().to_string(), &base), &others, args.band);
    match args.format {
        PageFormat::Text => print(&comparison_text(&comparison)?)?,
        PageFormat::Json => print(&comparison_json(&comparison)?)?,
        PageFormat::Markdown => print(&comparison_markdown(&comparison)?)?,
    }
    gate(&regressions(&comparison, &args.fail_on), &args.fail_on)
}

fn files(args: &Compare) -> Result<(&Path, &[PathBuf])> {
    let split = match (&args.reference, args.records.split_first()) {
        (Some(base), _) => Some((base, args.records.as_slice())),
        (None, split) => split,
    };
    match split {
        Some((base, others)) if !others.is_empty() => Ok((base, others)),
        _ => Err(Error::Usage(
            "nothing to compare with; name the base and at least one other record".into(),
        )),
    }
}

fn same_adapter(base_file: &Path, base: &Record, file: &str, record: &Record) -> Result<()> {
    let differ = adapters_differ(&base.adapter, &record.adapter);
    if differ.is_empty() {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{} and {file} are of different adapters or drivers\n  {}\n  a difference would say nothing about the kernels; add --across-adapters if you mean it",
        base_file.display(),
        differ.join("\n  ")
    )))
}

fn gate(found: &[String], gates: &[Gate]) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = gates.iter().map(ToString::to_string).collect();
    Err(Error::Regression(format!(
        "regression: {} under --fail-on {}\n  {}",
        found.len(),
        names.join(","),
        found.join("\n  ")
    )))
}
