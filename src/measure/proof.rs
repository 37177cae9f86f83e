//! What the tally of a batch must be: the twin of `shaders/tally.wgsl`.

use super::Batch;

/// Words that the first input word is changed to in turn; the first is the original.
pub const NUDGES: usize = 4;
/// Words of a result that are hashed, at the most.
const WITNESSES: u64 = 16;
const PRIME: u32 = 0x9E37_79B1;

/// Which words of an output are hashed: how many, and how far apart.
pub(super) fn witnesses(output_bytes: u64) -> (u64, u64) {
    let words = output_bytes / 4;
    let count = words.min(WITNESSES);
    (count, (words / count.max(1)).max(1))
}

/// Hash of the witnesses of an output on the host.
pub(super) fn hash_of(output: &[u8]) -> u32 {
    let (count, stride) = witnesses(output.len() as u64);
    (0..count).fold(0x811C_9DC5, |hash: u32, at| {
        let start = 4 * (at * stride) as usize;
        let word: u32 = bytemuck::pod_read_unaligned(&output[start..start + 4]);
        (hash ^ word).wrapping_mul(0x0100_0193)
    })
}

/// Which word a dispatch of a batch finds in its first input.
fn choice(batch: Batch, at: u32) -> usize {
    if batch.last && at + 1 == batch.dispatches {
        0
    } else {
        ((batch.nonce ^ at).wrapping_mul(PRIME) >> 30) as usize
    }
}

/// The tally of a batch in which every dispatch ran once, in order, on its own input.
pub(super) fn expected(hashes: &[u32; NUDGES], batch: Batch) -> u32 {
    (0..batch.dispatches)
        .fold(0u32, |tally, at| tally.wrapping_mul(PRIME).wrapping_add(hashes[choice(batch, at)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn batch(nonce: u32, dispatches: u32) -> Batch {
        Batch { dispatches, nonce, last: false }
    }

    proptest! {
        #[test]
        fn a_dropped_or_repeated_dispatch_changes_the_tally(
            hashes: [u32; NUDGES], nonce: u32, n in 2u32..200, other in 1u32..200,
        ) {
            prop_assume!(n != other && hashes.iter().any(|h| *h != 0));
            // What the device would report had it run only `other` of them.
            prop_assert_ne!(expected(&hashes, batch(nonce, n)), expected(&hashes, batch(nonce, other)));
        }

        #[test]
        fn another_batch_has_another_tally(hashes: [u32; NUDGES], a: u32, b: u32) {
            let distinct = hashes.windows(2).all(|pair| pair[0] != pair[1]);
            let same = (0..64).all(|at| choice(batch(a, 64), at) == choice(batch(b, 64), at));
            prop_assume!(distinct && !same);
            prop_assert_ne!(expected(&hashes, batch(a, 64)), expected(&hashes, batch(b, 64)));
        }
    }

    #[test]
    fn the_last_dispatch_of_the_last_batch_runs_on_the_original_and_all_words_are_used() {
        for n in 1..50 {
            assert_eq!(choice(Batch { last: true, ..batch(0xDEAD_BEEF, n) }, n - 1), 0);
        }
        let all: Vec<usize> = (0..99).map(|at| choice(batch(7, 100), at)).collect();
        assert!((0..NUDGES).all(|word| all.contains(&word)));
        // A batch of a single dispatch is not always the same one.
        let single: Vec<usize> = (0..20).map(|n| choice(batch(n * 99_991, 1), 0)).collect();
        assert!((0..NUDGES).all(|word| single.contains(&word)));
    }
}
