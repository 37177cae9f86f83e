//! Stage 8: who reads it?
//!
//! The same record as a terminal table for an engineer and as JSON for a program,
//! and as a page for everybody.

mod classify;
mod comparison;
mod data;
mod doubt;
mod equivalents;
mod export;
mod external;
mod html;
mod kernel_checks;
mod list;
mod markdown;
mod missing;
mod rate;
mod rerun;
mod share;
mod outcome;
mod table;
mod tune;
mod verification;
mod who;

pub use classify::{classification_json, classification_text};
pub use comparison::{comparison_json, comparison_markdown, comparison_text};
pub use data::{chip_text, chips_csv, chips_text, data_json, rule_text, rules_text, tiers_text};
pub use equivalents::{equivalents, scenarios, supply};
pub use export::{ExportForm, annotations, append_file, replace_file};
pub use external::{external_text, externals_json, externals_text, reports_json};
pub use html::{ImportSource, Source, TestReport, html, test_report};
pub use kernel_checks::{kernel_checks_json, kernel_checks_text};
pub use list::{drivers_text, list_json, list_text};
pub use missing::is_incomplete;
pub use rerun::{rerun_json, rerun_text};
pub use table::text;
pub use tune::{tune_json, tune_text};
pub use verification::{
    sampling_json, sampling_text, verification_json, verification_junit, verification_text,
};

pub use crate::shown::json;

use crate::error::Result;
use crate::record::Record;
use crate::shown;

/// A copy whose texts can be shown. Samples, ticks and readings are numbers only and may be a million, so they are
/// set aside meanwhile.
fn presentable(record: &Record) -> Result<Record> {
    let mut bare = record.clone();
    let samples: Vec<_> =
        bare.workloads.iter_mut().map(|w| std::mem::take(&mut w.samples)).collect();
    let clocks: Vec<_> =
        bare.timer.iter_mut().map(|proof| std::mem::take(&mut proof.samples)).collect();
    let readings: Vec<_> =
        bare.telemetry.iter_mut().map(|log| std::mem::take(&mut log.readings)).collect();
    let mut clean = shown::cleaned(&bare)?;
    for (w, samples) in clean.workloads.iter_mut().zip(samples) {
        w.samples = samples;
    }
    for (proof, samples) in clean.timer.iter_mut().zip(clocks) {
        proof.samples = samples;
    }
    clean.without_samples.clone_from(&record.without_samples);
    for (log, readings) in clean.telemetry.iter_mut().zip(readings) {
        log.readings = readings;
    }
    Ok(clean)
}
