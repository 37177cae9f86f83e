//! How long a plan can take: for whoever runs somebody else's.

use std::time::Duration;

use super::Plan;

/// Beside the sampling of a workload: opening a device, compiling, and the reference on the CPU.
const AROUND_A_WORKLOAD_MS: f64 = 1_000.0;
/// Beside the workloads of a process start: finding the adapter, and the tests of its clocks.
const AROUND_A_START_MS: f64 = 3_000.0;

impl Plan {
    /// The longest that a run of this plan takes, by its own rule for when to stop, where one dispatch of workload number
    /// `at` takes `dispatch_ms(at)`. What lies around the sampling is allowed for, and cannot be known.
    pub fn longest(&self, dispatch_ms: impl Fn(usize) -> f64) -> Duration {
        let workload_ms =
            |at: usize| self.stop_rule.longest_ms(dispatch_ms(at)) + AROUND_A_WORKLOAD_MS;
        let start_ms: f64 = (0..self.workloads.len()).map(workload_ms).sum();
        let all_ms = f64::from(self.process_starts) * (start_ms + AROUND_A_START_MS);
        // Bounded in every term by what a plan from a file may say, but for the time of a dispatch.
        Duration::try_from_secs_f64(all_ms / 1e3).unwrap_or(Duration::MAX)
    }
}
