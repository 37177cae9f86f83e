//! Shares of a roof and of the declared peak, as bars with numbers.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::rates::{rate, uncertainty};
use crate::normalize::Chip;
use crate::record::{Record, State};
use crate::report::rate::{disturbance, percent};
use crate::report::share::{self, Roofs};

/// One workload of the table.
#[derive(Serialize)]
pub(super) struct Row {
    name: String,
    kernel: Option<String>,
    rate: Option<Figure>,
    uncertainty: Option<Figure>,
    busy: Option<String>,
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
    let roofs = Roofs::of(record);
    let row = |(n, w): (usize, &crate::record::WorkloadRecord)| {
        let bar = |rule: &str, share: Option<f64>| {
            let share = share?;
            let shown = percent(Some(share));
            let key = sheet.key(&format!("/workloads/{n}"));
            let figure = Figure::by_rule(rule, key, share, shown);
            Some(Bar { figure, percent: (100.0 * share).clamp(0.0, 100.0), beyond: share > 1.0 })
        };
        Row {
            name: w.label(),
            kernel: w.kernel.clone(),
            rate: rate(sheet, n, w),
            uncertainty: uncertainty(sheet, n, w),
            busy: disturbance(w),
            roof: bar("share-of-roof", roofs.share(w)),
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
