//! Verified figures as named points of time series, for services that draw charts.

use std::collections::BTreeMap;

use crate::record::{Record, WorkloadRecord};

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

/// A verified figure with its interval.
pub(super) struct Point<'a> {
    /// Unique among the points, and the same from run to run.
    pub(super) name: String,
    pub(super) measure: Measure,
    pub(super) value: f64,
    /// Ends of the 95 % interval, where there is one.
    pub(super) interval: Option<[f64; 2]>,
    pub(super) record: &'a Record,
    pub(super) workload: &'a WorkloadRecord,
}

/// Every verified figure. The adapter is part of the name only where the records are of several; a
/// repeated name gets a number.
pub(super) fn points(records: &[Record]) -> Vec<Point<'_>> {
    let several = records.iter().any(|r| r.adapter.name != records[0].adapter.name);
    let mut seen = BTreeMap::new();
    let mut points: Vec<Point> = Vec::new();
    for record in records {
        for workload in record.workloads.iter().filter(|w| w.verified().is_some()) {
            let mut name = workload.label();
            if several {
                name = format!("{name} on {}", record.adapter.name);
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
    let interval = summary.ci95_ns.map(|[low, high]| match measure {
        Measure::Nanoseconds => [low, high],
        // The slow end of the time is the low end of the rate.
        _ => [value * summary.median_ns / high, value * summary.median_ns / low],
    });
    Some(Point { name, measure, value, interval, record, workload })
}
