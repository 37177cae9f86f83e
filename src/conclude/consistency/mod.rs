//! Does a record follow from itself? Small checks, each a sentence about what does not.
//!
//! They find edits. They cannot show that a run took place: who writes records that are consistent passes them all
//! (`docs/auditor.md` lists what no check can see).

mod head;
mod samples;
mod stopping;

pub(super) use head::of_head;

use crate::record::Record;

/// Everything that the samples show of themselves, of the order they were taken in, and of when sampling ended.
pub(super) fn of_samples(record: &Record) -> Vec<String> {
    let mut what = Vec::new();
    for w in &record.workloads {
        let label = w.label();
        let mut found = samples::problems(record, w);
        // The order of samples means something only when they can have been taken at all.
        if found.is_empty() && record.plan.is_some() {
            found = stopping::problems(&record.stop_rule, w);
        }
        what.extend(found.into_iter().map(|problem| format!("{label}: {problem}")));
    }
    what
}
