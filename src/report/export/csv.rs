//! One flat table over all records: one row per workload, units in the column names.
//!
//! An empty cell means unknown or not measured. Texts in a record come from drivers and may be anybody's:
//! one that a spreadsheet would run as a formula gets an apostrophe in front.

use crate::error::{Error, Result};
use crate::record::{Record, WorkloadRecord};
use crate::report::doubt::doubt;
use crate::report::missing;
use crate::report::rate::uncertainty;
use crate::workload::{ElementType, Workload};

/// The table with its header. What was planned and is missing has a row too, with the state `missing`.
pub(super) fn csv(records: &[Record]) -> Result<String> {
    let internal =
        |e: &dyn std::fmt::Display| Error::Internal(format!("a table that is no CSV: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = false;
    for record in records {
        let measured = record.workloads.iter().map(|w| row(record, w));
        let missing = record.missing().into_iter().map(|planned| missing_row(record, planned));
        for row in measured.chain(missing) {
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

/// Some programs drop spaces in front before they look for a formula.
fn text(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

/// PCI ids are four hexadecimal digits; without the prefix `1e04` is read as ten thousand.
fn hexadecimal(id: &str) -> String {
    if id.is_empty() { String::new() } else { format!("0x{id}") }
}

fn maybe<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

type Row = Vec<(&'static str, String)>;

fn missing_row(record: &Record, planned: &str) -> Row {
    let mut row = about_run(record);
    let workload = planned.parse::<Workload>().ok();
    let known = workload.as_ref();
    let name = known.map_or(text(planned), |w| w.name().into());
    let input = maybe(known.and_then(Workload::input).map(ElementType::name));
    let accumulate = maybe(known.and_then(Workload::accumulate).map(ElementType::name));
    row.extend(about_workload(None).into_iter().map(|(column, cell)| {
        let cell = match column {
            "workload" => name.clone(),
            "input_type" => input.clone(),
            "accumulate" => accumulate.clone(),
            "shape" => maybe(known.map(Workload::shape)),
            "state" => "missing".into(),
            "verified" => "false".into(),
            "reason" => missing::WHY.into(),
            _ => cell,
        };
        (column, cell)
    }));
    row
}

fn row(record: &Record, w: &WorkloadRecord) -> Row {
    let mut row = about_run(record);
    row.extend(about_workload(Some(w)));
    row
}

fn about_run(record: &Record) -> Row {
    let a = &record.adapter;
    vec![
        ("record_id", text(&record.id)),
        ("created", text(&record.created)),
        ("tool_version", text(&record.tool.version)),
        ("tool_commit", text(&record.tool.commit)),
        ("adapter", text(&a.name)),
        ("software", a.software.to_string()),
        ("backend", text(&a.backend)),
        ("device_type", text(&a.device_type)),
        ("vendor_id", hexadecimal(&a.vendor_id)),
        ("device_id", hexadecimal(&a.device_id)),
        ("pci_bus", a.pci_bus.as_deref().map(text).unwrap_or_default()),
        ("driver", text(&a.driver)),
        ("driver_info", text(&a.driver_info)),
        ("profile", text(&record.profile)),
        ("seed", record.seed.to_string()),
        ("held_back", record.is_held_back().to_string()),
        ("doubt", maybe(doubt(record).map(|doubt| doubt.id))),
    ]
}

/// The columns of a workload; all are empty where there is none.
fn about_workload(w: Option<&WorkloadRecord>) -> Row {
    let of =
        |cell: &dyn Fn(&WorkloadRecord) -> Option<String>| w.and_then(cell).unwrap_or_default();
    let word = |value: Option<&String>| value.map(|value| text(value));
    let check = w.and_then(|w| w.verification.as_ref());
    let s = w.and_then(WorkloadRecord::verified);
    // An interval that its own median lies outside of is none.
    let interval = s.and_then(|s| s.ci95_ns.filter(|[a, b]| (*a..=*b).contains(&s.median_ns)));
    let parameters = |w: &WorkloadRecord| {
        let all: Vec<String> = w.parameters.iter().map(|(k, v)| format!("{k}={v}")).collect();
        Some(text(&all.join(" ")))
    };
    vec![
        ("workload", of(&|w| Some(text(&w.workload)))),
        ("input_type", of(&|w| Some(w.input_type?.name().into()))),
        ("accumulate", of(&|w| Some(w.accumulate?.name().into()))),
        ("execution_unit", of(&|w| Some(w.unit.as_str().into()))),
        ("shape", of(&|w| Some(text(&w.shape)))),
        ("ops_per_dispatch", of(&|w| Some(w.work.ops.to_string()))),
        ("bytes_per_dispatch", of(&|w| Some(w.work.bytes.to_string()))),
        ("bit_length", of(&|w| Some(w.work.bit_length?.to_string()))),
        ("state", of(&|w| Some(w.state.as_str().into()))),
        ("verified", of(&|w| Some(w.verified().is_some().to_string()))),
        ("reason", of(&|w| word(w.reason.as_ref()))),
        ("kernel", of(&|w| word(w.kernel.as_ref()))),
        ("kernel_sha256", of(&|w| word(w.kernel_sha256.as_ref()))),
        ("parameters", of(&parameters)),
        ("chosen_by", of(&|w| word(w.chosen_by.as_ref()))),
        ("compile_ns", of(&|w| Some(w.compile_ns?.to_string()))),
        ("verification_method", check.map(|v| text(&v.method)).unwrap_or_default()),
        ("max_error", maybe(check.and_then(|v| v.max_error))),
        ("error_bound", maybe(check.map(|v| v.bound))),
        ("clock", maybe(s.map(|s| s.clock.as_str()))),
        ("timed_samples", maybe(s.map(|s| s.samples))),
        ("median_ns", maybe(s.map(|s| s.median_ns))),
        ("ci95_low_ns", maybe(interval.map(|[low, _]| low))),
        ("ci95_high_ns", maybe(interval.map(|[_, high]| high))),
        ("ops_per_s", maybe(s.and_then(|s| s.ops_per_s))),
        ("bytes_per_s", maybe(s.and_then(|s| s.bytes_per_s))),
        ("expanded_uncertainty", maybe(w.and_then(uncertainty))),
        ("stop_reason", maybe(s.map(|s| s.stop_reason.as_str()))),
        ("steady", maybe(s.map(|s| s.steady))),
        ("process_starts", maybe(s.map(|s| s.process_medians_ns.len()))),
        ("others_load", maybe(w.and_then(|w| w.others_load))),
    ]
}
