//! Shares of a roof: how close a kernel came to what its unit can do.

use crate::normalize::Chip;
use crate::record::{Record, WorkloadRecord};
use crate::workload::ElementType;

/// Share of the roof that this very run measured: register-only multiply-adds of the same unit and
/// type for arithmetic, the fastest streaming kernel for bandwidth.
pub(super) fn of_measured_roof(record: &Record, workload: &WorkloadRecord) -> Option<f64> {
    if workload.workload == "roof" {
        return None;
    }
    if workload.workload.starts_with("bandwidth-") {
        let rates = record.workloads.iter().filter(|w| w.workload.starts_with("bandwidth-"));
        let best = rates.filter_map(WorkloadRecord::bytes_per_s).reduce(f64::max)?;
        return Some(workload.bytes_per_s()? / best);
    }
    // Kernels with f16 storage and f32 sums do f32 arithmetic, so the f32 roof is theirs.
    let roof = record.workloads.iter().find(|w| {
        w.workload == "roof" && w.unit == workload.unit && w.input_type == workload.accumulate
    });
    Some(workload.ops_per_s()? / roof?.ops_per_s()?)
}

/// Share of the peak that the maker declares for the same type.
pub(super) fn of_declared_peak(chip: &Chip, workload: &WorkloadRecord) -> Option<f64> {
    if workload.workload.starts_with("bandwidth-") {
        return Some(workload.bytes_per_s()? / (chip.dram_gb_per_s()? * 1e9));
    }
    let format = match workload.input_type? {
        ElementType::F32 => "fp32",
        ElementType::F16 => "fp16_acc32",
    };
    Some(workload.ops_per_s()? / chip.declared_ops_per_s(format)?)
}
