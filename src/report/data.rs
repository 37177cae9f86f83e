//! The catalogue, the rule book and the tiers: listed, shown with sources, exported.

use std::fmt::Write;

use serde_json::json;

use super::table::{align_right, table, wrap};
use crate::error::{Error, Result};
use crate::normalize::{Chip, Figures, Options, Rule, Tiers};
use crate::shown;
use crate::units::grouped;

/// Chips as a table.
pub fn chips_text(chips: &[&Chip]) -> String {
    let mut table = table(&["id", "status", "grade", "TPP", "TPP/mm2", "DRAM GB/s"]);
    align_right(&mut table, 3..6);
    let shown = |x: Option<f64>| x.map_or("-".into(), |x| grouped((x * 100.0).round() / 100.0));
    for chip in chips {
        let figures = Figures::of(chip);
        let options = Options::default();
        table.add_row([
            chip.id.clone(),
            chip.status.clone(),
            chip.grade.clone(),
            shown(figures.tpp(options)),
            shown(figures.performance_density(options)),
            shown(figures.dram_gb_per_s),
        ]);
    }
    format!(
        "{}\n\n{} chips. Declared figures; grade V vendor, S secondary, A analyst, U unverified.\n\
         `tierbench data chips --id ID` shows one with its sources.",
        table.trim_fmt(),
        chips.len()
    )
}

/// Chips as CSV: the figures that rules look at, with grade.
pub fn chips_csv(chips: &[&Chip]) -> Result<String> {
    let internal = |e: csv::Error| Error::Internal(e.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "id",
        "vendor",
        "name",
        "form_factor",
        "segment",
        "status",
        "released",
        "grade",
        "die_area_mm2",
        "dram_gb_per_s",
        "io_gb_per_s",
        "tpp",
        "performance_density",
    ];
    writer.write_record(header).map_err(internal)?;
    let number = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
    for chip in chips {
        let figures = Figures::of(chip);
        let options = Options::default();
        let text = |x: &Option<String>| x.clone().unwrap_or_default();
        writer
            .write_record([
                chip.id.clone(),
                chip.vendor.clone(),
                chip.name.clone(),
                text(&chip.form_factor),
                chip.segment.clone(),
                chip.status.clone(),
                text(&chip.released),
                chip.grade.clone(),
                number(chip.die_area_mm2),
                number(figures.dram_gb_per_s),
                number(figures.io_gb_per_s),
                number(figures.tpp(options)),
                number(figures.performance_density(options)),
            ])
            .map_err(internal)?;
    }
    let bytes = writer.into_inner().map_err(|e| Error::Internal(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| Error::Internal(e.to_string()))
}

/// One chip with everything that is known of it.
pub fn chip_text(chip: &Chip) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "{} {}  [{}, grade {}]", chip.vendor, chip.name, chip.id, chip.grade);
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(page, "{name:<12} {}", wrap(&value, 13).trim_start());
        }
    };
    let unit = |x: Option<f64>, unit: &str| x.map(|x| format!("{} {unit}", grouped(x)));
    line("segment", Some(chip.segment.clone()));
    let data_center = chip.is_for_data_centers();
    let word = data_center.map_or("disputed", |holds| if holds { "yes" } else { "no" });
    line("data center", Some(word.into()));
    line("sold as", chip.sold_as.map(|sold| sold.name().to_owned()));
    line("designer", chip.designer.clone());
    let on_sale =
        |sold: bool| format!("{} on 2026-01-15", if sold { "on sale" } else { "not on sale" });
    line("US market", chip.us_market_2026_01_15.map(on_sale));
    line("status", Some(chip.status.clone()));
    line("released", chip.released.clone());
    line("process", chip.process.clone());
    line("die area", unit(chip.die_area_mm2, "mm2"));
    line("", chip.die_area_note.clone());
    for (format, tops) in &chip.dense_tops {
        line(format, Some(format!("{} TOPS, dense", grouped(*tops))));
    }
    for (format, tops) in &chip.dense_tops_at_least {
        line(format, Some(format!("{} TOPS, dense, or more", grouped(*tops))));
    }
    line("basis", chip.dense_basis.clone());
    line("DRAM", unit(chip.dram_gb_per_s(), "GB/s"));
    line("links", unit(chip.io_gb_per_s(), "GB/s, both directions"));
    line("power", unit(chip.tdp_w, "W"));
    line("clock", unit(chip.boost_mhz, "MHz at most"));
    line("", chip.peak_mhz.map(|mhz| format!("{} MHz behind the figures", grouped(mhz))));
    for (key, range) in &chip.ranges {
        let [low, high] = range;
        line("open", Some(format!("{key}: sources give {} to {}", grouped(*low), grouped(*high))));
    }
    line("PCI ids", (!chip.pci_ids.is_empty()).then(|| chip.pci_ids.join(", ")));
    line("notes", chip.notes.clone());
    for (what, source) in &chip.sources {
        line("source", Some(format!("{what}: {source}")));
    }
    page
}

/// Rules as a table.
pub fn rules_text(rules: &[Rule]) -> String {
    let mut table = table(&["id", "status", "from", "until", "clauses", "grade"]);
    align_right(&mut table, 4..5);
    for rule in rules {
        table.add_row([
            rule.id.clone(),
            rule.status.clone(),
            rule.effective.clone().unwrap_or_else(|| format!("({})", rule.dated)),
            rule.superseded.clone().unwrap_or_default(),
            rule.clause.len().to_string(),
            rule.evidence.clone(),
        ]);
    }
    format!(
        "{}\n\n{} rule sets. In brackets: dated, never in effect. Grade of the evidence: P primary\n\
         text, M verbatim mirror, S secondary, I inference, U unverified.\n\
         `tierbench data rules --id ID` shows one with its clauses.",
        table.trim_fmt(),
        rules.len()
    )
}

/// One rule with its clauses and everything that was not verified.
pub fn rule_text(rule: &Rule) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "{}: {}", rule.id, wrap(&rule.title, 2).trim_start());
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(page, "{name:<12} {}", wrap(value, 13).trim_start());
        }
    };
    line("status", &rule.status);
    line("dated", &rule.dated);
    line("effective", rule.effective.as_deref().unwrap_or("never"));
    line("comply from", rule.complied_from.as_deref().unwrap_or_default());
    line("superseded", rule.superseded.as_deref().unwrap_or_default());
    line("citation", &rule.citation);
    line("address", &rule.url);
    line("evidence", &rule.evidence);
    rule.scope.iter().for_each(|scope| line("scope", scope));
    line("note", rule.note.as_deref().unwrap_or_default());
    rule.not_verified.iter().for_each(|what| line("unverified", what));
    for clause in &rule.clause {
        let cite = clause.cite.as_deref().unwrap_or_default();
        line(&clause.id, &format!("{} ({}, {cite})", clause.text.trim(), clause.effect.name()));
        line("", clause.means.as_deref().unwrap_or_default());
        line("", clause.as_sold.as_deref().unwrap_or_default());
        for (names, comparison, limit) in clause.when.comparisons() {
            let names: Vec<&str> = names.iter().map(|name| name.quantity()).collect();
            line("", &format!("{} {} {}", names.join(" + "), comparison.sign(), grouped(limit)));
        }
    }
    page
}

/// The display tiers.
pub fn tiers_text(tiers: &Tiers) -> String {
    let mut page = format!("display tiers, from the lines of {}\n", tiers.as_of);
    for row in &tiers.tier {
        let reached = row.reached_when.as_ref().map_or("everything else".to_owned(), |when| {
            let conditions = when.comparisons().into_iter().map(|(names, comparison, limit)| {
                let names: Vec<&str> = names.iter().map(|name| name.quantity()).collect();
                format!("{} {} {}", names.join(" + "), comparison.sign(), grouped(limit))
            });
            conditions.collect::<Vec<_>>().join(" or ")
        });
        let _ = writeln!(page, "  {:<28} {reached}", row.name);
    }
    page
}

/// Anything serializable under a schema name.
pub fn data_json(schema: &str, key: &str, value: &impl serde::Serialize) -> Result<String> {
    let value = json!({"schema": schema, key: value});
    shown::json(&value)
}
