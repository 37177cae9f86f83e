//! Shares of a roof: how close a kernel came to what its unit can do.

use crate::normalize::Chip;
use crate::record::{Record, WorkloadRecord};
use crate::workload::{ElementType, Unit};

/// What the register-only and streaming kernels of one run reached: looked up once, for however many workloads.
pub(super) struct Roofs {
    stream: Option<f64>,
    /// The register-only rate for each unit and type of sums.
    arithmetic: Vec<((Unit, Option<ElementType>), f64)>,
}

impl Roofs {
    pub(super) fn of(record: &Record) -> Self {
        let streams = record.workloads.iter().filter(|w| w.workload.starts_with("bandwidth-"));
        let stream = streams.filter_map(WorkloadRecord::bytes_per_s).reduce(f64::max);
        let mut arithmetic: Vec<((Unit, Option<ElementType>), f64)> = Vec::new();
        for w in record.workloads.iter().filter(|w| w.workload.starts_with("roof")) {
            let known = arithmetic.iter().any(|(kind, _)| *kind == (w.unit, w.accumulate));
            arithmetic.extend(
                w.ops_per_s().filter(|_| !known).map(|rate| ((w.unit, w.accumulate), rate)),
            );
        }
        Self { stream, arithmetic }
    }

    /// The larger of the times that the operations take at the register-only rate of the same unit and type, and
    /// that the bytes take at the fastest streaming rate, against the time taken (roofline model; Williams et al.,
    /// CACM 2009).
    ///
    /// Data that stay in a cache can beat the second, so small sizes can come out above 1.
    pub(super) fn share(&self, w: &WorkloadRecord) -> Option<f64> {
        let summary = w.verified()?;
        let itself = ["roof", "roof-matrix", "chain", "empty"].contains(&w.workload.as_str());
        let roof = self.arithmetic.iter().find(|(kind, _)| *kind == (w.unit, w.accumulate));
        let computing =
            roof.filter(|_| w.work.ops > 0 && !itself).map(|(_, rate)| w.work.ops as f64 / rate);
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
