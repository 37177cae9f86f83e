//! What a record shows without its samples.

use super::{Problem, Topic};
use crate::check::Verification;
use crate::measure::Clock;
use crate::plan::{Plan, process_seed};
use crate::record::{PlanRecord, Record, Span, State, Summary, Tick, WorkloadRecord};
use crate::stats;
use crate::stats::uncertainty::Budget;
use crate::workload::Unit;

/// Every statement of the head that another one contradicts.
pub(in crate::conclude) fn of_head(record: &Record) -> Vec<Problem> {
    let mut what = Vec::new();
    if let Some(plan) = &record.plan {
        what.extend(plan_problems(record, plan));
    }
    if record.adapter.software != (record.adapter.device_type == "cpu") {
        what.push(Topic::Identity.problem(format!(
            "`adapter.software` is {}, and the device type {}",
            record.adapter.software, record.adapter.device_type
        )));
    }
    if record.plan.is_none() && !record.from_schema_1 && record.upgraded_from.is_none() {
        what.push(Topic::Plan.problem("it holds no plan, and every record of this schema does"));
    }
    if record.finished.as_ref().is_some_and(|end| *end < record.created) {
        what.push(Topic::Time.problem("it was finished before it began"));
    }
    let starts = record.process_seeds.len().max(1);
    let tick = |t: &Tick| t.ns_per_operation > 0.0 && (t.process as usize) < starts;
    if record.metronome.len() > starts * record.workloads.len().max(1) {
        what.push(Topic::Metronome.problem("more ticks of known work than workloads"));
    }
    if !record.metronome.iter().all(tick) {
        what.push(Topic::Metronome.problem("a tick of the known work is none"));
    }
    if record.timer.len() > starts * MOST_CLOCK_TESTS {
        let tests = format!("{} clock tests of {starts} process starts", record.timer.len());
        what.push(Topic::Timer.problem(tests));
    }
    for w in &record.workloads {
        let label = w.label();
        let absent = record.without_samples.as_ref().and(w.summary.as_ref());
        let own = [
            (Topic::Work, work(w)),
            (Topic::Starts, spans(w, starts)),
            (Topic::Verification, verification(w)),
            (Topic::Summary, w.summary.as_ref().and_then(|s| summary(w, s, starts))),
            (Topic::Summary, absent.and_then(|s| too_slow_for_its_samples(w, s))),
        ];
        let own = own.into_iter().filter_map(|(topic, what)| Some(topic.problem(what?)));
        what.extend(own.map(|problem| problem.of(&label)));
    }
    what
}

/// Attempts at the test of the clocks in one process start.
const MOST_CLOCK_TESTS: usize = 8;

fn plan_problems(record: &Record, plan: &PlanRecord) -> Vec<Problem> {
    let mut what: Vec<String> = Vec::new();
    match (plan.digest(), &record.plan_sha256) {
        (Ok(digest), Some(stated)) if digest == *stated => {}
        (Ok(_), Some(_)) => what.push("`plan_sha256` is not the digest of the plan".into()),
        (Ok(_), None) => what.push("`plan_sha256` is missing beside a plan".into()),
        (Err(e), _) => what.push(format!("the plan has no digest: {e}")),
    }
    let mut same = |key: &str, same: bool| {
        if !same {
            what.push(format!("`{key}` differs from the plan's"));
        }
    };
    same("seed", record.seed == plan.seed);
    same("profile", record.profile == plan.profile);
    same("stop_rule", record.stop_rule == plan.stop_rule);
    same("environment.checked_shaders", record.environment.checked_shaders == plan.checked_shaders);
    if let Err((key, problem)) = Plan::of_record(plan) {
        what.push(format!("the plan cannot be run: key `{key}`: {problem}"));
    }
    let mut starts = Vec::new();
    if record.process_seeds.len() > plan.process_starts as usize {
        starts.push(Topic::Starts.problem("more process starts than planned"));
    }
    let derived = |(at, seed): (usize, &u64)| match plan.process_starts {
        1 => *seed == plan.seed,
        _ => *seed == process_seed(plan.seed, at as u32),
    };
    if !record.process_seeds.iter().enumerate().all(derived) {
        starts.push(Topic::Starts.problem("`process_seeds` do not follow from the seed"));
    }
    let mut planned: Vec<&str> = plan.workloads.iter().map(String::as_str).collect();
    for w in &record.workloads {
        let text = w.parsed().map(|workload| workload.to_string());
        match planned.iter().position(|planned| text.as_deref() == Some(planned)) {
            Some(place) => drop(planned.swap_remove(place)),
            None => what.push(format!("{}: it is not in the plan", w.label())),
        }
    }
    let plan = what.into_iter().map(|what| Topic::Plan.problem(what));
    plan.chain(starts).collect()
}

/// The count of operations and bytes, which the rates rest on.
fn work(w: &WorkloadRecord) -> Option<String> {
    match w.parsed() {
        None => Some("no workload of this program is called so".into()),
        Some(workload) if workload.work() != w.work => {
            Some("`work` is not what its shape comes to".into())
        }
        Some(_) => None,
    }
}

/// What the check of its result says, held against itself and against the kernel.
fn verification(w: &WorkloadRecord) -> Option<String> {
    if w.tally_ns.is_some_and(|ns| !ns.is_finite() || ns < 0.0) {
        return Some("its tally takes no time that there is".into());
    }
    let matrix = w.kernel.as_ref().map(|kernel| kernel.contains("matrix"));
    if matrix.is_some_and(|matrix| matrix != (w.unit == Unit::Matrix)) {
        return Some("its kernel does not run on the unit that it names".into());
    }
    if w.state == State::Measured && (w.summary.is_none() || w.verified().is_none()) {
        return Some("it was measured, and has no figures or did not pass".into());
    }
    let silent = |v: &Verification| !v.passed && v.problems.is_empty() && v.dispatches.is_some();
    if w.verification.as_ref().is_some_and(silent) {
        return Some("it did not pass its check, and nothing is said to be wrong".into());
    }
    let v = w.verification.as_ref().filter(|v| v.passed)?;
    let within = v.max_error.is_some_and(|error| (0.0..=v.bound).contains(&error));
    (!within || !v.problems.is_empty())
        .then(|| "it passed its check, which says that it should not".into())
}

fn spans(w: &WorkloadRecord, starts: usize) -> Option<String> {
    let beyond = |span: &Span| span.process as usize >= starts;
    if let Some(span) = w.spans.iter().find(|span| beyond(span)) {
        return Some(format!(
            "it has samples of process start {}, and {starts} were made",
            span.process
        ));
    }
    let endless = |span: &Span| span.start_ns.checked_add(span.host_ns).is_none();
    w.spans.iter().any(endless).then(|| "its samples end after the end of time".into())
}

fn summary(w: &WorkloadRecord, s: &Summary, starts: usize) -> Option<String> {
    let figures = [Some(s.median_ns), s.ops_per_s, s.bytes_per_s, s.burst_ns, s.sustained_ns];
    let mut figures = figures.into_iter().flatten().chain(s.process_medians_ns.iter().copied());
    if figures.any(|x| !x.is_finite() || x <= 0.0) {
        return Some("a figure of its summary is no number above 0".into());
    }
    let rate = |amount: u64| amount as f64 / s.median_ns * 1e9;
    let off = |stated: Option<f64>, amount: u64| {
        stated.is_some_and(|stated| (stated / rate(amount) - 1.0).abs() > ROUNDING)
    };
    if off(s.ops_per_s, w.work.ops) || off(s.bytes_per_s, w.work.bytes) {
        return Some("its rate does not follow from its work and its median time".into());
    }
    if s.process_medians_ns.len() > starts {
        return Some("it has medians of more process starts than were made".into());
    }
    if let Some(median) = stats::median(&s.process_medians_ns)
        && (median / s.median_ns - 1.0).abs() > ROUNDING
    {
        return Some("its median does not follow from those of the process starts".into());
    }
    // Of several process starts, records of schema 1 give the interval of the pooled samples.
    if let Some([low, high]) = s.ci95_ns.filter(|_| s.process_medians_ns.len() <= 1)
        && !(low <= s.median_ns && s.median_ns <= high)
    {
        return Some("its median lies outside its interval".into());
    }
    let budget = s.uncertainty.as_ref()?;
    let whole = Budget::of(budget.components.clone()).expanded;
    let follows = budget.expanded >= 0.0 && (budget.expanded - whole).abs() <= ROUNDING * whole;
    (!follows).then(|| "its uncertainty does not follow from its components".into())
}

/// Share by which two ways of computing one figure may differ.
const ROUNDING: f64 = 1e-9;
/// How many times the mean of all batches a median of the timed ones may be, warm-up included.
const MEDIAN_OVER_MEAN: f64 = 4.0;

/// Without the samples their totals are left: at least half of what counts took the median or longer.
fn too_slow_for_its_samples(w: &WorkloadRecord, s: &Summary) -> Option<String> {
    let total = |span: &Span| match s.clock {
        Clock::Gpu => span.gpu_ns,
        Clock::Host => Some(span.host_ns),
    };
    let spent = w.spans.iter().map(total).try_fold(0.0, |sum, ns| Some(sum + ns? as f64))?;
    let dispatches: f64 = w.spans.iter().map(|span| span.dispatches as f64).sum();
    let impossible = spent / dispatches * MEDIAN_OVER_MEAN < s.median_ns;
    impossible.then(|| "its median does not fit the time that its samples took".into())
}
