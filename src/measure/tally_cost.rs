//! What the tally costs: its own dispatch is inside the time of every dispatch.

use super::{Batch, Clock, Rig};
use crate::adapter::DeviceError;

/// Lengths of the batches; what a submission costs is the same for both, and drops out of their difference.
const SHORT: u32 = 32;
const LONG: u32 = 128;
/// Repetitions of each; the fastest counts, since what disturbs a batch only adds to it.
const REPETITIONS: u32 = 3;

/// Time of one of the tally's dispatches, from batches of nothing else. `None` where the clock gave no answer or
/// the longer batch was not the longer one.
pub(super) fn measure(rig: &mut dyn Rig, clock: Clock) -> Result<Option<f64>, DeviceError> {
    let mut fastest = [None; 2];
    for repetition in 0..REPETITIONS {
        for (dispatches, fastest) in [SHORT, LONG].into_iter().zip(&mut fastest) {
            let raw = rig.run_tally(Batch { dispatches, nonce: repetition, last: false })?;
            let ticks = raw.ticks.filter(|[begin, end]| *begin != 0 && end > begin);
            let ns = match clock {
                Clock::Gpu => ticks.map(|[begin, end]| (end - begin) as f64 * rig.ns_per_tick()),
                Clock::Host => Some(raw.host_ns as f64),
            };
            *fastest = [*fastest, ns].into_iter().flatten().reduce(f64::min);
        }
    }
    let [Some(short), Some(long)] = fastest else { return Ok(None) };
    let each = (long - short) / f64::from(LONG - SHORT);
    Ok((each > 0.0).then_some(each))
}
