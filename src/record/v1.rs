//! The record, version 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Conclusion;
use crate::adapter::{Capability, Identity};
use crate::check::Verification;
use crate::measure::{Clock, Sample, StopReason, StopRule};
use crate::workload::{ElementType, Unit, Work};

/// The `schema` key of this version.
pub const SCHEMA: &str = "tierbench.record/1";

/// One run on one adapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// `tierbench.record/1`.
    pub schema: String,
    /// Unique name of the run; the folder is called so.
    pub id: String,
    /// Start of the run, RFC 3339, UTC.
    pub created: String,
    /// The program that wrote this.
    pub tool: Tool,
    /// What the adapter says it is.
    pub adapter: Identity,
    /// What the adapter can do.
    pub capability: Capability,
    /// Machine and settings around the run.
    pub environment: Environment,
    /// Name of the profile, or `custom`.
    pub profile: String,
    /// All inputs follow from it.
    pub seed: u64,
    /// When the sampling of a workload ends.
    pub stop_rule: StopRule,
    /// What was run, in order.
    pub workloads: Vec<WorkloadRecord>,
    /// Things a reader must know.
    pub notes: Vec<Note>,
    /// What follows from all of this.
    pub conclusion: Conclusion,
}

/// The program that wrote a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Crate version.
    pub version: String,
    /// Git commit it was built from; `unknown` outside a checkout.
    pub commit: String,
}

/// Machine and settings around a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Operating system.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// Logical processors that this process may use.
    pub processors: usize,
    /// Whether kernels were compiled with wgpu's run-time checks.
    pub checked_shaders: bool,
    /// Environment variables that change what a driver does.
    pub variables: std::collections::BTreeMap<String, String>,
}

/// How a workload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Timed and verified.
    Measured,
    /// The adapter cannot run it; `reason` says why.
    Unsupported,
    /// It ran and went wrong; `reason` says how.
    Failed,
}

/// One workload of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkloadRecord {
    /// `matmul`, `attention[-causal|-decode]`, `bandwidth-read|write|copy|triad`, `roof`,
    /// `roof-matrix`, `chain` or `empty`.
    pub workload: String,
    /// File name of the kernel under `shaders/`; null when none can run.
    pub kernel: Option<String>,
    /// SHA-256 of the WGSL text that was compiled.
    pub kernel_sha256: Option<String>,
    /// Tile sizes and other choices of the kernel.
    #[serde(default)]
    pub parameters: std::collections::BTreeMap<String, u64>,
    /// How kernel and parameters were chosen: `tuned` or `default`; null when none can run.
    #[serde(default)]
    pub chosen_by: Option<String>,
    /// Stored type of the inputs; null where bits have no meaning.
    pub input_type: Option<ElementType>,
    /// Type of the sums.
    pub accumulate: Option<ElementType>,
    /// Unit that does the arithmetic.
    pub unit: Unit,
    /// `MxNxK`, `BATCHxHEADS[/KVHEADS]xSEQUENCExHEADSIZE`, bytes, invocations, steps, or empty.
    pub shape: String,
    /// Exact work of one dispatch.
    pub work: Work,
    /// How it ended.
    pub state: State,
    /// Why it is unsupported or failed; null when measured.
    pub reason: Option<String>,
    /// Every sample since the first.
    pub samples: Vec<Sample>,
    /// Pipeline creation and first dispatch, where drivers compile.
    pub compile_ns: Option<u64>,
    /// The figures; present only when measured, and so verified.
    pub summary: Option<Summary>,
    /// How the result was checked.
    pub verification: Option<Verification>,
}

/// Figures of a verified workload, derived from its timed samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Median time of one dispatch.
    pub median_ns: f64,
    /// Nonparametric 95 % interval of that median: low, high; null below six samples.
    pub ci95_ns: Option<[f64; 2]>,
    /// Timed samples.
    pub samples: usize,
    /// Operations per second; null where none are done.
    pub ops_per_s: Option<f64>,
    /// Bytes per second at the least; null for the empty dispatch.
    pub bytes_per_s: Option<f64>,
    /// Why sampling ended.
    pub stop_reason: StopReason,
    /// The clock that the figures are made from.
    pub clock: Clock,
    /// Whether the warm-up had become steady.
    pub steady: bool,
}

/// Something a reader must know, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Stable name.
    pub id: String,
    /// What is the case.
    pub text: String,
    /// What to do about it.
    pub advice: String,
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self { version: env!("CARGO_PKG_VERSION").into(), commit: env!("TIERBENCH_COMMIT").into() }
    }
}

impl WorkloadRecord {
    /// Operations per second of a verified workload.
    pub fn ops_per_s(&self) -> Option<f64> {
        self.summary.as_ref()?.ops_per_s
    }

    /// Bytes per second of a verified workload.
    pub fn bytes_per_s(&self) -> Option<f64> {
        self.summary.as_ref()?.bytes_per_s
    }

    /// The rate at the slow end of the interval, as a share of the rate: 1 without an interval
    /// would claim certainty, so there it is `None`.
    pub fn slow_end_share(&self) -> Option<f64> {
        let summary = self.summary.as_ref()?;
        Some(summary.median_ns / summary.ci95_ns?[1])
    }
}
