//! The answer in brief: how fast, how sure, and whether it can be relied on.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::rates::{rate, uncertainty};
use crate::normalize::Chip;
use crate::record::{Record, WorkloadRecord};
use crate::report::rate::{disturbance, percent};
use crate::report::share;
use crate::units::counted;

/// The fastest workload of one kind.
#[derive(Serialize)]
pub(super) struct Card {
    title: &'static str,
    workload: String,
    rate: Figure,
    uncertainty: Option<Figure>,
    peak: Option<Figure>,
    busy: Option<String>,
}

impl Card {
    /// U as what it is, a bound to one side.
    pub(super) fn one_sided(self) -> Self {
        Self { uncertainty: self.uncertainty.map(|u| u.one_sided()), ..self }
    }
}

pub(super) fn cards(sheet: &Sheet, record: &Record, chip: Option<&Chip>) -> Vec<Card> {
    let kinds =
        [("Matrix multiply", "matmul"), ("Attention", "attention"), ("Memory", "bandwidth-")];
    kinds.into_iter().filter_map(|(title, kind)| card(sheet, record, chip, title, kind)).collect()
}

fn card(
    sheet: &Sheet,
    record: &Record,
    chip: Option<&Chip>,
    title: &'static str,
    kind: &str,
) -> Option<Card> {
    let per_s = |w: &WorkloadRecord| w.ops_per_s().or(w.bytes_per_s());
    let own = record.workloads.iter().enumerate().filter(|(_, w)| w.workload.starts_with(kind));
    let (_, n, w) = own
        .filter_map(|(n, w)| Some((per_s(w)?, n, w)))
        .max_by(|(a, ..), (b, ..)| a.total_cmp(b))?;
    let peak = chip.and_then(|chip| share::of_declared_peak(chip, w)).map(|share| {
        let key = sheet.key(&format!("/workloads/{n}"));
        Figure::by_rule("share-of-peak", key, share, percent(Some(share)))
    });
    Some(Card {
        title,
        workload: w.label(),
        rate: rate(sheet, n, w)?,
        uncertainty: uncertainty(sheet, n, w),
        peak,
        busy: disturbance(w),
    })
}

/// How much of the run counts.
pub(super) fn verified(record: &Record) -> String {
    let verified = record.workloads.iter().filter(|w| w.verified().is_some()).count();
    let all = record.workloads.len() + record.missing().len();
    format!("{verified} of {}", counted(all, "workload"))
}
