//! Whether the device has memory for what a profile wishes, tried before the plan is final.

use crate::adapter::{Found, Gpu};
use crate::measure::try_memory;
use crate::plan::Plan;

/// Halves the bandwidth sizes of a profile that cannot be allocated. A device that does not open, or that refuses
/// for another reason, shows that when the workload is run.
pub fn fit_memory(found: &Found, plan: &mut Plan) {
    let mut gpu = None;
    plan.fit_memory(|workload| {
        let Ok(jobs) = workload.jobs(&found.capability) else { return Ok(()) };
        let opened = match gpu.take() {
            Some(opened) => opened,
            None => Gpu::open(found)?,
        };
        try_memory(gpu.insert(opened), &jobs[0])
    });
}
