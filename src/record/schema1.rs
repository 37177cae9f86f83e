//! Records of schema 1 had their samples inside. Taken out, they are records of schema 2.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Record, SCHEMA};
use crate::measure::Sample;
use crate::telemetry::Reading;

/// The schema that this reads.
pub const SCHEMA_1: &str = "tierbench.record/1";

/// A record of schema 2 from one of schema 1.
pub(super) fn read(mut value: Value) -> Result<Record, String> {
    let samples = take::<Sample>(&mut value, "workloads", "samples")?;
    let clocks = take::<Sample>(&mut value, "timer", "samples")?;
    let readings = take::<Reading>(&mut value, "telemetry", "readings")?;
    value["schema"] = SCHEMA.into();
    let mut record: Record = serde_json::from_value(value).map_err(|e| e.to_string())?;
    for (workload, samples) in record.workloads.iter_mut().zip(samples) {
        workload.samples = samples;
    }
    // There was one test of the clocks in each process start, without its number.
    for (process, (proof, samples)) in (0u32..).zip(record.timer.iter_mut().zip(clocks)) {
        proof.process = process;
        proof.samples = samples;
    }
    for (log, readings) in record.telemetry.iter_mut().zip(readings) {
        log.readings = readings;
    }
    record.from_schema_1 = true;
    // Where they would stand; the digest is of a file that is not written yet.
    record.detach_samples().map_err(|e| e.to_string())?;
    Ok(record)
}

/// Takes the list `inner` out of every entry of the list `outer`.
fn take<T: DeserializeOwned>(
    value: &mut Value,
    outer: &str,
    inner: &str,
) -> Result<Vec<Vec<T>>, String> {
    let entries = value.get_mut(outer).and_then(Value::as_array_mut);
    let one = |(at, entry): (usize, &mut Value)| {
        let list = entry.as_object_mut().and_then(|entry| entry.shift_remove(inner));
        let list = list.unwrap_or(Value::Array(Vec::new()));
        serde_json::from_value(list).map_err(|e| format!("key `{outer}.{at}.{inner}`: {e}"))
    };
    entries.into_iter().flatten().enumerate().map(one).collect()
}
