//! The JSON that nccl-tests writes with `-J`, since 2.17.6. Its list of the environment is not looked at.

use serde::Deserialize;

use super::{Rank, Row, Seen};
use crate::import::text::{number, objects};

#[derive(Deserialize)]
struct File {
    args: Vec<String>,
    config: Config,
    results: Vec<Of>,
}

#[derive(Deserialize)]
struct Config {
    devices: Vec<Device>,
    #[serde(default)]
    ngpus: u32,
    #[serde(default)]
    nthreads: u32,
}

#[derive(Deserialize)]
struct Device {
    #[serde(default, rename = "hostname")]
    host: String,
    rank: u32,
    #[serde(rename = "device_hex")]
    address: Option<String>,
    #[serde(rename = "device_info")]
    name: String,
}

#[derive(Deserialize)]
struct Of {
    size: u64,
    #[serde(default)]
    redop: String,
    out_of_place: Option<Place>,
    in_place: Option<Place>,
}

fn unknown() -> f64 {
    f64::NAN
}

#[derive(Deserialize)]
struct Place {
    #[serde(default = "unknown", deserialize_with = "number")]
    time: f64,
    #[serde(deserialize_with = "number")]
    alg_bw: f64,
    #[serde(deserialize_with = "number")]
    bus_bw: f64,
    #[serde(deserialize_with = "number")]
    nwrong: f64,
}

pub(super) fn read(text: &str) -> Result<Vec<Seen>, String> {
    let mut runs = Vec::new();
    objects(text, |file: File| {
        runs.push(of(file));
        Ok(())
    })?;
    Ok(runs)
}

fn of(file: File) -> Seen {
    let program = file.args.first().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let mut ranks: Vec<Rank> = file
        .config
        .devices
        .into_iter()
        .map(|d| Rank { number: d.rank, host: d.host, address: d.address, name: d.name })
        .collect();
    // Without MPI the list has the first rank alone, whatever the number of GPUs: the others are of its kind.
    let all = file.config.ngpus.saturating_mul(file.config.nthreads.max(1)).min(1_024);
    if ranks.len() == 1 && all > 1 {
        let name = ranks[0].name.clone();
        ranks.extend((1..all).map(|number| Rank {
            number,
            host: String::new(),
            address: None,
            name: name.clone(),
        }));
    }
    let mut rows = Vec::new();
    for of in file.results {
        for (place, name) in [(of.out_of_place, "out of place"), (of.in_place, "in place")] {
            rows.extend(place.map(|place| Row {
                size: of.size.to_string(),
                time_us: place.time,
                operation: of.redop.trim().to_owned(),
                place: name,
                algbw: place.alg_bw,
                busbw: place.bus_bw,
                wrong: if place.nwrong.is_nan() { "N/A".into() } else { place.nwrong.to_string() },
            }));
        }
    }
    let collective = program.trim_end_matches("_perf").to_owned();
    Seen { version: None, collective, ranks, rows }
}
