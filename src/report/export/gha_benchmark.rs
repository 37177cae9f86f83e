//! The list that github-action-benchmark reads as `customBiggerIsBetter`.
//!
//! Its `range` is read as a number behind a sign, in the unit of the value; it is the uncertainty U. An empty dispatch has no
//! rate of work, so its rate is dispatches per second: there, too, more is better.

use serde_json::{Value, json};

use super::series::{Measure, Point, points};
use crate::error::Result;
use crate::record::Record;
use crate::report::doubt::doubt;
use crate::report::rate::disturbance;
use crate::report::who;
use crate::shown;

/// All verified figures.
pub(super) fn gha_benchmark(records: &[Record]) -> Result<String> {
    let list: Vec<Value> = points(records).iter().map(entry).collect();
    shown::json(&list)
}

fn entry(point: &Point) -> Value {
    let per_second = |figure: f64| match point.measure {
        Measure::Operations | Measure::Bytes => figure / 1e9,
        Measure::Nanoseconds => 1e9 / figure,
    };
    let unit = match point.measure {
        Measure::Operations => format!("G{}/s", point.workload.operation()),
        Measure::Bytes => "GB/s".into(),
        Measure::Nanoseconds => "dispatches/s".into(),
    };
    let mut entry = json!({"name": point.name, "unit": unit, "value": per_second(point.value)});
    if let Some(u) = point.uncertainty {
        entry["range"] = format!("± {:.4}", u * per_second(point.value)).into();
    }
    let adapter = &point.record.adapter;
    let kind = if adapter.software { "software adapter" } else { &adapter.device_type };
    entry["extra"] = format!(
        "{} ({kind})\n{} {}\nkernel {}\n{} samples, range is the uncertainty U\nrecord {}{}{}",
        who::named(adapter),
        adapter.driver,
        adapter.driver_info,
        point.workload.kernel.as_deref().unwrap_or("unknown"),
        point.workload.verified().map_or(0, |summary| summary.samples),
        point.record.id,
        disturbance(point.workload).map_or(String::new(), |how| format!("\n{how}")),
        doubt(point.record).map_or(String::new(), |doubt| format!("\n{}", doubt.title))
    )
    .into();
    entry
}
