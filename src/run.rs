//! The main job: all stages in order, on one adapter.
//!
//! The record is written after every workload, so whatever happens keeps what was measured.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::adapter::{DeviceError, Found, Gpu};
use crate::check;
use crate::error::{Error, Result};
use crate::measure::{self, Measurement, Phase, StopRule, Watch};
use crate::normalize::normalize;
use crate::plan::Plan;
use crate::record::{
    Conclusion, Environment, Folder, Note, Record, SCHEMA, State, Summary, Tool, WorkloadRecord,
};
use crate::stats;
use crate::tune::{Cache, choose_job};
use crate::verdict;
use crate::workload::{Job, Unit, Workload};

/// What a caller wants to hear during a run.
pub trait Listener {
    /// Workload `index` begins.
    fn begin(&self, index: usize, workload: &Workload);
    /// A share of it is done, 0 to 1.
    fn progress(&self, share: f64);
    /// It ended.
    fn end(&self, record: &WorkloadRecord);
}

/// Nobody listens.
pub struct Silent;

impl Listener for Silent {
    fn begin(&self, _: usize, _: &Workload) {}
    fn progress(&self, _: f64) {}
    fn end(&self, _: &WorkloadRecord) {}
}

/// Runs a plan and keeps the record under `out`, with tuned kernels where `cache` knows some. The record
/// comes back even when workloads went wrong; [`outcome`] says whether they did.
pub fn run(
    found: &Found,
    plan: &Plan,
    cache: &Cache,
    out: &Path,
    interrupted: &AtomicBool,
    listener: &dyn Listener,
) -> Result<(Record, Folder)> {
    let mut record = begin(found, plan);
    let folder = Folder::create(out, &record.id)?;
    if let Some(ignored) = &cache.ignored {
        record.notes.push(Note {
            id: "tune/cache-ignored".into(),
            text: format!("tuned choices were ignored: {ignored}"),
            advice: "run `tierbench tune`; until then the defaults of the adapter's class are used"
                .into(),
        });
    }
    let matrix_units = MatrixUnits::default();
    for (index, workload) in plan.workloads.iter().enumerate() {
        listener.begin(index, workload);
        let watch = Watch { interrupted, progress: &|share| listener.progress(share) };
        let (done, note) = run_workload(found, plan, workload, cache, &matrix_units, &watch);
        record.notes.extend(note.filter(|n| !record.notes.contains(n)));
        listener.end(&done);
        record.workloads.push(done);
        conclude(&mut record)?;
        folder.write(&record)?;
    }
    if interrupted.load(Ordering::Relaxed) {
        record.notes.push(Note {
            id: "run/interrupted".into(),
            text: "the run was interrupted; later workloads were not measured".into(),
            advice: "run again to measure the rest".into(),
        });
    }
    let matrix = |w: &WorkloadRecord| w.unit == Unit::Matrix && w.summary.is_some();
    if !record.workloads.iter().any(matrix) {
        record.notes.push(Note {
            id: "coverage/vector-only".into(),
            text: "only vector units were measured; TPP is declared for the matrix units".into(),
            advice: "read the demonstrated TPP as a weak lower bound".into(),
        });
    }
    folder.write(&record)?;
    Ok((record, folder))
}

/// Whether everything that ran was verified, as the exit code wants it.
pub fn outcome(record: &Record) -> Result<()> {
    let all = record.workloads.len();
    let count =
        |wanted: fn(&WorkloadRecord) -> bool| record.workloads.iter().filter(|w| wanted(w)).count();
    let interrupted = record.notes.iter().any(|note| note.id == "run/interrupted");
    let unverified = count(|w| w.verification.as_ref().is_some_and(|v| !v.passed));
    let failed = count(|w| w.state == State::Failed);
    if interrupted {
        Err(Error::Interrupted)
    } else if unverified > 0 {
        Err(Error::Unverified(unverified, all))
    } else if failed > 0 {
        Err(Error::WorkloadFailed(failed, all))
    } else if count(|w| w.state == State::Unsupported) == all {
        Err(Error::NothingRan(all))
    } else {
        Ok(())
    }
}

fn begin(found: &Found, plan: &Plan) -> Record {
    let now = jiff::Timestamp::now();
    let slug: String = found
        .identity
        .name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .take(3)
        .collect::<Vec<_>>()
        .join("-")
        .to_lowercase();
    let prefixes = ["LP_", "GALLIVM_", "MESA_", "VK_", "WGPU_", "CUDA_VISIBLE", "NVIDIA_"];
    let variables = std::env::vars()
        .filter(|(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        .map(|(name, value)| (name, without_folder(value)))
        .collect();
    Record {
        schema: SCHEMA.into(),
        id: format!("{}-{slug}-{:04x}", now.strftime("%Y%m%dT%H%M%SZ"), plan.seed & 0xffff),
        created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        tool: Tool::this(),
        adapter: found.identity.clone(),
        capability: found.capability.clone(),
        environment: Environment {
            os: std::env::consts::OS.into(),
            arch: std::env::consts::ARCH.into(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            checked_shaders: plan.checked_shaders,
            variables,
        },
        profile: plan.profile.clone(),
        seed: plan.seed,
        stop_rule: plan.stop_rule.clone(),
        workloads: Vec::new(),
        notes: notes(found),
        conclusion: Conclusion::default(),
    }
}

/// Records are passed on: which driver file was named matters, in whose home it lies does not.
fn without_folder(value: String) -> String {
    match value.rsplit_once('/') {
        Some((folder, file)) if folder.starts_with('/') => format!(".../{file}"),
        _ => value,
    }
}

fn notes(found: &Found) -> Vec<Note> {
    let mut notes = Vec::new();
    if found.identity.software {
        notes.push(Note {
            id: "adapter/software".into(),
            text: "a software adapter: the kernels ran on the CPU".into(),
            advice:
                "these figures test kernels and harness; run on a GPU for a statement about one"
                    .into(),
        });
    }
    notes.push(Note {
        id: "uncertainty/one-run".into(),
        text: "the intervals cover the scatter inside this run, not what changes between runs"
            .into(),
        advice: "run again and compare before you rely on a difference of a few percent".into(),
    });
    notes
}

/// Derives everything that follows from the workloads so far.
fn conclude(record: &mut Record) -> Result<()> {
    let (mut conclusion, chip) = normalize(record)?;
    conclusion.findings = verdict::findings(record, &conclusion.quantities, chip.as_ref())?;
    record.conclusion = conclusion;
    Ok(())
}

fn run_workload(
    found: &Found,
    plan: &Plan,
    workload: &Workload,
    cache: &Cache,
    matrix_units: &MatrixUnits,
    watch: &Watch<'_>,
) -> (WorkloadRecord, Option<Note>) {
    let blank = WorkloadRecord {
        workload: workload.name().into(),
        kernel: None,
        kernel_sha256: None,
        parameters: BTreeMap::new(),
        chosen_by: None,
        input_type: workload.input(),
        accumulate: workload.accumulate(),
        unit: Unit::Vector,
        shape: workload.shape(),
        work: workload.work(),
        state: State::Failed,
        reason: None,
        samples: Vec::new(),
        compile_ns: None,
        summary: None,
        verification: None,
    };
    if watch.interrupted.load(Ordering::Relaxed) {
        let reason = "interrupted before it began".to_owned();
        return (WorkloadRecord { reason: Some(reason), ..blank }, None);
    }
    let (job, chosen_by, note) = match choose(found, workload, plan.seed, cache, matrix_units) {
        Ok(chosen) => chosen,
        Err(reason) => {
            let state = State::Unsupported;
            return (WorkloadRecord { state, reason: Some(reason), ..blank }, None);
        }
    };
    let named = WorkloadRecord {
        kernel: Some(job.kernel.into()),
        kernel_sha256: Some(job.sha256()),
        parameters: job.parameters.iter().map(|(name, value)| ((*name).into(), *value)).collect(),
        chosen_by: Some(chosen_by.into()),
        unit: job.unit,
        ..blank
    };
    let done = match measured(found, plan, workload, &job, watch) {
        Ok(measured) => finish(named, workload, &job, plan.seed, measured),
        Err(error) => WorkloadRecord { reason: Some(error.to_string()), ..named },
    };
    (done, note)
}

/// Whether the matrix units of this adapter compute what they should; found out once, when needed.
#[derive(Default)]
struct MatrixUnits(OnceCell<Result<(), String>>);

/// Small product on whose result the matrix units are trusted: several tiles, and padding.
const SELF_TEST: &str = "matmul:f16:72x88x104";

impl MatrixUnits {
    fn trusted(&self, found: &Found, seed: u64) -> Result<(), String> {
        self.0.get_or_init(|| self_test(found, seed)).clone()
    }
}

/// Runs every matrix-unit kernel of a small product once.
fn self_test(found: &Found, seed: u64) -> Result<(), String> {
    let workload: Workload = SELF_TEST.parse()?;
    let jobs = workload.jobs(&found.capability)?;
    let interrupted = AtomicBool::new(false);
    let watch = Watch { interrupted: &interrupted, progress: &|_| () };
    for job in jobs.iter().filter(|job| job.unit == Unit::Matrix) {
        let once = StopRule::once();
        let gpu = Gpu::open(found).map_err(|e| e.to_string())?;
        let measured = measure::measure(&gpu, job, seed, &once, false, &watch)
            .map_err(|e| format!("{}: {e}", job.kernel))?;
        let verification = check::verify(&workload, job, seed, &measured);
        if !verification.passed {
            return Err(format!("{} computes a wrong product", job.kernel));
        }
    }
    Ok(())
}

/// The tuned or default job; vector units instead of matrix units that fail their self-test.
fn choose(
    found: &Found,
    workload: &Workload,
    seed: u64,
    cache: &Cache,
    matrix_units: &MatrixUnits,
) -> Result<(Job, &'static str, Option<Note>), String> {
    let (job, chosen_by) = choose_job(found, workload, cache)?;
    if job.unit == Unit::Vector {
        return Ok((job, chosen_by, None));
    }
    let Err(reason) = matrix_units.trusted(found, seed) else {
        return Ok((job, chosen_by, None));
    };
    let candidates = workload.candidates(&found.capability)?;
    let Some(job) = candidates.into_iter().find(|job| job.unit == Unit::Vector) else {
        return Err(format!("the matrix units failed their self-test: {reason}"));
    };
    let note = Note {
        id: "adapter/matrix-self-test".into(),
        text: format!("the matrix units failed their self-test ({reason}); vector units were used"),
        advice: "update the driver; report it with `tierbench list --format json`".into(),
    };
    Ok((job, "default", Some(note)))
}

/// A device of its own for every workload: a fault in one cannot spoil the next.
fn measured(
    found: &Found,
    plan: &Plan,
    workload: &Workload,
    job: &Job,
    watch: &Watch<'_>,
) -> Result<Measurement, DeviceError> {
    log::info!("{workload}: kernel {}, {} bytes of buffers", job.kernel, job.total_bytes());
    let gpu = Gpu::open(found)?;
    measure::measure(&gpu, job, plan.seed, &plan.stop_rule, plan.checked_shaders, watch)
}

/// Checks the result, and gives figures only to what passed.
fn finish(
    named: WorkloadRecord,
    workload: &Workload,
    job: &Job,
    seed: u64,
    measured: Measurement,
) -> WorkloadRecord {
    let verification = check::verify(workload, job, seed, &measured);
    let summary = summarize(&named, &measured);
    let passed = verification.passed;
    let (state, reason) = match (&summary, passed) {
        (_, false) => (State::Failed, Some(verification.problems.join("; "))),
        (None, true) => (State::Failed, Some("interrupted before the samples sufficed".to_owned())),
        (Some(_), true) => (State::Measured, None),
    };
    WorkloadRecord {
        state,
        reason,
        samples: measured.samples,
        compile_ns: Some(measured.compile_ns),
        summary: summary.filter(|_| passed),
        verification: Some(verification),
        ..named
    }
}

fn summarize(workload: &WorkloadRecord, measured: &Measurement) -> Option<Summary> {
    let stop_reason = measured.stop_reason?;
    let timed = measured.samples.iter().filter(|s| s.phase == Phase::Timed);
    let times: Vec<f64> = timed.filter_map(|s| s.ns_per_dispatch(measured.clock)).collect();
    let median_ns = stats::median(&times)?;
    let rate = |amount: u64| (amount > 0).then(|| amount as f64 / median_ns * 1e9);
    let moves_data = workload.workload != "empty";
    Some(Summary {
        median_ns,
        ci95_ns: stats::median_ci95(&times).map(<[f64; 2]>::from),
        samples: times.len(),
        ops_per_s: rate(workload.work.ops),
        bytes_per_s: rate(workload.work.bytes).filter(|_| moves_data),
        stop_reason,
        clock: measured.clock,
        steady: measured.steady,
    })
}
