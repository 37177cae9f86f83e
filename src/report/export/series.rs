//! Verified figures as named points of time series, for services that draw charts.

use std::collections::BTreeMap;

use crate::record::{Record, WorkloadRecord};
use crate::report::rate::uncertainty;
use crate::report::who;

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Operations per second.
    Operations,
    /// Bytes per second.
    Bytes,
    /// Nanoseconds of one dispatch, where neither is counted.
    Nanoseconds,
}

/// A verified figure with its uncertainty.
pub(super) struct Point<'a> {
    /// Unique among the points, and the same from run to run.
    pub(super) name: String,
    pub(super) measure: Measure,
    pub(super) value: f64,
    /// U as a share of the value, where it is known.
    pub(super) uncertainty: Option<f64>,
    pub(super) record: &'a Record,
    pub(super) workload: &'a WorkloadRecord,
}

/// Every verified figure. The adapter is part of the name only where the records are of several; a
/// repeated name gets a number.
pub(super) fn points(records: &[Record]) -> Vec<Point<'_>> {
    let adapters = who::distinct(records);
    let several = adapters.iter().any(|adapter| *adapter != adapters[0]);
    let mut seen = BTreeMap::new();
    let mut points: Vec<Point> = Vec::new();
    for (record, adapter) in records.iter().zip(&adapters) {
        for workload in record.workloads.iter().filter(|w| w.verified().is_some()) {
            let mut name = workload.label();
            if several {
                name = format!("{name} on {adapter}");
            }
            let times = seen.entry(name.clone()).or_insert(0usize);
            *times += 1;
            if *times > 1 {
                name = format!("{name} #{times}");
            }
            points.extend(point(name, record, workload));
        }
    }
    points
}

fn point<'a>(name: String, record: &'a Record, workload: &'a WorkloadRecord) -> Option<Point<'a>> {
    let summary = workload.verified()?;
    let (measure, value) = match (summary.ops_per_s, summary.bytes_per_s) {
        (Some(rate), _) => (Measure::Operations, rate),
        (None, Some(rate)) => (Measure::Bytes, rate),
        (None, None) => (Measure::Nanoseconds, summary.median_ns),
    };
    // A chart has no place for what no rate or time can be.
    if !(value.is_finite() && value > 0.0) {
        return None;
    }
    Some(Point { name, measure, value, uncertainty: uncertainty(workload), record, workload })
}
