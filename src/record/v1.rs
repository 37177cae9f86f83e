//! The record, version 2.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Attachment, Conclusion, Span};
use crate::adapter::{Capability, Identity};
use crate::check::{SCATTER_OF_SAMPLES, SCATTER_OF_STARTS, SHARED, Sign, TimerProof, Verification};
use crate::digest::sha256_hex;
use crate::measure::{Clock, Phase, Sample, StopReason, StopRule};
use crate::stats::uncertainty::{Budget, Component};
use crate::telemetry;
use crate::workload::{ElementType, Unit, Work, Workload};

/// The `schema` key of this version.
pub const SCHEMA: &str = "tierbench.record/2";

/// Share of the processors that others may use before it counts as a disturbance: a CPU adapter loses about as
/// much, and no detector's threshold is that narrow.
const MOST_LOAD_BY_OTHERS: f64 = 0.15;

/// One run on one adapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// `tierbench.record/2`.
    pub schema: String,
    /// Unique name of the run; the folder is called so.
    pub id: String,
    /// Start of the run, RFC 3339, UTC.
    pub created: String,
    /// Its end; null while it goes on, for ever when it was cut off, and in what was a record of schema 1.
    #[serde(default)]
    pub finished: Option<String>,
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
    /// What was to be done and how it was to be judged, fixed before the first dispatch; null in records of
    /// version 0.1.0.
    #[serde(default)]
    pub plan: Option<PlanRecord>,
    /// SHA-256 of the plan as canonical JSON (RFC 8785).
    #[serde(default)]
    pub plan_sha256: Option<String>,
    /// The seed of each process start, in order; all follow from `seed`.
    #[serde(default)]
    pub process_seeds: Vec<u64>,
    /// Every test of the clocks in each process start; the last one of a start counts.
    #[serde(default)]
    pub timer: Vec<TimerProof>,
    /// Known work between the workloads: a relative clock.
    #[serde(default)]
    pub metronome: Vec<Tick>,
    /// What the driver told of the device, in each process start; empty where there is no telemetry.
    #[serde(default)]
    pub telemetry: Vec<telemetry::Log>,
    /// Where the samples are, of the workloads and of the clocks, and the readings of the device.
    #[serde(default)]
    pub samples: Attachment,
    /// What was run; of one process start in its order, of several in that of the plan.
    pub workloads: Vec<WorkloadRecord>,
    /// Things a reader must know.
    pub notes: Vec<Note>,
    /// The program that drew the summaries and the conclusion from the samples; null in records of schema 1.
    #[serde(default)]
    pub concluded_by: Option<Tool>,
    /// What follows from all of this.
    pub conclusion: Conclusion,
    /// What this record was read from, when it was brought to this schema.
    #[serde(default)]
    pub upgraded_from: Option<Origin>,
    /// Why the samples are not at hand; `None` when they are. Without them nothing can be derived again.
    #[serde(skip)]
    pub without_samples: Option<String>,
    /// It was read from a file of schema 1.
    #[serde(skip)]
    pub from_schema_1: bool,
}

/// The file that a record was before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// Its schema.
    pub schema: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// What a run shall do and how its figures are judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanRecord {
    /// `tierbench.plan/1`.
    pub schema: String,
    /// Name of the profile, or `custom`.
    pub profile: String,
    /// Workloads in their text form.
    pub workloads: Vec<String>,
    /// When the sampling of each ends.
    pub stop_rule: StopRule,
    /// All inputs follow from it.
    pub seed: u64,
    /// Compile with wgpu's run-time checks.
    pub checked_shaders: bool,
    /// All inputs are zeros.
    #[serde(default)]
    pub zero_inputs: bool,
    /// How often the whole list is run in a process of its own.
    pub process_starts: u32,
    /// How a figure is held against a limit.
    pub decision: DecisionRule,
}

/// How a figure is held against a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionRule {
    /// Share of lower bounds that hold, one-sided.
    pub confidence: f64,
    /// Width of the guard band: `U`, the expanded uncertainty.
    pub guard_band: String,
    /// Where the words are defined.
    pub table: String,
}

/// Known work between two workloads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tick {
    /// Since the start of the process's run.
    pub at_ns: u64,
    /// Time of one dependent operation.
    pub ns_per_operation: f64,
    /// Process start.
    pub process: u32,
}

impl PlanRecord {
    /// SHA-256 of its canonical JSON (RFC 8785).
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        Ok(sha256_hex(serde_json_canonicalizer::to_vec(self)?))
    }
}

/// The program that wrote a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Crate version.
    pub version: String,
    /// Git commit it was built from, with `-dirty` where the tree had other changes; `unknown` outside a
    /// checkout of its own.
    pub commit: String,
    /// SHA-256 of the file of the program that ran; null where it could not be read, and in older records.
    #[serde(default)]
    pub binary_sha256: Option<String>,
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
    /// Libraries that were mapped in the process once the device was open (drivers, layers, preloads), by
    /// file name, with their SHA-256; empty where the system does not tell, and in older records.
    #[serde(default)]
    pub driver_files: std::collections::BTreeMap<String, String>,
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
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            commit: env!("TIERBENCH_COMMIT").into(),
            binary_sha256: crate::program::sha256(),
        }
    }
}

impl From<Sign> for Note {
    fn from(sign: Sign) -> Self {
        Self { id: sign.id.into(), text: sign.text, advice: sign.advice }
    }
}

impl Record {
    /// The measured register-only kernel whose unit and arithmetic a workload shares. Kernels with f16
    /// storage and f32 sums on vector units do f32 arithmetic: that roof is theirs.
    pub fn roof_of(&self, workload: &WorkloadRecord) -> Option<&WorkloadRecord> {
        if ["roof", "roof-matrix", "chain", "empty"].contains(&workload.workload.as_str()) {
            return None;
        }
        self.workloads.iter().find(|w| {
            w.workload.starts_with("roof")
                && w.unit == workload.unit
                && w.accumulate == workload.accumulate
                && w.verified().is_some()
        })
    }

    /// Workloads that the plan has and the record has not, in their text form: the run was cut off, or somebody
    /// took them out. A text that is no workload is missing too.
    pub fn missing(&self) -> Vec<&str> {
        let planned = self.plan.as_ref().map_or(&[][..], |plan| plan.workloads.as_slice());
        let mut there: BTreeMap<String, usize> = BTreeMap::new();
        for workload in self.workloads.iter().filter_map(WorkloadRecord::parsed) {
            *there.entry(workload.to_string()).or_default() += 1;
        }
        let mut is_missing = |text: &&str| {
            let found = there.get_mut(*text).filter(|count| **count > 0);
            found.map(|count| *count -= 1).is_none()
        };
        planned.iter().map(String::as_str).filter(|text| is_missing(text)).collect()
    }

    /// Readings of the device while a workload ran, with the time since its start: of the first process
    /// start, whose time scale the two share.
    pub fn readings_of<'a>(
        &'a self,
        w: &'a WorkloadRecord,
    ) -> impl Iterator<Item = (u64, &'a telemetry::Reading)> + 'a {
        let started = w.started_ns;
        let own = w.samples.iter().filter(|s| s.process == 0);
        let end = own.map(|s| s.start_ns.saturating_add(s.host_ns)).max();
        let span =
            started.zip(end).map(|(started, length)| started..=started.saturating_add(length));
        let readings = self.telemetry.first().into_iter().flat_map(|log| &log.readings);
        readings.filter_map(move |reading| {
            let span = span.as_ref().filter(|span| span.contains(&reading.t_ns))?;
            Some((reading.t_ns - span.start(), reading))
        })
    }

    /// The test of the clocks that counts for a process start: its last one.
    pub fn timer_of(&self, process: u32) -> Option<&TimerProof> {
        self.timer.iter().rfind(|proof| proof.process == process)
    }

    /// The tests of the clocks that count, one for each process start.
    pub fn timers_that_count(&self) -> Vec<&TimerProof> {
        let starts = 0..self.process_seeds.len().max(1) as u32;
        starts.filter_map(|process| self.timer_of(process)).collect()
    }

    /// Median clock of the device while a workload ran; `None` without telemetry.
    pub fn clock_mhz(&self, w: &WorkloadRecord) -> Option<f64> {
        let clocks = self.readings_of(w).filter_map(|(_, reading)| reading.sm_mhz).map(f64::from);
        crate::stats::median(&clocks.collect::<Vec<_>>())
    }

    /// Whether the run shows signs that the chip was held back.
    pub fn is_held_back(&self) -> bool {
        self.notes.iter().any(|note| note.id.starts_with("held-back/"))
    }
}

impl Summary {
    /// The components of its uncertainty that another run would not share: the scatter, and what changes between runs
    /// on shared processors. Several process starts show the latter themselves. `None` where too few samples show
    /// nothing.
    pub fn repeatability(&self) -> Option<Vec<Component>> {
        let several = self.process_medians_ns.len() >= STARTS_THAT_SHOW_CHANGES;
        let own = |c: &&Component| match c.name.as_str() {
            SCATTER_OF_STARTS | SCATTER_OF_SAMPLES => true,
            SHARED => !several,
            _ => false,
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

    /// Name that the catalogue gives the declared rate of the same arithmetic.
    pub fn declared_format(&self) -> Option<&'static str> {
        Some(match (self.input_type?, self.accumulate?) {
            (ElementType::F32, _) => "fp32",
            (ElementType::F16, ElementType::F32) => "fp16_acc32",
            (ElementType::F16, ElementType::F16) => "fp16_acc16",
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

    /// Workload, type and shape on one line; the type of the sums where there is a choice and it is
    /// not f32.
    pub fn label(&self) -> String {
        let sums = self.accumulate.filter(|sums| {
            self.workload == "matmul" && *sums != ElementType::F32 && self.input_type.is_some()
        });
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
            let sums = self
                .accumulate
                .filter(|sums| self.workload == "matmul" && *sums != ElementType::F32);
            text.extend(sums.map(|sums| format!("/{}", sums.name())));
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
