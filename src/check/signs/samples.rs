//! Signs that a chip was held back, from what was measured alone.
//!
//! The cheat to expect is a chip made to look slow: limiters that act after seconds, on long work, on
//! large sizes, or on known kernels. Each detector is one function with its threshold and the reason for it.
//! A sign never lowers a lower bound; a `held-back/` sign rules out the verdict `consistent-with-below`.

use super::Sign;
use crate::measure::{Clock, Phase, Sample};
use crate::stats;
use crate::telemetry::Log;

/// A workload as the detectors see it.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    /// Name for people.
    pub label: String,
    /// Workloads of the same family run the same kind of kernel on the same type.
    pub family: String,
    /// Operations of one dispatch, or bytes where none are done.
    pub amount: u64,
    /// Rate that counts, per second.
    pub per_s: f64,
    /// The clock that the figures are made from.
    pub clock: Clock,
    /// Every sample, from the first on.
    pub samples: &'a [Sample],
}

/// How much of a change makes a sign.
#[derive(Clone, Copy, Debug)]
pub struct Thresholds {
    /// Time after a step over time before it. Seen: RTX 5090 D 1.41 after three seconds, RTX 5090 D v2
    /// 1.17; set below both, with room for a board that warms up.
    step: f64,
    /// Rate of a larger size over the best of a smaller one. Seen: RTX 6000D 0.73 and 0.60 from 4096 to 16384.
    size: f64,
    /// Ninth decile of the times over their median. Seen: RTX 6000D 3.1 at small sizes.
    tail: f64,
    /// Rate over that of a workload of the same kind and nearly the same size.
    variant: f64,
    /// Time of a dispatch within a batch over one by itself.
    gap: f64,
}

impl Thresholds {
    /// On a CPU adapter other processes take whole cores and caches end early, so only a change by more
    /// than half says something.
    pub fn of(software: bool) -> Self {
        if software {
            Self { step: 1.7, size: 0.4, tail: 2.0, variant: 0.5, gap: 1.35 }
        } else {
            Self { step: 1.12, size: 0.8, tail: 1.2, variant: 0.75, gap: 1.25 }
        }
    }
}

/// Times from here on belong to sustained work; before, to the burst from idle.
pub const BURST_NS: u64 = 2_000_000_000;
/// Fewest samples on each side of a step.
const STEP_SAMPLES: usize = 4;
/// Share of the early clock above which the clock has not fallen.
const STEADY_CLOCK: f64 = 0.97;
/// Fewest samples for a decile.
const TAIL_SAMPLES: usize = 20;

/// Everything that the workloads of a run show.
pub fn sample_signs(all: &[Series<'_>], thresholds: Thresholds) -> Vec<Sign> {
    let mut signs = Vec::new();
    for series in all {
        signs.extend(step_down(series, thresholds));
        signs.extend(tail(series, thresholds));
        signs.extend(idle_gaps(series, thresholds));
    }
    signs.extend(falls_with_size(all, thresholds));
    signs.extend(slower_variant(all, thresholds));
    signs
}

/// Time per dispatch of the batches of one process, in order, the very first left out: it compiles.
fn times(series: &Series<'_>, process: u32) -> Vec<(u64, f64)> {
    let batches = series.samples.iter().filter(|s| s.process == process).skip(1);
    let batches = batches.filter(|s| s.phase == Phase::WarmUp || s.phase == Phase::Timed);
    batches.filter_map(|s| Some((s.start_ns, s.ns_per_dispatch(series.clock)?))).collect()
}

fn processes(series: &Series<'_>) -> u32 {
    series.samples.iter().map(|s| s.process + 1).max().unwrap_or(0)
}

/// Slower from some moment on, and to the end.
fn step_down(series: &Series<'_>, thresholds: Thresholds) -> Option<Sign> {
    for process in 0..processes(series) {
        let times = times(series, process);
        let values: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
        for at in STEP_SAMPLES..values.len().saturating_sub(STEP_SAMPLES) {
            let (before, after) = values.split_at(at);
            let (Some(early), Some(late)) = (stats::median(before), stats::median(after)) else {
                continue;
            };
            // Nearly all of what follows lies above nearly all of what came before: no mere scatter.
            let apart = stats::quantile(after, 0.1) > stats::quantile(before, 0.9);
            if apart && late / early > thresholds.step {
                let seconds = (times[at].0 - times[0].0) as f64 / 1e9;
                return Some(Sign::new(
                    "held-back/step-down",
                    format!(
                        "{}: {:.2} times slower from {seconds:.1} s on (the threshold is {})",
                        series.label,
                        late / early,
                        thresholds.step
                    ),
                    "look at clock, power and temperature; a limiter that counts work acts like this",
                ));
            }
        }
    }
    None
}

/// A long tail of slow batches among fast ones.
fn tail(series: &Series<'_>, thresholds: Thresholds) -> Option<Sign> {
    let timed = series.samples.iter().filter(|s| s.phase == Phase::Timed);
    let times: Vec<f64> = timed.filter_map(|s| s.ns_per_dispatch(series.clock)).collect();
    if times.len() < TAIL_SAMPLES {
        return None;
    }
    let ratio = stats::quantile(&times, 0.9)? / stats::median(&times)?;
    (ratio > thresholds.tail).then(|| {
        Sign::new(
            "held-back/tail",
            format!(
                "{}: the slowest tenth takes {ratio:.2} times the median (the threshold is {})",
                series.label, thresholds.tail
            ),
            "something stops the device now and then: another user, power, or a limiter",
        )
    })
}

/// Dispatches in a batch take longer than one by itself: something waits between them.
fn idle_gaps(series: &Series<'_>, thresholds: Thresholds) -> Option<Sign> {
    let singles = series.samples.iter().filter(|s| s.phase == Phase::Single);
    let alone = singles.filter_map(|s| s.ns_per_dispatch(series.clock)).reduce(f64::min)?;
    let timed = series.samples.iter().filter(|s| s.phase == Phase::Timed && s.dispatches > 1);
    let times: Vec<f64> = timed.filter_map(|s| s.ns_per_dispatch(series.clock)).collect();
    // The fastest of each: what disturbs a batch only adds to it, but a wait is in all of them.
    let ratio = times.into_iter().reduce(f64::min)? / alone;
    (ratio > thresholds.gap).then(|| {
        Sign::new(
            "held-back/idle-gaps",
            format!(
                "{}: a dispatch within a batch takes {ratio:.2} times one by itself (the threshold is {})",
                series.label, thresholds.gap
            ),
            "the device idles between dispatches: look for another user, and at who submits",
        )
    })
}

/// More work of the same kind runs at a lower rate.
fn falls_with_size(all: &[Series<'_>], thresholds: Thresholds) -> Option<Sign> {
    all.iter().find_map(|large| {
        let smaller = all.iter().filter(|s| s.family == large.family && s.amount < large.amount);
        let best = smaller.max_by(|a, b| a.per_s.total_cmp(&b.per_s))?;
        let ratio = large.per_s / best.per_s;
        (ratio < thresholds.size).then(|| {
            Sign::new(
                "held-back/falls-with-size",
                format!(
                    "{} runs at {ratio:.2} of the rate of {} (the threshold is {})",
                    large.label, best.label, thresholds.size
                ),
                "healthy chips do not slow down on more work: run longer, and look at the power limit",
            )
        })
    })
}

/// Of two workloads of one family and nearly one size, one is much slower.
fn slower_variant(all: &[Series<'_>], thresholds: Thresholds) -> Option<Sign> {
    all.iter().find_map(|slow| {
        let near = |other: &&Series<'_>| {
            let ratio = other.amount as f64 / slow.amount as f64;
            other.family == slow.family && (0.77..1.3).contains(&ratio)
        };
        let fast = all.iter().filter(near).max_by(|a, b| a.per_s.total_cmp(&b.per_s))?;
        let ratio = slow.per_s / fast.per_s;
        (ratio < thresholds.variant).then(|| {
            Sign::new(
                "held-back/variant",
                format!(
                    "{} runs at {ratio:.2} of the rate of {}, which is nearly the same (the threshold is {})",
                    slow.label, fast.label, thresholds.variant
                ),
                "a limiter that knows a workload acts like this; run other shapes",
            )
        })
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
        let near =
            log.readings.iter().min_by_key(|reading| reading.t_ns.abs_diff(started_ns + ns))?;
        near.sm_mhz.map(f64::from)
    };
    let points: Option<Vec<(f64, f64)>> =
        times(series, 0).into_iter().map(|(ns, time)| Some((time, clock_at(ns)?))).collect();
    let points = points.filter(|points| points.len() >= 3 * STEP_SAMPLES)?;
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

/// Of two products that differ in depth alone, the deeper one must take that much longer.
pub fn scaling_with_depth(
    label: &str,
    times: f64,
    depths: f64,
    thresholds: Thresholds,
) -> Option<Sign> {
    let ratio = times / depths;
    (ratio > thresholds.step.powi(2) || ratio < thresholds.variant).then(|| {
        Sign::new(
            "work/scaling",
            format!("{label}: {depths:.2} times the depth takes {times:.2} times as long"),
            "time must follow the work: look at both results, and at what else the machine does",
        )
    })
}

/// The same known work takes longer at the end of the run than at its beginning.
pub fn slower_metronome(ns_per_operation: &[f64], thresholds: Thresholds) -> Option<Sign> {
    let third = ns_per_operation.len() / 3;
    let first = stats::median(ns_per_operation.get(..third)?)?;
    let last = stats::median(ns_per_operation.get(ns_per_operation.len() - third..)?)?;
    (last / first > thresholds.step).then(|| {
        Sign::new(
            "held-back/metronome",
            format!(
                "the known work between workloads takes {:.2} times as long at the end (the threshold is {})",
                last / first,
                thresholds.step
            ),
            "the clock fell during the run: look at power and temperature",
        )
    })
}

/// Median time of a dispatch in the first two seconds and after them; `None` where there is no sample.
pub fn burst_and_sustained(samples: &[Sample], clock: Clock) -> (Option<f64>, Option<f64>) {
    let counted = |s: &&Sample| s.phase == Phase::WarmUp || s.phase == Phase::Timed;
    let begin = samples.iter().map(|s| s.start_ns).min().unwrap_or(0);
    let counted: Vec<&Sample> = samples.iter().skip(1).filter(counted).collect();
    let times = |late: bool| -> Vec<f64> {
        let those =
            counted.iter().filter(|s| (s.start_ns.saturating_sub(begin) >= BURST_NS) == late);
        those.filter_map(|s| s.ns_per_dispatch(clock)).collect()
    };
    (stats::median(&times(false)), stats::median(&times(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(times: impl Iterator<Item = f64>) -> Vec<Sample> {
        let mut at = 0;
        let sample = |time: f64| {
            let ns = (time * 1e8) as u64;
            at += ns;
            Sample {
                start_ns: at,
                gpu_start_ns: Some(at),
                gpu_ns: Some(ns),
                host_ns: ns,
                dispatches: 10,
                phase: Phase::Timed,
                proven: Some(true),
                process: 0,
            }
        };
        times.map(sample).collect()
    }

    fn series(samples: &[Sample]) -> Series<'_> {
        Series {
            label: "matmul f32 1x1x1".into(),
            family: "matmul f32".into(),
            amount: 100,
            per_s: 1.0,
            clock: Clock::Gpu,
            samples,
        }
    }

    fn ids(series: &[Series<'_>]) -> Vec<&'static str> {
        sample_signs(series, Thresholds::of(false)).into_iter().map(|sign| sign.id).collect()
    }

    /// One per cent of scatter, and a warm-up of five.
    fn healthy(at: usize) -> f64 {
        1.0 + 0.01 * ((at * 7919) % 13) as f64 / 13.0 + if at < 3 { 0.05 } else { 0.0 }
    }

    #[test]
    fn a_healthy_series_shows_nothing() {
        let all = samples((0..60).map(healthy));
        assert!(ids(&[series(&all)]).is_empty());
    }

    #[test]
    fn a_clock_that_drops_after_seconds_is_a_step() {
        let all = samples((0..60).map(|at| healthy(at) * if at < 30 { 1.0 } else { 1.41 }));
        assert!(ids(&[series(&all)]).contains(&"held-back/step-down"));
        let up = samples((0..60).map(|at| healthy(at) * if at < 30 { 1.41 } else { 1.0 }));
        assert!(!ids(&[series(&up)]).contains(&"held-back/step-down"));
    }

    #[test]
    fn stops_now_and_then_are_a_tail() {
        let all = samples((0..60).map(|at| healthy(at) * if at % 6 == 0 { 3.0 } else { 1.0 }));
        assert_eq!(ids(&[series(&all)]), ["held-back/tail"]);
    }

    #[test]
    fn a_batch_that_takes_longer_than_its_dispatches_has_gaps() {
        let mut all = samples((0..30).map(healthy));
        let single = Sample {
            dispatches: 1,
            phase: Phase::Single,
            gpu_ns: Some(6_000_000),
            host_ns: 6_100_000,
            ..all[0].clone()
        };
        all.push(single);
        assert_eq!(ids(&[series(&all)]), ["held-back/idle-gaps"]);
    }

    #[test]
    fn a_larger_size_or_a_variant_that_is_slower_is_seen() {
        let all = samples((0..30).map(healthy));
        let large = Series { amount: 1000, per_s: 0.7, ..series(&all) };
        assert_eq!(ids(&[series(&all), large]), ["held-back/falls-with-size"]);
        let variant = Series { amount: 90, per_s: 0.7, ..series(&all) };
        assert_eq!(ids(&[series(&all), variant]), ["held-back/variant"]);
        let other = Series { family: "attention f32".into(), per_s: 0.7, ..series(&all) };
        assert!(ids(&[series(&all), other]).is_empty());
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

    #[test]
    fn burst_and_sustained_are_told_apart() {
        let all = samples((0..60).map(|at| if at < 20 { 1.0 } else { 2.0 }));
        let (burst, sustained) = burst_and_sustained(&all, Clock::Gpu);
        assert!((burst.unwrap() - 1e7).abs() < 1.0 && (sustained.unwrap() - 2e7).abs() < 1.0);
    }
}
