//! The main job: all stages in order, on one adapter.
//!
//! The record is written after every workload, so whatever happens keeps what was measured.

mod attest;
mod bounds;
mod check_kernels;
mod head;
mod machine;
mod libraries;
mod matrix_units;
mod memory;
mod metronome;
mod workload;
mod part;
mod starts;
mod variables;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::adapter::Found;
use crate::conclude::conclude;
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::plan::Plan;
use crate::record::{Folder, Note, Record, State, WorkloadRecord};
use crate::telemetry::{INTERVAL, Sampler};
use crate::tune::Cache;
use crate::workload::Workload;
pub use attest::{DEFAULT_COMMAND, command as attest_command};
pub use bounds::{Room, refuse_excess};
pub use check_kernels::check_kernels;
pub use machine::{Machine, ThisMachine};
pub use memory::fit_memory;
pub use starts::{Starts, run_starts};

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

/// What a run needs.
pub struct Request<'a> {
    /// Where rigs and telemetry come from: [`ThisMachine`], but for tests.
    pub machine: &'a dyn Machine,
    /// The adapter.
    pub found: &'a Found,
    /// What to do.
    pub plan: &'a Plan,
    /// Tuned choices.
    pub cache: &'a Cache,
    /// Chips, rules and tiers.
    pub book: &'a Book,
    /// What asks the device what it is, before and behind; empty where nothing does.
    pub attest: &'a [String],
    /// Set to end after the current sample.
    pub interrupted: &'a AtomicBool,
    /// Who hears of it.
    pub listener: &'a dyn Listener,
}

/// Runs a plan in this process and keeps the record in a folder of its own under `out`. The record comes
/// back even when workloads went wrong; [`outcome`] says whether they did.
pub fn run_to_new_folder(request: &Request<'_>, out: &Path) -> Result<(Record, Folder)> {
    let mut record = head::head(request.found, request.plan)?;
    let folder = Folder::create(out, &record.id)?;
    record.id = folder.id();
    let record = execute(request, record, &folder)?;
    Ok((record, folder))
}

/// Runs a plan in this process and keeps the record in `folder`.
pub fn run_to_folder(request: &Request<'_>, folder: &Folder) -> Result<Record> {
    execute(request, head::head(request.found, request.plan)?, folder)
}

fn execute(request: &Request<'_>, mut record: Record, folder: &Folder) -> Result<Record> {
    let Request { plan, cache, book, interrupted, listener, .. } = *request;
    if let Some(ignored) = &cache.ignored {
        record.notes.push(Note {
            id: "tune/cache-ignored".into(),
            text: format!("tuned choices were ignored: {ignored}"),
            advice: "run `tierbench tune`; until then the defaults of the adapter's class are used"
                .into(),
        });
    }
    if !request.attest.is_empty() {
        attest::before(request.attest, &mut record, folder)?;
    }
    let begin = Instant::now();
    // Before the device is opened: other processes on it are then not this one.
    let telemetry = request.machine.telemetry(&request.found.identity);
    let telemetry = telemetry.map(|source| Sampler::start(source, INTERVAL));
    let mut metronome = metronome::Metronome::start(request, &mut record);
    let matrix_units = matrix_units::MatrixUnits::default();
    for (index, workload) in plan.workloads.iter().enumerate() {
        listener.begin(index, workload);
        let timer = record.timer_of(0);
        let digest = record.plan_sha256.as_deref().unwrap_or_default();
        let (done, note) =
            workload::run_workload(request, workload, timer, digest, &matrix_units, begin);
        record.notes.extend(note.filter(|n| !record.notes.contains(n)));
        listener.end(&done);
        record.workloads.push(done);
        metronome.tick(&mut record);
        record.environment.driver_files = libraries::mapped();
        conclude(&mut record, book)?;
        folder.write(&mut record)?;
    }
    record.telemetry.extend(telemetry.map(Sampler::stop));
    if interrupted.load(Ordering::Relaxed) {
        record.notes.push(Note {
            id: "run/interrupted".into(),
            text: "the run was interrupted; later workloads were not measured".into(),
            advice: "run again to measure the rest".into(),
        });
    }
    record.finished = Some(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    finish(&mut record, folder, book)?;
    Ok(record)
}

/// The words of the record, and the record on disk; the device is asked again once its samples are.
fn finish(record: &mut Record, folder: &Folder, book: &Book) -> Result<()> {
    conclude(record, book)?;
    folder.write(record)?;
    if record.attestation.is_some() {
        attest::after(record, folder)?;
        conclude(record, book)?;
        folder.write(record)?;
    }
    Ok(())
}

/// Whether everything that ran was verified, as the exit code wants it.
pub fn outcome(record: &Record) -> Result<()> {
    let all = record.workloads.len();
    let count =
        |wanted: fn(&WorkloadRecord) -> bool| record.workloads.iter().filter(|w| wanted(w)).count();
    let interrupted = record.notes.iter().any(|note| note.id == "run/interrupted");
    let lost = record.notes.iter().filter(|note| note.id == starts::LOST).count();
    let unverified = count(|w| w.verification.as_ref().is_some_and(|v| !v.passed));
    let failed = count(|w| w.state == State::Failed);
    if interrupted {
        Err(Error::Interrupted)
    } else if unverified > 0 {
        Err(Error::Unverified(unverified, all))
    } else if lost > 0 {
        Err(Error::StartsLost(lost))
    } else if failed > 0 {
        Err(Error::WorkloadFailed(failed, all))
    } else if count(|w| w.state == State::Unsupported) == all {
        Err(Error::NothingRan(all))
    } else {
        Ok(())
    }
}
