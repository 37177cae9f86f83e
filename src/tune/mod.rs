//! Searches the best kernel and tile for an adapter, and remembers it.
//!
//! The search is bounded in candidates and time. Every candidate is verified before it is timed, and
//! the best ones are timed in turns (ABCABC), so that a clock that drifts favours none. Winners are kept
//! per adapter, driver, crate version, and size class of the workload.

mod cache;
mod search;

pub use cache::{Cache, Entry};
pub use search::{Attempt, Outcome, Verdict, tune};

use crate::adapter::Found;
use crate::workload::{Job, Workload};

/// The job that a run takes, and how it was chosen: `tuned` or `default`.
pub fn choose_job(
    found: &Found,
    workload: &Workload,
    cache: &Cache,
) -> Result<(Job, &'static str), String> {
    let mut jobs = workload.candidates(&found.capability)?;
    let tuned = cache.find(&found.identity, workload).and_then(|entry| {
        jobs.iter().position(|job| job.kernel == entry.kernel && same_parameters(job, entry))
    });
    Ok(match tuned {
        Some(at) => (jobs.swap_remove(at), "tuned"),
        None => (jobs.swap_remove(0), "default"),
    })
}

fn same_parameters(job: &Job, entry: &Entry) -> bool {
    job.parameters.len() == entry.parameters.len()
        && job.parameters.iter().all(|(name, value)| entry.parameters.get(*name) == Some(value))
}
