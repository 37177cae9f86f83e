//! Stage 7: what may be said about an item under a dated rule?
//!
//! A measured throughput bounds the regulated quantity from below. So the strong words point
//! upwards only: an item can be shown to exceed a limit, never to lie beneath it. "Consistent with
//! below" needs a declared figure that the measurement failed to contradict, the right unit
//! measured, and hardware. The words are defined in `docs/verdicts.md`.

mod decide;
mod rule;

pub use decide::{Evidence, decide};
pub use rule::{Clause, Effect, Rule, Rulebook};

use crate::error::Result;
use crate::normalize::{Chip, Populations};
use crate::record::{Finding, Quantities, Record};

/// Findings of every rule in force on the day of the record.
pub fn findings(
    record: &Record,
    quantities: &Quantities,
    chip: Option<&Chip>,
) -> Result<Vec<Finding>> {
    let rules = Rulebook::load()?;
    let evidence = Evidence::of(record, quantities, chip, &Populations::load()?);
    let day = record.created.get(..10).unwrap_or_default();
    let mut findings = Vec::new();
    for rule in rules.in_force(day) {
        for clause in &rule.clause {
            findings.push(decide(&rules, rule, clause, &evidence));
        }
    }
    Ok(findings)
}
