//! The JSON of NVBench. It counts the bytes that a benchmark declares to move through global memory, with the
//! L2 cache flushed before each launch; what an "item" is, it does not know. It verifies no result.

use serde::Deserialize;
use serde_json::Value;

use super::{Draft, ExternalFigure, rate, unused};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    meta: Value,
    devices: Vec<Device>,
    benchmarks: Vec<Benchmark>,
}

#[derive(Deserialize)]
struct Device {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Benchmark {
    name: String,
    #[serde(default)]
    states: Vec<State>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    name: String,
    device: u64,
    #[serde(default)]
    is_skipped: bool,
    #[serde(default)]
    summaries: Vec<Summary>,
}

#[derive(Deserialize)]
struct Summary {
    tag: String,
    #[serde(default)]
    data: Vec<Datum>,
}

#[derive(Deserialize)]
struct Datum {
    name: String,
    value: Value,
}

const RATE: &str = "nv/cold/bw/global/bytes_per_second";
const NOISE: &str = "nv/cold/time/gpu/stdev/relative";

pub(super) fn read(text: &str) -> Result<Vec<Draft>, String> {
    let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let version = file.meta.pointer("/version/nvbench/string").and_then(Value::as_str);
    let mut drafts = Vec::new();
    for device in &file.devices {
        let mut figures = Vec::new();
        for benchmark in &file.benchmarks {
            for state in benchmark.states.iter().filter(|state| state.device == device.id) {
                figures.push(figure(benchmark, state)?);
            }
        }
        drafts.push(Draft {
            device: Some(device.name.clone()),
            version: version.map(str::to_owned),
            figures,
            ..Draft::default()
        });
    }
    Ok(drafts)
}

fn figure(benchmark: &Benchmark, state: &State) -> Result<ExternalFigure, String> {
    let label = format!("{} {}", benchmark.name, state.name).trim().to_owned();
    if state.is_skipped {
        return Ok(unused(label, "skipped"));
    }
    let Some(bytes_per_s) = value(state, RATE) else {
        return Ok(unused(label, "declares no bytes of global memory"));
    };
    Ok(ExternalFigure {
        bytes_per_s: Some(rate(&label, bytes_per_s)?),
        relative_uncertainty: value(state, NOISE).filter(|noise| noise.is_finite()),
        counts: true,
        why: Some("NVBench does not verify results".into()),
        conditions: Some("bytes as the benchmark declares them, cold cache".into()),
        label,
        ..ExternalFigure::default()
    })
}

/// 64-bit numbers stand as text.
fn value(state: &State, tag: &str) -> Option<f64> {
    let summary = state.summaries.iter().find(|summary| summary.tag == tag)?;
    match &summary.data.iter().find(|datum| datum.name == "value")?.value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    }
}
