//! One flat table over all records: one row per workload, units in the column names.
//!
//! An empty cell means unknown or not measured. Texts in a record come from drivers and may be anybody's:
//! one that a spreadsheet would run as a formula gets an apostrophe in front.

use crate::error::{Error, Result};
use crate::record::{Record, WorkloadRecord};
use crate::workload::ElementType;

/// The table with its header.
pub(super) fn csv(records: &[Record]) -> Result<String> {
    let internal =
        |e: &dyn std::fmt::Display| Error::Internal(format!("a table that is no CSV: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = false;
    for record in records {
        for workload in &record.workloads {
            let row = row(record, workload);
            if !header {
                writer.write_record(row.iter().map(|(name, _)| name)).map_err(|e| internal(&e))?;
                header = true;
            }
            writer.write_record(row.iter().map(|(_, cell)| cell)).map_err(|e| internal(&e))?;
        }
    }
    let bytes = writer.into_inner().map_err(|e| internal(&e))?;
    String::from_utf8(bytes).map_err(|e| internal(&e))
}

fn text(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

fn maybe<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

/// The kebab-case name that the record's JSON has.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn row(record: &Record, w: &WorkloadRecord) -> Vec<(&'static str, String)> {
    let a = &record.adapter;
    let parameters: Vec<String> = w.parameters.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let mut row = vec![
        ("record_id", text(&record.id)),
        ("created", text(&record.created)),
        ("tool_version", text(&record.tool.version)),
        ("tool_commit", text(&record.tool.commit)),
        ("adapter", text(&a.name)),
        ("software", a.software.to_string()),
        ("backend", text(&a.backend)),
        ("device_type", text(&a.device_type)),
        ("vendor_id", text(&a.vendor_id)),
        ("device_id", text(&a.device_id)),
        ("pci_bus", a.pci_bus.as_deref().map(text).unwrap_or_default()),
        ("driver", text(&a.driver)),
        ("driver_info", text(&a.driver_info)),
        ("profile", text(&record.profile)),
        ("seed", record.seed.to_string()),
        ("workload", text(&w.workload)),
        ("input_type", maybe(w.input_type.map(ElementType::name))),
        ("accumulate", maybe(w.accumulate.map(ElementType::name))),
        ("execution_unit", word(&w.unit)),
        ("shape", text(&w.shape)),
        ("ops_per_dispatch", w.work.ops.to_string()),
        ("bytes_per_dispatch", w.work.bytes.to_string()),
        ("bit_length", maybe(w.work.bit_length)),
        ("state", word(&w.state)),
        ("verified", w.verified().is_some().to_string()),
        ("reason", w.reason.as_deref().map(text).unwrap_or_default()),
        ("kernel", w.kernel.as_deref().map(text).unwrap_or_default()),
        ("kernel_sha256", w.kernel_sha256.as_deref().map(text).unwrap_or_default()),
        ("parameters", text(&parameters.join(" "))),
        ("chosen_by", w.chosen_by.as_deref().map(text).unwrap_or_default()),
        ("compile_ns", maybe(w.compile_ns)),
    ];
    let check = w.verification.as_ref();
    row.extend([
        ("verification_method", check.map(|v| text(&v.method)).unwrap_or_default()),
        ("max_error", maybe(check.and_then(|v| v.max_error))),
        ("error_bound", maybe(check.map(|v| v.bound))),
    ]);
    let s = w.verified();
    row.extend([
        ("clock", s.map(|s| word(&s.clock)).unwrap_or_default()),
        ("timed_samples", maybe(s.map(|s| s.samples))),
        ("median_ns", maybe(s.map(|s| s.median_ns))),
        ("ci95_low_ns", maybe(s.and_then(|s| s.ci95_ns).map(|[low, _]| low))),
        ("ci95_high_ns", maybe(s.and_then(|s| s.ci95_ns).map(|[_, high]| high))),
        ("ops_per_s", maybe(s.and_then(|s| s.ops_per_s))),
        ("bytes_per_s", maybe(s.and_then(|s| s.bytes_per_s))),
        ("stop_reason", s.map(|s| word(&s.stop_reason)).unwrap_or_default()),
        ("steady", maybe(s.map(|s| s.steady))),
        ("process_starts", maybe(s.map(|s| s.process_medians_ns.len()))),
        ("expanded_uncertainty", maybe(s.and_then(|s| s.uncertainty.as_ref()).map(|u| u.expanded))),
        ("others_load", maybe(w.others_load)),
        ("held_back", record.is_held_back().to_string()),
    ]);
    row
}
