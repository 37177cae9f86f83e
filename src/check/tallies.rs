//! Tallies that follow without a device: those of kernels whose every word is known on a CPU.

use super::reference::changed_word;
use crate::measure::{Batch, Phase, Sample, WITNESSES, choices, tally};
use crate::workload::{Job, Workload};

/// Words of results that are computed again of a workload in one process start, at the most.
const MOST_WORDS: u64 = 1 << 20;
/// And of a whole record: a stranger says of how many process starts it is.
const MOST_OF_A_RECORD: u64 = 1 << 24;

/// Words that are computed again of each workload in each process start, where there are so many of both together.
pub fn tally_words(groups: usize) -> u64 {
    MOST_WORDS.min(MOST_OF_A_RECORD / (groups as u64).max(1))
}

/// Whether the results of such a workload are known without a device.
pub fn tallies_are_known(workload: &Workload, job: &Job) -> bool {
    let streams = matches!(workload, Workload::Bandwidth { .. } | Workload::Empty);
    streams && !job.has_zero_inputs()
}

/// How many of the batches of one process start were held against their tally, within so many words; the error names
/// one that has another. `None` where the results are not known without a device, or the samples hold no tallies.
pub fn known_tallies(
    workload: &Workload,
    job: &Job,
    seed: u64,
    samples: &[&Sample],
    words: u64,
) -> Option<Result<usize, String>> {
    let choices = choices(&job.nudges.list, job.output_bytes / 4);
    changed_word(workload, job, seed, &choices[0], 0)?;
    let last = samples.iter().rposition(|sample| sample.phase == Phase::Timed);
    let mut left = words;
    let mut checked = 0;
    for (at, sample) in samples.iter().enumerate() {
        let said = sample.tally?;
        let own = u64::from(sample.dispatches) * u64::from(WITNESSES);
        let Some(rest) = left.checked_sub(own) else { continue };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_many_starts_is_computed_again_as_far_as_one_of_few() {
        assert_eq!(tally_words(0), MOST_WORDS);
        assert_eq!(tally_words(1), MOST_WORDS);
        for groups in [16, 17, 3_000, 1 << 20, 1 << 40] {
            assert!(tally_words(groups) * groups as u64 <= MOST_OF_A_RECORD, "{groups}");
        }
    }
}
