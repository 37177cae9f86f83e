//! Records in the forms that other programs read.
//!
//! A workload without a verified rate never becomes a number: it is an empty cell, a skipped or failed
//! test, or absent, as each form allows.

mod bmf;
mod csv;
mod gha_benchmark;
mod github;
mod junit;
mod markdown;
mod series;
mod write;

use crate::error::Result;
use crate::record::{Record, State, WorkloadRecord};
use crate::report::presentable;

pub use github::annotations;
pub use write::{append_file, replace_file};

/// A form to export to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// Flat table, one row per workload and record, units in the column names.
    Csv,
    /// Table to paste in an issue.
    Markdown,
    /// JUnit XML: a test suite per record, a test case per workload.
    Junit,
    /// Step summary of a GitHub workflow; it is appended to.
    Github,
    /// `customBiggerIsBetter` of github-action-benchmark.
    GhaBenchmark,
    /// Bencher Metric Format.
    Bmf,
}

impl ExportForm {
    /// Every form.
    pub const ALL: [Self; 6] =
        [Self::Csv, Self::Markdown, Self::Junit, Self::Github, Self::GhaBenchmark, Self::Bmf];

    /// As the flag is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::GhaBenchmark => "gha-benchmark",
            Self::Bmf => "bmf",
        }
    }

    /// The records in this form.
    pub fn export(self, records: &[Record]) -> Result<String> {
        let records = &records.iter().map(presentable).collect::<Result<Vec<_>>>()?;
        match self {
            Self::Csv => csv::csv(records),
            Self::Markdown => Ok(markdown::markdown(records)),
            Self::Junit => junit::junit(records),
            Self::Github => Ok(github::summary(records)),
            Self::GhaBenchmark => gha_benchmark::gha_benchmark(records),
            Self::Bmf => bmf::bmf(records),
        }
    }
}

/// What went wrong, in a word and a sentence; `None` when nothing did.
fn fault(w: &WorkloadRecord) -> Option<(&'static str, String)> {
    let reason = || w.reason.clone().unwrap_or("no reason recorded".into());
    match w.state {
        _ if w.verification.as_ref().is_some_and(|v| !v.passed) => Some((
            "unverified",
            w.reason.clone().unwrap_or("the result does not match its reference".into()),
        )),
        State::Failed => Some(("failed", reason())),
        State::Measured if w.verified().is_none() => Some(("unverified", reason())),
        State::Measured | State::Unsupported => None,
    }
}
