//! One workload: its kernel chosen, measured, checked and summed up.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Request;
use super::matrix_units::{self, MatrixUnits};
use crate::adapter::DeviceError;
use crate::check::{self, TimerProof};
use crate::conclude::{Grounds, summarize};
use crate::measure::{Bench, Measurement, Trusted, Watch};
use crate::record::{Committed, Note, State, WorkloadRecord};
use crate::tune::choose_job;
use crate::workload::{Job, Unit, Workload};

/// Runs one workload; whatever happens is in the record that comes back.
pub(super) fn run_workload(
    request: &Request<'_>,
    workload: &Workload,
    timer: Option<&TimerProof>,
    plan_sha256: &str,
    matrix_units: &MatrixUnits,
    begin: Instant,
) -> (WorkloadRecord, Option<Note>) {
    let listener = request.listener;
    let watch =
        Watch { interrupted: request.interrupted, progress: &|share| listener.progress(share) };
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
        started_ns: None,
        spans: Vec::new(),
        samples: Vec::new(),
        results: Vec::new(),
        compile_ns: None,
        resolution_ns: None,
        others_load: None,
        tally_ns: None,
        subgroup_size: None,
        summary: None,
        verification: None,
    };
    if watch.interrupted.load(Ordering::Relaxed) {
        let reason = "interrupted before it began".to_owned();
        return (WorkloadRecord { reason: Some(reason), ..blank }, None);
    }
    let (job, chosen_by, note) = match choose(request, workload, matrix_units) {
        Ok(chosen) => chosen,
        Err(reason) => {
            let state = State::Unsupported;
            return (WorkloadRecord { state, reason: Some(reason), ..blank }, None);
        }
    };
    let job = if request.plan.zero_inputs { job.with_zero_inputs() } else { job };
    let named = WorkloadRecord {
        kernel: Some(job.kernel.into()),
        kernel_sha256: Some(job.sha256()),
        parameters: job.parameters.iter().map(|(name, value)| ((*name).into(), *value)).collect(),
        chosen_by: Some(chosen_by.into()),
        unit: job.unit,
        ..blank
    };
    if timer.is_some_and(|timer| timer.trusted() == Trusted::Neither) {
        // What is the matter with it stands once in the notes, not beside every workload.
        let reason = "no clock can be trusted; the notes under timer/ say why".to_owned();
        return (WorkloadRecord { reason: Some(reason), ..named }, note);
    }
    let subgroup_size = matrix_units::subgroup_size(request, &job);
    let named = WorkloadRecord { subgroup_size, ..named };
    let done = match measured(request, workload, &job, timer, &watch) {
        Ok((made, measured)) => {
            let started_ns = Some((made - begin).as_nanos() as u64);
            let named = WorkloadRecord { started_ns, ..named };
            finish(request, named, workload, &job, (timer, plan_sha256), measured)
        }
        Err(error) => WorkloadRecord { reason: Some(error.to_string()), ..named },
    };
    (done, note)
}

/// The tuned or default job; vector units instead of matrix units that fail their self-test.
fn choose(
    request: &Request<'_>,
    workload: &Workload,
    matrix_units: &MatrixUnits,
) -> Result<(Job, &'static str, Option<Note>), String> {
    let (job, chosen_by) = choose_job(request.found, workload, request.cache)?;
    if job.unit == Unit::Vector {
        return Ok((job, chosen_by, None));
    }
    let Err(reason) = matrix_units.trusted(request) else {
        return Ok((job, chosen_by, None));
    };
    let candidates = workload.candidates(&request.found.capability)?;
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

fn measured(
    request: &Request<'_>,
    workload: &Workload,
    job: &Job,
    timer: Option<&TimerProof>,
    watch: &Watch<'_>,
) -> Result<(Instant, Measurement), DeviceError> {
    log::info!("{workload}: kernel {}, {} bytes of buffers", job.kernel, job.total_bytes());
    let plan = request.plan;
    let rig = request.machine.rig(request.found, job, plan.seed, plan.checked_shaders)?;
    let made = Instant::now();
    let trusted = timer.map_or(Trusted::Both, TimerProof::trusted);
    Ok((made, Bench::on(rig).measure(&plan.stop_rule, trusted, watch)?))
}

/// Checks the result, and gives figures only to what passed.
fn finish(
    request: &Request<'_>,
    named: WorkloadRecord,
    workload: &Workload,
    job: &Job,
    (timer, plan_sha256): (Option<&TimerProof>, &str),
    measured: Measurement,
) -> WorkloadRecord {
    let verification = check::verify(workload, job, request.plan.seed, &measured);
    let software = request.found.identity.software;
    // What failed is committed to as well: the error can be looked at.
    let result = check::commit(workload, job, plan_sha256, &measured.output);
    let Measurement {
        samples, stop_reason, resolution_ns, others_load, tally_ns, compile_ns, ..
    } = measured;
    let named = WorkloadRecord {
        samples,
        results: vec![Committed { process: 0, result }],
        resolution_ns,
        others_load,
        tally_ns,
        compile_ns: Some(compile_ns),
        ..named
    };
    let timers: Vec<&TimerProof> = timer.into_iter().collect();
    let grounds = Grounds { stop_rule: &request.plan.stop_rule, timers: &timers, software };
    let summary = stop_reason.and_then(|reason| summarize(&named, reason, grounds));
    let passed = verification.passed;
    let (state, reason) = match (&summary, passed) {
        (_, false) => (State::Failed, Some(verification.problems.join("; "))),
        (None, true) => (State::Failed, Some("interrupted before the samples sufficed".to_owned())),
        (Some(_), true) => (State::Measured, None),
    };
    WorkloadRecord {
        state,
        reason,
        summary: summary.filter(|_| passed),
        verification: Some(verification),
        ..named
    }
}
