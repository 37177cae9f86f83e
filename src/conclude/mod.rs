//! Stage 8: samples, plan and book to figures and words.
//!
//! Pure: no device, no thread, no file. A run is one caller, whoever reads a stranger's record another.

mod merge;
mod signs;
mod summary;

pub use merge::merge;
pub use summary::summarize;

use crate::check::{self, SIGN_IDS};
use crate::error::Result;
use crate::normalize::{Book, Chip, normalize};
use crate::record::{Record, State, WorkloadRecord};
use crate::verdict;

/// Derives everything that follows from the workloads; doing it again changes nothing.
pub fn conclude(record: &mut Record, book: &Book) -> Result<()> {
    let (_, chip) = normalize(record, book);
    refuse_the_impossible(record, chip.as_ref());
    let signs = signs::signs(record, book);
    record.notes.retain(|note| !is_derived(&note.id));
    record.notes.extend(signs);
    let (mut conclusion, chip) = normalize(record, book);
    conclusion.findings = verdict::findings(record, &conclusion.quantities, chip.as_ref(), book)?;
    record.conclusion = conclusion;
    Ok(())
}

/// Signs of the clocks' test stay as each process made them; all others follow from the record and are
/// derived again each time.
fn is_derived(id: &str) -> bool {
    let known = SIGN_IDS.contains(&id) || id == "environment/busy-host";
    known && !id.starts_with("timer/")
}

/// Takes the figures from workloads whose rate cannot be.
fn refuse_the_impossible(record: &mut Record, chip: Option<&Chip>) {
    let reasons: Vec<Option<String>> = record
        .workloads
        .iter()
        .map(|w| {
            let per_s = w.ops_per_s()?;
            let roof = record.roof_of(w).and_then(|roof| {
                let spread = 1.0 - roof.slow_end_share().unwrap_or(1.0);
                Some((roof.ops_per_s()?, spread))
            });
            let declared = chip.and_then(|chip| chip.declared_ops_per_s(w.declared_format()?));
            check::refusal(per_s, roof, declared, "operations")
        })
        .collect();
    for (w, reason) in record.workloads.iter_mut().zip(reasons) {
        if let Some(reason) = reason {
            *w = WorkloadRecord {
                state: State::Failed,
                reason: Some(reason),
                summary: None,
                ..w.clone()
            };
        }
    }
}
