//! JSON, format 2 (2.0 to 2.1).

use serde::Deserialize;

use super::{Devices, Place, Seen};
use crate::import::text::{maybe_number, objects};

#[derive(Deserialize)]
struct File {
    format_version: u32,
    clpeak_version: Option<String>,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    backend: String,
    #[serde(default)]
    platform: String,
    device: String,
    #[serde(default)]
    driver: String,
    #[serde(default)]
    category: String,
    test: String,
    metric: String,
    #[serde(default)]
    unit: String,
    #[serde(default, deserialize_with = "maybe_number")]
    value: Option<f64>,
    reason: Option<String>,
}

pub(super) fn read(text: &str, devices: &mut Devices) -> Result<(), String> {
    objects(text, |file: File| of(file, devices))
}

fn of(file: File, devices: &mut Devices) -> Result<(), String> {
    if file.format_version != 2 {
        return Err(format!(
            "key `format_version`: {} is unknown, 2 and 3 are",
            file.format_version
        ));
    }
    devices.begin_run(file.clpeak_version);
    for entry in file.entries {
        let seen = Seen {
            category: &entry.category,
            test: &entry.test,
            metric: &entry.metric,
            unit: &entry.unit,
            scale: None,
            value: entry.value,
            reason: entry.reason.as_deref().unwrap_or("no value"),
        };
        let place = Place {
            backend: entry.backend,
            platform: entry.platform,
            device: entry.device,
            driver: entry.driver,
            ..Place::default()
        };
        devices.add(&place, &seen)?;
    }
    Ok(())
}
