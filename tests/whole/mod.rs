//! A run as one JSON value with its samples inside, for tests that change records or look figures up by pointer.
//!
//! On disk the samples stand in a file of their own, and a record that was changed does not follow from them any more.
//! So tests of how a record is shown change it here and give it to the library.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tierbench::record::{self, Record};

/// A committed run with its samples.
pub(crate) fn read(folder: &str) -> Value {
    whole(&record::read(Path::new(folder)).unwrap())
}

/// The record as it stands on disk, with each list of samples and readings where the index of it stands.
pub(crate) fn whole(record: &Record) -> Value {
    let mut value = serde_json::to_value(record).unwrap();
    put(&mut value["workloads"], "samples", record.workloads.iter().map(|w| &w.samples));
    put(&mut value["timer"], "samples", record.timer.iter().map(|proof| &proof.samples));
    put(&mut value["telemetry"], "readings", record.telemetry.iter().map(|log| &log.readings));
    value
}

/// The record that such a value is.
pub(crate) fn record(whole: &Value) -> Record {
    let mut value = whole.clone();
    let samples = take(&mut value["workloads"], "samples");
    let clocks = take(&mut value["timer"], "samples");
    let readings = take(&mut value["telemetry"], "readings");
    let mut record: Record = serde_json::from_value(value).unwrap();
    for (w, samples) in record.workloads.iter_mut().zip(samples) {
        w.samples = samples;
    }
    for (proof, samples) in record.timer.iter_mut().zip(clocks) {
        proof.samples = samples;
    }
    for (log, readings) in record.telemetry.iter_mut().zip(readings) {
        log.readings = readings;
    }
    record.detach_samples().unwrap();
    record
}

fn put<'a, T: Serialize + 'a>(
    entries: &mut Value,
    key: &str,
    lists: impl Iterator<Item = &'a Vec<T>>,
) {
    for (entry, list) in entries.as_array_mut().unwrap().iter_mut().zip(lists) {
        entry[key] = serde_json::to_value(list).unwrap();
    }
}

fn take<T: DeserializeOwned>(entries: &mut Value, key: &str) -> Vec<Vec<T>> {
    let entries = entries.as_array_mut().unwrap().iter_mut();
    entries
        .map(|entry| serde_json::from_value(std::mem::replace(&mut entry[key], json!([]))).unwrap())
        .collect()
}
