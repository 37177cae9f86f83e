//! What is told of laboratory, item and method, each beside who tells it.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::audit::LaboratoryFile;
use crate::error::{Error, Result};
use crate::normalize::Chip;
use crate::record::Record;
use crate::shown::clean;
use crate::telemetry::DeviceFacts;
use crate::units::number;

/// A name and what is told of it; null is not stated.
#[derive(Serialize)]
pub(super) struct Fact {
    name: &'static str,
    value: Option<String>,
}

fn fact(name: &'static str, value: impl Into<Option<String>>) -> Fact {
    Fact { name, value: value.into().filter(|text: &String| !text.trim().is_empty()) }
}

/// The laboratory's file with each text as the lines that are shown of it; a blank one counts as not stated.
pub(super) fn stated(file: &LaboratoryFile) -> Result<Value> {
    let value = serde_json::to_value(file).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(lines(value))
}

fn lines(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let lines: Vec<Value> = lines.map(|line| clean(line).into()).collect();
            if lines.is_empty() { Value::Null } else { Value::Array(lines) }
        }
        Value::Array(values) => Value::Array(values.into_iter().map(lines).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, value)| (key, lines(value))).collect())
        }
        plain => plain,
    }
}

/// Program, plan and stop rule.
pub(super) fn method(record: &Record) -> Vec<Fact> {
    let tool = &record.tool;
    let rule = &record.stop_rule;
    let starts = record.plan.as_ref().map(|plan| plan.process_starts.to_string());
    let concluded = record.concluded_by.as_ref();
    vec![
        fact("Program", format!("tierbench {}, commit {}", tool.version, tool.commit)),
        fact("Its file, SHA-256", tool.binary_sha256.clone()),
        fact(
            "Figures and words drawn by",
            concluded.map(|tool| format!("tierbench {}, commit {}", tool.version, tool.commit)),
        ),
        fact("Profile", record.profile.clone()),
        fact("Plan, SHA-256", record.plan_sha256.clone()),
        fact("Process starts", starts),
        fact("Seed of all inputs", record.seed.to_string()),
        fact(
            "End of sampling",
            format!(
                "95 % interval of the median within ±{} %, {} to {} samples of {} ms, at least {} ms and at most {} ms after a warm-up of at most {} ms",
                number(100.0 * rule.relative_half_width),
                rule.min_samples,
                rule.max_samples,
                number(rule.sample_ms),
                number(rule.sustain_ms),
                number(rule.budget_ms),
                number(rule.warm_up_ms),
            ),
        ),
        fact(
            "Verification of results",
            "the very buffer that was timed is compared with a reference; what is not verified has no rate".to_owned(),
        ),
    ]
}

/// The decision rule of the plan, fixed before the first dispatch.
pub(super) fn decision(record: &Record) -> Vec<Fact> {
    let rule = record.plan.as_ref().map(|plan| &plan.decision);
    let percent = |share: f64| format!("{} %, one-sided", number(100.0 * share));
    vec![
        fact("Confidence of a lower bound", rule.map(|rule| percent(rule.confidence))),
        fact("Guard band", rule.map(|rule| rule.guard_band.clone())),
        fact(
            "Words defined in",
            rule.map(|rule| format!("{}, whose table is the annex of this report", rule.table)),
        ),
    ]
}

/// What the driver tells of the item, and what the catalogue makes of that.
pub(super) fn item(record: &Record, chip: Option<&Chip>) -> Vec<Fact> {
    let a = &record.adapter;
    let told = |value: fn(&DeviceFacts) -> Option<&String>| join(each(record, value));
    let memory = record.telemetry.iter().find_map(|log| log.facts.memory_bytes);
    vec![
        fact("Name", a.name.clone()),
        fact("Kind", a.kind().to_owned()),
        fact("PCI ids", a.pci_id()),
        fact("PCI address", a.pci_bus.clone()),
        fact("UUID", told(|facts| facts.uuid.as_ref())),
        fact("Serial number", told(|facts| facts.serial.as_ref())),
        fact("Firmware (VBIOS)", told(|facts| facts.vbios.as_ref())),
        fact("Driver", format!("{} {} ({})", a.driver, a.driver_info, a.backend)),
        fact("Kernel driver", told(|facts| facts.driver_version.as_ref())),
        fact("Memory", memory.map(|bytes| format!("{} bytes", number(bytes as f64)))),
        fact(
            "Chip of the catalogue",
            chip.map_or("none that it matches".to_owned(), |chip| {
                format!("{} {} [{}], grade {}", chip.vendor, chip.name, chip.id, chip.grade)
            }),
        ),
        fact(
            "Host",
            format!(
                "{}, {}, {} processors",
                record.environment.os, record.environment.arch, record.environment.processors
            ),
        ),
    ]
}

/// Different values of one fact through the process starts.
fn each(record: &Record, value: fn(&DeviceFacts) -> Option<&String>) -> BTreeSet<&str> {
    record.telemetry.iter().filter_map(|log| value(&log.facts)).map(String::as_str).collect()
}

fn join(values: BTreeSet<&str>) -> Option<String> {
    (!values.is_empty()).then(|| values.into_iter().collect::<Vec<_>>().join(", "))
}

/// The serial number on the board, as the laboratory read it, against the one that the driver tells.
#[derive(Serialize)]
pub(super) struct Serial {
    differs: bool,
    remark: String,
}

/// Nothing where the laboratory states none.
pub(super) fn serial(record: &Record, stated: Option<&str>) -> Option<Serial> {
    let stated = stated.map(str::trim).filter(|text| !text.is_empty())?;
    let told = each(record, |facts| facts.serial.as_ref());
    let (differs, remark) = if told.is_empty() {
        (false, "the driver tells none, so nothing in the record ties it to this board".into())
    } else if told.iter().all(|told| *told == stated) {
        (false, "the same as the driver tells".into())
    } else {
        let told = join(told).unwrap_or_default();
        (true, format!("THE DRIVER TELLS ANOTHER ONE: {told}"))
    };
    Some(Serial { differs, remark })
}
