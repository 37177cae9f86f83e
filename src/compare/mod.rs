//! A run beside another: by how much is each workload faster or slower, and can that be said?
//!
//! The ratio is the new rate over the base rate, both as their reports show them, with a 95 % interval
//! ([`ratio`](crate::stats::ratio)). The interval holds what another run would not repeat: of several process starts the
//! scatter of their medians (robust, by order statistics), of one start the scatter of its samples, and on a CPU adapter what is known to change from
//! run to run there. The word follows from the interval and a band
//! around 1, whose lower edge is the reciprocal of the upper one, so that swapping the records turns
//! `faster` into `slower`:
//!
//! | word | the interval lies |
//! |---|---|
//! | `same` | inside the band |
//! | `faster` | wholly above it |
//! | `slower` | wholly below it |
//! | `ambiguous` | anywhere else, or cannot be computed |
//!
//! Where both records hold the device's clock, the same is said per tick of it: a run that is slower per second
//! and the same per tick ran at a lower clock.
//!
//! A workload that only one record measured has no ratio: it is listed with its state, never as 0.

mod build;
mod gate;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::adapter::Identity;
use crate::record::{State, Tool};
use crate::stats::RatioInterval;
use crate::workload::ElementType;

pub use build::{adapters_differ, compare};
pub use gate::{Gate, regressions};

/// The `schema` key of this version.
pub const COMPARISON_SCHEMA: &str = "tierbench.comparison/1";

/// Half width of the band around 1 that counts as the same, in percent.
pub const BAND_PERCENT: f64 = 1.0;

/// Several runs beside a base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// `tierbench.comparison/1`.
    pub schema: String,
    /// Half width of the band of `same`: from `1 / (1 + band)` to `1 + band`.
    pub band_percent: f64,
    /// Coverage of the intervals.
    pub confidence: f64,
    /// The run that the others are compared with.
    pub base: Run,
    /// The others, in the order given.
    pub comparisons: Vec<Against>,
}

/// One run beside the base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Against {
    /// The run.
    pub new: Run,
    /// Circumstances in which it differs from the base.
    pub differs: Vec<String>,
    /// Every workload of either run.
    pub workloads: Vec<Row>,
}

/// Which run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The file or folder, as it was named.
    pub file: String,
    /// The record's id.
    pub id: String,
    /// Start of the run.
    pub created: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// What the adapter said it is.
    pub adapter: Identity,
}

/// One workload in both runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Workload, type and shape on one line.
    pub label: String,
    /// Name of the workload.
    pub workload: String,
    /// Stored type of the inputs.
    pub input_type: Option<ElementType>,
    /// Type of the sums.
    pub accumulate: Option<ElementType>,
    /// Sizes.
    pub shape: String,
    /// In the base; null where it is not in there.
    pub base: Option<Side>,
    /// In the new run; null where it is not in there.
    pub new: Option<Side>,
    /// New rate over base rate; null where it cannot be computed.
    pub ratio: Option<RatioInterval>,
    /// Null where one of the runs did not measure it.
    pub word: Option<Word>,
    /// The same for each tick of the device's clock; null where a record holds no clock.
    pub per_clock: Option<PerClock>,
    /// Why there is no ratio.
    pub why: Option<String>,
    /// What differs in how it was measured.
    pub differs: Vec<String>,
}

/// Rates divided by the clocks at which they were reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PerClock {
    /// Median clock in the base, while this workload ran.
    pub base_mhz: f64,
    /// In the new run.
    pub new_mhz: f64,
    /// New operations per tick over those of the base.
    pub ratio: RatioInterval,
    /// What may be said about it.
    pub word: Word,
}

/// A workload in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// How it ended.
    pub state: State,
    /// Whether it was measured and its result verified: only then it has figures.
    pub verified: bool,
    /// Why not, where the record says so.
    pub reason: Option<String>,
    /// File name of the kernel.
    pub kernel: Option<String>,
    /// Choices of the kernel.
    pub parameters: BTreeMap<String, u64>,
    /// Timed samples.
    pub samples: usize,
    /// Process starts that took them.
    pub process_starts: usize,
    /// Median time of one dispatch: the one that the record's report shows.
    pub median_ns: Option<f64>,
    /// Operations per second.
    pub ops_per_s: Option<f64>,
    /// Bytes per second.
    pub bytes_per_s: Option<f64>,
    /// Share of the machine that other programs used meanwhile; null where unknown.
    pub others_load: Option<f64>,
}

/// What may be said about a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// The interval lies inside the band.
    Same,
    /// The interval lies wholly above the band.
    Faster,
    /// The interval lies wholly below the band.
    Slower,
    /// Neither; or there is no interval.
    Ambiguous,
}

impl Word {
    /// The word of an interval under a band, in percent.
    pub fn of(ratio: RatioInterval, band_percent: f64) -> Self {
        let top = 1.0 + band_percent / 100.0;
        let bottom = top.recip();
        match ratio {
            r if r.low > top => Self::Faster,
            r if r.high < bottom => Self::Slower,
            r if r.low >= bottom && r.high <= top => Self::Same,
            _ => Self::Ambiguous,
        }
    }

    /// As it stands in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl Against {
    /// How many workloads got a word.
    pub fn count(&self, word: Word) -> usize {
        self.workloads.iter().filter(|row| row.word == Some(word)).count()
    }
}
