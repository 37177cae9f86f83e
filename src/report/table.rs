//! A record as a page of text, at most 80 columns wide where the data allow it.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::rate::{bound, disturbance, marked_rate, percent, shown_uncertainty};
use super::share::{self, Roofs};
use super::{missing, presentable};
use crate::error::Result;
use crate::normalize::{Book, Catalogue, Chip, Tiers};
use crate::record::{Declared, Finding, Measured, Record, WorkloadRecord};
use crate::units::{counted, duration, number, significant};

/// Width of the page.
const WIDTH: u16 = 80;

/// The whole record for a person; of a record that was read, with how it stands to its samples.
pub fn text(record: &Record, standing: Option<&str>, book: &Book) -> Result<String> {
    let record = &presentable(record)?;
    let Book { catalogue, tiers, .. } = book;
    let chip = record.conclusion.chip.as_deref().and_then(|id| catalogue.by_id(id));
    let mut page = String::new();
    header(&mut page, record, chip);
    if let Some(standing) = standing {
        let _ = writeln!(page, "{}", wrap(standing, 0));
    }
    let _ = writeln!(page, "\n{}", workloads(record, chip));
    let _ = writeln!(page, "\n{}", verifications(record));
    problems(&mut page, record);
    quantities(&mut page, record, catalogue);
    tier(&mut page, record, tiers);
    findings(&mut page, record);
    for note in &record.notes {
        let _ = writeln!(
            page,
            "\n{}\n{}",
            hanging(&format!("note {}", note.id)),
            wrap(&format!("{}: {}", note.text, note.advice), 2)
        );
    }
    Ok(page)
}

/// Every dispatch is followed by the tally's own, whose time stands in the figures: where it weighs most.
fn of_tally(record: &Record) -> Option<String> {
    let weight = |w: &WorkloadRecord| Some(w.tally_ns? / w.verified()?.median_ns);
    let weighed = record.workloads.iter().filter(|w| w.ops_per_s().or(w.bytes_per_s()).is_some());
    let weighed = weighed.filter_map(|w| Some((weight(w)?, w)));
    let (share, w) = weighed.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    Some(format!(
        " The dispatch that tallies each result is in its time, at the most {} % (of {}, {} each).",
        significant(100.0 * share),
        w.label(),
        duration(w.tally_ns?)
    ))
}

fn header(page: &mut String, record: &Record, chip: Option<&Chip>) {
    let a = &record.adapter;
    let _ = writeln!(page, "{}  [{}]", hanging(&a.name), a.kind());
    let driver = format!("{} {}", a.driver, a.driver_info);
    let bus = a.pci_bus.as_deref().map_or(String::new(), |bus| format!(" at {bus}"));
    let driver = format!("{} {}{bus}, {}", a.backend, a.pci_id(), driver.trim());
    let _ = writeln!(page, "{}", hanging(&driver));
    if let Some(chip) = chip {
        let _ = writeln!(page, "catalogue: {} {} (grade {})", chip.vendor, chip.name, chip.grade);
    }
    let run = format!("record {}, profile {}, seed {}", record.id, record.profile, record.seed);
    let _ = writeln!(page, "{}", hanging(&run));
    if let Some(missing) = missing::sentence(record) {
        let _ = writeln!(page, "{}", hanging(&format!("INCOMPLETE: {missing}")));
    }
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
    let mut header = vec!["workload", "rate", "U", "of roof"];
    if chip.is_some() {
        header.push("of peak");
    }
    let mut table = table(&header);
    align_right(&mut table, 1..header.len());
    let roofs = Roofs::of(record);
    for w in &record.workloads {
        let mut row = vec![name(&w.label()), marked_rate(w), shown_uncertainty(w)];
        row.push(percent(roofs.share(w)));
        if let Some(chip) = chip {
            row.push(percent(share::of_declared_peak(chip, w)));
        }
        table.add_row(row);
    }
    let text = table.trim_fmt();
    let sure = "U: expanded uncertainty, one-sided 97.5 %; a limit is exceeded when the rate less U is above it.";
    let roof =
        "of roof: share of what the fastest register-only and streaming kernels of this run admit.";
    let mut legend = format!("{sure} {roof}");
    if chip.is_some() {
        legend.push_str(" of peak: share of the maker's figure.");
    }
    let worst = record.workloads.iter().filter(|w| w.verified().is_some());
    let worst = worst
        .filter(|w| w.is_disturbed())
        .max_by(|a, b| a.others_load.unwrap_or(0.0).total_cmp(&b.others_load.unwrap_or(0.0)));
    if let Some(how) = worst.and_then(disturbance) {
        let _ = write!(legend, " *: {how}, or less; the note on it says what that does.");
    }
    legend.extend(of_tally(record));
    format!("{text}\n\n{}", wrap(&legend, 0))
}

fn verifications(record: &Record) -> String {
    let mut table = table(&["verified", "kernel", "method", "error", "bound"]);
    align_right(&mut table, 3..5);
    for w in &record.workloads {
        let Some(v) = &w.verification else { continue };
        let number = |x: f64| if x == 0.0 { "0".into() } else { format!("{x:.0e}") };
        let label = name(&w.label());
        let label = if v.passed { label } else { format!("NOT {label}") };
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

fn problems(page: &mut String, record: &Record) {
    for w in &record.workloads {
        if let Some(reason) = &w.reason {
            let _ = writeln!(page, "\n{}", hanging(&format!("{}: {reason}", name(&w.label()))));
        }
    }
}

fn quantities(page: &mut String, record: &Record, catalogue: &Catalogue) {
    let names = [
        ("tpp", "TPP"),
        ("dram_bandwidth_gb_per_s", "DRAM GB/s"),
        ("performance_density", "TPP/mm2"),
    ];
    let all = record.conclusion.quantities.by_name();
    let mut shown = table(&["quantity", "declared", "shown by this run"]);
    for (q, label) in names.iter().filter_map(|(name, label)| Some((all.get(name)?, label))) {
        let declared = q.declared.map_or("unknown".into(), number);
        shown.add_row([(*label).to_owned(), declared, bound(q)]);
    }
    let _ = writeln!(page, "\n{}", shown.trim_fmt());
    let ratios = || record.conclusion.ratios.iter().filter(|ratio| ratio.demonstrated.is_some());
    let mut references: Vec<&str> = ratios().map(|ratio| ratio.reference.as_str()).collect();
    references.dedup();
    let name = |id: &str| catalogue.by_id(id).map_or(id.to_owned(), |chip| chip.name.clone());
    let mut header = vec!["of the declared".to_owned()];
    header.extend(references.iter().map(|id| name(id)));
    let mut beside = table(&header.iter().map(String::as_str).collect::<Vec<_>>());
    align_right(&mut beside, 1..header.len());
    for (name, label) in names {
        let of = |id: &&str| ratios().find(|r| r.reference == *id && r.quantity == name);
        let cells: Vec<Option<f64>> =
            references.iter().map(|id| of(id).and_then(|ratio| ratio.demonstrated)).collect();
        if cells.iter().any(Option::is_some) {
            let times = |x: Option<f64>| x.map_or("-".into(), |x| format!("{} x", significant(x)));
            beside
                .add_row([vec![label.to_owned()], cells.into_iter().map(times).collect()].concat());
        }
    }
    if !references.is_empty() {
        let _ = writeln!(page, "\n{}", beside.trim_fmt());
    }
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
        let word = [f.declared.as_str(), f.measured.as_str()].map(str::to_owned);
        table.add_row([[name(&f.rule), name(&f.clause)], word].concat());
    }
    let _ = writeln!(page, "\n{}", table.trim_fmt());
    if hidden > 0 {
        let verb = if hidden == 1 { "concerns" } else { "concern" };
        let more = format!(
            "{} {verb} what was neither declared nor measured (`classify` shows them).",
            counted(hidden, "more clause")
        );
        let _ = writeln!(page, "{}", wrap(&more, 0));
    }
    let _ = writeln!(
        page,
        "A measurement is a lower bound: it can show that a limit is exceeded, never the\n\
         opposite. The words are defined in docs/verdicts.md."
    );
}

/// A name in the first column of a table. Ours are shorter than this; a longer one would be broken, and what came
/// below could pass for a line of the page.
pub(super) fn name(text: &str) -> String {
    const LONGEST: usize = 48;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Breaks a text into lines of the page's width. All but the first are indented, so that none passes for a line
/// of its own.
pub(super) fn hanging(text: &str) -> String {
    wrap(text, 2).trim_start().to_owned()
}

/// Breaks a text into lines of the page's width, indented.
pub(super) fn wrap(text: &str, indent: usize) -> String {
    let width = |text: &str| text.chars().count();
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && width(line) + width(word) + 1 + indent > usize::from(WIDTH) {
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
