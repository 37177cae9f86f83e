//! Samples of a workload to its figures.

use crate::check::{self, TimerProof};
use crate::measure::{Clock, Phase, Sample, StopReason, StopRule, Trusted};
use crate::record::{Summary, WorkloadRecord};
use crate::stats;

/// What else the figures of a workload rest on.
#[derive(Clone, Copy)]
pub struct Grounds<'a> {
    /// When sampling ended, and from when on the rate was steady.
    pub stop_rule: &'a StopRule,
    /// The test of the clocks that counts in each process start.
    pub timers: &'a [&'a TimerProof],
    /// The CPU did the work.
    pub software: bool,
}

/// Figures of the timed samples; the median of the process starts' medians counts. `None` where there is no
/// timed sample, or no clock that can be trusted.
pub fn summarize(
    workload: &WorkloadRecord,
    stop_reason: StopReason,
    grounds: Grounds<'_>,
) -> Option<Summary> {
    let samples = &workload.samples;
    let clock = clock(samples, grounds.timers)?;
    let process_medians_ns = check::process_medians(samples, clock);
    let median_ns = stats::median(&process_medians_ns).filter(|ns| ns.is_finite() && *ns > 0.0)?;
    let rate = |amount: u64| (amount > 0).then(|| amount as f64 / median_ns * 1e9);
    let moves_data = workload.workload != "empty";
    let (burst_ns, sustained_ns) = check::burst_and_sustained(samples, clock);
    let timed_ns = workload.timed_ns(clock);
    let software = grounds.software;
    Some(Summary {
        median_ns,
        // Of several process starts the samples are not independent: their interval is not that of this median.
        ci95_ns: stats::median_ci95(&timed_ns)
            .map(<[f64; 2]>::from)
            .filter(|_| process_medians_ns.len() == 1),
        samples: timed_ns.len(),
        ops_per_s: rate(workload.work.ops),
        bytes_per_s: rate(workload.work.bytes).filter(|_| moves_data),
        stop_reason,
        clock,
        steady: is_steady(samples, grounds.stop_rule),
        burst_ns,
        sustained_ns,
        uncertainty: check::budget(
            samples,
            clock,
            grounds.timers.first().copied(),
            workload.resolution_ns,
            software,
        ),
        process_medians_ns,
    })
}

/// The clock that every process start trusts; `None` where they trust none in common.
fn clock(samples: &[Sample], timers: &[&TimerProof]) -> Option<Clock> {
    let trust = |clock| timers.iter().all(|timer| timer.trusted().has(clock));
    let trusted = Trusted::of(trust(Clock::Gpu), trust(Clock::Host));
    trusted.clock_of(samples.iter().filter(|s| s.phase == Phase::Timed))
}

/// Whether the warm-up of every process start had become steady. Its very first dispatch compiles.
fn is_steady(samples: &[Sample], rule: &StopRule) -> bool {
    let processes = check::processes(samples);
    let mut steady = processes.into_iter().map(|process| {
        let own = samples.iter().filter(|s| s.process == process && s.phase == Phase::WarmUp);
        let times: Vec<f64> = own.skip(1).filter_map(|s| s.ns_per_dispatch(Clock::Host)).collect();
        rule.is_steady(&times)
    });
    steady.all(|steady| steady)
}
