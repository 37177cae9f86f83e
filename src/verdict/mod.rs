//! Stage 7: what may be said about an item under a dated rule?
//!
//! A measured throughput bounds the regulated quantity from below. So the strong words point
//! upwards only: an item can be shown to exceed a limit, never to lie beneath it. "Consistent with
//! below" needs a declared figure that the measurement failed to contradict, the right unit
//! measured, and hardware. The words are defined in `docs/verdicts.md`.

mod answer;
mod classify;
mod decide;
mod what_if;

pub use answer::{Answer, Paragraph};
pub use classify::{
    CLASSIFICATION_SCHEMA, Classification, Disagreement, Item, Unevaluated, classify,
};
pub use decide::{ABOUT, Evidence, decide};
pub use what_if::{Figure, Flip, Margin, what_if};

use crate::error::Result;
use crate::normalize::{Book, Chip, Demonstrated, Figures, Options};
use crate::record::{Finding, Record};

/// Findings of every rule in force on the day of the record.
pub fn findings(record: &Record, chip: Option<&Chip>, book: &Book) -> Result<Vec<Finding>> {
    let figures = chip.map(Figures::of).unwrap_or_default();
    let shown = Demonstrated::of_record(record, chip);
    let evidence = Evidence::of(&shown, &figures, Options::default(), &book.populations)?;
    let day = record.created.get(..10).unwrap_or_default();
    let mut findings = Vec::new();
    for rule in book.rules.in_force(day) {
        for clause in &rule.clause {
            findings.push(decide(&book.rules, rule, clause, &evidence));
        }
    }
    Ok(findings)
}
