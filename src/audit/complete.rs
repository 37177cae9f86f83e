//! Is everything there that was planned?

use super::outcome::{Check, fail, named, none, pass};
use crate::record::{Record, State, WorkloadRecord};
use crate::workload::Unit;

/// Everything that was planned is there.
pub(super) fn complete(stored: &Record) -> Check {
    let missing = stored.missing();
    let asked = stored.plan.as_ref().map_or(1, |plan| plan.process_starts as usize);
    let made = stored.process_seeds.len().max(1);
    if stored.plan.is_none() {
        none("complete", "without a plan nobody knows what was to be run")
    } else if !missing.is_empty() {
        let named = named(&missing.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
            .unwrap_or_default();
        fail("complete", format!("{} planned workloads are missing: {named}", missing.len()))
    } else if made < asked {
        fail("complete", format!("{made} of {asked} process starts are there"))
    } else if let Some(what) = start_without_samples(stored) {
        fail("complete", what)
    } else if let Some(label) = hidden(stored) {
        fail("complete", format!("{label} is called unsupported, and this adapter can run it"))
    } else if stored.finished.is_none() && !stored.from_schema_1 && stored.upgraded_from.is_none() {
        fail("complete", "it was never finished: the run was cut off")
    } else {
        let without = stored.workloads.iter().filter(|w| w.verified().is_none());
        let without = named(&without.map(WorkloadRecord::label).collect::<Vec<_>>());
        let without = without.map_or(String::new(), |names| format!("; without figures: {names}"));
        let why = "every planned workload and process start is there, and it was finished";
        pass("complete", format!("{why}{without}"))
    }
}

/// A process start of which a workload that counts has no samples.
fn start_without_samples(stored: &Record) -> Option<String> {
    let starts = 0..stored.process_seeds.len().max(1) as u32;
    let lacks = |w: &&WorkloadRecord, process: u32| {
        w.verified().is_some() && !w.samples.iter().any(|s| s.process == process)
    };
    starts.filter(|_| stored.without_samples.is_none()).find_map(|process| {
        let w = stored.workloads.iter().find(|w| lacks(w, process))?;
        Some(format!("process start {process} has no samples of {}", w.label()))
    })
}

/// A workload that is called unsupported though vector units, which need no self-test, can run it.
fn hidden(stored: &Record) -> Option<String> {
    let can = |w: &&WorkloadRecord| {
        let jobs = w.parsed().map(|workload| workload.candidates(&stored.capability));
        jobs.and_then(Result::ok).is_some_and(|jobs| jobs.iter().any(|j| j.unit == Unit::Vector))
    };
    let of_this_build = stored.tool.is_this_build();
    let unsupported = |w: &&WorkloadRecord| of_this_build && w.state == State::Unsupported;
    stored.workloads.iter().filter(unsupported).find(can).map(WorkloadRecord::label)
}
