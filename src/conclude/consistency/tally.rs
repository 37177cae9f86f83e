//! Are the tallies those of these batches, in this order?

use super::{Problem, Topic};
use crate::check;
use crate::measure::{DispatchProof, Sample, Tally};
use crate::record::WorkloadRecord;

/// What of a workload's tallies does not follow; older records have none.
pub(super) fn problems(w: &WorkloadRecord) -> Vec<Problem> {
    let dispatches = w.verification.as_ref().and_then(|v| v.dispatches);
    let mut what = Vec::new();
    for process in check::processes(&w.samples) {
        let own: Vec<&Sample> = w.samples.iter().filter(|s| s.process == process).collect();
        what.extend(of_start(&own, dispatches));
    }
    what.into_iter().take(1).map(|what| Topic::Tally.problem(what)).collect()
}

/// The same of the batches of one process start, in their order.
pub(super) fn of_start(own: &[&Sample], dispatches: Option<DispatchProof>) -> Option<String> {
    let tallies: Vec<&Tally> = own.iter().filter_map(|sample| sample.tally.as_ref()).collect();
    if tallies.is_empty() {
        return None;
    }
    if tallies.len() < own.len() {
        return Some("some of its batches have no tally".into());
    }
    // Each nonce follows from the one before, so no batch can be left out, added or moved.
    let next = |pair: &[&Tally]| pair[1].nonce == Tally::next_nonce(pair[0].nonce);
    if let Some(at) = tallies.windows(2).position(|pair| !next(pair)) {
        return Some(format!("behind batch {at} others are missing, or it is not in its place"));
    }
    let distinct = dispatches != Some(DispatchProof::Indistinct);
    let says = |sample: &Sample, tally: &Tally| {
        sample.proven == Some(distinct && tally.found == tally.expected)
    };
    let pairs = own.iter().zip(&tallies);
    let wrong = pairs.into_iter().position(|(sample, tally)| !says(sample, tally));
    wrong.map(|at| format!("batch {at} is not what its tally says of it"))
}
