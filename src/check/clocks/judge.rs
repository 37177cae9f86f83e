//! Which clock can be trusted, from the batches of known work.

use super::{ClockChoice, ClockFit, ClockTest, Problem, TimerProof, drift};
use crate::measure::{Clock, HostCrossCheck, Sample};
use crate::stats;

/// No processor has a clock above this.
const FASTEST_CLOCK_GHZ: f64 = 6.0;
/// Cycles of a dependent f32 multiply-add at the least. CPUs: 4 in Agner Fog's instruction tables and on
/// uops.info for every x86 with FMA (Zen 3 on, Skylake on; 5 before), 4 on ARM through the factor, which is
/// where this chain runs (only the addend is forwarded early); a multiply and an add by themselves take 5 or
/// more together. GPUs: 4 or more on NVIDIA since Volta, on AMD, on Intel; where one needs fewer, its clock is
/// below half of `FASTEST_CLOCK_GHZ`, so that the time still holds.
const LEAST_CYCLES: f64 = 4.0;
/// So no dependent operation takes less than this: 0.667 ns.
const LEAST_NS: f64 = LEAST_CYCLES / FASTEST_CLOCK_GHZ;
/// How straight the line through the batch times must be.
const LEAST_R_SQUARED: f64 = 0.999;
/// Below this, time does not grow with the work at all. A busy machine has 0.98 and more, since the fastest of
/// several batches counts; times that are made up had 0.09 to 0.99.
const NO_LINE_R_SQUARED: f64 = 0.9;
/// Time that does not grow with the work, as a share of the shortest batch.
const MOST_INTERCEPT: f64 = 0.2;
/// How far the two clocks may differ in the time of one dispatch.
const MOST_DISAGREEMENT: f64 = 0.02;
/// Steps of the GPU's clock that the shortest batch must have.
const LEAST_STEPS: f64 = 1000.0;

/// What one clock's own test found.
#[derive(Default)]
struct Own {
    problems: Vec<Problem>,
    /// Beyond what a busy machine can do to a right clock.
    fails: bool,
}

impl TimerProof {
    /// Judges the batches of a chain of dependent operations.
    pub fn judge(test: ClockTest) -> Self {
        let ClockTest { operations, timestamps, resolution_ns, samples, .. } = test;
        let host = fit(&samples, Clock::Host);
        let gpu = fit(&samples, Clock::Gpu);
        let span = Span::of(&samples);
        let mut of_host = own_host(host, operations, span);
        if let Some(check) = test.host_cross_check.filter(HostCrossCheck::differs) {
            of_host.fails = true;
            let rate = check.raw_ratio;
            let what = format!(
                "it runs at {rate:.4} times the rate of the same clock read past the C library"
            );
            of_host.problems.push(Problem::of(Clock::Host, what));
        }
        // What the host's clock sees too, the machine did: no fault of the GPU's clock.
        let uneven = host.is_some_and(|fit| crooked(Clock::Host, &fit, span).next().is_some());
        let mut of_gpu = Own::default();
        if timestamps {
            of_gpu = own_gpu(gpu, &samples, operations, span, uneven, resolution_ns);
        }
        let mut problems: Vec<Problem> =
            test.work_problems.into_iter().map(Problem::of_work).collect();
        let choice = if !problems.is_empty() || of_host.fails {
            // Without the host's clock there is no witness for the GPU's.
            ClockChoice::Neither
        } else if !timestamps {
            ClockChoice::NoTimestamps
        } else {
            let (choice, found) = between(gpu, host, &samples, of_gpu.fails);
            of_gpu.problems.extend(found);
            choice
        };
        problems.extend(of_host.problems);
        problems.extend(of_gpu.problems);
        let trusted = choice.trusted();
        Self {
            process: 0,
            attempt: 0,
            operations,
            gpu,
            host,
            resolution_ns,
            drift_ppm: drift::ppm(&samples),
            drift_range_ppm: drift::range_ppm(&samples, resolution_ns),
            host_cross_check: test.host_cross_check,
            choice: Some(choice),
            gpu_trusted: trusted.has(Clock::Gpu),
            host_trusted: trusted.has(Clock::Host),
            problems,
            samples,
        }
    }
}

/// Which of two clocks counts, where the host's passed its own test.
fn between(
    gpu: Option<ClockFit>,
    host: Option<ClockFit>,
    samples: &[Sample],
    gpu_fails: bool,
) -> (ClockChoice, Option<Problem>) {
    let Some((gpu, host)) = gpu.zip(host) else { return (ClockChoice::TimestampsFailed, None) };
    let ratio = gpu.slope_ns / host.slope_ns;
    if ratio > 1.0 + MOST_DISAGREEMENT {
        let what =
            format!("a dispatch takes {:.1} % of its time on the GPU's clock", 100.0 / ratio);
        let choice = if gpu_fails { ClockChoice::Neither } else { ClockChoice::LongerGpu };
        return (choice, Some(Problem::of(Clock::Host, what)));
    }
    if ratio.is_nan() || ratio < 1.0 - MOST_DISAGREEMENT {
        let what =
            format!("a dispatch takes {:.1} % of its time on the host's clock", 100.0 * ratio);
        return (ClockChoice::LongerHost, Some(Problem::of(Clock::Gpu, what)));
    }
    let outside = samples.iter().filter(|s| s.gpu_ns.is_some() && !s.clocks_agree()).count();
    if outside > 0 {
        let all = samples.len();
        let what = format!("{outside} of {all} batches last longer than on the host's clock");
        return (ClockChoice::TimestampsFailed, Some(Problem::of(Clock::Gpu, what)));
    }
    (if gpu_fails { ClockChoice::TimestampsFailed } else { ClockChoice::ClocksAgree }, None)
}

/// Shortest and longest batch on the host's clock.
#[derive(Clone, Copy)]
struct Span {
    shortest_ns: f64,
    longest_ns: f64,
}

impl Span {
    fn of(samples: &[Sample]) -> Self {
        let times = samples.iter().map(|s| s.host_ns);
        let shortest_ns = times.clone().min().unwrap_or_default() as f64;
        Self { shortest_ns, longest_ns: times.max().unwrap_or_default() as f64 }
    }
}

fn own_host(fit: Option<ClockFit>, operations: u64, span: Span) -> Own {
    let Some(fit) = fit else {
        let problems = vec![Problem::of(Clock::Host, "no line can be laid through its times")];
        return Own { problems, fails: true };
    };
    let mut own = Own::default();
    own.problems.extend(too_fast(Clock::Host, &fit, operations));
    own.fails = !own.problems.is_empty() || is_no_line(&fit, span);
    own.problems.extend(crooked(Clock::Host, &fit, span));
    own
}

fn own_gpu(
    fit: Option<ClockFit>,
    samples: &[Sample],
    operations: u64,
    span: Span,
    uneven: bool,
    resolution_ns: Option<f64>,
) -> Own {
    let mut problems = timestamp_problems(samples, resolution_ns);
    if let Some(fit) = fit {
        problems.extend(too_fast(Clock::Gpu, &fit, operations));
        if !uneven || is_no_line(&fit, span) {
            problems.extend(crooked(Clock::Gpu, &fit, span));
        }
    }
    Own { fails: !problems.is_empty(), problems }
}

/// Faster than any processor.
fn too_fast(clock: Clock, fit: &ClockFit, operations: u64) -> Option<Problem> {
    let ns = fit.slope_ns / operations as f64;
    (ns.is_nan() || ns < LEAST_NS).then(|| {
        let what = format!(
            "{ns:.4} ns for a dependent multiply-add; no processor does it in less than {LEAST_NS:.3} ns ({LEAST_CYCLES} cycles at {FASTEST_CLOCK_GHZ} GHz)"
        );
        Problem::of(clock, what)
    })
}

/// Time that has nothing to do with the work.
fn is_no_line(fit: &ClockFit, span: Span) -> bool {
    // Written so that a figure that is none counts as no line.
    let straight = fit.r_squared >= NO_LINE_R_SQUARED && fit.intercept_ns.abs() <= span.longest_ns;
    !straight
}

/// Time that does not follow the work.
fn crooked(clock: Clock, fit: &ClockFit, span: Span) -> impl Iterator<Item = Problem> {
    let bent = (fit.r_squared < LEAST_R_SQUARED).then(|| {
        format!(
            "time does not grow with the work (R2 {:.4}, {LEAST_R_SQUARED} wanted)",
            fit.r_squared
        )
    });
    let rest = (fit.intercept_ns.abs() > MOST_INTERCEPT * span.shortest_ns).then(|| {
        format!(
            "{:.2} ms do not grow with the work, more than {:.0} % of a batch",
            fit.intercept_ns / 1e6,
            100.0 * MOST_INTERCEPT
        )
    });
    bent.into_iter().chain(rest).map(move |what| Problem::of(clock, what))
}

fn timestamp_problems(samples: &[Sample], resolution_ns: Option<f64>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let without = samples.iter().filter(|s| s.gpu_ns.is_none()).count();
    if without > 0 {
        problems.push(format!(
            "{without} of {} batches have no usable pair of timestamps (zero, descending or wrapped)",
            samples.len()
        ));
    }
    let starts: Vec<u64> = samples.iter().filter_map(|s| s.gpu_start_ns).collect();
    if starts.windows(2).any(|pair| pair[1] < pair[0]) {
        problems.push("it runs backwards between batches".into());
    }
    let shortest = samples.iter().filter_map(|s| s.gpu_ns).min();
    if let Some((shortest, step)) = shortest.zip(resolution_ns)
        && (shortest as f64) < LEAST_STEPS * step
    {
        problems.push(format!("its steps of {step:.0} ns are too coarse for the batches"));
    }
    problems.into_iter().map(|what| Problem::of(Clock::Gpu, what)).collect()
}

/// Least squares through the fastest time of each batch size.
fn fit(samples: &[Sample], clock: Clock) -> Option<ClockFit> {
    let mut fastest: Vec<(f64, f64)> = Vec::new();
    for sample in samples {
        let n = f64::from(sample.dispatches);
        let time = sample.ns_per_dispatch(clock)? * n;
        match fastest.iter_mut().find(|(known, _)| *known == n) {
            Some((_, best)) => *best = best.min(time),
            None => fastest.push((n, time)),
        }
    }
    let (slope_ns, intercept_ns, r_squared) = stats::line(&fastest)?;
    Some(ClockFit { slope_ns, intercept_ns, r_squared })
}

#[cfg(test)]
mod tests;
