//! Tallies that follow without a device: those of kernels whose every word is known on a CPU.

use super::reference::changed_word;
use crate::measure::{Batch, Phase, Sample, WITNESSES, choices, tally};
use crate::workload::{Job, Workload};

/// Words of results that are computed again, at the most.
const MOST_WORDS: u64 = 1 << 20;

/// How many of the batches of one process start were held against their tally; the error names one that has another.
/// `None` where the results are not known without a device, or the samples hold no tallies.
pub fn known_tallies(
    workload: &Workload,
    job: &Job,
    seed: u64,
    samples: &[&Sample],
) -> Option<Result<usize, String>> {
    let choices = choices(&job.nudges.list, job.output_bytes / 4);
    changed_word(workload, job, seed, &choices[0], 0)?;
    let last = samples.iter().rposition(|sample| sample.phase == Phase::Timed);
    let mut left = MOST_WORDS;
    let mut checked = 0;
    for (at, sample) in samples.iter().enumerate() {
        let said = sample.tally?;
        let words = u64::from(sample.dispatches) * u64::from(WITNESSES);
        let Some(rest) = left.checked_sub(words) else { continue };
        left = rest;
        let batch =
            Batch { dispatches: sample.dispatches, nonce: said.nonce, last: Some(at) == last };
        let word = |nudge: &_, at| changed_word(workload, job, seed, nudge, at).unwrap_or_default();
        if tally(&choices, batch, (job.output_bytes / 4) as u32, word) != said.expected {
            return Some(Err(format!("batch {at} has not the tally of its dispatches")));
        }
        checked += 1;
    }
    Some(Ok(checked))
}
