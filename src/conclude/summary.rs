//! Samples of a workload to its figures.

use crate::check::{self, TimerProof};
use crate::measure::{Clock, StopReason};
use crate::record::{Summary, WorkloadRecord};
use crate::stats;

/// Figures of the timed samples; the median of the process starts' medians counts.
pub fn summarize(
    workload: &WorkloadRecord,
    stop_reason: StopReason,
    clock: Clock,
    steady: bool,
    timer: Option<&TimerProof>,
    software: bool,
) -> Option<Summary> {
    let times = workload.timed_ns(clock);
    let process_medians_ns = check::process_medians(&workload.samples, clock);
    let median_ns = stats::median(&process_medians_ns)?;
    let rate = |amount: u64| (amount > 0).then(|| amount as f64 / median_ns * 1e9);
    let moves_data = workload.workload != "empty";
    let (burst_ns, sustained_ns) = check::burst_and_sustained(&workload.samples, clock);
    let uncertainty =
        check::budget(&workload.samples, clock, timer, workload.resolution_ns, software);
    Some(Summary {
        median_ns,
        ci95_ns: stats::median_ci95(&times).map(<[f64; 2]>::from),
        samples: times.len(),
        ops_per_s: rate(workload.work.ops),
        bytes_per_s: rate(workload.work.bytes).filter(|_| moves_data),
        stop_reason,
        clock,
        steady,
        process_medians_ns,
        burst_ns,
        sustained_ns,
        uncertainty,
    })
}
