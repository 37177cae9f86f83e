//! Batches of one, two and four times as many dispatches: what both clocks make of them.

use super::{Bench, Phase, Sample};
use crate::adapter::DeviceError;

/// Length of the shortest batch: long against the cost of a submission.
const BASE_MS: f64 = 10.0;
/// Repetitions of each size; the fastest counts, since what disturbs a batch only adds to it.
const REPETITIONS: usize = 4;

/// Samples of N, 2N and 4N dispatches in turns.
pub fn scaling(bench: &mut Bench) -> Result<Vec<Sample>, DeviceError> {
    bench.sample(1, Phase::Scaling)?;
    let once = bench.sample(1, Phase::Scaling)?;
    let base = (BASE_MS * 1e6 / (once.host_ns as f64).max(1.0)).ceil().clamp(1.0, 1024.0) as u32;
    let mut samples = Vec::new();
    for _ in 0..REPETITIONS {
        for factor in [1, 2, 4] {
            samples.push(bench.sample(base * factor, Phase::Scaling)?);
        }
    }
    Ok(samples)
}
