//! Shares of a roof: how close a kernel came to what its unit can do.

use crate::normalize::Chip;
use crate::record::{Record, WorkloadRecord};

/// What this run's kernels reached: looked up once, for however many workloads.
pub(super) struct Roofs<'a> {
    record: &'a Record,
    stream: Option<f64>,
}

impl<'a> Roofs<'a> {
    pub(super) fn of(record: &'a Record) -> Self {
        let streams = record.workloads.iter().filter(|w| w.workload.starts_with("bandwidth-"));
        Self { record, stream: streams.filter_map(WorkloadRecord::bytes_per_s).reduce(f64::max) }
    }

    /// The larger of the times that the operations take at the fastest rate of the same unit and type, and that the
    /// bytes take at the fastest streaming rate, against the time taken (roofline model; Williams et al., CACM 2009).
    /// The fastest rate is that of the register-only kernel, or of a verified one that outran it.
    ///
    /// Data that stay in a cache can beat the second, so small sizes can come out above 1.
    pub(super) fn share(&self, w: &WorkloadRecord) -> Option<f64> {
        let summary = w.verified()?;
        let itself = ["roof", "roof-matrix", "chain", "empty"].contains(&w.workload.as_str());
        let roof = if itself { None } else { self.record.roof_of(w) };
        let rate = roof.and_then(|(_, fastest)| fastest.ops_per_s());
        let computing = rate.filter(|_| w.work.ops > 0).map(|rate| w.work.ops as f64 / rate);
        if computing.is_none() && !w.workload.starts_with("bandwidth-") {
            return None;
        }
        let moving = self.stream.map(|rate| w.work.bytes as f64 / rate);
        let least_s = computing.into_iter().chain(moving).reduce(f64::max)?;
        Some(least_s * 1e9 / summary.median_ns)
    }
}

/// Share of the peak that the maker declares for the same type.
pub(super) fn of_declared_peak(chip: &Chip, workload: &WorkloadRecord) -> Option<f64> {
    if workload.workload.starts_with("bandwidth-") {
        return Some(workload.bytes_per_s()? / (chip.dram_gb_per_s()? * 1e9));
    }
    Some(workload.ops_per_s()? / chip.declared_ops_per_s(workload.declared_format()?)?)
}
