//! What the tally of a batch must be: the twin of `shaders/setup/tally.wgsl`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Batch;
use crate::workload::Nudge;

/// Words of a result that are looked at after each dispatch.
pub const WITNESSES: u32 = 16;
/// Those of them that lie where the changed input must show.
pub(super) const AIMED: u32 = 4;
/// Which random numbers of a dispatch say what: the first ones are places of witnesses.
const HASHES: u32 = 64;
const CHOICE: u32 = 128;

/// What the tally says of the dispatches of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DispatchProof {
    /// Each found one of several inputs and wrote that one's result, at places that no other dispatch was asked for.
    Recomputed,
    /// Each wrote its result anew, but there is no input to change: it may be one that the device remembers.
    CountedOnly,
    /// Other inputs did not give other results, so that nothing is proven.
    Indistinct,
}

/// A random number of a dispatch. Twin of `mix` in the shader.
fn mix(nonce: u32, dispatch: u32, salt: u32) -> u32 {
    let mut x = nonce ^ dispatch.wrapping_mul(0x9E37_79B1) ^ salt.wrapping_mul(0x85EB_CA77);
    x = (x ^ (x >> 16)).wrapping_mul(0x7FEB_352D);
    x = (x ^ (x >> 15)).wrapping_mul(0x846C_A68B);
    x ^ (x >> 16)
}

/// The changes of a job's inputs as the device sees them: none, then those of the job.
pub fn choices(nudges: &[Nudge], output_words: u64) -> Vec<Nudge> {
    let none = Nudge { word: 0, mask: 0, first: 0, stride: 1, count: output_words as u32 };
    std::iter::once(none).chain(nudges.iter().copied()).collect()
}

/// Which of them a dispatch of a batch finds.
fn choice(batch: Batch, dispatch: u32, choices: usize) -> usize {
    if batch.last && dispatch + 1 == batch.dispatches {
        0
    } else {
        mix(batch.nonce, dispatch, CHOICE) as usize % choices
    }
}

/// Which word of the result a witness is.
fn place(batch: Batch, dispatch: u32, witness: u32, nudge: Nudge, words: u32) -> u32 {
    let random = mix(batch.nonce, dispatch, witness);
    if witness < AIMED { nudge.first + random % nudge.count * nudge.stride } else { random % words }
}

/// What the dispatches of a batch that find `chosen` add to its tally, each having given `result`.
pub(super) fn share(choices: &[Nudge], chosen: usize, batch: Batch, result: &[u8]) -> u32 {
    let word = |_: &Nudge, at: u32| bytemuck::pod_read_unaligned(&result[4 * at as usize..][..4]);
    sum(choices, batch, result.len() as u32 / 4, &word, |dispatch| {
        choice(batch, dispatch, choices.len()) == chosen
    })
}

/// The tally of a batch whose results are known word by word: `word` gives that of a place under a change.
pub fn tally(
    choices: &[Nudge],
    batch: Batch,
    words: u32,
    word: impl Fn(&Nudge, u32) -> u32,
) -> u32 {
    sum(choices, batch, words, &word, |_| true)
}

fn sum(
    choices: &[Nudge],
    batch: Batch,
    words: u32,
    word: &impl Fn(&Nudge, u32) -> u32,
    counts: impl Fn(u32) -> bool,
) -> u32 {
    let of = |dispatch: u32| {
        let nudge = &choices[choice(batch, dispatch, choices.len())];
        (0..WITNESSES).fold(0u32, |sum, witness| {
            let word = word(nudge, place(batch, dispatch, witness, *nudge, words));
            sum.wrapping_add(mix(word ^ batch.nonce, dispatch, HASHES + witness))
        })
    };
    let counted = (0..batch.dispatches).filter(|dispatch| counts(*dispatch));
    counted.fold(0u32, |sum, dispatch| sum.wrapping_add(of(dispatch)))
}

/// Digest of a whole result, to tell results apart.
pub(super) fn digest(result: &[u8]) -> u64 {
    result.chunks_exact(4).map(bytemuck::pod_read_unaligned::<u32>).fold(0, |digest: u64, word| {
        (digest ^ u64::from(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    })
}

/// What is proven, by the digests of the results on each choice.
pub(super) fn judge(digests: &[u64]) -> DispatchProof {
    let mut distinct = digests.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    match digests.len() {
        0 | 1 => DispatchProof::CountedOnly,
        all if all == distinct.len() => DispatchProof::Recomputed,
        _ => DispatchProof::Indistinct,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn batch(nonce: u32, dispatches: u32) -> Batch {
        Batch { dispatches, nonce, last: false }
    }

    /// A product of 64 x 64 whose columns change one at a time.
    fn columns() -> Vec<Nudge> {
        let column = |first| Nudge { word: first, mask: 1, first, stride: 64, count: 64 };
        choices(&[3, 17, 40].map(column), 64 * 64)
    }

    fn results() -> Vec<Vec<u8>> {
        let word = |at: u32, turned: bool| mix(1, at, u32::from(turned)).to_le_bytes();
        let of = |nudge: &Nudge| {
            (0..64 * 64).flat_map(|at| word(at, nudge.mask > 0 && at % 64 == nudge.first)).collect()
        };
        columns().iter().map(of).collect()
    }

    /// What a device adds up that gives `answer` of each choice.
    fn tally(batch: Batch, answer: impl Fn(usize) -> usize) -> u32 {
        let results = results();
        (0..4).fold(0u32, |sum, at| {
            sum.wrapping_add(share(&columns(), at, batch, &results[answer(at)]))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_dropped_or_repeated_dispatch_changes_the_tally(nonce: u32, n in 1u32..40, other in 1u32..40) {
            prop_assume!(n != other);
            prop_assert_ne!(tally(batch(nonce, n), |at| at), tally(batch(nonce, other), |at| at));
        }

        #[test]
        fn another_batch_has_another_tally(a: u32, b: u32) {
            prop_assume!(a != b);
            prop_assert_ne!(tally(batch(a, 20), |at| at), tally(batch(b, 20), |at| at));
        }

        #[test]
        fn the_result_of_another_input_changes_the_tally(nonce: u32) {
            prop_assert_ne!(tally(batch(nonce, 20), |at| at), tally(batch(nonce, 20), |_| 0));
        }

        #[test]
        fn a_device_that_does_nothing_has_not_the_tally(nonce: u32, n in 1u32..40) {
            let zeros = vec![0; 64 * 64 * 4];
            let expected = (0..4).fold(0u32, |sum, at| sum.wrapping_add(share(&columns(), at, batch(nonce, n), &zeros)));
            prop_assert_ne!(expected, 0);
        }
    }

    #[test]
    fn the_last_dispatch_of_the_last_batch_runs_on_the_original_and_all_choices_are_used() {
        for n in 1..50 {
            assert_eq!(choice(Batch { last: true, ..batch(0xDEAD_BEEF, n) }, n - 1, 4), 0);
        }
        let all: Vec<usize> = (0..99).map(|at| choice(batch(7, 100), at, 8)).collect();
        assert!((0..8).all(|word| all.contains(&word)));
        // A batch of a single dispatch is not always the same one.
        let single: Vec<usize> = (0..99).map(|n| choice(batch(n * 99_991, 1), 0, 8)).collect();
        assert!((0..8).all(|word| single.contains(&word)));
    }

    #[test]
    fn witnesses_lie_all_over_the_result_and_in_the_reach_of_the_change() {
        let nudge = columns()[2];
        let at = |dispatch, witness| place(batch(9, 999), dispatch, witness, nudge, 64 * 64);
        let aimed = (0..99).flat_map(|d| (0..AIMED).map(move |w| at(d, w)));
        assert!(aimed.into_iter().all(|place| place % 64 == 17));
        let free: Vec<u32> =
            (0..99).flat_map(|d| (AIMED..WITNESSES).map(move |w| at(d, w))).collect();
        for part in 0..64 {
            assert!(free.iter().any(|place| place % 64 == part), "no witness in column {part}");
            assert!(free.iter().any(|place| place / 64 == part), "no witness in row {part}");
        }
    }

    #[test]
    fn results_that_are_alike_prove_nothing() {
        assert_eq!(judge(&[5]), DispatchProof::CountedOnly);
        assert_eq!(judge(&[5, 6, 7]), DispatchProof::Recomputed);
        assert_eq!(judge(&[0, 0, 0]), DispatchProof::Indistinct);
        assert_eq!(judge(&[5, 6, 5]), DispatchProof::Indistinct);
        assert_ne!(digest(&[1, 0, 0, 0, 2, 0, 0, 0]), digest(&[2, 0, 0, 0, 1, 0, 0, 0]));
    }
}
