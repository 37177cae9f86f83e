//! Results with their units, and what the uncertainty of the best ones is made of.

use serde::Serialize;

use crate::record::{Quantity, Record, State, WorkloadRecord};
use crate::report::html::figure::{Figure, Sheet};
use crate::report::html::plot::number;
use crate::report::html::rates;
use crate::report::rate::disturbance;
use crate::units::{BytesPerS, OpsPerS};
use crate::workload::Unit;

/// One workload.
#[derive(Serialize)]
pub(super) struct Row {
    name: String,
    unit: &'static str,
    state: &'static str,
    reason: Option<String>,
    verified: bool,
    rate: Option<Figure>,
    uncertainty: Option<Figure>,
    coverage: Option<Figure>,
    lower: Option<Figure>,
    no_bound: &'static str,
    starts: usize,
    samples: Option<Figure>,
    clock: &'static str,
    busy: Option<String>,
}

impl Row {
    /// Whether it bounds a rate from below.
    pub(super) fn is_bound(&self) -> bool {
        self.lower.is_some()
    }
}

/// Every workload of the record, in its order.
pub(super) fn rows(sheet: &Sheet, record: &Record) -> Vec<Row> {
    record.workloads.iter().enumerate().map(|(n, w)| row(sheet, n, w)).collect()
}

fn row(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Row {
    let summary = w.verified();
    let at = |key: &str| sheet.figure(&format!("/workloads/{n}/summary/{key}"), number);
    Row {
        name: w.label(),
        unit: match w.unit {
            // No arithmetic: time, and bytes.
            _ if w.work.ops == 0 || w.workload.starts_with("bandwidth-") => "-",
            Unit::Matrix => "matrix",
            Unit::Vector => "vector",
        },
        state: if w.state == State::Measured && summary.is_none() {
            "not verified"
        } else {
            w.state.as_str()
        },
        reason: w.reason.clone(),
        verified: summary.is_some(),
        rate: rates::rate(sheet, n, w),
        uncertainty: rates::uncertainty(sheet, n, w).map(|u| u.one_sided()),
        coverage: summary.and_then(|_| at("uncertainty/coverage_factor")),
        lower: lower(sheet, n, w),
        no_bound: no_bound(w),
        starts: summary.map_or(0, |summary| summary.process_medians_ns.len().max(1)),
        samples: summary.and_then(|_| at("samples")),
        clock: match summary.map(|summary| summary.clock) {
            Some(crate::measure::Clock::Gpu) => "GPU",
            Some(crate::measure::Clock::Host) => "host",
            None => "",
        },
        busy: disturbance(w),
    }
}

/// How many ended in which way.
pub(super) fn counts(record: &Record) -> String {
    let of = |state: State| record.workloads.iter().filter(|w| w.state == state).count();
    let verified = record.workloads.iter().filter(|w| w.verified().is_some()).count();
    let others = [
        (of(State::Measured).saturating_sub(verified), "not verified"),
        (of(State::Unsupported), "unsupported"),
        (of(State::Failed), "failed"),
        (record.missing().len(), "missing"),
    ];
    let others = others.iter().filter(|(count, _)| *count > 0);
    let all = std::iter::once(format!("{verified} verified"))
        .chain(others.map(|(count, what)| format!("{count} {what}")));
    all.collect::<Vec<_>>().join(", ")
}

/// Why a workload bounds no rate from below; a time is no rate.
fn no_bound(w: &WorkloadRecord) -> &'static str {
    if w.ops_per_s().is_none() && w.bytes_per_s().is_none() {
        return "–";
    }
    match crate::report::rate::uncertainty(w) {
        Some(u) if u >= 1.0 => "no lower bound: U is 100 % or more",
        _ => "no lower bound: U is unknown",
    }
}

/// The rate less its expanded uncertainty.
fn lower(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Option<Figure> {
    let share = w.slow_end_share()?;
    let (value, shown) = match (w.ops_per_s(), w.bytes_per_s()) {
        (Some(ops), _) => (ops * share, OpsPerS(ops * share).of(w.operation())),
        (None, Some(bytes)) => (bytes * share, BytesPerS(bytes * share).to_string()),
        (None, None) => return None,
    };
    Some(Figure::by_rule("less-uncertainty", sheet.key(&format!("/workloads/{n}")), value, shown))
}

/// A regulated quantity from both sides.
#[derive(Serialize)]
pub(super) struct QuantityRow {
    name: &'static str,
    declared: Option<Figure>,
    demonstrated: Option<Figure>,
    by: Option<String>,
    lower: Option<Figure>,
    no_bound: &'static str,
    lower_by: Option<String>,
}

/// Names of the quantities in this report, by their names in records.
pub(super) const NAMES: [(&str, &str); 6] = [
    ("tpp", "TPP (TOPS × bit length)"),
    ("performance_density", "Performance density (TPP/mm²)"),
    ("dram_bandwidth_gb_per_s", "Total DRAM bandwidth (GB/s)"),
    ("io_bandwidth_gb_per_s", "Links to other chips (GB/s)"),
    ("app_wt", "APP (WT)"),
    ("tops", "Operations (TOPS)"),
];

/// All six, known or not.
pub(super) fn quantities(sheet: &Sheet, record: &Record) -> Vec<QuantityRow> {
    let all = record.conclusion.quantities.by_name();
    let row = |(key, name): (&str, &'static str)| {
        let at = |side: &str| sheet.figure(&format!("/conclusion/quantities/{key}/{side}"), number);
        let known = all.get(key);
        QuantityRow {
            name,
            declared: at("declared"),
            demonstrated: at("demonstrated"),
            by: known.and_then(|q| q.demonstrated_by.clone()),
            lower: at("demonstrated_lower"),
            no_bound: known.and_then(|q| q.demonstrated_by.as_ref()).map_or("–", |label| {
                let by = record.workloads.iter().find(|w| w.label() == *label);
                by.map_or("no lower bound: U is unknown", no_bound)
            }),
            lower_by: known.and_then(|q| q.demonstrated_lower_by.clone()),
        }
    };
    NAMES.into_iter().map(row).collect()
}

/// The budget of one result.
#[derive(Serialize)]
pub(super) struct Budget {
    name: String,
    best_of: String,
    rate: Option<Figure>,
    parts: Vec<Part>,
    combined: Option<Figure>,
    freedom: Option<Figure>,
    coverage: Option<Figure>,
    expanded: Option<Figure>,
}

/// One source of uncertainty.
#[derive(Serialize)]
struct Part {
    name: String,
    kind: String,
    relative: Option<Figure>,
    freedom: Option<Figure>,
    how: String,
}

/// The budgets of the best result of each quantity, and of each kind of work where no quantity has one.
pub(super) fn budgets(sheet: &Sheet, record: &Record) -> Vec<Budget> {
    let mut chosen: Vec<(usize, Vec<String>)> = Vec::new();
    let mut choose = |n: Option<usize>, what: String| {
        let Some(n) = n else { return };
        match chosen.iter_mut().find(|(known, _)| *known == n) {
            Some((_, all)) => all.push(what),
            None => chosen.push((n, vec![what])),
        }
    };
    let place = |label: &Option<String>| {
        let label = label.as_ref()?;
        record.workloads.iter().position(|w| w.verified().is_some() && w.label() == *label)
    };
    let all = record.conclusion.quantities.by_name();
    for (key, name) in NAMES {
        let Some(q): Option<&&Quantity> = all.get(key) else { continue };
        choose(place(&q.demonstrated_lower_by), name.to_owned());
        if q.demonstrated_by != q.demonstrated_lower_by {
            choose(place(&q.demonstrated_by), format!("{name}, highest rate"));
        }
    }
    for kind in ["matmul", "attention", "bandwidth-"] {
        let rate = |w: &WorkloadRecord| w.ops_per_s().or(w.bytes_per_s());
        let own = record.workloads.iter().enumerate().filter(|(_, w)| w.workload.starts_with(kind));
        let best = own.filter_map(|(n, w)| Some((n, rate(w)?))).max_by(|a, b| a.1.total_cmp(&b.1));
        choose(best.map(|(n, _)| n), format!("{}, fastest", kind.trim_end_matches('-')));
    }
    chosen.into_iter().map(|(n, what)| budget(sheet, n, &record.workloads[n], &what)).collect()
}

fn budget(sheet: &Sheet, n: usize, w: &WorkloadRecord, what: &[String]) -> Budget {
    let percent = |share: f64| format!("{} %", number(100.0 * share));
    let at = |key: &str, show: &dyn Fn(f64) -> String| {
        sheet.figure(&format!("/workloads/{n}/summary/uncertainty/{key}"), show)
    };
    let known = w.verified().and_then(|summary| summary.uncertainty.as_ref());
    let parts = known.iter().flat_map(|budget| &budget.components).enumerate();
    Budget {
        name: w.label(),
        best_of: what.join("; "),
        rate: rates::rate(sheet, n, w),
        parts: parts
            .map(|(i, part)| Part {
                name: part.name.clone(),
                kind: format!("{:?}", part.kind),
                relative: at(&format!("components/{i}/relative"), &percent),
                freedom: at(&format!("components/{i}/degrees_of_freedom"), &number),
                how: part.how.clone(),
            })
            .collect(),
        combined: at("combined", &percent),
        freedom: at("degrees_of_freedom", &number),
        coverage: at("coverage_factor", &number),
        expanded: at("expanded", &percent),
    }
}
