//! JSON, format 3 (since 3.0, and builds before it that call themselves 2.1.4): values in SI, or with a `scale`.

use serde::Deserialize;

use super::{Devices, Place, Seen};
use crate::import::text::{maybe_number, objects};

#[derive(Deserialize)]
struct File {
    format_version: u32,
    clpeak_version: Option<String>,
    #[serde(default)]
    cancelled: bool,
    devices: Vec<Device>,
}

#[derive(Deserialize)]
struct Device {
    backend: String,
    #[serde(default)]
    platform: String,
    name: String,
    #[serde(default)]
    driver: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(rename = "device_index")]
    index: Option<u32>,
    #[serde(default)]
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    id: String,
    #[serde(default)]
    unit: String,
    scale: Option<f64>,
    #[serde(default)]
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    id: String,
    #[serde(default, deserialize_with = "maybe_number")]
    value: Option<f64>,
    status: Option<String>,
    reason: Option<String>,
    unit: Option<String>,
    scale: Option<f64>,
}

pub(super) fn read(text: &str, devices: &mut Devices) -> Result<(), String> {
    objects(text, |file: File| of(file, devices))
}

fn of(file: File, devices: &mut Devices) -> Result<(), String> {
    if file.format_version != 3 {
        return Err(format!(
            "key `format_version`: {} is unknown, 2 and 3 are",
            file.format_version
        ));
    }
    devices.begin_run(file.clpeak_version);
    for device in file.devices {
        let place = Place {
            backend: device.backend,
            platform: device.platform,
            device: device.name,
            number: device.index,
            driver: device.driver,
            kind: device.kind,
        };
        for test in &device.tests {
            for metric in &test.metrics {
                let unit = metric.unit.as_deref().unwrap_or(&test.unit);
                let scale = metric.scale.or(test.scale.filter(|_| metric.unit.is_none()));
                // Values are in SI unless a scale says what the unit's prefix is.
                let prefixed = scale.is_none() && !["FLOPS", "OPS", "B/s"].contains(&unit);
                let word = metric.reason.as_deref().or(metric.status.as_deref());
                devices.add(
                    &place,
                    &Seen {
                        category: "",
                        test: &test.id,
                        metric: &metric.id,
                        unit: if prefixed { "" } else { unit },
                        scale: scale.filter(|_| super::scale(unit).is_some()),
                        value: metric.value,
                        reason: word.unwrap_or("no value"),
                    },
                )?;
            }
        }
    }
    if file.cancelled {
        for draft in &mut devices.drafts.0 {
            draft.note(
                "external/cancelled",
                "the run was stopped before its end".into(),
                "tests that are not listed were not made; what is listed stands",
            );
        }
    }
    Ok(())
}
