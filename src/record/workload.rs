//! One workload of a run, and its figures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Committed, Span};
use crate::check::{SCATTER_OF_SAMPLES, SCATTER_OF_STARTS, SHARED, Verification};
use crate::measure::{Clock, Phase, Sample, StopReason};
use crate::stats::median_standard_error;
use crate::stats::uncertainty::{Budget, Component, Kind};
use crate::workload::{ElementType, Unit, Work, Workload};

/// Share of the processors that others may use before it counts as a disturbance: a CPU adapter loses about as
/// much, and no detector's threshold is that narrow.
const MOST_LOAD_BY_OTHERS: f64 = 0.15;

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

impl State {
    /// As it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Unsupported => "unsupported",
            Self::Failed => "failed",
        }
    }
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
    /// When it was begun, since the start of the process's run: the telemetry's time scale; null in records
    /// of version 0.1.0.
    #[serde(default)]
    pub started_ns: Option<u64>,
    /// Where its samples stand in the samples' file, for each process start.
    #[serde(rename = "samples", default)]
    pub spans: Vec<Span>,
    /// Every sample since the first.
    #[serde(skip)]
    pub samples: Vec<Sample>,
    /// What each process start commits to of its result.
    #[serde(skip)]
    pub results: Vec<Committed>,
    /// Pipeline creation and first dispatch, where drivers compile.
    pub compile_ns: Option<u64>,
    /// Smallest step that the GPU's timestamps took; null without any.
    #[serde(default)]
    pub resolution_ns: Option<f64>,
    /// Share of the machine's processors that other processes used meanwhile; null where unknown.
    #[serde(default)]
    pub others_load: Option<f64>,
    /// Time of the tally's own dispatch behind each one, by the clock of the figures, found from batches of it
    /// alone; null where it was not measured. The samples' times include it.
    #[serde(default)]
    pub tally_ns: Option<f64>,
    /// Invocations of a subgroup, as a kernel with workgroups of the same size read it on the device just before;
    /// absent where the kernel does not depend on it, and in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subgroup_size: Option<u32>,
    /// The figures; present only when measured, and so verified.
    pub summary: Option<Summary>,
    /// How the result was checked.
    pub verification: Option<Verification>,
}

/// Figures of a verified workload, derived from its timed samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Median time of one dispatch, that of the tally's own dispatch behind it included (`tally_ns`).
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
    /// Median of each process start; the figures are made from the median of these.
    #[serde(default)]
    pub process_medians_ns: Vec<f64>,
    /// Median time of one dispatch in the first two seconds; null without a sample there.
    #[serde(default)]
    pub burst_ns: Option<f64>,
    /// Median time of one dispatch after two seconds; null when sampling ended before.
    #[serde(default)]
    pub sustained_ns: Option<f64>,
    /// Uncertainty of the rates; null below six samples and in records of version 0.1.0.
    #[serde(default)]
    pub uncertainty: Option<Budget>,
}

impl Summary {
    /// Whether there are enough process starts for their own scatter to tell what changes from one to the next.
    pub fn shows_changes_between_starts(&self) -> bool {
        self.process_medians_ns.len() >= STARTS_THAT_SHOW_CHANGES
    }

    /// What of its uncertainty another run would not share. Several process starts show by themselves what changes from
    /// one to the next; a single one shows the scatter of its samples, and on shared processors too little. `None`
    /// where too few samples show nothing.
    pub fn repeatability(&self) -> Option<Vec<Component>> {
        if self.shows_changes_between_starts() {
            let starts = &self.process_medians_ns;
            return Some(vec![Component {
                name: SCATTER_OF_STARTS.into(),
                kind: Kind::A,
                relative: median_standard_error(starts)? / self.median_ns,
                degrees_of_freedom: Some(starts.len() as f64 - 1.0),
                how: format!("order statistics of {} process starts' medians", starts.len()),
            }]);
        }
        let own = |c: &&Component| {
            [SCATTER_OF_SAMPLES, SCATTER_OF_STARTS, SHARED].contains(&c.name.as_str())
        };
        Some(self.uncertainty.as_ref()?.components.iter().filter(own).cloned().collect())
    }
}

/// Process starts from which on their own scatter tells what changes between them.
const STARTS_THAT_SHOW_CHANGES: usize = 3;

impl WorkloadRecord {
    /// Whether other programs took a noticeable part of the machine meanwhile: a CPU adapter, and whatever is timed by
    /// the host's clock, loses about as much.
    pub fn is_disturbed(&self) -> bool {
        self.others_load.is_some_and(|load| load > MOST_LOAD_BY_OTHERS)
    }

    /// Times of a dispatch in the samples that count.
    pub fn timed_ns(&self, clock: Clock) -> Vec<f64> {
        let timed = self.samples.iter().filter(|s| s.phase == Phase::Timed);
        timed.filter_map(|s| s.ns_per_dispatch(clock)).collect()
    }

    /// Name that the catalogue gives the declared rate of the same arithmetic. Makers declare 8-bit integers for
    /// their matrix units: what vector units do of them has no declared rate to be compared with.
    pub fn declared_format(&self) -> Option<&'static str> {
        let integer = self.input_type == Some(ElementType::I8);
        self.catalogue_format().filter(|_| !integer || self.unit == Unit::Matrix)
    }

    /// Name that the catalogue gives the same types on the fastest unit: a limit for all of them.
    pub fn catalogue_format(&self) -> Option<&'static str> {
        Some(match (self.input_type?, self.accumulate?) {
            (ElementType::F32, _) => "fp32",
            (ElementType::F16, ElementType::F32) => "fp16_acc32",
            (ElementType::F16, _) => "fp16_acc16",
            (ElementType::I8 | ElementType::I32, _) => "int8",
        })
    }

    /// The figures, of a workload that was measured and whose result was checked and right: the only way to
    /// a rate.
    pub fn verified(&self) -> Option<&Summary> {
        let passed = self.verification.as_ref().is_some_and(|v| v.passed);
        self.summary.as_ref().filter(|_| self.state == State::Measured && passed)
    }

    /// Whether it streams through memory and does nothing else.
    pub fn is_stream(&self) -> bool {
        self.workload.starts_with("bandwidth-")
    }

    /// Operations per second of a verified workload.
    pub fn ops_per_s(&self) -> Option<f64> {
        self.verified()?.ops_per_s
    }

    /// Bytes per second of a verified workload.
    pub fn bytes_per_s(&self) -> Option<f64> {
        self.verified()?.bytes_per_s
    }

    /// What one of its operations is called in units.
    pub fn operation(&self) -> &'static str {
        self.input_type.map_or("FLOP", ElementType::operation)
    }

    /// Type of a product's sums where there is a choice and it is not the usual one.
    fn unusual_sums(&self) -> Option<ElementType> {
        let usual = self.input_type?.usual_sums();
        self.accumulate.filter(|sums| self.workload == "matmul" && *sums != usual)
    }

    /// Workload, type and shape on one line; the type of the sums where there is a choice and it is
    /// not the usual one.
    pub fn label(&self) -> String {
        let sums = self.unusual_sums();
        let sums = sums.map_or(String::new(), |sums| format!("/{}", sums.name()));
        let input = self.input_type.map(|input| format!("{}{sums}", input.name()));
        let parts = [Some(self.workload.clone()), input, Some(self.shape.clone())];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|p| !p.is_empty()).collect();
        parts.join(" ")
    }

    /// The workload that was run; `None` when there is none of that name and shape.
    pub fn parsed(&self) -> Option<Workload> {
        let typed =
            ["matmul", "attention", "roof"].iter().any(|kind| self.workload.starts_with(kind));
        let mut text = self.workload.clone();
        if let Some(input) = self.input_type.filter(|_| typed) {
            text = format!("{text}:{}", input.name());
            text.extend(self.unusual_sums().map(|sums| format!("/{}", sums.name())));
        }
        if !self.shape.is_empty() {
            text = format!("{text}:{}", self.shape);
        }
        let workload: Workload = text.parse().ok()?;
        let same = workload.input() == self.input_type && workload.accumulate() == self.accumulate;
        same.then_some(workload)
    }

    /// The rate less its uncertainty, as a share of the rate. 1 without a known uncertainty would claim
    /// certainty, so there it is `None`.
    pub fn slow_end_share(&self) -> Option<f64> {
        let summary = self.verified()?;
        match &summary.uncertainty {
            Some(budget) => Some(1.0 - budget.expanded).filter(|share| *share > 0.0),
            None => Some(summary.median_ns / summary.ci95_ns?[1]),
        }
    }
}
