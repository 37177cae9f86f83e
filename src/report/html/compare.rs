//! Several records side by side; the first is what the others are set against.

use serde::Serialize;

use super::Source;
use super::figure::{Figure, Sheet};
use super::head::QUANTITIES;
use super::plot::number;
use super::rates::{Kind, rate};
use crate::normalize::Tiers;
use crate::record::{Record, State, WorkloadRecord};
use crate::units::significant;

/// The table.
#[derive(Serialize)]
pub(super) struct Comparison {
    names: Vec<String>,
    facts: Vec<(&'static str, Vec<String>)>,
    rows: Vec<Row>,
}

/// One quantity or workload in every record.
#[derive(Serialize)]
struct Row {
    name: String,
    cells: Vec<Cell>,
}

/// A figure with its ratio to the first record's, or why there is none.
#[derive(Default, Serialize)]
struct Cell {
    figure: Option<Figure>,
    ratio: Option<Figure>,
    absent: &'static str,
    #[serde(skip)]
    pointer: String,
}

pub(super) fn comparison(sources: &[Source], sheets: &[Sheet], tiers: &Tiers) -> Comparison {
    let records: Vec<&Record> = sources.iter().map(|s| &s.record).collect();
    let fact = |name, of: &dyn Fn(&Record) -> String| {
        (name, records.iter().map(|record| of(record)).collect())
    };
    let known = |tier: &Option<String>| {
        tier.as_deref().map_or("none".to_owned(), |id| tiers.name(id).to_owned())
    };
    let facts = vec![
        fact("kind", &|r| r.adapter.kind().to_owned()),
        fact("driver", &|r| format!("{} {}", r.adapter.driver, r.adapter.driver_info)),
        fact("date", &|r| r.created.clone()),
        fact("tier proven", &|r| known(&r.conclusion.tier.proven)),
        fact("tier declared", &|r| known(&r.conclusion.tier.declared)),
    ];
    let mut rows: Vec<Row> = Vec::new();
    for (key, name) in QUANTITIES {
        let pointer = format!("/conclusion/quantities/{key}/demonstrated");
        let cell = |sheet: &Sheet| Cell {
            figure: sheet.figure(&pointer, number),
            absent: "unknown",
            pointer: pointer.clone(),
            ..Cell::default()
        };
        rows.push(row(format!("{name}, measured"), sheets, sheets.iter().map(cell).collect()));
    }
    // Quantities that no record knows say nothing; a workload that failed in all of them does.
    rows.retain(|row| row.cells.iter().any(|cell| cell.figure.is_some()));
    let mut labels: Vec<String> = Vec::new();
    for w in records.iter().flat_map(|r| &r.workloads) {
        if !labels.contains(&w.label()) {
            labels.push(w.label());
        }
    }
    for label in labels {
        let cells = records.iter().zip(sheets).map(|(r, sheet)| {
            let mut workloads = r.workloads.iter().enumerate();
            let found = workloads.find(|(_, w)| w.label() == label);
            found.map_or(Cell { absent: "not run", ..Cell::default() }, |(n, w)| of(sheet, n, w))
        });
        let cells = cells.collect();
        rows.push(row(label, sheets, cells));
    }
    let names = records.iter().map(|r| r.adapter.name.clone()).collect();
    Comparison { names, facts, rows }
}

/// One workload of one record.
fn of(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Cell {
    let key = w.verified().map_or("ops_per_s", |s| Kind::of(s).key());
    let absent = match w.state {
        State::Measured => "unknown",
        State::Unsupported => "unsupported",
        State::Failed => "FAILED",
    };
    let pointer = format!("/workloads/{n}/summary/{key}");
    Cell { figure: rate(sheet, n, w), ratio: None, absent, pointer }
}

/// Puts the ratios in.
fn row(name: String, sheets: &[Sheet], mut cells: Vec<Cell>) -> Row {
    let base = cells.first().map(|cell| cell.pointer.clone()).unwrap_or_default();
    for (cell, sheet) in cells.iter_mut().zip(sheets).skip(1) {
        let ratio =
            sheet.ratio(&cell.pointer, (&sheets[0], &base), |x| format!("{} ×", significant(x)));
        cell.ratio = ratio.filter(|_| cell.figure.is_some());
    }
    Row { name, cells }
}
