//! What was computed: the commitments of a record, confirmed from its seeds.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use super::kernels::Made;
use super::outcome::{Check, fail, named, none, pass};
use crate::check::{
    Commitment, Confirmed, confirm, confirming_takes, known_tallies, misstated, tallies_are_known,
    tally_words,
};
use crate::measure::Sample;
use crate::plan::Plan;
use crate::record::{Record, WorkloadRecord};

/// Inputs that are made again for all results of a record: about a minute on two processors. An audit of a large chip takes
/// half of it.
const MOST_NUMBERS: u64 = 1 << 34;

/// Seed and digest of the plan of each process start.
fn starts(record: &Record) -> Vec<(u64, String)> {
    let plan = record.plan.as_ref().and_then(|plan| Plan::of_record(plan).ok());
    let of = |(process, seed): (usize, &u64)| {
        let own = match &plan {
            Some(plan) if plan.process_starts > 1 => {
                plan.start(process as u32).record().digest().unwrap_or_default()
            }
            _ => record.plan_sha256.clone().unwrap_or_default(),
        };
        (*seed, own)
    };
    // No more than were planned, which are few, however many seeds a stranger lists.
    let planned = plan.as_ref().map_or(1, |plan| plan.process_starts as usize);
    record.process_seeds.iter().enumerate().take(planned).map(of).collect()
}

/// The results of all verified workloads.
pub(super) fn results(record: &Record, made: &[Made<'_>], unknown: usize) -> Check {
    if let Some(missing) = &record.without_results {
        return none("result", missing.clone());
    }
    let any = record.workloads.iter().any(|w| w.verified().is_some());
    if record.results.is_none() && record.tool.is_this_build() && any {
        return fail("result", "this build commits to every result, and there is nothing of it");
    }
    if record.results.is_none() {
        return none("result", "the record says that results passed, and commits to none of them");
    }
    if let Some(w) = record.workloads.iter().find(|w| !commits(w)) {
        return fail(
            "result",
            format!("{}: not every process start commits to its result", w.label()),
        );
    }
    let starts = starts(record);
    let all: Vec<(&Made<'_>, u32, &Commitment)> = made
        .iter()
        .filter(|made| made.record.verified().is_some())
        .flat_map(|made| made.record.results.iter().map(move |c| (made, c.process, &c.result)))
        .collect();
    // A stranger says how large it is.
    let mut left = MOST_NUMBERS;
    let (all, beyond): (Vec<_>, Vec<_>) = all.into_iter().partition(|(made, _, _)| {
        let numbers = confirming_takes(&made.workload, &made.job);
        let rest = numbers.and_then(|numbers| left.checked_sub(numbers));
        left = rest.unwrap_or(left);
        rest.is_some()
    });
    let one = |(made, process, said): &(&Made<'_>, u32, &Commitment)| {
        let (seed, plan) =
            starts.get(*process as usize).ok_or("it is of a process start that was not made")?;
        confirm(&made.workload, &made.job, *seed, plan, said)
            .map_err(|what| format!("{}, process start {process}: {what}", made.record.label()))
    };
    let found: Result<Vec<Confirmed>, String> = all.par_iter().map(one).collect();
    match found {
        Err(what) => fail("result", what),
        Ok(found) if !beyond.is_empty() => none(
            "result",
            format!(
                "{} results follow from the seeds, and {} are too large to be computed again here",
                found.len(),
                beyond.len()
            ),
        ),
        Ok(found) if unknown > 0 => none(
            "result",
            format!(
                "{} results follow from the seeds, and {unknown} are of kernels that this build does not make",
                found.len()
            ),
        ),
        Ok(found) => {
            let products = found.iter().filter(|one| one.sketched).count();
            let leaves: usize = found.iter().map(|one| one.leaves).sum();
            pass(
                "result",
                format!(
                    "{} results follow from the seeds: {leaves} leaves that they were made to show, and {products} products row by row",
                    found.len()
                ),
            )
        }
    }
}

/// Whether every process start that has samples commits to the result of a workload that counts.
fn commits(w: &WorkloadRecord) -> bool {
    let committed: HashSet<u32> = w.results.iter().map(|c| c.process).collect();
    w.verified().is_none() || w.samples.iter().all(|sample| committed.contains(&sample.process))
}

/// Tallies that can be computed again without a device.
pub(super) fn tallies(record: &Record, made: &[Made<'_>]) -> Option<Result<usize, String>> {
    let mut groups = Vec::new();
    for made in made.iter().filter(|made| tallies_are_known(&made.workload, &made.job)) {
        let mut by_start: BTreeMap<u32, Vec<&Sample>> = BTreeMap::new();
        for sample in &made.record.samples {
            by_start.entry(sample.process).or_default().push(sample);
        }
        groups.extend(by_start.into_iter().map(|(process, samples)| (made, process, samples)));
    }
    let words = tally_words(groups.len());
    let mut checked = None;
    for (made, process, samples) in groups {
        let Some(seed) = record.process_seeds.get(process as usize) else { continue };
        match known_tallies(&made.workload, &made.job, *seed, &samples, words) {
            None => {}
            Some(Ok(count)) => *checked.get_or_insert(0) += count,
            Some(Err(what)) => return Some(Err(format!("{}: {what}", made.record.label()))),
        }
    }
    checked.map(Ok)
}

/// What a check of a result says that does not follow from its shape and kernel.
pub(super) fn misstatements(made: &[Made<'_>]) -> Option<String> {
    let of = |made: &Made<'_>| {
        let said = made.record.verification.as_ref().filter(|v| v.passed)?;
        let what = misstated(&made.workload, &made.job, said)?;
        Some(format!("{}: {what}", made.record.label()))
    };
    named(&made.iter().filter_map(of).collect::<Vec<_>>())
}
