//! The CSV of NVBench: one table for each benchmark, names of columns that repeat.

use super::figure;
use crate::import::draft::{Draft, Drafts, unused};
use crate::import::table::{Quotes, Row, rows};
use crate::record::ExternalFigure;

/// The column that no other program has.
pub(super) const RATE: &str = "GlobalMem BW (bytes/sec)";
const USED: &str = "BWUtil";
/// Columns that are measured; the others are the axes, and make the label.
const MEASURED: &[&str] = &[
    "(sec)",
    "(elem/sec)",
    "(bytes/sec)",
    "Noise",
    "Samples",
    "BWUtil",
    "Skipped",
    "Device",
    "(trials/sec)",
];

pub(super) fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts = Drafts::default();
    rows(text, RATE, Quotes::None, |row| {
        let number = row.text("Device").parse().ok();
        drafts.of(row.text("Device Name"), number)?.figures.push(of_row(row));
        Ok(())
    })?;
    Ok(drafts.0)
}

fn of_row(row: &Row) -> ExternalFigure {
    let axes = row.columns().filter(|(name, _)| !MEASURED.iter().any(|part| name.contains(part)));
    let label: Vec<String> = axes.map(|(name, value)| format!("{name}={value}")).collect();
    let label = if label.is_empty() { "state".into() } else { label.join(" ") };
    if let Some(why) = row.cut() {
        return unused(label, why);
    }
    if row.cell(RATE).is_none() {
        return unused(label, "declares no bytes of global memory");
    }
    figure(label, row.number(RATE), None, Some(row.number(USED)).filter(|used| used.is_finite()))
}
