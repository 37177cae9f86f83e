//! The JSON of NVBench, after its `json_printer.cu`. 64-bit numbers stand in it as text.

use serde::Deserialize;

use super::figure;
use crate::import::draft::{Draft, Drafts, plausible, unused};
use crate::import::text::{number, objects};
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
    let mut drafts = Drafts::default();
    objects(text, |file: File| drafts.merge(of(file)?))?;
    Ok(drafts.0)
}

/// The devices that were used: the file lists all of the machine. States without one are of the CPU.
fn of(file: File) -> Result<Vec<Draft>, String> {
    plausible(file.devices.len())?;
    let version = file.meta.and_then(|meta| meta.version?.nvbench?.string);
    let mut drafts: Vec<Draft> = file
        .devices
        .iter()
        .map(|device| Draft {
            number: Some(device.id),
            version: version.clone(),
            ..Draft::of(&device.name)
        })
        .collect();
    let mut none = Draft { version, ..Draft::default() };
    for benchmark in &file.benchmarks {
        for state in &benchmark.states {
            let place = file.devices.iter().position(|device| state.device == Some(device.id));
            match place {
                Some(place) => {
                    drafts[place].figures.push(of_state(benchmark, state, &file.devices[place]));
                }
                None => none.figures.push(unused(
                    format!("{} {}", benchmark.name, state.name),
                    "no device of the file: measured on the CPU",
                )),
            }
        }
    }
    drafts.push(none);
    drafts.retain(|draft| !draft.figures.is_empty());
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
