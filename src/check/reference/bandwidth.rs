//! Twin of `bandwidth_*.wgsl`: counts the words that do not match.

use rayon::prelude::*;

use super::Part;
use crate::workload::{
    Access, ElementType, Job, Nudge, TAG_SOURCE, TAG_TRIAD, TRIAD_FACTOR, inputs, read_vectors,
    written_word,
};

pub(super) fn wrong(access: Access, bytes: u64, job: &Job, seed: u64, part: Part<'_>) -> u64 {
    let steps = job.parameter("STEPS");
    let source = |vector: u64| inputs::words(seed, TAG_SOURCE, vector);
    let wrong = part.bytes.par_chunks_exact(16).enumerate().map(|(at, found)| {
        let at = part.first_byte / 16 + at as u64;
        let expected = match access {
            Access::Copy => source(at),
            // Exact in f32: the inputs are multiples of 2^-20 below 4.
            Access::Triad => {
                let value = |word| inputs::value_from_word(word, ElementType::F32);
                let [b, c] = TAG_TRIAD.map(|tag| inputs::words(seed, tag, at).map(value));
                std::array::from_fn(|i| (b[i] + TRIAD_FACTOR * c[i]).to_bits())
            }
            Access::Write => [0, 1, 2, 3].map(|i| written_word((at as u32) * 4 + i)),
            Access::Read => {
                read_vectors(at, bytes, steps).map(source).fold([0; 4], |sum, words| {
                    std::array::from_fn(|i| u32::wrapping_add(sum[i], words[i]))
                })
            }
        };
        let found: [u32; 4] = bytemuck::pod_read_unaligned(found);
        (0..4).filter(|i| found[*i] != expected[*i]).count() as u64
    });
    wrong.sum()
}

/// Word `at` of the result when the first input has been changed.
pub(super) fn changed_word(
    access: Access,
    bytes: u64,
    job: &Job,
    seed: u64,
    nudge: &Nudge,
    at: u32,
) -> u32 {
    let at = u64::from(at);
    let changed = |tag: u32, place: u64| {
        let word = inputs::words(seed, tag, place / 4)[(place % 4) as usize];
        (word, if place == u64::from(nudge.word) { nudge.mask } else { 0 })
    };
    let source = |place: u64| {
        let (word, mask) = changed(TAG_SOURCE, place);
        word ^ mask
    };
    match access {
        Access::Copy => source(at),
        Access::Write => written_word(at as u32),
        Access::Read => read_vectors(at / 4, bytes, job.parameter("STEPS"))
            .fold(0, |sum: u32, vector| sum.wrapping_add(source(4 * vector + at % 4))),
        Access::Triad => {
            let value = |word| inputs::value_from_word(word, ElementType::F32);
            let (b, mask) = changed(TAG_TRIAD[0], at);
            let (c, _) = changed(TAG_TRIAD[1], at);
            (f32::from_bits(value(b).to_bits() ^ mask) + TRIAD_FACTOR * value(c)).to_bits()
        }
    }
}
