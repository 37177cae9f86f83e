//! A table for each record, to paste in an issue.

use std::fmt::Write;

use super::fault;
use crate::record::{Record, State, WorkloadRecord};
use crate::report::markdown::{escape, table};
use crate::report::table::{rate, spread};

/// All records, one below the other.
pub(super) fn markdown(records: &[Record]) -> String {
    records.iter().map(section).collect::<Vec<_>>().join("\n")
}

/// One record: who, the table, and why something is missing from it.
pub(super) fn section(record: &Record) -> String {
    let a = &record.adapter;
    let mut page = format!("### {}", escape(&a.name));
    if a.software {
        page.push_str(" (SOFTWARE ADAPTER: says nothing about a GPU)");
    }
    let who = format!("{} {}, {} {}", a.backend, a.pci_id(), a.driver, a.driver_info);
    let run = format!(
        "record {}, profile {}, tierbench {}",
        record.id, record.profile, record.tool.version
    );
    let _ = writeln!(page, "\n\n{}; {}\n", escape(who.trim()), escape(&run));
    let rows: Vec<Vec<String>> = record.workloads.iter().map(cells).collect();
    let header = ["workload", "kernel", "verified", "rate", "spread"];
    page.push_str(&table(&header, 3, &rows));
    for (at, (label, reason)) in reasons(record).enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        let _ = writeln!(page, "{gap}- {}: {}", escape(&label), escape(&reason));
    }
    page
}

fn cells(w: &WorkloadRecord) -> Vec<String> {
    let verified = match (&w.verification, fault(w)) {
        (_, Some(_)) => "NO".to_owned(),
        (Some(check), None) => check.method.clone(),
        (None, None) => "-".into(),
    };
    let rate = match fault(w) {
        Some((word, _)) => word.to_uppercase(),
        None => rate(w),
    };
    vec![w.label(), w.kernel.clone().unwrap_or("-".into()), verified, rate, spread(w)]
}

fn reasons(record: &Record) -> impl Iterator<Item = (String, String)> {
    record.workloads.iter().filter_map(|w| {
        let unsupported = w.reason.clone().filter(|_| w.state == State::Unsupported);
        Some((w.label(), fault(w).map(|(_, reason)| reason).or(unsupported)?))
    })
}
