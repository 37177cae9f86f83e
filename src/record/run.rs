//! The record of a run, schema 2.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Attachment, Attestation, Conclusion, PlanRecord, StartRecord, WorkloadRecord};
use crate::adapter::{Capability, Identity};
use crate::check::{Sign, TimerProof};
use crate::measure::StopRule;
use crate::telemetry;

/// The `schema` key of this version.
pub const SCHEMA: &str = "tierbench.record/2";

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
    /// What was committed to of the results; absent where nothing was, and in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Attachment>,
    /// The records of the process starts that this one was merged from; absent where there was one start alone, and
    /// in older records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starts: Vec<StartRecord>,
    /// What the device said of itself; absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
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
    /// Why the commitments to results are not at hand; `None` when they are, or there are none.
    #[serde(skip)]
    pub without_results: Option<String>,
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

    /// Whether it was built from the same commit as this one, as it says: then it knew the same words.
    pub fn is_this_build(&self) -> bool {
        self.version == env!("CARGO_PKG_VERSION") && self.commit == env!("TIERBENCH_COMMIT")
    }
}

impl From<Sign> for Note {
    fn from(sign: Sign) -> Self {
        Self { id: sign.id.into(), text: sign.text, advice: sign.advice }
    }
}

impl Record {
    /// The register-only kernel whose unit and arithmetic a workload shares, and the fastest workload of that kind,
    /// which may be the same one. Kernels with f16 storage and f32 sums on vector units do f32 arithmetic: that roof
    /// is theirs. None where no register-only kernel was verified.
    pub fn roof_of(&self, workload: &WorkloadRecord) -> Option<(&WorkloadRecord, &WorkloadRecord)> {
        let kind = |w: &WorkloadRecord| (w.unit, w.accumulate);
        let alike = self.workloads.iter().filter(|w| kind(w) == kind(workload));
        let rated = alike.filter(|w| w.ops_per_s().is_some() && w.workload != "chain");
        let probe = rated.clone().find(|w| w.workload.starts_with("roof"))?;
        let rate = |w: &&WorkloadRecord| w.ops_per_s().unwrap_or_default();
        Some((probe, rated.max_by(|a, b| rate(a).total_cmp(&rate(b)))?))
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
