//! Clocks, work and uncertainty: why the figures can be believed, and how far.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::plot::number;
use crate::record::{Record, WorkloadRecord};
use crate::units::duration;

/// What stands behind one rate.
#[derive(Serialize)]
pub(super) struct Proof {
    name: String,
    /// Batches whose tally is right, of all; `None` in records without a tally.
    tallied: Option<(usize, usize)>,
    clock: &'static str,
    starts: usize,
    u: Option<Figure>,
    freedom: Option<Figure>,
    coverage: Option<Figure>,
    burst: Option<Figure>,
    sustained: Option<Figure>,
    components: Vec<Component>,
}

/// One source of uncertainty.
#[derive(Serialize)]
struct Component {
    name: String,
    kind: String,
    relative: Option<Figure>,
    how: String,
}

pub(super) fn proofs(sheet: &Sheet, record: &Record) -> Vec<Proof> {
    let workloads = record.workloads.iter().enumerate();
    workloads.filter_map(|(n, w)| proof(sheet, n, w)).collect()
}

fn percent(share: f64) -> String {
    format!("{} %", number(100.0 * share))
}

fn proof(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Option<Proof> {
    let summary = w.verified()?;
    let at = |key: &str, show: fn(f64) -> String| {
        sheet.figure(&format!("/workloads/{n}/summary/{key}"), show)
    };
    let known: Vec<bool> = w.samples.iter().filter_map(|sample| sample.proven).collect();
    let right = known.iter().filter(|proven| **proven).count();
    let components = summary.uncertainty.iter().flat_map(|budget| &budget.components).enumerate();
    Some(Proof {
        name: w.label(),
        tallied: (!known.is_empty()).then_some((right, known.len())),
        clock: if summary.clock == crate::measure::Clock::Gpu { "GPU" } else { "host" },
        starts: summary.process_medians_ns.len().max(1),
        u: at("uncertainty/expanded", percent),
        freedom: at("uncertainty/degrees_of_freedom", number),
        coverage: at("uncertainty/coverage_factor", number),
        burst: at("burst_ns", duration),
        sustained: at("sustained_ns", duration),
        components: components
            .map(|(i, c)| Component {
                name: c.name.clone(),
                kind: format!("{:?}", c.kind),
                relative: at(&format!("uncertainty/components/{i}/relative"), percent),
                how: c.how.clone(),
            })
            .collect(),
    })
}

/// What the test of the clocks showed in one process start.
#[derive(Serialize)]
pub(super) struct Timer {
    process: String,
    host: Option<Figure>,
    gpu: Option<Figure>,
    r_squared: Option<Figure>,
    drift: Option<Figure>,
    trusted: &'static str,
    problems: Vec<String>,
}

pub(super) fn timers(sheet: &Sheet, record: &Record) -> Vec<Timer> {
    let timer = |(n, proof): (usize, &crate::check::TimerProof)| {
        let at =
            |key: &str, show: fn(f64) -> String| sheet.figure(&format!("/timer/{n}/{key}"), show);
        Timer {
            process: match proof.attempt {
                _ if proof.choice.is_none() => format!("{}", n + 1),
                0 => format!("{}", proof.process + 1),
                again => format!("{}, attempt {}", proof.process + 1, again + 1),
            },
            host: at("host/slope_ns", duration),
            gpu: at("gpu/slope_ns", duration),
            r_squared: at("host/r_squared", |x| format!("{x:.6}")),
            drift: at("drift_ppm", number),
            trusted: match (proof.gpu_trusted, proof.host_trusted) {
                (true, true) => "both clocks",
                (true, false) => "the GPU's clock",
                (false, true) => "the host's clock",
                (false, false) => "neither",
            },
            problems: proof.problems.iter().map(ToString::to_string).collect(),
        }
    };
    record.timer.iter().enumerate().map(timer).collect()
}

/// Declared, derived and measured side by side.
#[derive(Serialize)]
pub(super) struct Peak {
    what: String,
    declared: Option<Figure>,
    derived: Option<Figure>,
    measured: Option<Figure>,
    how: Option<String>,
    disagreements: Vec<String>,
}

pub(super) fn peaks(sheet: &Sheet, record: &Record) -> Vec<Peak> {
    let peak = |(n, p): (usize, &crate::record::Peak)| {
        let at = |key: &str| {
            sheet.figure(&format!("/conclusion/peaks/{n}/{key}"), |x| format!("{x:.3e}"))
        };
        Peak {
            what: p.what.clone(),
            declared: at("declared"),
            derived: at("derived"),
            measured: at("measured"),
            how: p.derived_how.clone(),
            disagreements: p.disagreements.clone(),
        }
    };
    record.conclusion.peaks.iter().enumerate().map(peak).collect()
}
