//! Slower from some moment on: steps in time, and operations per clock.

use std::collections::BTreeMap;

use super::Sign;
use super::samples::{LEAST_SAMPLES, Series, Thresholds};
use crate::measure::{Phase, Sample};
use crate::stats;
use crate::telemetry::Log;

/// Fewest samples on each side of a step.
const STEP_SAMPLES: usize = 4;
/// Places at which a step is looked for; a longer series is looked at as this many stretches.
const STEP_PLACES: usize = 64;
/// Points that a series is thinned to before: far more than places, few enough to sort for each.
const STEP_POINTS: usize = 2048;
/// Share of the early clock above which the clock has not fallen.
const STEADY_CLOCK: f64 = 0.97;

/// Time per dispatch of the batches of each process start, in order, the very first left out: it compiles.
fn times(series: &Series<'_>) -> BTreeMap<u32, Vec<(u64, f64)>> {
    let mut of_process: BTreeMap<u32, Vec<&Sample>> = BTreeMap::new();
    for sample in series.samples {
        of_process.entry(sample.process).or_default().push(sample);
    }
    let times = |samples: Vec<&Sample>| {
        let batches = samples.into_iter().skip(1);
        let batches = batches.filter(|s| s.phase == Phase::WarmUp || s.phase == Phase::Timed);
        batches.filter_map(|s| Some((s.start_ns, s.ns_per_dispatch(series.clock)?))).collect()
    };
    of_process.into_iter().map(|(process, samples)| (process, times(samples))).collect()
}

/// Slower from some moment on, and to the end.
pub(super) fn step_down(series: &Series<'_>, thresholds: Thresholds) -> Option<Sign> {
    times(series).into_values().find_map(|times| {
        let times = thinned(times);
        let values: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
        let (at, ratio) = step_in(&values, thresholds.step)?;
        let seconds = times[at].0.saturating_sub(times[0].0) as f64 / 1e9;
        Some(Sign::new(
            "held-back/step-down",
            format!(
                "{}: {ratio:.2} times slower from {seconds:.1} s on (the threshold is {})",
                series.label, thresholds.step
            ),
            "look at clock, power and temperature; a limiter that counts work acts like this",
        ))
    })
}

/// A series of at most `STEP_POINTS`: of each stretch the median time, from its beginning.
fn thinned(times: Vec<(u64, f64)>) -> Vec<(u64, f64)> {
    let stretch = times.len().div_ceil(STEP_POINTS).max(1);
    if stretch == 1 {
        return times;
    }
    let median = |part: &[(u64, f64)]| {
        let values: Vec<f64> = part.iter().map(|(_, time)| *time).collect();
        Some((part.first()?.0, stats::median(&values)?))
    };
    times.chunks(stretch).filter_map(median).collect()
}

/// Where times rise by more than `threshold` and stay, and by how much; `None` for a short series.
fn step_in(values: &[f64], threshold: f64) -> Option<(usize, f64)> {
    let places = STEP_SAMPLES..values.len().checked_sub(STEP_SAMPLES)?;
    if values.len() < LEAST_SAMPLES {
        return None;
    }
    // A step between two places that are tried shows at one of them: the few samples on the wrong side lie
    // beyond the deciles that are held against each other.
    let stride = places.len().div_ceil(STEP_PLACES).max(1);
    let last = places.end.checked_sub(1);
    places.step_by(stride).chain(last).find_map(|at| {
        let (before, after) = values.split_at(at);
        let (early, late) = (stats::median(before)?, stats::median(after)?);
        // Nearly all of what follows lies above nearly all of what came before: no mere scatter.
        let apart = stats::quantile(after, 0.1) > stats::quantile(before, 0.9);
        (apart && late / early > threshold).then_some((at, late / early))
    })
}

/// The rate falls while the clock stays: operations per clock are what is limited.
pub fn ops_per_clock(
    series: &Series<'_>,
    started_ns: u64,
    log: &Log,
    thresholds: Thresholds,
) -> Option<Sign> {
    let clock_at = |ns: u64| {
        let near = log
            .readings
            .iter()
            .min_by_key(|reading| reading.t_ns.abs_diff(started_ns.saturating_add(ns)))?;
        near.sm_mhz.map(f64::from)
    };
    let times = times(series).remove(&0).filter(|times| times.len() >= LEAST_SAMPLES)?;
    let points: Option<Vec<(f64, f64)>> =
        thinned(times).into_iter().map(|(ns, time)| Some((time, clock_at(ns)?))).collect();
    let points = points?;
    let third = points.len() / 3;
    let medians = |part: &[(f64, f64)]| {
        let (times, clocks): (Vec<f64>, Vec<f64>) = part.iter().copied().unzip();
        Some((stats::median(&times)?, stats::median(&clocks)?))
    };
    let (early, early_clock) = medians(&points[..third])?;
    let (late, late_clock) = medians(&points[points.len() - third..])?;
    let (slower, clock) = (late / early, late_clock / early_clock);
    (slower > thresholds.step && clock > STEADY_CLOCK).then(|| {
        Sign::new(
            "held-back/ops-per-clock",
            format!(
                "{}: {slower:.2} times slower at the end at {clock:.2} of the clock",
                series.label
            ),
            "the clock does not explain it: a limiter of operations acts like this",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{healthy, ids, samples, series};
    use super::*;
    use crate::measure::Clock;

    #[test]
    fn a_clock_that_drops_after_seconds_is_a_step() {
        let all = samples((0..60).map(|at| healthy(at) * if at < 30 { 1.0 } else { 1.41 }));
        assert!(ids(&[series(&all)]).contains(&"held-back/step-down"));
        let up = samples((0..60).map(|at| healthy(at) * if at < 30 { 1.41 } else { 1.0 }));
        assert!(!ids(&[series(&up)]).contains(&"held-back/step-down"));
    }

    #[test]
    fn a_step_is_found_wherever_it_lies_in_a_series_of_any_length() {
        for n in [20, 61, 300, 2048, 5000, 100_000] {
            for at in [5, (n / 10).max(5), n / 3, n / 2, n - (n / 10).max(5), n - 5] {
                // A stretch of a very long series that a step divides is neither here nor there.
                if n > STEP_POINTS && (at == 5 || at == n - 5) {
                    continue;
                }
                let values =
                    (0..n).map(|i| (i as u64, healthy(i) * if i < at { 1.0 } else { 1.41 }));
                let values: Vec<f64> = thinned(values.collect()).into_iter().map(|v| v.1).collect();
                assert!(values.len() <= STEP_POINTS);
                assert!(step_in(&values, 1.12).is_some(), "{at} of {n}");
            }
            let steady: Vec<f64> = (0..n).map(healthy).collect();
            assert_eq!(step_in(&steady, 1.12), None, "{n}");
        }
    }

    #[test]
    fn process_numbers_of_any_size_are_no_loop() {
        let mut all = samples((0..60).map(|at| healthy(at) * if at < 30 { 1.0 } else { 1.41 }));
        for sample in &mut all {
            (sample.process, sample.start_ns) = (u32::MAX, u64::MAX);
        }
        all[0].start_ns = 7;
        assert_eq!(ids(&[series(&all)]), ["held-back/step-down"]);
        assert_eq!(crate::check::process_medians(&all, Clock::Gpu).len(), 1);
    }

    #[test]
    fn a_rate_that_falls_at_a_steady_clock_is_told_from_one_that_falls_with_it() {
        use crate::telemetry::Reading;
        let all = samples((0..60).map(|at| if at < 30 { 1.0 } else { 1.4 }));
        let log = |late: u32| Log {
            readings: (0..100)
                .map(|i| Reading {
                    t_ns: i * 100_000_000,
                    sm_mhz: Some(if i < 32 { 1980 } else { late }),
                    ..Reading::default()
                })
                .collect(),
            ..Log::default()
        };
        let sign = |log: &Log| ops_per_clock(&series(&all), 0, log, Thresholds::of(false));
        assert_eq!(sign(&log(1980)).unwrap().id, "held-back/ops-per-clock");
        assert_eq!(sign(&log(1400)), None);
        assert_eq!(sign(&Log::default()), None);
    }
}
