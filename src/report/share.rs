//! Shares of a roof: how close a kernel came to what its unit can do.

use crate::normalize::Chip;
use crate::record::{Record, WorkloadRecord};

/// Share of what the roofs that this very run measured admit: the larger of the times that the
/// operations take at the register-only rate of the same unit and type, and that the bytes take at the
/// fastest streaming rate, against the time taken (roofline model; Williams et al., CACM 2009).
///
/// Data that stay in a cache can beat the second, so small sizes can come out above 1.
pub(super) fn of_measured_roof(record: &Record, workload: &WorkloadRecord) -> Option<f64> {
    let summary = workload.verified()?;
    let streams = record.workloads.iter().filter(|w| w.workload.starts_with("bandwidth-"));
    let fastest = streams.filter_map(WorkloadRecord::bytes_per_s).reduce(f64::max);
    let roof = record.roof_of(workload);
    let computing = roof
        .and_then(WorkloadRecord::ops_per_s)
        .filter(|_| workload.work.ops > 0)
        .map(|rate| workload.work.ops as f64 / rate);
    if computing.is_none() && !workload.workload.starts_with("bandwidth-") {
        return None;
    }
    let moving = fastest.map(|rate| workload.work.bytes as f64 / rate);
    let least_s = computing.into_iter().chain(moving).reduce(f64::max)?;
    Some(least_s * 1e9 / summary.median_ns)
}

/// Share of the peak that the maker declares for the same type.
pub(super) fn of_declared_peak(chip: &Chip, workload: &WorkloadRecord) -> Option<f64> {
    if workload.workload.starts_with("bandwidth-") {
        return Some(workload.bytes_per_s()? / (chip.dram_gb_per_s()? * 1e9));
    }
    Some(workload.ops_per_s()? / chip.declared_ops_per_s(workload.declared_format()?)?)
}
