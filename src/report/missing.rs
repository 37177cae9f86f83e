//! What was planned and is not there.

use crate::record::Record;
use crate::units::counted;

/// Names in the sentence; a list without end helps nobody.
const MOST_NAMES: usize = 20;

/// Whether the plan has workloads that the record has not: the run was cut off, or somebody took them out.
pub fn is_incomplete(record: &Record) -> bool {
    !record.missing().is_empty()
}

/// `10 of 14 planned workloads are missing: ...`; nothing where none is.
pub(super) fn sentence(record: &Record) -> Option<String> {
    let missing = record.missing();
    let planned = record.plan.as_ref()?.workloads.len();
    if missing.is_empty() {
        return None;
    }
    let mut names: Vec<&str> = missing.iter().take(MOST_NAMES).copied().collect();
    let more = format!("{} more", missing.len() - names.len());
    if missing.len() > names.len() {
        names.push(&more);
    }
    let verb = if missing.len() == 1 { "is" } else { "are" };
    Some(format!(
        "{} of {} {verb} missing: {}",
        missing.len(),
        counted(planned, "planned workload"),
        names.join(", ")
    ))
}

/// Why that is so, as far as a record can tell.
pub(super) const WHY: &str =
    "planned and not in the record: the run was cut off, or it was taken out";
