//! Batches are sized by the times before them, and sampling ends by the plan's rule: a record whose times were
//! scaled, thinned out or made up rarely fits both.

use super::{Problem, Topic};
use crate::check;
use crate::measure::{Clock, Phase, Sample, StopReason, StopRule};
use crate::record::WorkloadRecord;

pub(super) fn problems(rule: &StopRule, w: &WorkloadRecord) -> Vec<Problem> {
    let mut what = Vec::new();
    let Some(summary) = w.verified() else { return what };
    let processes = check::processes(&w.samples);
    for process in &processes {
        let own: Vec<&Sample> = w.samples.iter().filter(|s| s.process == *process).collect();
        let mut found: Vec<String> = batches(rule, &own).into_iter().collect();
        let reason = (processes.len() == 1).then_some(summary.stop_reason);
        found.extend(end(rule, &own, summary.clock, reason));
        what.extend(found.into_iter().map(|what| Topic::Stopping.problem(what)));
        if !what.is_empty() {
            break;
        }
    }
    what
}

fn host_ns(s: &Sample) -> f64 {
    s.host_ns as f64 / f64::from(s.dispatches)
}

/// The first two dispatches stand alone; each later batch of the warm-up is sized by the fastest time since the
/// second, and the timed ones by the fastest of all before them.
fn batches(rule: &StopRule, own: &[&Sample]) -> Option<String> {
    let sized = |before: &[&Sample]| {
        rule.batch(before.iter().map(|s| host_ns(s)).fold(f64::INFINITY, f64::min))
    };
    let first_timed = own.iter().position(|s| s.phase == Phase::Timed)?;
    let warm: Vec<&Sample> =
        own[..first_timed].iter().copied().filter(|s| s.phase == Phase::WarmUp).collect();
    let fits = |at: usize| {
        let asked = if at < 2 { 1 } else { sized(&warm[1..at]) };
        warm[at].dispatches == asked
    };
    if let Some(at) = (0..warm.len()).find(|at| !fits(*at)) {
        return Some(format!(
            "batch {at} of the warm-up is not of the size that the times before it ask for"
        ));
    }
    let asked = sized(&own[..first_timed]);
    let timed = own.iter().filter(|s| s.phase == Phase::Timed);
    timed.map(|s| s.dispatches).find(|dispatches| *dispatches != asked).map(|found| {
        format!("a timed batch has {found} dispatches, and the times before it ask for {asked}")
    })
}

/// Whether sampling could end where it did.
fn end(
    rule: &StopRule,
    own: &[&Sample],
    clock: Clock,
    reason: Option<StopReason>,
) -> Option<String> {
    let timed: Vec<&Sample> = own.iter().copied().filter(|s| s.phase == Phase::Timed).collect();
    let n = timed.len();
    if n < rule.min_samples || n > rule.max_samples.max(1) {
        return Some(format!(
            "{n} timed batches, and the plan asks for {} to {}",
            rule.min_samples, rule.max_samples
        ));
    }
    // The last batch, whose result is checked, was taken for as good as the one before it.
    let (last, before) = timed.split_last()?;
    let mut times: Vec<f64> = before.iter().filter_map(|s| s.ns_per_dispatch(clock)).collect();
    times.extend(times.last().copied());
    let first_at = own.iter().position(|s| s.phase == Phase::Timed)?;
    let begin = own[..first_at].last().map_or(0, |s| s.start_ns.saturating_add(s.host_ns));
    let behind = before.last().map_or(0, |s| s.start_ns);
    let next = own.iter().map(|s| s.start_ns).find(|at| *at > behind).unwrap_or(last.start_ns);
    // Time between the batches is known only from one start to the next: this is the most that was spent.
    let most_ms = next.saturating_sub(begin) as f64 / 1e6;
    let at_the_most = rule.decide(&times, most_ms);
    let possible = match (reason, at_the_most) {
        (None, found) => found.is_some(),
        (Some(StopReason::Converged), found) => found == Some(StopReason::Converged),
        (Some(StopReason::BudgetSpent), _) => most_ms >= rule.budget_ms,
        (Some(StopReason::MaxSamples), _) => n >= rule.max_samples,
    };
    (!possible).then(|| "sampling could not end here by the plan's rule".into())
}
