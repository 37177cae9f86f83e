//! Several records side by side; the first is what the others are set against.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Source;
use super::figure::{Figure, Sheet};
use super::head::QUANTITIES;
use super::plot::number;
use super::rates::{Kind, rate, uncertainty};
use crate::normalize::Tiers;
use crate::record::{Record, State, WorkloadRecord};
use crate::report::rate::disturbance;
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
    uncertainty: Option<Figure>,
    busy: Option<String>,
    ratio: Option<Figure>,
    absent: &'static str,
    #[serde(skip)]
    pointer: String,
}

pub(super) fn comparison(
    sources: &[Source],
    sheets: &[Sheet],
    names: &[String],
    tiers: &Tiers,
) -> Comparison {
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
    // The first workload of each name, in the order in which the names are met.
    let mut labels: Vec<String> = Vec::new();
    let mut places: BTreeMap<String, Vec<Option<usize>>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        for (n, w) in record.workloads.iter().enumerate() {
            let found = places.entry(w.label()).or_insert_with(|| {
                labels.push(w.label());
                vec![None; records.len()]
            });
            found[at].get_or_insert(n);
        }
    }
    for label in labels {
        let cells = records.iter().zip(sheets).zip(&places[&label]).map(|((r, sheet), n)| {
            let absent = Cell { absent: "not run", ..Cell::default() };
            n.map_or(absent, |n| of(sheet, n, &r.workloads[n]))
        });
        let cells = cells.collect();
        rows.push(row(label, sheets, cells));
    }
    Comparison { names: names.to_vec(), facts, rows }
}

/// One workload of one record.
fn of(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Cell {
    let key = w.verified().map_or("ops_per_s", |s| Kind::of(w, s).key());
    let absent = match w.state {
        State::Measured => "unknown",
        State::Unsupported => "unsupported",
        State::Failed => "FAILED",
    };
    let pointer = format!("/workloads/{n}/summary/{key}");
    Cell {
        figure: rate(sheet, n, w),
        uncertainty: uncertainty(sheet, n, w),
        busy: disturbance(w).filter(|_| w.verified().is_some()),
        ratio: None,
        absent,
        pointer,
    }
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
