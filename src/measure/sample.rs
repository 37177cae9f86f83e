//! One timed batch of dispatches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a sample counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Known work for the test of the clocks.
    Scaling,
    /// One dispatch by itself, beside the batches.
    Single,
    /// Before the rate was steady: kept, not counted.
    WarmUp,
    /// Counted.
    Timed,
}

/// Which clock the summary is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// GPU timestamps.
    Gpu,
    /// The host's monotonic clock, where the adapter has no usable timestamps.
    Host,
}

impl Clock {
    /// As it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Host => "host",
        }
    }
}

/// One batch of dispatches, timed by both clocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// Start of the batch since the start of this workload, host clock.
    pub start_ns: u64,
    /// GPU timestamp before the first dispatch, on the device's own time scale; null where it gave none.
    #[serde(default)]
    pub gpu_start_ns: Option<u64>,
    /// GPU timestamps' difference over the whole batch; null where the device gave none, or the second
    /// one was not later than the first.
    pub gpu_ns: Option<u64>,
    /// Host time from submission until the device was idle again.
    pub host_ns: u64,
    /// Dispatches in the batch.
    pub dispatches: u32,
    /// Whether it counts.
    pub phase: Phase,
    /// Whether the device's tally shows that every dispatch ran once, on its own input; null in records of
    /// version 0.1.0, which had no tally.
    #[serde(default)]
    pub proven: Option<bool>,
    /// Which process start took it, from 0 on.
    #[serde(default)]
    pub process: u32,
}

impl Sample {
    /// Time of one dispatch by a clock.
    pub fn ns_per_dispatch(&self, clock: Clock) -> Option<f64> {
        let total = match clock {
            Clock::Gpu => self.gpu_ns?,
            Clock::Host => self.host_ns,
        };
        Some(total as f64 / f64::from(self.dispatches))
    }

    /// Whether the two clocks can both be right: the GPU part lies inside the host's interval.
    pub(crate) fn clocks_agree(&self) -> bool {
        self.gpu_ns.is_some_and(|gpu| gpu > 0 && gpu as f64 <= self.host_ns as f64 * 1.02)
    }
}
