//! Shares of a roof: how close a kernel came to what its unit can do.

use crate::normalize::Chip;
use crate::record::{Record, WorkloadRecord};
use crate::workload::ElementType;

/// Share of what the roofs that this very run measured admit: the larger of the times that the
/// operations take at the register-only rate of the same unit and type, and that the bytes take at the
/// fastest streaming rate, against the time taken (roofline model; Williams et al., CACM 2009).
///
/// Data that stay in a cache can beat the second, so small sizes can come out above 1.
pub(super) fn of_measured_roof(record: &Record, workload: &WorkloadRecord) -> Option<f64> {
    if ["roof", "roof-matrix", "chain", "empty"].contains(&workload.workload.as_str()) {
        return None;
    }
    let summary = workload.summary.as_ref()?;
    let streams = record.workloads.iter().filter(|w| w.workload.starts_with("bandwidth-"));
    let fastest = streams.filter_map(WorkloadRecord::bytes_per_s).reduce(f64::max);
    // Kernels with f16 storage and f32 sums on vector units do f32 arithmetic: that roof is theirs.
    let roof = record.workloads.iter().find(|w| {
        w.workload.starts_with("roof")
            && w.unit == workload.unit
            && w.accumulate == workload.accumulate
    });
    let computing = roof
        .and_then(WorkloadRecord::ops_per_s)
        .filter(|_| workload.work.ops > 0)
        .map(|rate| workload.work.ops as f64 / rate);
    if workload.work.ops > 0 && computing.is_none() {
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
    let format = match (workload.input_type?, workload.accumulate?) {
        (ElementType::F32, _) => "fp32",
        (ElementType::F16, ElementType::F32) => "fp16_acc32",
        (ElementType::F16, ElementType::F16) => "fp16_acc16",
    };
    Some(workload.ops_per_s()? / chip.declared_ops_per_s(format)?)
}
