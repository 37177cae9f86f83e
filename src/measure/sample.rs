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

/// Which clocks figures may be made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trusted {
    /// Both.
    Both,
    /// GPU timestamps only.
    Gpu,
    /// The host's clock only.
    Host,
    /// None.
    Neither,
}

impl Trusted {
    /// By the clocks one by one.
    pub fn of(gpu: bool, host: bool) -> Self {
        match (gpu, host) {
            (true, true) => Self::Both,
            (true, false) => Self::Gpu,
            (false, true) => Self::Host,
            (false, false) => Self::Neither,
        }
    }

    /// Whether figures may be made from a clock.
    pub fn has(self, clock: Clock) -> bool {
        match self {
            Self::Both => true,
            Self::Gpu => clock == Clock::Gpu,
            Self::Host => clock == Clock::Host,
            Self::Neither => false,
        }
    }

    /// The clock that these samples' figures are made from. GPU timestamps leave out what a submission costs and
    /// go first; a single sample without one leaves the host's clock. Where they reach out of the host's interval,
    /// the clock counts that sees the longer time: no figure comes out faster because a clock is distrusted.
    pub fn clock_of<'a>(self, samples: impl Iterator<Item = &'a Sample>) -> Option<Clock> {
        let (mut gpu_ns, mut host_ns, mut stamped, mut inside) = (0.0, 0.0, true, true);
        for sample in samples {
            stamped &= sample.gpu_ns.is_some_and(|ns| ns > 0);
            inside &= sample.clocks_agree();
            gpu_ns += sample.gpu_ns.unwrap_or_default() as f64;
            host_ns += sample.host_ns as f64;
        }
        match self {
            Self::Both if stamped && (inside || gpu_ns >= host_ns) => Some(Clock::Gpu),
            Self::Both | Self::Host => Some(Clock::Host),
            Self::Gpu if stamped => Some(Clock::Gpu),
            Self::Gpu | Self::Neither => None,
        }
    }
}

/// One batch of dispatches, timed by both clocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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
    /// What the device added up over its dispatches; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tally: Option<Tally>,
}

/// What the device added up over the dispatches of a batch, and what the host did from the results that it learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Decides which inputs the dispatches find and where they are looked at; each follows from the one before.
    pub nonce: u32,
    /// The device's sum.
    pub found: u32,
    /// The host's.
    pub expected: u32,
}

impl Tally {
    /// The nonce of the batch behind one with this nonce.
    pub fn next_nonce(nonce: u32) -> u32 {
        nonce.wrapping_mul(0x915F_77F5).wrapping_add(1)
    }
}

impl Sample {
    /// Time of one dispatch by a clock; `None` where there was none.
    pub fn ns_per_dispatch(&self, clock: Clock) -> Option<f64> {
        let total = match clock {
            Clock::Gpu => self.gpu_ns?,
            Clock::Host => self.host_ns,
        };
        (self.dispatches > 0).then(|| total as f64 / f64::from(self.dispatches))
    }

    /// Whether the two clocks can both be right: the GPU part lies inside the host's interval.
    pub(crate) fn clocks_agree(&self) -> bool {
        self.gpu_ns.is_some_and(|gpu| gpu > 0 && gpu as f64 <= self.host_ns as f64 * 1.02)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(gpu_ns: Option<u64>, host_ns: u64) -> Sample {
        Sample {
            start_ns: 0,
            gpu_start_ns: None,
            gpu_ns,
            host_ns,
            dispatches: 1,
            phase: Phase::Timed,
            proven: None,
            process: 0,
            tally: None,
        }
    }

    #[test]
    fn a_distrusted_clock_never_makes_a_figure_faster() {
        let inside = [sample(Some(90), 100), sample(Some(95), 100)];
        let longer = [sample(Some(90), 100), sample(Some(190), 100)];
        let outside_once = [sample(Some(50), 100), sample(Some(104), 100)];
        let lacking = [sample(Some(90), 100), sample(None, 100)];
        let of = |trusted: Trusted, samples: &[Sample]| trusted.clock_of(samples.iter());
        for (samples, both, gpu) in [
            (&inside, Some(Clock::Gpu), Some(Clock::Gpu)),
            (&longer, Some(Clock::Gpu), Some(Clock::Gpu)),
            (&outside_once, Some(Clock::Host), Some(Clock::Gpu)),
            (&lacking, Some(Clock::Host), None),
        ] {
            assert_eq!(of(Trusted::Both, samples), both, "{samples:?}");
            assert_eq!(of(Trusted::Gpu, samples), gpu, "{samples:?}");
            assert_eq!(of(Trusted::Host, samples), Some(Clock::Host));
            assert_eq!(of(Trusted::Neither, samples), None);
        }
    }
}
