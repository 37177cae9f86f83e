//! Is the clock right? A chain of dependent operations is known work: no device does one in less than a
//! cycle, and twice as many take twice as long, on every clock that can be trusted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::signs::Sign;
use crate::measure::{Clock, Sample};
use crate::stats;

/// No processor has a clock above this; a dependent operation takes a cycle at the least.
const FASTEST_CLOCK_GHZ: f64 = 6.0;
/// How straight the line through the batch times must be.
const LEAST_R_SQUARED: f64 = 0.999;
/// Time that does not grow with the work, as a share of the shortest batch.
const MOST_INTERCEPT: f64 = 0.2;
/// How far the two clocks may differ in the time of one dispatch.
const MOST_DISAGREEMENT: f64 = 0.02;
/// Steps of the GPU's clock that the shortest batch must have.
const LEAST_STEPS: f64 = 1000.0;

/// What the clocks showed on known work, before any figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimerProof {
    /// Dependent operations in one dispatch.
    pub operations: u64,
    /// GPU timestamps; null where the adapter has none.
    pub gpu: Option<ClockFit>,
    /// The host's monotonic clock.
    pub host: ClockFit,
    /// Smallest step that GPU timestamps took.
    pub resolution_ns: Option<f64>,
    /// How much faster the GPU's clock runs than the host's, in parts per million.
    pub drift_ppm: Option<f64>,
    /// Whether figures may be made from GPU timestamps.
    pub gpu_trusted: bool,
    /// Whether figures may be made from the host's clock.
    pub host_trusted: bool,
    /// Why a clock is not trusted.
    pub problems: Vec<String>,
    /// The batches: N, 2N and 4N dispatches in turns.
    #[serde(skip)]
    pub samples: Vec<Sample>,
}

/// A line through the fastest time of each batch size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClockFit {
    /// Time of one dispatch.
    pub slope_ns: f64,
    /// Time that does not grow with the work.
    pub intercept_ns: f64,
    /// Share of the variation that the line explains.
    pub r_squared: f64,
}

impl TimerProof {
    /// Judges the batches of a chain of `operations` dependent operations.
    pub fn judge(samples: Vec<Sample>, operations: u64, resolution_ns: Option<f64>) -> Self {
        let host = fit(&samples, Clock::Host).unwrap_or(ClockFit {
            slope_ns: 0.0,
            intercept_ns: 0.0,
            r_squared: 0.0,
        });
        let gpu = fit(&samples, Clock::Gpu);
        let mut problems = Vec::new();
        let shortest = samples.iter().map(|s| s.host_ns).min().unwrap_or(0) as f64;
        problems.extend(too_fast("host clock", &host, operations));
        problems.extend(crooked("host clock", &host, shortest));
        let uneven = crooked("host clock", &host, shortest).next().is_some();
        // A crooked line on a busy machine is no wrong clock; work in no time is.
        let host_trusted = per_operation_ns(&host, operations) >= 1.0 / FASTEST_CLOCK_GHZ;
        let stamped = samples.iter().any(|s| s.gpu_start_ns.is_some() || s.gpu_ns.is_some());
        let mut gpu_problems = Vec::new();
        if stamped {
            gpu_problems = timestamp_problems(&samples, resolution_ns);
            if let Some(gpu) = &gpu {
                gpu_problems.extend(too_fast("GPU clock", gpu, operations));
                // What the host's clock sees too, the machine did: no fault of the GPU's clock.
                if !uneven {
                    gpu_problems.extend(crooked("GPU clock", gpu, shortest));
                }
                let apart = gpu.slope_ns / host.slope_ns - 1.0;
                if apart.is_nan() || apart.abs() > MOST_DISAGREEMENT {
                    gpu_problems.push(format!(
                        "GPU clock: a dispatch takes {:.1} % of its time on the host's clock",
                        100.0 * gpu.slope_ns / host.slope_ns
                    ));
                }
            }
        }
        let gpu_trusted = gpu.is_some() && gpu_problems.is_empty();
        problems.extend(gpu_problems);
        Self {
            operations,
            gpu,
            host,
            resolution_ns,
            drift_ppm: drift_ppm(&samples),
            gpu_trusted,
            host_trusted,
            problems,
            samples,
        }
    }

    /// The same judged anew from its batches.
    #[must_use]
    pub fn judged_again(&self) -> Self {
        Self::judge(self.samples.clone(), self.operations, self.resolution_ns)
    }

    /// What a reader must know of it.
    pub fn signs(&self) -> Vec<Sign> {
        let why = self.problems.join("; ");
        let mut signs = Vec::new();
        if !self.host_trusted {
            signs.push(Sign::new(
                "timer/impossible",
                format!("known work took less time than any processor needs: {why}"),
                "no figure of this run counts; check the machine's clock and the driver",
            ));
        } else if !self.gpu_trusted && self.problems.iter().any(|p| p.starts_with("GPU clock")) {
            signs.push(Sign::new(
                "timer/gpu-clock",
                format!("GPU timestamps failed their test and the host's clock is used: {why}"),
                "read the figures as lower ones: they hold the cost of submission; update the driver",
            ));
        } else if !self.problems.is_empty() {
            signs.push(Sign::new(
                "timer/unsteady",
                format!("the host's clock sees uneven times on known work: {why}"),
                "let nothing else run beside the measurement",
            ));
        }
        signs
    }
}

fn per_operation_ns(fit: &ClockFit, operations: u64) -> f64 {
    fit.slope_ns / operations as f64
}

/// Faster than any processor.
fn too_fast(clock: &str, fit: &ClockFit, operations: u64) -> Option<String> {
    let ns = per_operation_ns(fit, operations);
    (ns < 1.0 / FASTEST_CLOCK_GHZ).then(|| {
        format!(
            "{clock}: {ns:.4} ns for a dependent operation means more than {FASTEST_CLOCK_GHZ} GHz"
        )
    })
}

/// Time that does not follow the work.
fn crooked(clock: &str, fit: &ClockFit, shortest_ns: f64) -> impl Iterator<Item = String> {
    let bent = (fit.r_squared < LEAST_R_SQUARED).then(|| {
        format!(
            "{clock}: time does not grow with the work (R2 {:.4}, {LEAST_R_SQUARED} wanted)",
            fit.r_squared
        )
    });
    let rest = (fit.intercept_ns.abs() > MOST_INTERCEPT * shortest_ns).then(|| {
        format!(
            "{clock}: {:.2} ms do not grow with the work, more than {:.0} % of a batch",
            fit.intercept_ns / 1e6,
            100.0 * MOST_INTERCEPT
        )
    });
    bent.into_iter().chain(rest)
}

fn timestamp_problems(samples: &[Sample], resolution_ns: Option<f64>) -> Vec<String> {
    let mut problems = Vec::new();
    let without = samples.iter().filter(|s| s.gpu_ns.is_none()).count();
    if without > 0 {
        problems.push(format!(
            "GPU clock: {without} of {} batches have no usable pair of timestamps (zero, descending or wrapped)",
            samples.len()
        ));
    }
    let starts: Vec<u64> = samples.iter().filter_map(|s| s.gpu_start_ns).collect();
    if starts.windows(2).any(|pair| pair[1] < pair[0]) {
        problems.push("GPU clock: it runs backwards between batches".into());
    }
    let outside = samples.iter().filter(|s| s.gpu_ns.is_some() && !s.clocks_agree()).count();
    if outside > 0 {
        problems.push(format!(
            "GPU clock: {outside} of {} batches last longer than on the host's clock",
            samples.len()
        ));
    }
    let shortest = samples.iter().filter_map(|s| s.gpu_ns).min().unwrap_or(0) as f64;
    if let Some(step) = resolution_ns.filter(|step| shortest < LEAST_STEPS * step) {
        problems
            .push(format!("GPU clock: its steps of {step:.0} ns are too coarse for the batches"));
    }
    problems
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

fn drift_ppm(samples: &[Sample]) -> Option<f64> {
    let first = samples.first()?;
    let (host, gpu) = (first.start_ns, first.gpu_start_ns?);
    let points: Option<Vec<(f64, f64)>> = samples
        .iter()
        .map(|s| {
            let x = s.start_ns.checked_sub(host)? as f64;
            let y = s.gpu_start_ns?.checked_sub(gpu)? as f64;
            Some((x, y))
        })
        .collect();
    let (slope, ..) = stats::line(&points?)?;
    Some((slope - 1.0) * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Phase;

    const OPERATIONS: u64 = 1_000_000;

    /// Batches of a device whose dispatch takes 2 ms, with 50 us of submission on the host's clock.
    fn healthy() -> Vec<Sample> {
        let mut at = 1_000_000_000;
        let batches = (0..4).flat_map(|_| [5, 10, 20]);
        batches
            .map(|n| {
                let gpu_ns = 2_000_000 * u64::from(n);
                let host_ns = gpu_ns + 50_000;
                at += host_ns + 1_000_000;
                Sample {
                    start_ns: at,
                    gpu_start_ns: Some(at + 30_000),
                    gpu_ns: Some(gpu_ns),
                    host_ns,
                    dispatches: n,
                    phase: Phase::Scaling,
                    proven: None,
                    process: 0,
                }
            })
            .collect()
    }

    fn judged(change: impl Fn(usize, &mut Sample)) -> TimerProof {
        let mut samples = healthy();
        samples.iter_mut().enumerate().for_each(|(at, sample)| change(at, sample));
        TimerProof::judge(samples, OPERATIONS, Some(1.0))
    }

    #[test]
    fn a_healthy_pair_of_clocks_is_trusted_and_says_nothing() {
        let proof = judged(|_, _| ());
        assert!(proof.gpu_trusted && proof.host_trusted, "{:?}", proof.problems);
        assert!(proof.signs().is_empty());
        assert!(proof.drift_ppm.unwrap().abs() < 1.0);
    }

    #[test]
    fn timestamps_that_cannot_be_right_leave_the_host_clock() {
        type Fault = fn(usize, &mut Sample);
        let faults: [(&str, Fault); 5] = [
            ("80 times too short", |_, s| s.gpu_ns = s.gpu_ns.map(|ns| ns / 80)),
            ("zero", |_, s| (s.gpu_start_ns, s.gpu_ns) = (Some(0), None)),
            ("descending", |at, s| {
                s.gpu_start_ns = s.gpu_start_ns.map(|ns| ns - 2 * at as u64 * ns / 30);
            }),
            ("wrapped", |at, s| {
                if at == 3 {
                    s.gpu_ns = None;
                }
            }),
            ("longer than the host saw", |_, s| s.gpu_ns = s.gpu_ns.map(|ns| ns * 3)),
        ];
        for (name, fault) in faults {
            let proof = judged(fault);
            assert!(!proof.gpu_trusted && proof.host_trusted, "{name}");
            assert_eq!(proof.signs()[0].id, "timer/gpu-clock", "{name}");
        }
    }

    #[test]
    fn a_busy_machine_is_no_wrong_clock() {
        let busy = |n: usize| if n % 3 == 1 { 13u64 } else { 10 };
        let proof = judged(|at, s| {
            s.gpu_ns = s.gpu_ns.map(|ns| ns * busy(at) / 10);
            s.host_ns = s.host_ns * busy(at) / 10;
        });
        assert!(proof.gpu_trusted, "{:?}", proof.problems);
        assert_eq!(proof.signs()[0].id, "timer/unsteady");
    }

    #[test]
    fn work_in_no_time_is_impossible_on_any_clock() {
        let proof = judged(|_, s| (s.gpu_ns, s.host_ns) = (Some(100), 120));
        assert!(!proof.host_trusted);
        assert_eq!(proof.signs()[0].id, "timer/impossible");
    }

    #[test]
    fn time_that_does_not_grow_with_the_work_is_seen() {
        let proof = judged(|_, s| s.gpu_ns = Some(8_000_000));
        assert!(!proof.gpu_trusted, "{:?}", proof.problems);
        // On both clocks it is the machine, or the work.
        let proof = judged(|_, s| (s.gpu_ns, s.host_ns) = (Some(40_000_000), 40_050_000));
        assert!(!proof.host_trusted);
        let proof = TimerProof::judge(healthy(), OPERATIONS, Some(100_000.0));
        assert!(proof.problems[0].contains("coarse"), "{:?}", proof.problems);
    }
}
