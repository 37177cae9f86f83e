//! A table for each record, to paste in an issue.

use std::fmt::Write;

use super::fault;
use crate::record::{Record, State, WorkloadRecord};
use crate::report::doubt::doubt;
use crate::report::markdown::{escape, table};
use crate::report::rate::{bound, disturbance, marked_rate, shown_uncertainty};
use crate::report::{missing, who};

/// All records, one below the other.
pub(super) fn markdown(records: &[Record]) -> String {
    records.iter().map(section).collect::<Vec<_>>().join("\n")
}

/// One record: who, the table, why something is missing from it, and what it comes to.
pub(super) fn section(record: &Record) -> String {
    let a = &record.adapter;
    let mut page = format!("### {}", escape(&who::named(a)));
    if a.software {
        page.push_str(" (SOFTWARE ADAPTER: says nothing about a GPU)");
    }
    let who = format!("{} {}, {} {}", a.backend, a.pci_id(), a.driver, a.driver_info);
    let run = format!(
        "record {}, profile {}, tierbench {}",
        record.id, record.profile, record.tool.version
    );
    let _ = writeln!(page, "\n\n{}; {}\n", escape(who.trim()), escape(&run));
    if let Some(doubt) = doubt(record) {
        let said = format!("{}; {}", doubt.why, doubt.advice);
        let _ = writeln!(page, "**{}**: {}\n", doubt.title, escape(&said));
    }
    if let Some(missing) = missing::sentence(record) {
        let _ = writeln!(page, "**INCOMPLETE**: {}\n", escape(&missing));
    }
    let mut rows: Vec<Vec<String>> = record.workloads.iter().map(cells).collect();
    rows.extend(
        record
            .missing()
            .into_iter()
            .map(|name| [name, "-", "NO", "MISSING", "-"].map(str::to_owned).to_vec()),
    );
    let header = ["workload", "kernel", "verified", "rate", "U"];
    page.push_str(&table(&header, 3, &rows));
    for (at, remark) in remarks(record).into_iter().enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        let _ = writeln!(page, "{gap}- {}", escape(&remark));
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
        None => marked_rate(w),
    };
    vec![w.label(), w.kernel.clone().unwrap_or("-".into()), verified, rate, shown_uncertainty(w)]
}

/// Reasons, disturbances, and what was proven.
fn remarks(record: &Record) -> Vec<String> {
    let reasons = record.workloads.iter().filter_map(|w| {
        let unsupported = w.reason.clone().filter(|_| w.state == State::Unsupported);
        let reason = fault(w).map(|(_, reason)| reason).or(unsupported);
        let busy = disturbance(w).filter(|_| w.verified().is_some());
        Some(format!("{}: {}", w.label(), reason.or(busy)?))
    });
    let mut remarks: Vec<String> = reasons.collect();
    let conclusion = &record.conclusion;
    let proven = conclusion.tier.proven.as_deref().unwrap_or("none");
    remarks.push(format!("tier proven: {proven}; TPP {}", bound(&conclusion.quantities.tpp)));
    remarks
}
