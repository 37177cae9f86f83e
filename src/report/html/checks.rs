//! Findings, verification, and what a stranger needs to do it again.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::plot::number;
use crate::record::{Declared, Finding, Measured, Record};

/// One clause of one rule.
#[derive(Serialize)]
pub(super) struct FindingRow {
    rule: String,
    clause: String,
    status: String,
    declared: &'static str,
    measured: &'static str,
    why: Vec<String>,
    citation: String,
    /// About what nobody declared and nothing measured.
    silent: bool,
}

pub(super) fn findings(record: &Record) -> Vec<FindingRow> {
    let row = |f: &Finding| FindingRow {
        rule: f.rule.clone(),
        clause: f.clause.clone(),
        status: f.status.replace('_', " "),
        declared: f.declared.as_str(),
        measured: f.measured.as_str(),
        why: f.why.clone(),
        citation: f.citation.clone(),
        silent: f.measured == Measured::Invalid && f.declared == Declared::Undetermined,
    };
    record.conclusion.findings.iter().map(row).collect()
}

/// How one result was checked.
#[derive(Serialize)]
pub(super) struct Check {
    name: String,
    passed: bool,
    method: String,
    error: Option<Figure>,
    bound: Option<Figure>,
    relative_to: String,
    precision: Option<String>,
}

pub(super) fn checks(sheet: &Sheet, record: &Record) -> Vec<Check> {
    let short = |x: f64| if x == 0.0 { "0".into() } else { format!("{x:.2e}") };
    let workloads = record.workloads.iter().enumerate();
    let check = |(n, w): (usize, &crate::record::WorkloadRecord)| {
        let v = w.verification.as_ref()?;
        let at = |key: &str| sheet.figure(&format!("/workloads/{n}/verification/{key}"), short);
        Some(Check {
            name: w.label(),
            passed: v.passed,
            method: v.method.clone(),
            error: at("max_error"),
            bound: at("bound"),
            relative_to: v.relative_to.clone(),
            precision: v.effective_precision.clone(),
        })
    };
    workloads.filter_map(check).collect()
}

/// When sampling ended.
#[derive(Serialize)]
pub(super) struct StopRule {
    width: Option<Figure>,
    min: Option<Figure>,
    max: Option<Figure>,
    sample: Option<Figure>,
    budget: Option<Figure>,
    warm_up: Option<Figure>,
}

pub(super) fn stop_rule(sheet: &Sheet) -> StopRule {
    let at = |key: &str| sheet.figure(&format!("/stop_rule/{key}"), number);
    let percent = |share: f64| format!("±{} %", number(100.0 * share));
    StopRule {
        width: sheet.figure("/stop_rule/relative_half_width", percent),
        min: at("min_samples"),
        max: at("max_samples"),
        sample: at("sample_ms"),
        budget: at("budget_ms"),
        warm_up: at("warm_up_ms"),
    }
}

/// The command that runs the same again. The plan in the record says everything but the adapter and
/// whether tuned kernels are used; a record of version 0.1.0 has none, and is named by its flags.
pub(super) fn command(record: &Record) -> String {
    let mut words = vec!["tierbench run".to_owned()];
    if record.plan.is_some() {
        words.push(format!("--plan {}/record.json", quoted(&record.id)));
    } else {
        words.extend(flags(record));
    }
    // Two cards of one name differ by their address.
    let adapter = record.adapter.pci_bus.as_ref().map(|bus| format!("pci:{bus}"));
    let adapter = adapter.unwrap_or_else(|| record.adapter.name.clone());
    words.push(format!("--adapter {}", quoted(&adapter)));
    if record.workloads.iter().all(|w| w.chosen_by.as_deref() != Some("tuned")) {
        words.push("--defaults".into());
    }
    words.join(" ")
}

fn flags(record: &Record) -> Vec<String> {
    let mut words = Vec::new();
    if record.profile == "custom" {
        for w in &record.workloads {
            words.push(format!("--workload {}", quoted(&w.workload)));
            if let Some(input) = w.input_type.filter(|_| !w.workload.starts_with("bandwidth-")) {
                words.push(format!("--input {}", input.name()));
            }
            let sums = w.accumulate.filter(|a| *a != crate::workload::ElementType::F32);
            if let Some(sums) = sums.filter(|_| w.workload == "matmul") {
                words.push(format!("--accumulate {}", sums.name()));
            }
            if !w.shape.is_empty() {
                words.push(format!("--size {}", quoted(&w.shape)));
            }
        }
    } else {
        words.push(format!("--profile {}", quoted(&record.profile)));
    }
    words.push(format!("--seed {}", record.seed));
    words
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let shown: String = word.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", shown.replace('\'', r"'\''"))
}
