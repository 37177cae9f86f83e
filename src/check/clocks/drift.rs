//! How fast one clock runs against the other.
//!
//! A batch runs on the device after it was submitted and before the host saw its end, however busy the host is. So
//! with one offset and one rate between the clocks every GPU interval lies inside its host interval, and the rates
//! at which they can all do so are the answer: no scatter, and no assumption about it. A short test leaves a wide
//! range, and says nothing.

use super::{ClockChoice, TimerProof};
use crate::check::Sign;
use crate::measure::Sample;
use crate::stats;

/// Drift that no crystal has. Two of the worst ones in use, 100 ppm each, and the 500 ppm to which operating systems
/// limit a correction come to 700; but both clocks of a machine hang on quartz of 50 ppm and less, and a machine
/// that is being corrected that hard has a clock that nobody should measure with.
const MOST_PPM: f64 = 500.0;
/// Batches that are looked at; each is held against each.
const MOST_BATCHES: usize = 64;
/// Reading a clock takes a while, on either side.
const SLACK_NS: f64 = 1000.0;

/// Parts per million by which the GPU's clock can run faster than the host's, the least and the most, for all
/// batches to have run when the host waited for them. `None` where a batch has no timestamps, or where
/// nothing bounds it.
pub(super) fn range_ppm(samples: &[Sample], resolution_ns: Option<f64>) -> Option<[f64; 2]> {
    let stride = samples.len().div_ceil(MOST_BATCHES).max(1);
    let batches: Vec<[f64; 4]> = samples
        .iter()
        .step_by(stride)
        .map(|s| {
            let (gpu, host) = (s.gpu_start_ns? as f64, s.start_ns as f64);
            Some([gpu, gpu + s.gpu_ns? as f64, host, host + s.host_ns as f64])
        })
        .collect::<Option<_>>()?;
    let slack = 2.0 * (SLACK_NS + resolution_ns.unwrap_or_default());
    // Host time per GPU time.
    let (mut least, mut most) = (0.0f64, f64::INFINITY);
    for (at, first) in batches.iter().enumerate() {
        for later in &batches[at..] {
            let (gpu, host) = (later[1] - first[0], later[3] - first[2]);
            if gpu > 0.0 {
                most = most.min((host + slack) / gpu);
            }
            let (gpu, host) = (later[0] - first[1], later[2] - first[3]);
            if gpu > 0.0 {
                least = least.max((host - slack) / gpu);
            }
        }
    }
    let ppm = |rate: f64| (1.0 / rate - 1.0) * 1e6;
    let range = [ppm(most), ppm(least)];
    range.iter().all(|ppm| ppm.is_finite()).then_some(range)
}

/// The straight answer: the slope of the line through the batches' beginnings.
pub(super) fn ppm(samples: &[Sample]) -> Option<f64> {
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

/// A drift beyond what any crystal has, whichever way the range is read.
pub(super) fn sign(proof: &TimerProof) -> Option<Sign> {
    // Where the choice says that the clocks disagree there is no more to say.
    let agree = proof.choice == Some(ClockChoice::ClocksAgree);
    let [least, most] = proof.drift_range_ppm.filter(|_| agree)?;
    (least > MOST_PPM || most < -MOST_PPM).then(|| {
        Sign::new(
            "timer/drift",
            format!(
                "the GPU's clock runs {least:.0} to {most:.0} ppm faster than the host's (beyond {MOST_PPM:.0} either way no crystal explains it)"
            ),
            "one of the clocks was set to another rate: see who corrects the machine's clock, and what is loaded into the program",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Phase;

    /// Batches on a GPU clock that runs `ppm` faster, with waits of up to `jitter_ns` before and behind each.
    fn batches(count: u64, ppm: f64, jitter_ns: u64) -> Vec<Sample> {
        let mut at = 5_000_000_000u64;
        (0..count)
            .map(|n| {
                let wait = |salt: u64| 20_000 + (n * 7919 + salt).pow(2) % (jitter_ns + 1);
                let (before, work, behind) = (wait(1), 10_000_000 << (n % 3), wait(77));
                let start_ns = at;
                let gpu = |ns: u64| (ns as f64 * (1.0 + ppm / 1e6)) as u64;
                let (begin, end) = (gpu(at + before), gpu(at + before + work));
                at += before + work + behind + 300_000;
                Sample {
                    start_ns,
                    gpu_start_ns: Some(begin),
                    gpu_ns: Some(end - begin),
                    host_ns: before + work + behind,
                    dispatches: 10 << (n % 3),
                    phase: Phase::Scaling,
                    proven: Some(true),
                    process: 0,
                    tally: None,
                }
            })
            .collect()
    }

    fn outside(samples: &[Sample]) -> bool {
        let [least, most] = range_ppm(samples, Some(1.0)).unwrap();
        least > MOST_PPM || most < -MOST_PPM
    }

    #[test]
    fn an_honest_test_is_silent_however_short_and_however_busy_the_machine_is() {
        for count in [2, 3, 12, 300] {
            for jitter_ns in [0, 100_000, 50_000_000] {
                for ppm in [-100.0, 0.0, 60.0] {
                    let [least, most] = range_ppm(&batches(count, ppm, jitter_ns), None).unwrap();
                    assert!(least <= ppm && ppm <= most, "{least} {ppm} {most}");
                }
            }
        }
    }

    #[test]
    fn a_rate_that_no_crystal_has_is_seen_within_a_test() {
        for ppm in [-15_000.0, -2000.0, 2000.0, 15_000.0] {
            assert!(outside(&batches(12, ppm, 30_000)), "{ppm}");
        }
        assert!(outside(&batches(2000, 700.0, 30_000)), "a longer one sees less");
    }

    #[test]
    fn without_timestamps_nothing_is_known() {
        let mut samples = batches(12, 0.0, 0);
        samples[3].gpu_start_ns = None;
        assert_eq!(range_ppm(&samples, None), None);
        assert_eq!(range_ppm(&[], None), None);
        assert_eq!(range_ppm(&batches(1, 0.0, 0), None), None, "one batch has no rate from below");
    }
}
