//! The JSON of NVBench, after its `json_printer.cu`. 64-bit numbers stand in it as text.

use serde::Deserialize;

use super::figure;
use crate::import::draft::{Draft, plausible, unused};
use crate::import::text::{json, number};
use crate::record::ExternalFigure;

#[derive(Deserialize)]
struct File {
    meta: Option<Meta>,
    devices: Vec<Device>,
    benchmarks: Vec<Benchmark>,
}

#[derive(Deserialize)]
struct Meta {
    version: Option<Versions>,
}

#[derive(Deserialize)]
struct Versions {
    nvbench: Option<Version>,
}

#[derive(Deserialize)]
struct Version {
    string: Option<String>,
}

#[derive(Deserialize)]
struct Device {
    id: u32,
    name: String,
    #[serde(default = "unknown", deserialize_with = "number")]
    global_memory_bus_bandwidth: f64,
}

fn unknown() -> f64 {
    f64::NAN
}

#[derive(Deserialize)]
struct Benchmark {
    name: String,
    #[serde(default)]
    states: Vec<State>,
}

#[derive(Deserialize)]
struct State {
    name: String,
    device: Option<u32>,
    #[serde(default)]
    is_skipped: bool,
    #[serde(default)]
    skip_reason: Option<String>,
    #[serde(default)]
    summaries: Option<Vec<Summary>>,
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
    #[serde(deserialize_with = "number")]
    value: f64,
}

const RATE: &str = "nv/cold/bw/global/bytes_per_second";
const USED: &str = "nv/cold/bw/global/utilization";

pub(super) fn read(text: &str) -> Result<Vec<Draft>, String> {
    let file: File = json(text)?;
    plausible(file.devices.len())?;
    let version = file.meta.and_then(|meta| meta.version?.nvbench?.string);
    let mut drafts = Vec::new();
    for device in &file.devices {
        let mut draft =
            Draft { number: Some(device.id), version: version.clone(), ..Draft::of(&device.name) };
        for benchmark in &file.benchmarks {
            for state in benchmark.states.iter().filter(|s| s.device == Some(device.id)) {
                draft.figures.push(of_state(benchmark, state, device));
            }
        }
        drafts.push(draft);
    }
    Ok(drafts)
}

fn of_state(benchmark: &Benchmark, state: &State, device: &Device) -> ExternalFigure {
    let label = format!("{} {}", benchmark.name, state.name).trim().to_owned();
    if state.is_skipped {
        let reason = state.skip_reason.as_deref().unwrap_or("no reason");
        return unused(label, format!("skipped: {reason}"));
    }
    let Some(bytes_per_s) = value(state, RATE) else {
        return unused(label, "declares no bytes of global memory");
    };
    let bus = Some(device.global_memory_bus_bandwidth).filter(|bus| bus.is_finite() && *bus > 0.0);
    figure(label, bytes_per_s, bus, value(state, USED))
}

fn value(state: &State, tag: &str) -> Option<f64> {
    let summary = state.summaries.iter().flatten().find(|summary| summary.tag == tag)?;
    summary.data.iter().find(|datum| datum.name == "value").map(|datum| datum.value)
}
