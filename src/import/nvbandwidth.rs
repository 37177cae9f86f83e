//! The JSON of `nvbandwidth -j`. Only the local copy says something about DRAM. The tool counts copied
//! bytes once; the copy reads and writes each, so DRAM moved at least as many. Whether the copies were
//! verified (`--skipVerification`) does not stand in the file.

use serde::Deserialize;
use serde_json::Value;

use super::{Draft, ExternalFigure, rate, unused};

#[derive(Deserialize)]
struct File {
    nvbandwidth: Root,
}

#[derive(Deserialize)]
struct Root {
    version: Option<String>,
    #[serde(rename = "Driver Version")]
    driver: Option<String>,
    #[serde(rename = "GPU Device list", alias = "GPU Device List")]
    devices: Option<Vec<String>>,
    error: Option<String>,
    #[serde(default)]
    testcases: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    name: String,
    status: String,
    bandwidth_matrix: Option<Vec<Vec<Value>>>,
}

pub(super) fn read(text: &str) -> Result<Vec<Draft>, String> {
    let root = serde_json::from_str::<File>(text).map_err(|e| e.to_string())?.nvbandwidth;
    if let Some(error) = root.error {
        return Err(format!("nvbandwidth ended with an error: {error}"));
    }
    let names = root.devices.unwrap_or_default();
    let mut drafts: Vec<Draft> = names
        .iter()
        .map(|name| Draft {
            device: Some(device_name(name)),
            driver: root.driver.clone(),
            version: root.version.clone(),
            ..Draft::default()
        })
        .collect();
    for test in &root.testcases {
        for (device, draft) in drafts.iter_mut().enumerate() {
            draft.figures.push(figure(test, device)?);
        }
    }
    Ok(drafts)
}

/// `0: NVIDIA H200 (00000000:4e:00): (host)`, without number, address and host.
fn device_name(entry: &str) -> String {
    let name = entry.split_once(": ").map_or(entry, |(_, rest)| rest);
    name.split(" (").next().unwrap_or(name).trim().to_owned()
}

fn figure(test: &Test, device: usize) -> Result<ExternalFigure, String> {
    let label = test.name.clone();
    if test.status != "Passed" {
        return Ok(unused(label, &format!("not measured: {}", test.status)));
    }
    if test.name != "device_local_copy" {
        return Ok(unused(label, "not DRAM bandwidth of one device"));
    }
    let cell = test.bandwidth_matrix.as_ref().and_then(|rows| rows.first()?.get(device));
    let value = match cell {
        Some(Value::String(text)) => text.parse::<f64>().ok(),
        Some(value) => value.as_f64(),
        None => None,
    };
    let Some(gb_per_s) = value else {
        return Ok(unused(label, "no value for this device"));
    };
    Ok(ExternalFigure {
        bytes_per_s: Some(rate(&label, gb_per_s * 1e9)?),
        counts: true,
        why: Some("the file does not say whether the copies were verified".into()),
        conditions: Some("copied bytes, counted once".into()),
        label,
        ..ExternalFigure::default()
    })
}
