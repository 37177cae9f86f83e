//! Several process starts of one plan become one record.

use super::notes::is_derived;
use super::{Grounds, conclude, summarize};
use crate::check::TimerProof;
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::plan::{Plan, process_seed};
use crate::record::{Committed, Record, State, WorkloadRecord};
use crate::workload::Workload;

/// One record of several process starts, workloads in the order of the plan. Each part comes with the number
/// of its start: where one is missing, the others keep theirs, and with it their seeds.
pub fn merge(head: Record, plan: &Plan, parts: &[(u32, Record)], book: &Book) -> Result<Record> {
    let mut record = head;
    let starts = parts.iter().map(|(process, _)| process + 1).max().unwrap_or_default();
    record.process_seeds = (0..starts).map(|i| process_seed(plan.seed, i)).collect();
    for (process, part) in parts {
        let process = *process;
        if part.adapter != record.adapter {
            return Err(Error::AdapterRefused(format!(
                "process start {process} ran on {}, not on {}; name one with --adapter",
                part.adapter.name, record.adapter.name
            )));
        }
        // The starting process opened no device, so it has not all of the libraries.
        let files = part.environment.driver_files.clone();
        record.environment.driver_files.extend(files);
        record.telemetry.extend(part.telemetry.iter().cloned());
        let timer = part.timer.iter().cloned();
        record.timer.extend(timer.map(|proof| TimerProof { process, ..proof }));
        record
            .metronome
            .extend(part.metronome.iter().map(|tick| crate::record::Tick { process, ..*tick }));
        for note in &part.notes {
            // What is derived from the samples is derived again from all of them.
            if !is_derived(&note.id) && !record.notes.contains(note) {
                record.notes.push(note.clone());
            }
        }
    }
    for (place, workload) in plan.workloads.iter().enumerate() {
        // The second of two equal workloads is the second in every start, in whatever order it ran.
        let repetition = plan.workloads[..place].iter().filter(|w| *w == workload).count();
        let of_part = |(process, part): &(u32, Record)| {
            let mut same = part.workloads.iter().filter(|w| is_of(w, workload));
            same.nth(repetition).map(|w| (*process, w.clone()))
        };
        let found: Vec<(u32, WorkloadRecord)> = parts.iter().filter_map(of_part).collect();
        let merged = merge_workload(&found, &record);
        record.workloads.extend(merged);
    }
    conclude(&mut record, book)?;
    Ok(record)
}

/// Whether this is what came out of a planned workload.
pub fn is_of(w: &WorkloadRecord, planned: &Workload) -> bool {
    w.workload == planned.name()
        && w.shape == planned.shape()
        && w.input_type == planned.input()
        && w.accumulate == planned.accumulate()
}

fn merge_workload(parts: &[(u32, WorkloadRecord)], record: &Record) -> Option<WorkloadRecord> {
    let mut merged = parts.first()?.1.clone();
    merged.samples.clear();
    merged.results.clear();
    merged.summary = None;
    let mut stop_reason = None;
    for (process, part) in parts {
        let process = *process;
        let own = part.samples.iter().cloned();
        merged.samples.extend(own.map(|s| crate::measure::Sample { process, ..s }));
        let results = part.results.iter().cloned();
        merged.results.extend(results.map(|committed| Committed { process, ..committed }));
        merged.resolution_ns = match (merged.resolution_ns, part.resolution_ns) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        merged.others_load =
            merged.others_load.into_iter().chain(part.others_load).reduce(f64::max);
        if let Some(summary) = &part.summary {
            stop_reason = Some(summary.stop_reason);
        }
        if part.state != State::Measured && merged.state == State::Measured {
            merged.state = part.state;
            merged.reason =
                part.reason.clone().map(|reason| format!("process start {process}: {reason}"));
        }
        if part.verification.as_ref().is_some_and(|v| !v.passed) {
            merged.verification.clone_from(&part.verification);
        }
        if part.kernel_sha256 != merged.kernel_sha256 {
            merged.state = State::Failed;
            merged.reason = Some("the process starts did not run the same kernel".into());
        }
    }
    if merged.state == State::Measured {
        let grounds = Grounds {
            stop_rule: &record.stop_rule,
            timers: &record.timers_that_count(),
            software: record.adapter.software,
        };
        merged.summary = summarize(&merged, stop_reason?, grounds);
        if merged.summary.is_none() {
            merged.state = State::Failed;
            merged.reason = Some("the process starts trust no clock in common".into());
        }
    }
    Some(merged)
}
