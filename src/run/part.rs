//! Whether a process start did what the plan says.

use crate::adapter::Identity;
use crate::conclude::is_of;
use crate::plan::Plan;
use crate::record::Record;

/// The plan was fixed before the first start, so that nobody could fit it to what came out: a part of
/// another plan, seed, list or adapter is none of this run.
pub(super) fn check(
    part: &Record,
    plan: &Plan,
    process: u32,
    adapter: &Identity,
) -> Result<(), String> {
    let own = plan.start(process);
    if part.adapter != *adapter {
        return Err(format!(
            "it ran on {:?}, not on {:?}; name one with --adapter",
            part.adapter.name, adapter.name
        ));
    }
    let digest = own.record().digest().map_err(|e| e.to_string())?;
    let written = part.plan.as_ref().and_then(|plan| plan.digest().ok());
    if part.seed != own.seed
        || part.plan_sha256.as_ref() != Some(&digest)
        || written != Some(digest)
    {
        return Err("it followed another plan than the one that was fixed before".into());
    }
    // It may have ended early, but in the order of its plan.
    let same = part.workloads.len() <= own.workloads.len()
        && part.workloads.iter().zip(&own.workloads).all(|(done, planned)| is_of(done, planned));
    if same { Ok(()) } else { Err("it ran other workloads than those of the plan".into()) }
}
