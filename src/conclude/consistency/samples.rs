//! Could these samples have been taken, one after the other?

use super::{Problem, Topic};
use crate::check;
use crate::measure::{Phase, Sample, Trusted};
use crate::record::{Record, WorkloadRecord};
use crate::stats;

/// What of a workload's samples cannot be; each kind once.
pub(super) fn problems(record: &Record, w: &WorkloadRecord) -> Vec<Problem> {
    let found = found(record, w);
    found.into_iter().map(|what| Topic::Samples.problem(what)).collect()
}

/// Whether the head tells of each workload's samples as they stand in their file, and of workloads that do not overlap.
pub(super) fn places(record: &Record) -> Option<String> {
    let due = record.spans_of_samples();
    let wrong = record.workloads.iter().zip(due).find(|(w, due)| w.spans != *due);
    if let Some((w, _)) = wrong {
        return Some(format!("{}: its samples do not stand where it says", w.label()));
    }
    // Of several process starts only the first one's times are kept.
    if record.process_seeds.len() > 1 {
        return None;
    }
    let mut free_ns = 0;
    for w in &record.workloads {
        let Some(started) = w.started_ns else { continue };
        if started < free_ns {
            return Some(format!("{}: it was begun before the one before it ended", w.label()));
        }
        let last = w.samples.last().map_or(0, |s| s.start_ns.saturating_add(s.host_ns));
        free_ns = started.saturating_add(last);
    }
    None
}

fn found(record: &Record, w: &WorkloadRecord) -> Vec<String> {
    let starts = record.process_seeds.len().max(1);
    let mut what = Vec::new();
    if w.samples.is_empty() {
        if w.verified().is_some() {
            what.push("it has figures and no samples".into());
        }
        return what;
    }
    for sample in &w.samples {
        what.extend(alone(sample, starts));
        if what.len() > MOST {
            break;
        }
    }
    for process in check::processes(&w.samples) {
        let own: Vec<&Sample> = w.samples.iter().filter(|s| s.process == process).collect();
        what.extend(in_turn(&own));
    }
    if w.verified().is_some() {
        what.extend(verified(record, w));
    }
    what.truncate(MOST);
    what
}

/// Problems of one workload that are named, at the most.
const MOST: usize = 3;
/// Dispatches of a batch, at the most: what [`crate::measure::StopRule`] ever asks for.
const MOST_DISPATCHES: u32 = 4096;

fn alone(s: &Sample, starts: usize) -> Option<String> {
    if s.process as usize >= starts {
        return Some(format!("a sample is of process start {}, and {starts} were made", s.process));
    }
    if s.start_ns.checked_add(s.host_ns).is_none() {
        return Some("a sample ends after the end of time".into());
    }
    if s.dispatches == 0 || s.dispatches > MOST_DISPATCHES {
        return Some(format!("a sample of {} dispatches", s.dispatches));
    }
    if s.host_ns == 0 || s.gpu_ns == Some(0) {
        return Some("a sample took no time".into());
    }
    (s.phase == Phase::Single && s.dispatches != 1)
        .then(|| format!("a single dispatch that is {}", s.dispatches))
}

/// In the order of a process start: one batch ends before the next begins, on both clocks.
fn in_turn(own: &[&Sample]) -> Option<String> {
    let overlap = own
        .windows(2)
        .any(|pair| pair[0].start_ns.saturating_add(pair[0].host_ns) > pair[1].start_ns);
    if overlap {
        return Some("a batch begins before the one before it has ended".into());
    }
    let stamps: Option<Vec<u64>> =
        own.iter().map(|s| s.gpu_start_ns.filter(|ns| *ns > 0)).collect();
    let backwards = stamps.is_some_and(|stamps| stamps.windows(2).any(|pair| pair[0] > pair[1]));
    backwards.then(|| "the GPU's clock runs backwards between its batches".into())
}

/// Where both clocks can be trusted, the GPU's part of a batch lies inside the host's and fills most of it.
fn clocks(record: &Record, w: &WorkloadRecord, process: u32) -> Option<String> {
    let both = record.timer_of(process).is_some_and(|proof| proof.trusted() == Trusted::Both);
    let own = w.samples.iter().filter(|s| s.process == process && s.phase == Phase::Timed);
    let times: Vec<[f64; 2]> =
        own.filter_map(|s| Some([s.gpu_ns? as f64, s.host_ns as f64])).collect();
    if !both || times.is_empty() {
        return None;
    }
    let all: Vec<&Sample> = w.samples.iter().filter(|s| s.process == process).collect();
    let over = |pair: &[&Sample]| {
        let end = pair[0].gpu_start_ns.zip(pair[0].gpu_ns).map(|(at, ns)| at.saturating_add(ns));
        // Both are rounded down from ticks.
        end.zip(pair[1].gpu_start_ns.filter(|ns| *ns > 0)).is_some_and(|(end, next)| end > next + 2)
    };
    if all.windows(2).any(over) {
        return Some("on the GPU's clock a batch begins before the one before it has ended".into());
    }
    if times.iter().any(|[gpu, host]| *gpu > host * 1.02 + SLACK_NS) {
        return Some("on the GPU's clock a batch takes longer than the host waited for it".into());
    }
    let median = |of: &dyn Fn(&[f64; 2]) -> f64| {
        stats::median(&times.iter().map(of).collect::<Vec<_>>()).unwrap_or_default()
    };
    let long = median(&|[_, host]| *host) > LONG_NS;
    let filled = median(&|[gpu, host]| gpu / host);
    (long && filled < LEAST_FILLED)
        .then(|| format!("on the GPU's clock batches fill {:.1} % of the host's", 100.0 * filled))
}

/// What a driver's own work may add to a batch's time on one clock and not on the other.
const SLACK_NS: f64 = 1e6;
/// Batches that are long beside what a submission costs, and the least of them that the GPU's clock may see: of honest
/// records the lowest is 95 %.
const LONG_NS: f64 = 1e7;
const LEAST_FILLED: f64 = 0.5;

fn verified(record: &Record, w: &WorkloadRecord) -> Vec<String> {
    let mut what = Vec::new();
    for process in check::processes(&w.samples) {
        what.extend(clocks(record, w, process));
    }
    let unproven = w.samples.iter().filter(|s| s.proven == Some(false)).count();
    if unproven > 0 {
        what.push(format!("passed, though the tally of {unproven} batches is wrong"));
    }
    for process in check::processes(&w.samples) {
        let last = w.samples.iter().rfind(|s| s.process == process);
        if last.is_some_and(|s| s.phase != Phase::Timed) {
            what.push("its last batch, whose result is checked, is not a timed one".into());
        }
    }
    what
}
