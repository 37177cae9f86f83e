//! Signs that a chip was held back, from what was measured alone.
//!
//! The cheat to expect is a chip made to look slow: limiters that act after seconds, on long work, on
//! large sizes, or on known kernels. Each detector is one function with its threshold and the reason for it.
//! A sign never lowers a lower bound; a `held-back/` sign rules out the verdict `consistent-with-below`.

use super::Sign;
use super::step::step_down;
use crate::measure::{Clock, Phase, Sample};
use crate::stats;

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
    pub(super) step: f64,
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
/// Timed samples below which a series says nothing about steps, tails, gaps, sizes or variants. Of six samples
/// of a 1 MiB copy on an idle machine the slowest took 1.8 times the fastest; a tenth and a median of twenty
/// stand on two samples and more, and every profile that is made for figures takes twenty.
pub(super) const LEAST_SAMPLES: usize = 20;
/// Single dispatches below which their fastest says nothing: a run takes three before the batches and three behind
/// them, and one of them alone may be the disturbed one.
const LEAST_SINGLES: usize = 3;
/// Shortest single dispatch that is held against its like in a batch. One by itself finds cold caches: filling the
/// largest there are from memory takes about 0.1 ms, a tenth of this.
const LEAST_SINGLE_NS: f64 = 1e6;
/// Least time of a dispatch within a batch over the fastest one by itself. Cold caches, a tally more and the start of
/// a pass make up a fifth at the most of a millisecond; work that is left out to gain anything is half and more.
const LEAST_BATCH_SHARE: f64 = 0.5;
/// Ticks of the metronome below which its thirds say nothing: five in each, so that no two disturbed ones make a
/// median.
const LEAST_TICKS: usize = 15;

/// Everything that the workloads of a run show.
pub fn sample_signs(all: &[Series<'_>], thresholds: Thresholds) -> Vec<Sign> {
    let mut signs = Vec::new();
    for series in all {
        signs.extend(step_down(series, thresholds));
        signs.extend(tail(series, thresholds));
        signs.extend(idle_gaps(series, thresholds));
        signs.extend(batch_too_fast(series));
    }
    signs.extend(falls_with_size(all, thresholds));
    signs.extend(slower_variant(all, thresholds));
    signs
}

/// A long tail of slow batches among fast ones.
fn tail(series: &Series<'_>, thresholds: Thresholds) -> Option<Sign> {
    let timed = series.samples.iter().filter(|s| s.phase == Phase::Timed);
    let times: Vec<f64> = timed.filter_map(|s| s.ns_per_dispatch(series.clock)).collect();
    if times.len() < LEAST_SAMPLES {
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
    let singles: Vec<f64> = singles.filter_map(|s| s.ns_per_dispatch(series.clock)).collect();
    let alone = singles.iter().copied().reduce(f64::min)?;
    let timed = series.samples.iter().filter(|s| s.phase == Phase::Timed && s.dispatches > 1);
    let times: Vec<f64> = timed.filter_map(|s| s.ns_per_dispatch(series.clock)).collect();
    if times.len() < LEAST_SAMPLES || singles.len() < LEAST_SINGLES {
        return None;
    }
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

/// Dispatches in a batch take much less than one by itself: some of them may not have been run, or not whole.
fn batch_too_fast(series: &Series<'_>) -> Option<Sign> {
    if series.clock != Clock::Gpu {
        return None; // the host's times hold what a submission costs
    }
    let of = |phase: Phase, least: u32| {
        let those =
            series.samples.iter().filter(move |s| s.phase == phase && s.dispatches >= least);
        those.filter_map(|s| s.ns_per_dispatch(Clock::Gpu)).collect::<Vec<f64>>()
    };
    let (singles, batches) = (of(Phase::Single, 1), of(Phase::Timed, 2));
    if singles.len() < LEAST_SINGLES || batches.len() < LEAST_SAMPLES {
        return None;
    }
    let alone = singles.into_iter().reduce(f64::min).filter(|ns| *ns >= LEAST_SINGLE_NS)?;
    let ratio = stats::median(&batches)? / alone;
    (ratio < LEAST_BATCH_SHARE).then(|| {
        Sign::new(
            "work/batch-too-fast",
            format!(
                "{}: a dispatch within a batch takes {ratio:.2} of the time of the fastest one by itself (the threshold is {LEAST_BATCH_SHARE})",
                series.label
            ),
            "look for a layer or driver that drops or shrinks repeated work; do not rely on the figure",
        )
    })
}

/// Whether a series has the samples that a rate to be compared stands on.
fn has_enough(series: &Series<'_>) -> bool {
    series.samples.iter().filter(|s| s.phase == Phase::Timed).count() >= LEAST_SAMPLES
}

/// More work of the same kind runs at a lower rate.
fn falls_with_size(all: &[Series<'_>], thresholds: Thresholds) -> Option<Sign> {
    let all: Vec<&Series<'_>> = all.iter().filter(|series| has_enough(series)).collect();
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
    let all: Vec<&Series<'_>> = all.iter().filter(|series| has_enough(series)).collect();
    all.iter().find_map(|slow| {
        let near = |other: &&&Series<'_>| {
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

/// Of two products that differ in depth alone, the deeper one must take that much longer. `samples` is how many
/// timed ones the shorter series has.
pub fn scaling_with_depth(
    label: &str,
    times: f64,
    depths: f64,
    samples: usize,
    thresholds: Thresholds,
) -> Option<Sign> {
    let ratio = times / depths;
    let off = ratio > thresholds.step.powi(2) || ratio < thresholds.variant;
    (off && samples >= LEAST_SAMPLES).then(|| {
        Sign::new(
            "work/scaling",
            format!("{label}: {depths:.2} times the depth takes {times:.2} times as long"),
            "time must follow the work: look at both results, and at what else the machine does",
        )
    })
}

/// The same known work takes longer at the end of the run than at its beginning.
pub fn slower_metronome(ns_per_operation: &[f64], thresholds: Thresholds) -> Option<Sign> {
    if ns_per_operation.len() < LEAST_TICKS {
        return None;
    }
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
    use super::super::made_up::{healthy, ids, samples, series};
    use super::*;

    #[test]
    fn a_healthy_series_shows_nothing() {
        let all = samples((0..60).map(healthy));
        assert!(ids(&[series(&all)]).is_empty());
    }

    #[test]
    fn too_few_samples_show_nothing_however_they_look() {
        let few = |n: usize| {
            let mut few = samples((0..n).map(|at| if at < n / 2 { 1.0 } else { 3.0 }));
            let single = Sample {
                dispatches: 1,
                phase: Phase::Single,
                gpu_ns: Some(1000),
                ..few[0].clone()
            };
            few.extend(vec![single; 6]);
            few
        };
        let (short, long) = (few(12), few(40));
        let pair = |samples| {
            let slow = Series { amount: 110, per_s: 0.1, ..series(samples) };
            ids(&[series(samples), slow])
        };
        assert!(pair(&short).is_empty(), "{:?}", pair(&short));
        assert!(pair(&long).len() >= 4, "{:?}", pair(&long));
        let ticks = |n: usize| (0..n).map(|at| 1.0 + at as f64).collect::<Vec<_>>();
        assert_eq!(slower_metronome(&ticks(14), Thresholds::of(true)), None);
        assert!(slower_metronome(&ticks(15), Thresholds::of(true)).is_some());
        let deeper = |samples| scaling_with_depth("", 9.0, 2.0, samples, Thresholds::of(true));
        assert!(deeper(19).is_none() && deeper(20).is_some());
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
        all.extend(vec![single; 3]);
        assert_eq!(ids(&[series(&all)]), ["held-back/idle-gaps"]);
    }

    #[test]
    fn a_batch_that_leaves_work_out_is_faster_than_its_dispatches() {
        let with_singles = |gpu_ns: u64, clock: Clock| {
            let mut all = samples((0..30).map(healthy));
            let single = Sample {
                dispatches: 1,
                phase: Phase::Single,
                gpu_ns: Some(gpu_ns),
                ..all[0].clone()
            };
            all.extend(vec![single; 3]);
            ids(&[Series { clock, ..series(&all) }])
        };
        // A dispatch of a batch takes 10 ms.
        assert_eq!(with_singles(21_000_000, Clock::Gpu), ["work/batch-too-fast"]);
        assert!(with_singles(19_000_000, Clock::Gpu).is_empty());
        assert!(with_singles(320_000_000, Clock::Host).is_empty());
        let mut short = samples((0..30).map(|at| healthy(at) / 100.0));
        let single = Sample {
            dispatches: 1,
            phase: Phase::Single,
            gpu_ns: Some(900_000),
            ..short[0].clone()
        };
        short.extend(vec![single; 3]);
        assert!(ids(&[series(&short)]).is_empty(), "cold caches explain it");
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
    fn burst_and_sustained_are_told_apart() {
        let all = samples((0..60).map(|at| if at < 20 { 1.0 } else { 2.0 }));
        let (burst, sustained) = burst_and_sustained(&all, Clock::Gpu);
        assert!((burst.unwrap() - 1e7).abs() < 1.0 && (sustained.unwrap() - 2e7).abs() < 1.0);
    }
}
