//! The search itself: verify, time once, then let the best run in turns.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::adapter::{DeviceError, Found, Gpu};
use crate::check;
use crate::measure::{Bench, Phase, Sample, StopRule, Watch, measure};
use crate::stats;
use crate::workload::{Job, Workload};

/// Most candidates that are looked at.
const CANDIDATES: usize = 40;
/// Candidates that run in turns at the end.
const FINALISTS: usize = 5;
/// Turns of the final.
const TURNS: usize = 9;
/// Length of one sample of the final.
const SAMPLE: Duration = Duration::from_millis(100);
/// How much faster than the default a winner must be, or the default stays.
const WORTH: f64 = 0.02;

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Verified and timed.
    Timed,
    /// Its result was wrong.
    Wrong,
    /// The driver or the device failed.
    Failed,
    /// The time was up before its turn.
    NotTried,
}

/// One candidate of a search.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// File name of the kernel under `shaders/`.
    pub kernel: String,
    /// Its parameters.
    pub parameters: BTreeMap<String, u64>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it was not timed.
    pub reason: Option<String>,
    /// Median time of one dispatch.
    pub median_ns: Option<f64>,
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The workload, in its text form.
    pub workload: String,
    /// Size class that the choice holds for.
    pub bucket: String,
    /// Place of the winner in `attempts`; null when no candidate came through.
    pub winner: Option<usize>,
    /// Every candidate; the first is the default of the adapter's class.
    pub attempts: Vec<Attempt>,
}

/// Searches for one workload within `budget`; calls `progress` with the share done.
///
/// A candidate that fails or computes nonsense is set aside with its reason, the search goes on.
pub fn tune(
    found: &Found,
    workload: &Workload,
    seed: u64,
    budget: Duration,
    interrupted: &AtomicBool,
    progress: &dyn Fn(f64),
) -> Result<(Outcome, Option<Job>), String> {
    let mut jobs = workload.candidates(&found.capability)?;
    jobs.truncate(CANDIDATES);
    let begin = Instant::now();
    let mut attempts: Vec<Attempt> = jobs.iter().map(attempt).collect();
    for (at, job) in jobs.iter().enumerate() {
        // A quarter of the time belongs to the final. The default is always tried.
        let late = begin.elapsed() > budget.mul_f64(0.75);
        if interrupted.load(Ordering::Relaxed) || (late && at > 0) {
            break;
        }
        let tried = try_once(found, workload, job, seed, interrupted);
        let (verdict, reason, median_ns) = match tried {
            Ok(Ok(ns)) => (Verdict::Timed, None, Some(ns)),
            Ok(Err(reason)) => (Verdict::Wrong, Some(reason), None),
            Err(error) => (Verdict::Failed, Some(error.to_string()), None),
        };
        attempts[at] = Attempt { verdict, reason, median_ns, ..attempts[at].clone() };
        progress(0.75 * (at + 1) as f64 / jobs.len() as f64);
    }
    let finalists = finalists(&attempts);
    match final_turns(found, &jobs, &finalists, seed, interrupted) {
        Ok(medians) => {
            for (at, median) in finalists.iter().zip(medians) {
                attempts[*at].median_ns = Some(median);
            }
        }
        Err(error) => log::warn!("{workload}: the final of the search failed: {error}"),
    }
    progress(1.0);
    let winner = winner(&attempts, &finalists);
    let outcome =
        Outcome { workload: workload.to_string(), bucket: workload.bucket(), winner, attempts };
    Ok((outcome, winner.map(|at| jobs.swap_remove(at))))
}

fn attempt(job: &Job) -> Attempt {
    Attempt {
        kernel: job.kernel.into(),
        parameters: job.parameters.iter().map(|(name, v)| ((*name).into(), *v)).collect(),
        verdict: Verdict::NotTried,
        reason: None,
        median_ns: None,
    }
}

/// One verified dispatch; the time of the fastest of the few that it takes to warm up.
fn try_once(
    found: &Found,
    workload: &Workload,
    job: &Job,
    seed: u64,
    interrupted: &AtomicBool,
) -> Result<Result<f64, String>, DeviceError> {
    let few = StopRule {
        relative_half_width: 1.0,
        min_samples: 2,
        max_samples: 2,
        sample_ms: 5.0,
        warm_up_ms: 0.0,
        sustain_ms: 0.0,
        budget_ms: 0.0,
    };
    let gpu = Gpu::open(found)?;
    let watch = Watch { interrupted, progress: &|_| () };
    let measured = measure(&gpu, job, seed, &few, false, &watch)?;
    let verification = check::verify(workload, job, seed, &measured);
    if !verification.passed {
        let error = verification.max_error.map_or("not a number".into(), |e| format!("{e:.1e}"));
        return Ok(Err(format!("error {error}, allowed {:.1e}", verification.bound)));
    }
    // The very first dispatch carries the driver's compilation.
    Ok(Ok(measured.samples.iter().skip(1).map(host_ns).fold(f64::INFINITY, f64::min)))
}

/// The fastest few, and the default, which they must beat.
fn finalists(attempts: &[Attempt]) -> Vec<usize> {
    let mut timed: Vec<(f64, usize)> = attempts
        .iter()
        .enumerate()
        .filter_map(|(at, attempt)| Some((attempt.median_ns?, at)))
        .collect();
    timed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut best: Vec<usize> = timed.into_iter().map(|(_, at)| at).collect();
    let default_ran = best.contains(&0);
    best.truncate(FINALISTS);
    if default_ran && !best.contains(&0) {
        best.push(0);
    }
    best
}

fn final_turns(
    found: &Found,
    jobs: &[Job],
    finalists: &[usize],
    seed: u64,
    interrupted: &AtomicBool,
) -> Result<Vec<f64>, DeviceError> {
    let gpu = Gpu::open(found)?;
    let mut benches = Vec::new();
    for at in finalists {
        let mut bench = Bench::new(&gpu, &jobs[*at], seed, false)?;
        bench.sample(1, Phase::WarmUp)?;
        let ns = host_ns(&bench.sample(1, Phase::WarmUp)?);
        let batch = (SAMPLE.as_nanos() as f64 / ns).ceil().clamp(1.0, 4096.0) as u32;
        benches.push((bench, batch, Vec::new()));
    }
    for _ in 0..TURNS {
        for (bench, batch, times) in &mut benches {
            if interrupted.load(Ordering::Relaxed) {
                break;
            }
            times.push(host_ns(&bench.sample(*batch, Phase::Timed)?));
        }
    }
    let median = |times: &[f64]| stats::median(times).unwrap_or(f64::INFINITY);
    Ok(benches.iter().map(|(.., times)| median(times)).collect())
}

fn host_ns(sample: &Sample) -> f64 {
    sample.host_ns as f64 / f64::from(sample.dispatches)
}

/// The fastest finalist; the default, where the gain over it is not worth a word.
fn winner(attempts: &[Attempt], finalists: &[usize]) -> Option<usize> {
    let time = |at: &usize| attempts[*at].median_ns.unwrap_or(f64::INFINITY);
    let best = finalists.iter().min_by(|a, b| time(a).total_cmp(&time(b))).copied()?;
    let default_is_as_good = finalists.contains(&0) && time(&0) <= time(&best) * (1.0 + WORTH);
    Some(if default_is_as_good { 0 } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(times: &[f64]) -> Vec<Attempt> {
        let one = |ns: &f64| Attempt {
            kernel: String::new(),
            parameters: BTreeMap::new(),
            verdict: Verdict::Timed,
            reason: None,
            median_ns: ns.is_finite().then_some(*ns),
        };
        times.iter().map(one).collect()
    }

    #[test]
    fn the_default_is_a_finalist_and_stays_unless_something_is_clearly_faster() {
        let attempts = timed(&[100.0, 99.0, f64::INFINITY, 101.0, 102.0, 103.0, 99.5]);
        let last = finalists(&attempts);
        assert_eq!(last, [1, 6, 0, 3, 4]);
        assert_eq!(winner(&attempts, &last), Some(0));
        let attempts = timed(&[100.0, 50.0, 60.0, 61.0, 62.0, 63.0, 64.0]);
        let last = finalists(&attempts);
        assert!(last.contains(&0));
        assert_eq!(winner(&attempts, &last), Some(1));
    }

    #[test]
    fn nothing_timed_means_no_winner() {
        let attempts = timed(&[f64::INFINITY, f64::INFINITY]);
        assert_eq!(winner(&attempts, &finalists(&attempts)), None);
    }
}
