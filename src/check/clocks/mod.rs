//! Is the clock right? A chain of dependent operations is known work: no device does one in less than its
//! latency, and twice as many take twice as long, on every clock that can be trusted.
//!
//! A figure must never come out faster because a clock is distrusted: where the two clocks disagree, the longer
//! time counts, or there is no figure.

mod drift;
mod judge;
mod problem;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::signs::Sign;
use crate::measure::{Clock, HostCrossCheck, Sample, Trusted};
pub use problem::Problem;

/// Dependent operations of one dispatch of the known work: half a millisecond on a GPU, and on a CPU.
pub const KNOWN_OPERATIONS: u64 = 262_144;

/// What a test of the clocks saw, before it is judged.
#[derive(Clone, Debug)]
pub struct ClockTest {
    /// Dependent operations in one dispatch.
    pub operations: u64,
    /// Whether the adapter gives timestamps at all, usable or not.
    pub timestamps: bool,
    /// Smallest step that GPU timestamps took.
    pub resolution_ns: Option<f64>,
    /// The batches: N, 2N and 4N dispatches in turns.
    pub samples: Vec<Sample>,
    /// What the host's clock is by another road, over the time of the test; `None` where there is none.
    pub host_cross_check: Option<HostCrossCheck>,
    /// What is wrong with the result of the known work, or with its tally; empty when it was done.
    pub work_problems: Vec<String>,
}

/// What the clocks showed on known work, before any figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimerProof {
    /// Process start.
    #[serde(default)]
    pub process: u32,
    /// Number of the attempt in its process start; the last one counts.
    #[serde(default)]
    pub attempt: u32,
    /// Dependent operations in one dispatch.
    pub operations: u64,
    /// GPU timestamps; null where the adapter has none.
    pub gpu: Option<ClockFit>,
    /// The host's monotonic clock; null where no line could be laid.
    pub host: Option<ClockFit>,
    /// Smallest step that GPU timestamps took.
    pub resolution_ns: Option<f64>,
    /// How much faster the GPU's clock runs than the host's, in parts per million.
    pub drift_ppm: Option<f64>,
    /// The least and the most of it that the batches admit, since each ran while the host waited for it; null where
    /// that is unknown, and in records of version 0.1.0.
    #[serde(default)]
    pub drift_range_ppm: Option<[f64; 2]>,
    /// The host's clock against the same clock read past the C library; null where there is no second road, and in
    /// records of version 0.1.0.
    #[serde(default)]
    pub host_cross_check: Option<HostCrossCheck>,
    /// Which clock figures may be made from, and why; null in records of version 0.1.0.
    #[serde(default)]
    pub choice: Option<ClockChoice>,
    /// Whether figures may be made from GPU timestamps.
    pub gpu_trusted: bool,
    /// Whether figures may be made from the host's clock.
    pub host_trusted: bool,
    /// What a clock or the known work did wrong.
    pub problems: Vec<Problem>,
    /// The batches: N, 2N and 4N dispatches in turns.
    #[serde(skip)]
    pub samples: Vec<Sample>,
}

/// Which clock figures may be made from, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClockChoice {
    /// Both: they agree on known work.
    ClocksAgree,
    /// The host's: the adapter has no timestamps.
    NoTimestamps,
    /// The host's: GPU timestamps failed a test of their own.
    TimestampsFailed,
    /// The host's: the clocks disagree, and it is the one that counts the longer time.
    LongerHost,
    /// The GPU's: the clocks disagree, and it is the one that counts the longer time.
    LongerGpu,
    /// None: the longer time cannot be relied on either, or the known work was not done.
    Neither,
}

/// A line through the fastest time of each batch size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClockFit {
    /// Time of one dispatch.
    pub slope_ns: f64,
    /// Time that does not grow with the work.
    pub intercept_ns: f64,
    /// Share of the variation that the line explains.
    pub r_squared: f64,
}

impl ClockChoice {
    /// The clocks that figures may be made from.
    pub fn trusted(self) -> Trusted {
        match self {
            Self::ClocksAgree => Trusted::Both,
            Self::NoTimestamps | Self::TimestampsFailed | Self::LongerHost => Trusted::Host,
            Self::LongerGpu => Trusted::Gpu,
            Self::Neither => Trusted::Neither,
        }
    }
}

impl TimerProof {
    /// The clocks that figures may be made from.
    pub fn trusted(&self) -> Trusted {
        Trusted::of(self.gpu_trusted, self.host_trusted)
    }

    /// The same judged anew from its batches. What was wrong with the known work itself is taken as it was said.
    #[must_use]
    pub fn judged_again(&self) -> Self {
        let stamped = self.samples.iter().any(|s| s.gpu_start_ns.is_some() || s.gpu_ns.is_some());
        let of_work = self.problems.iter().filter(|problem| problem.clock.is_none());
        let judged = Self::judge(ClockTest {
            operations: self.operations,
            timestamps: stamped || self.problems.iter().any(|p| p.clock == Some(Clock::Gpu)),
            resolution_ns: self.resolution_ns,
            samples: self.samples.clone(),
            host_cross_check: self.host_cross_check,
            work_problems: of_work.map(|problem| problem.what.clone()).collect(),
        });
        Self { process: self.process, attempt: self.attempt, ..judged }
    }

    /// The problems as one text.
    pub fn why(&self) -> String {
        self.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// What a reader must know of it.
    pub fn signs(&self) -> Vec<Sign> {
        let why = self.why();
        let mut signs: Vec<Sign> = drift::sign(self).into_iter().collect();
        signs.extend(self.choice_sign(&why));
        signs
    }

    fn choice_sign(&self, why: &str) -> Option<Sign> {
        let sign = match self.choice {
            _ if self.host_cross_check.is_some_and(|check| check.differs()) => Sign::new(
                "timer/host-clock-differs",
                format!("the machine's clock and the one that this program is given differ: {why}"),
                "no figure of this run counts; see what LD_PRELOAD names, and start the program without it",
            ),
            Some(ClockChoice::Neither) => Sign::new(
                "timer/impossible",
                format!("no clock can be trusted on known work: {why}"),
                "no figure of this run counts; check the machine's clock and the driver",
            ),
            Some(ClockChoice::LongerGpu) => Sign::new(
                "timer/host-clock",
                format!("the host's clock counts too little time, and the GPU's is used: {why}"),
                "see who sets the machine's clock, and what is loaded into the program; the longer time counts",
            ),
            Some(ClockChoice::TimestampsFailed | ClockChoice::LongerHost) => Sign::new(
                "timer/gpu-clock",
                format!("GPU timestamps failed their test and the host's clock is used: {why}"),
                "read the figures as lower ones: they hold the cost of submission; update the driver",
            ),
            _ if !self.problems.is_empty() => Sign::new(
                "timer/unsteady",
                format!("the host's clock sees uneven times on known work: {why}"),
                "let nothing else run beside the measurement",
            ),
            _ => return None,
        };
        Some(sign)
    }
}
