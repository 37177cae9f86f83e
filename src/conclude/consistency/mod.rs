//! Does a record follow from itself? Small checks, each a sentence about what does not.
//!
//! They find edits. They cannot show that a run took place: who writes records that are consistent passes them all
//! (`docs/auditor.md` lists what no check can see).

mod head;
mod samples;
mod stopping;
mod tally;
mod topic;

pub(super) use head::of_head;
pub use topic::{Problem, Topic};

use std::collections::BTreeSet;

use crate::check::{KNOWN_OPERATIONS, TimerProof};
use crate::measure::{Sample, Trusted};
use crate::record::Record;

/// Everything that the samples show of themselves, of the order they were taken in, and of when sampling ended.
pub(super) fn of_samples(record: &Record) -> Vec<Problem> {
    let mut what = clock_tests(record);
    let mut all = record.workloads.iter().flat_map(|w| &w.samples);
    let some = all.clone().any(|sample| sample.tally.is_some());
    if some && all.any(|sample| sample.tally.is_none()) {
        what.push(Topic::Tally.problem("some of the batches have no tally"));
    }
    what.extend(samples::places(record).map(|problem| Topic::Samples.problem(problem)));
    for w in &record.workloads {
        let label = w.label();
        let mut found = samples::problems(record, w);
        // The order of samples means something only when they can have been taken at all.
        if found.is_empty() && record.plan.is_some() {
            found = stopping::problems(&record.stop_rule, w);
        }
        found.extend(tally::problems(w));
        what.extend(found.into_iter().map(|problem| problem.of(&label)));
    }
    what
}

/// Every process start that measured has tested its clocks, and done the work of the test.
fn clock_tests(record: &Record) -> Vec<Problem> {
    let mut what = Vec::new();
    let said = record.notes.iter().any(|note| note.id == "timer/not-tested");
    let samples = record.workloads.iter().flat_map(|w| &w.samples);
    let starts: BTreeSet<u32> = samples.map(|sample| sample.process).collect();
    let untested = starts.into_iter().find(|process| record.timer_of(*process).is_none());
    // Records of schema 1 may be of the time before there was a test.
    let old = record.from_schema_1 || record.upgraded_from.is_some();
    if let Some(process) = untested.filter(|_| !said && !old) {
        let without = format!("process start {process} measured without a test of its clocks");
        what.push(Topic::Timer.problem(without));
    }
    what.extend(attempts(record, old).map(|problem| Topic::Timer.problem(problem)));
    let undone = |proof: &TimerProof| {
        proof.trusted() != Trusted::Neither && proof.samples.iter().any(|s| s.proven == Some(false))
    };
    if record.timer.iter().any(undone) {
        what.push(Topic::Timer.problem("a clock is trusted on known work that was not done"));
    }
    for proof in &record.timer {
        let own: Vec<&Sample> = proof.samples.iter().collect();
        let tallies = tally::of_start(&own, None).filter(|_| proof.trusted() != Trusted::Neither);
        what.extend(tallies.map(|what| Topic::Tally.problem(format!("a clock test: {what}"))));
    }
    what
}

/// All attempts are there, each on the known work.
fn attempts(record: &Record, old: bool) -> Option<String> {
    if old {
        return None;
    }
    let mut next = std::collections::BTreeMap::new();
    for proof in &record.timer {
        let due: &mut u32 = next.entry(proof.process).or_default();
        if proof.attempt != *due {
            return Some(format!("attempt {} at a clock test, and {due} is due", proof.attempt));
        }
        if proof.operations != KNOWN_OPERATIONS {
            return Some(format!("a clock test of {} operations", proof.operations));
        }
        *due += 1;
    }
    None
}
