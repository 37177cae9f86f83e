//! The texts that were compiled, made again from shape, parameters and what the adapter can do.

use std::collections::HashSet;

use crate::record::{Record, WorkloadRecord};
use crate::workload::{Job, Workload};

/// A workload of the record with the job that was run.
pub(super) struct Made<'a> {
    pub(super) record: &'a WorkloadRecord,
    pub(super) workload: Workload,
    pub(super) job: Job,
}

/// How the digests of the kernels stand to the kernels that this program makes.
pub(super) struct Kernels<'a> {
    /// Workloads whose kernel was made again, digest and parameters alike.
    pub(super) made: Vec<Made<'a>>,
    /// Those whose digest is none of a kernel of this program.
    pub(super) unknown: Vec<String>,
}

/// Makes every kernel of the record again.
pub(super) fn kernels(record: &Record) -> Kernels<'_> {
    let mut found = Kernels { made: Vec::new(), unknown: Vec::new() };
    // What has figures ran a kernel, whether it names one or not.
    let ran = |w: &&WorkloadRecord| w.kernel_sha256.is_some() || w.verified().is_some();
    for w in record.workloads.iter().filter(ran) {
        match made_again(record, w) {
            Some((workload, job)) => found.made.push(Made { record: w, workload, job }),
            None => found.unknown.push(w.label()),
        }
    }
    found
}

fn made_again(record: &Record, w: &WorkloadRecord) -> Option<(Workload, Job)> {
    let workload = w.parsed()?;
    let own: HashSet<(&str, u64)> = w.parameters.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    let same = |job: &Job| {
        let made: HashSet<(&str, u64)> =
            job.parameters.iter().map(|(name, value)| (*name, *value)).collect();
        Some(job.kernel) == w.kernel.as_deref()
            && made == own
            && Some(job.sha256()) == w.kernel_sha256
    };
    let job = workload.candidates(&record.capability).ok()?.into_iter().find(same)?;
    let zeros = record.plan.as_ref().is_some_and(|plan| plan.zero_inputs);
    Some((workload, if zeros { job.with_zero_inputs() } else { job }))
}
