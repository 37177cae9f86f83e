//! What the tally of a batch must be: the twin of `shaders/tally.wgsl`.

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

/// Which word dispatch `at` of a batch finds in its first input.
fn choice(nonce: u32, dispatches: u32, at: u32) -> usize {
    if at == 0 || at + 1 >= dispatches {
        0
    } else {
        ((nonce ^ at).wrapping_mul(PRIME) >> 30) as usize
    }
}

/// The tally of a batch in which every dispatch ran once, in order, on its own input.
pub(super) fn expected(hashes: &[u32; NUDGES], nonce: u32, dispatches: u32) -> u32 {
    (0..dispatches).fold(0u32, |tally, at| {
        tally.wrapping_mul(PRIME).wrapping_add(hashes[choice(nonce, dispatches, at)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_dropped_or_repeated_dispatch_changes_the_tally(
            hashes: [u32; NUDGES], nonce: u32, n in 2u32..200, other in 1u32..200,
        ) {
            prop_assume!(n != other && hashes.iter().any(|h| *h != 0));
            let full = expected(&hashes, nonce, n);
            // What the device would report had it run only `other` of them.
            prop_assert_ne!(full, expected(&hashes, nonce, other));
        }

        #[test]
        fn another_batch_has_another_tally(hashes: [u32; NUDGES], a: u32, b: u32) {
            let distinct = hashes.windows(2).all(|pair| pair[0] != pair[1]);
            let same_choices = (1..63).all(|at| choice(a, 64, at) == choice(b, 64, at));
            prop_assume!(distinct && !same_choices);
            prop_assert_ne!(expected(&hashes, a, 64), expected(&hashes, b, 64));
        }
    }

    #[test]
    fn first_and_last_dispatch_run_on_the_original() {
        for n in 1..50 {
            assert_eq!(choice(0xDEAD_BEEF, n, 0), 0);
            assert_eq!(choice(0xDEAD_BEEF, n, n - 1), 0);
        }
        let middle: Vec<usize> = (1..99).map(|at| choice(7, 100, at)).collect();
        assert!((0..NUDGES).all(|word| middle.contains(&word)));
    }
}
