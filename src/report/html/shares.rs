//! Shares of a roof and of the declared peak, as bars with numbers.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::rates::{rate, spread};
use crate::normalize::Chip;
use crate::record::{Record, State};
use crate::report::share;

/// One workload of the table.
#[derive(Serialize)]
pub(super) struct Row {
    name: String,
    kernel: Option<String>,
    rate: Option<Figure>,
    spread: Option<Figure>,
    roof: Option<Bar>,
    peak: Option<Bar>,
    state: &'static str,
    reason: Option<String>,
}

/// A share with the length of its bar.
#[derive(Serialize)]
struct Bar {
    figure: Figure,
    percent: f64,
    beyond: bool,
}

pub(super) fn rows(sheet: &Sheet, record: &Record, chip: Option<&Chip>) -> Vec<Row> {
    let row = |(n, w): (usize, &crate::record::WorkloadRecord)| {
        let bar = |rule: &str, share: Option<f64>| {
            let share = share?;
            let shown = format!("{:.1} %", 100.0 * share);
            let key = sheet.key(&format!("/workloads/{n}"));
            let figure = Figure::by_rule(rule, key, share, shown);
            Some(Bar { figure, percent: (100.0 * share).clamp(0.0, 100.0), beyond: share > 1.0 })
        };
        Row {
            name: w.label(),
            kernel: w.kernel.clone(),
            rate: rate(sheet, n, w),
            spread: spread(sheet, n, w),
            roof: bar("share-of-roof", share::of_measured_roof(record, w)),
            peak: bar("share-of-peak", chip.and_then(|chip| share::of_declared_peak(chip, w))),
            state: match w.state {
                State::Measured => "measured",
                State::Unsupported => "unsupported",
                State::Failed => "FAILED",
            },
            reason: w.reason.clone(),
        }
    };
    record.workloads.iter().enumerate().map(row).collect()
}
