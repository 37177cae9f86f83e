//! The uncertainty budget of one rate.

use std::collections::BTreeSet;

use super::clocks::TimerProof;
use crate::measure::{Clock, Phase, Sample, Trusted};
use crate::stats;
use crate::stats::uncertainty::{Budget, Component, Kind, relative_deviation};

/// On a CPU adapter the processors are shared with everything else that the machine does, and on a virtual
/// one with other machines: standard uncertainty of what changes between runs. Pooled standard deviation of
/// 14 workloads over 21 runs, half a minute apart, on two virtual cores (the table is named in
/// `docs/from-samples-to-verdict.md`, and a test computes it again).
pub const SHARED_PROCESSORS: f64 = 0.08;

/// Names of the components that another run of the same kernel has anew.
pub const SCATTER_OF_STARTS: &str = "process-starts";
/// The same of one process start.
pub const SCATTER_OF_SAMPLES: &str = "samples";
/// What others on the same processors change from run to run.
pub const SHARED: &str = "shared-processors";

/// Median time of each process start's timed batches.
pub fn process_medians(samples: &[Sample], clock: Clock) -> Vec<f64> {
    let median = |process| {
        let timed = samples.iter().filter(|s| s.process == process && s.phase == Phase::Timed);
        stats::median(&timed.filter_map(|s| s.ns_per_dispatch(clock)).collect::<Vec<_>>())
    };
    processes(samples).into_iter().filter_map(median).collect()
}

/// The process starts that took samples, in order.
pub fn processes(samples: &[Sample]) -> BTreeSet<u32> {
    samples.iter().map(|sample| sample.process).collect()
}

/// Budget of the median time of a dispatch; `None` when there are too few samples to say anything. The
/// count of operations is exact and adds nothing.
pub fn budget(
    samples: &[Sample],
    clock: Clock,
    timer: Option<&TimerProof>,
    resolution_ns: Option<f64>,
    software: bool,
) -> Option<Budget> {
    let component = |name: &str, kind, relative: f64, dof: Option<f64>, how: String| Component {
        name: name.into(),
        kind,
        relative,
        degrees_of_freedom: dof,
        how,
    };
    let starts = process_medians(samples, clock);
    let timed: Vec<&Sample> = samples.iter().filter(|s| s.phase == Phase::Timed).collect();
    let times: Vec<f64> = timed.iter().filter_map(|s| s.ns_per_dispatch(clock)).collect();
    let n = starts.len() as f64;
    let scatter = if let Some(deviation) = relative_deviation(&starts) {
        component(
            SCATTER_OF_STARTS,
            Kind::A,
            deviation / n.sqrt(),
            Some(n - 1.0),
            format!("standard deviation of {n} process starts' medians, over the root of {n}"),
        )
    } else {
        let (median, interval) = (stats::median(&times)?, stats::median_ci95(&times)?);
        component(
            SCATTER_OF_SAMPLES,
            Kind::A,
            stats::relative_half_width(median, interval) / 1.96,
            Some(times.len() as f64 - 1.0),
            format!("half the 95 % interval of the median of {} samples, over 1.96", times.len()),
        )
    };
    let mut components = vec![scatter];
    let length = |s: &&Sample| s.ns_per_dispatch(clock).map(|t| t * f64::from(s.dispatches));
    let batch_ns = stats::median(&timed.iter().filter_map(length).collect::<Vec<_>>())?;
    if let Some(step) = resolution_ns.filter(|_| clock == Clock::Gpu) {
        components.push(component(
            "timestamp-step",
            Kind::B,
            step / 6f64.sqrt() / batch_ns,
            None,
            format!(
                "two edges of a batch of {:.1} ms, each within a step of {step:.0} ns",
                batch_ns / 1e6
            ),
        ));
    }
    if let Some(timer) = timer {
        let fit = if clock == Clock::Gpu { timer.gpu.or(timer.host) } else { timer.host };
        components.extend(fit.map(|fit| {
            component(
                "batch-boundary",
                Kind::B,
                fit.intercept_ns.abs() / 3f64.sqrt() / batch_ns,
                None,
                format!("{:.1} us of a batch do not grow with its work", fit.intercept_ns / 1e3),
            )
        }));
        // Beside a clock that is not trusted there is nothing to be apart from.
        let pair = timer.gpu.zip(timer.host).filter(|_| timer.trusted() == Trusted::Both);
        if let Some((gpu, host)) = pair.filter(|_| clock == Clock::Gpu) {
            let apart = gpu.slope_ns / host.slope_ns - 1.0;
            components.push(component(
                "clock-rate",
                Kind::B,
                apart.abs() / 3f64.sqrt(),
                None,
                format!("the two clocks differ by {:.3} % on known work", 100.0 * apart),
            ));
        }
    }
    if software {
        components.push(component(
            SHARED,
            Kind::B,
            SHARED_PROCESSORS,
            None,
            "a CPU adapter shares its processors; seen between runs minutes apart".into(),
        ));
    }
    // Figures of a stranger's file may be of any size.
    Some(Budget::of(components)).filter(Budget::is_finite)
}
