//! A record as a page of text, at most 80 columns wide where the data allow it.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{presentable, share};
use crate::error::Result;
use crate::normalize::{Book, Catalogue, Chip, Tiers};
use crate::record::{Declared, Finding, Measured, Record, State, WorkloadRecord};
use crate::stats::relative_half_width;
use crate::units::{BytesPerS, OpsPerS, duration, significant};

/// Width of the page.
const WIDTH: u16 = 80;

/// The whole record for a person.
pub fn text(record: &Record, book: &Book) -> Result<String> {
    let record = &presentable(record)?;
    let Book { catalogue, tiers, .. } = book;
    let chip = record.conclusion.chip.as_deref().and_then(|id| catalogue.by_id(id));
    let mut page = String::new();
    header(&mut page, record, chip);
    let _ = writeln!(page, "\n{}", workloads(record, chip));
    let _ = writeln!(page, "\n{}", verifications(record));
    problems(&mut page, record);
    quantities(&mut page, record, catalogue);
    tier(&mut page, record, tiers);
    findings(&mut page, record);
    for note in &record.notes {
        let _ = writeln!(
            page,
            "\nnote {}\n{}",
            note.id,
            wrap(&format!("{}: {}", note.text, note.advice), 2)
        );
    }
    Ok(page)
}

fn header(page: &mut String, record: &Record, chip: Option<&Chip>) {
    let a = &record.adapter;
    let _ = writeln!(page, "{}  [{}]", a.name, a.kind());
    let driver = format!("{} {}", a.driver, a.driver_info);
    let _ = writeln!(page, "{} {}, {}", a.backend, a.pci_id(), driver.trim());
    if let Some(chip) = chip {
        let _ = writeln!(page, "catalogue: {} {} (grade {})", chip.vendor, chip.name, chip.grade);
    }
    let _ =
        writeln!(page, "record {}, profile {}, seed {}", record.id, record.profile, record.seed);
}

pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

fn workloads(record: &Record, chip: Option<&Chip>) -> String {
    // Records of version 0.1.0 know the scatter inside a run only.
    let budgets = record.workloads.iter().any(|w| expanded(w).is_some());
    let mut header = vec!["workload", "rate", if budgets { "U" } else { "spread" }, "of roof"];
    if chip.is_some() {
        header.push("of peak");
    }
    let mut table = table(&header);
    align_right(&mut table, 1..header.len());
    for w in &record.workloads {
        let sure = if budgets { uncertainty(w) } else { spread(w) };
        let mut row = vec![w.label(), rate(w), sure];
        row.push(percent(share::of_measured_roof(record, w)));
        if let Some(chip) = chip {
            row.push(percent(share::of_declared_peak(chip, w)));
        }
        table.add_row(row);
    }
    let text = table.trim_fmt();
    let sure = if budgets {
        "U: expanded uncertainty, one-sided 97.5 %; a limit is exceeded when the rate less U is above it."
    } else {
        "spread: half the 95 % interval of the median."
    };
    let roof =
        "of roof: share of what the fastest register-only and streaming kernels of this run admit.";
    let mut legend = format!("{sure} {roof}");
    if chip.is_some() {
        legend.push_str(" of peak: share of the maker's figure.");
    }
    format!("{text}\n\n{}", wrap(&legend, 0))
}

fn verifications(record: &Record) -> String {
    let mut table = table(&["verified", "kernel", "method", "error", "bound"]);
    align_right(&mut table, 3..5);
    for w in &record.workloads {
        let Some(v) = &w.verification else { continue };
        let number = |x: f64| if x == 0.0 { "0".into() } else { format!("{x:.0e}") };
        let label = if v.passed { w.label() } else { format!("NOT {}", w.label()) };
        let kernel = w.kernel.clone().unwrap_or_default();
        let error = v.max_error.map_or("NaN".into(), number);
        table.add_row([label, kernel, v.method.clone(), error, number(v.bound)]);
    }
    let tuned = |w: &&WorkloadRecord| w.chosen_by.as_deref() == Some("tuned");
    let count = record.workloads.iter().filter(tuned).count();
    let choice = match count {
        0 => "kernels: the defaults of the adapter's class; `tierbench tune` searches better ones"
            .to_owned(),
        n => format!("kernels: {n} tuned for this adapter, the others the defaults of its class"),
    };
    format!("{}\n\n{}", table.trim_fmt(), wrap(&choice, 0))
}

pub(super) fn align_right(table: &mut Table, columns: std::ops::Range<usize>) {
    for at in columns {
        if let Some(column) = table.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

pub(super) fn rate(w: &WorkloadRecord) -> String {
    match (&w.state, w.verified()) {
        (State::Measured, Some(s)) => match (s.ops_per_s, s.bytes_per_s) {
            (Some(ops), _) => OpsPerS(ops).to_string(),
            (None, Some(bytes)) => BytesPerS(bytes).to_string(),
            (None, None) => duration(s.median_ns),
        },
        (State::Unsupported, _) => "unsupported".into(),
        _ => "FAILED".into(),
    }
}

pub(super) fn spread(w: &WorkloadRecord) -> String {
    let interval = w.verified().and_then(|s| Some((s.median_ns, s.ci95_ns?)));
    interval.map_or("-".into(), |(median, [low, high])| {
        format!("±{:.1} %", 100.0 * relative_half_width(median, (low, high)))
    })
}

fn expanded(w: &WorkloadRecord) -> Option<f64> {
    w.verified()?.uncertainty.as_ref().map(|budget| budget.expanded)
}

fn uncertainty(w: &WorkloadRecord) -> String {
    expanded(w).map_or("-".into(), |u| format!("{:.1} %", 100.0 * u))
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:.1} %", 100.0 * share))
}

fn problems(page: &mut String, record: &Record) {
    for w in &record.workloads {
        if let Some(reason) = &w.reason {
            let _ = writeln!(page, "\n{}: {}", w.label(), wrap(reason, 2).trim_start());
        }
    }
}

fn quantities(page: &mut String, record: &Record, catalogue: &Catalogue) {
    let mut references: Vec<&str> = Vec::new();
    for ratio in &record.conclusion.ratios {
        if !references.contains(&ratio.reference.as_str()) {
            references.push(&ratio.reference);
        }
    }
    let short = |id: &str| catalogue.by_id(id).map_or(id.to_owned(), |c| c.name.clone());
    let mut header = vec!["quantity".to_owned(), "declared".into(), "demonstrated".into()];
    header.extend(references.iter().map(|id| format!("of {}", short(id))));
    let mut table = table(&header.iter().map(String::as_str).collect::<Vec<_>>());
    let names = [
        ("tpp", "TPP"),
        ("dram_bandwidth_gb_per_s", "DRAM GB/s"),
        ("performance_density", "TPP/mm2"),
    ];
    let all = record.conclusion.quantities.by_name();
    for (name, label) in names {
        let Some(q) = all.get(name) else { continue };
        let figure = |value: Option<f64>| value.map_or("unknown".into(), significant);
        let shown = q.demonstrated.map_or("nothing".into(), |x| format!(">= {}", significant(x)));
        let mut row = vec![label.to_owned(), figure(q.declared), shown];
        for reference in &references {
            let ratio = record
                .conclusion
                .ratios
                .iter()
                .find(|r| r.reference == *reference && r.quantity == name)
                .and_then(|r| r.demonstrated);
            row.push(ratio.map_or("-".into(), |x| format!("{} x", significant(x))));
        }
        table.add_row(row);
    }
    let _ = writeln!(page, "\n{}", table.trim_fmt());
}

fn tier(page: &mut String, record: &Record, tiers: &Tiers) {
    let tier = &record.conclusion.tier;
    let name = |id: &Option<String>| id.as_deref().map_or("none", |id| tiers.name(id)).to_owned();
    let estimated = tier.estimated.as_ref().map_or("none".to_owned(), |e| match &e.high {
        Some(high) if *high == e.low => tiers.name(high).to_owned(),
        Some(high) => format!("{} to {}", tiers.name(&e.low), tiers.name(high)),
        None => format!("{} or above", tiers.name(&e.low)),
    });
    let _ = writeln!(
        page,
        "\ntier   proven: {};  estimated: {estimated};  declared: {}",
        name(&tier.proven),
        name(&tier.declared)
    );
    for why in &tier.why {
        let _ = writeln!(page, "{}", wrap(why, 2));
    }
    if let Some(estimated) = &tier.estimated {
        let _ = writeln!(page, "{}", wrap(&format!("estimated: {}", estimated.basis), 2));
    }
}

fn findings(page: &mut String, record: &Record) {
    let mut table = table(&["rule", "clause", "declared", "measured"]);
    // Clauses about what nobody declared and nothing measured are listed by `classify`.
    let silent =
        |f: &&Finding| f.measured == Measured::Invalid && f.declared == Declared::Undetermined;
    let hidden = record.conclusion.findings.iter().filter(silent).count();
    for f in record.conclusion.findings.iter().filter(|f| !silent(f)) {
        let declared = match f.declared {
            Declared::Met => "met",
            Declared::NotMet => "not-met",
            Declared::Undetermined => "undetermined",
        };
        table.add_row([&f.rule, &f.clause, declared, &f.measured.code()]);
    }
    let _ = writeln!(page, "\n{}", table.trim_fmt());
    if hidden > 0 {
        let _ = writeln!(
            page,
            "{hidden} more clauses concern what was neither declared nor measured (`classify` shows them)."
        );
    }
    let _ = writeln!(
        page,
        "A measurement is a lower bound: it can show that a limit is exceeded, never the\n\
         opposite. The words are defined in docs/verdicts.md."
    );
}

/// Breaks a text into lines of the page's width, indented.
pub(super) fn wrap(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.len() + word.len() + 1 + indent > usize::from(WIDTH) {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.iter().map(|line| format!("{}{line}", " ".repeat(indent))).collect::<Vec<_>>().join("\n")
}
