//! The texts that were compiled, made again from shape, parameters and what the adapter can do.

use std::collections::HashSet;

use crate::record::{Record, WorkloadRecord};

/// How the digests of the kernels stand to the kernels that this program makes.
pub(super) struct Kernels {
    /// Workloads whose kernel was made again, digest and parameters alike.
    pub(super) same: usize,
    /// Those whose digest is none of a kernel of this program.
    pub(super) unknown: Vec<String>,
}

/// Makes every kernel of the record again.
pub(super) fn kernels(record: &Record) -> Kernels {
    let mut found = Kernels { same: 0, unknown: Vec::new() };
    for w in record.workloads.iter().filter(|w| w.kernel_sha256.is_some()) {
        if is_known(record, w) {
            found.same += 1;
        } else {
            found.unknown.push(w.label());
        }
    }
    found
}

fn is_known(record: &Record, w: &WorkloadRecord) -> bool {
    let Some(workload) = w.parsed() else { return false };
    let Ok(jobs) = workload.candidates(&record.capability) else { return false };
    let own: HashSet<(&str, u64)> = w.parameters.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    jobs.iter().any(|job| {
        let made: HashSet<(&str, u64)> =
            job.parameters.iter().map(|(name, value)| (*name, *value)).collect();
        Some(job.kernel) == w.kernel.as_deref()
            && made == own
            && Some(job.sha256()) == w.kernel_sha256
    })
}
