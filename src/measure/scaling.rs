//! Batches of one, two and four times as many dispatches: what both clocks make of them.

use super::{Bench, Measurement, Phase, Sample};
use crate::adapter::DeviceError;

/// Length of the shortest batch: long against the cost of a submission.
const BASE_MS: f64 = 10.0;
/// Repetitions of each size; the fastest counts, since what disturbs a batch only adds to it.
const REPETITIONS: usize = 4;

/// Samples of N, 2N and 4N dispatches in turns, proven, and what the last of them left behind.
pub fn scaling(bench: &mut Bench) -> Result<(Vec<Sample>, Measurement), DeviceError> {
    bench.sample(1, Phase::Scaling)?;
    let once = bench.sample(1, Phase::Scaling)?;
    let base = (BASE_MS * 1e6 / (once.host_ns as f64).max(1.0)).ceil().clamp(1.0, 1024.0) as u32;
    let first = bench.samples().len();
    for _ in 1..REPETITIONS {
        for factor in [1, 2, 4] {
            bench.sample(base * factor, Phase::Scaling)?;
        }
    }
    bench.sample(base, Phase::Scaling)?;
    bench.sample(2 * base, Phase::Scaling)?;
    bench.last_sample(4 * base, Phase::Scaling)?;
    let examined = bench.examine()?;
    Ok((examined.samples[first..].to_vec(), examined))
}
