//! The roof of 8-bit integer dot products on vector units, and what it must give.

use super::job::{constant, linear_grid, with_constants};
use super::probes::WORKGROUP;
use super::{Job, nudge};

/// Steps of each pair of chains.
const STEPS: u64 = 512;
/// Pairs of chains of an invocation.
const CHAINS: u64 = 8;
/// Operations of an invocation: a step has two dot products of four multiply-adds.
pub(super) const OPS: u64 = STEPS * CHAINS * 2 * 8;
/// Invocations that are this far apart do the same, so that the host need not repeat all of it.
pub(crate) const CLASSES: u64 = 256;
/// The factors' bytes: odd ones of both signs.
const FACTORS: [u32; 2] = [0x3BA5_4FD3, 0x459D_3167];

/// Candidates, preferred first.
pub(super) fn jobs(invocations: u64) -> Vec<Job> {
    [4, 8, 2, 1].map(|unroll| job(invocations, unroll)).into()
}

fn job(invocations: u64, unroll: u64) -> Job {
    let invocations = invocations.next_multiple_of(WORKGROUP);
    let lines = [
        constant("WORKGROUP", WORKGROUP),
        constant("INVOCATIONS", invocations),
        constant("STEPS", STEPS),
        constant("UNROLL", unroll),
        constant("CLASSES", CLASSES),
    ];
    let [first, second] = FACTORS.map(f32::from_bits);
    Job {
        source: with_constants(include_str!("../../shaders/probe/roof_i8.wgsl"), &lines),
        parameters: vec![("UNROLL", unroll)],
        grid: linear_grid(invocations, WORKGROUP),
        values: vec![first, second, 0.0, 0.0],
        nudges: nudge::values(1, invocations * 4),
        output_bytes: invocations * 16,
        output_padded: [invocations, 4],
        invocations: WORKGROUP as u32,
        ..Job::new("roof_i8")
    }
}

/// `dot4I8Packed` of WGSL.
fn dot4(a: u32, b: u32) -> i32 {
    let bytes = |word: u32| word.to_le_bytes().map(|byte| i32::from(byte.cast_signed()));
    bytes(a).into_iter().zip(bytes(b)).map(|(a, b)| a * b).sum()
}

fn step([x, y]: [i32; 2], [first, second]: [u32; 2]) -> [i32; 2] {
    let x = x.wrapping_add(dot4(y.cast_unsigned(), first));
    [x, y.wrapping_add(dot4(x.cast_unsigned(), second))]
}

fn start(class: u32, chain: u32) -> [i32; 2] {
    [1, 2].map(|i| (class * 16 + chain * 2 + i).wrapping_mul(0x9E37_79B1).cast_signed())
}

/// The four words of every invocation of a class.
pub(crate) fn result(class: u32) -> [u32; 4] {
    let factors = FACTORS.map(|factor| factor ^ class);
    let end = |chain| (0..STEPS).fold(start(class, chain), |state, _| step(state, factors));
    [0, 2, 4, 6].map(|chain| {
        let ([ax, ay], [bx, by]) = (end(chain), end(chain + 1));
        let parts = [(1, ax), (3, ay), (5, bx), (7, by)];
        parts.into_iter().fold(0u32, |sum, (factor, part)| {
            sum.wrapping_add(part.cast_unsigned().wrapping_mul(factor))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A step can be undone: different starts never come to the same end.
        #[test]
        fn a_step_has_an_inverse(x: i32, y: i32, first: u32, second: u32) {
            let [x1, y1] = step([x, y], [first, second]);
            let y0 = y1.wrapping_sub(dot4(x1.cast_unsigned(), second));
            let x0 = x1.wrapping_sub(dot4(y0.cast_unsigned(), first));
            prop_assert_eq!([x0, y0], [x, y]);
        }
    }

    #[test]
    fn all_classes_differ_and_no_chain_stands_still() {
        let mut all: Vec<[u32; 4]> = (0..CLASSES as u32).map(result).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len() as u64, CLASSES);
        for class in 0..CLASSES as u32 {
            for chain in 0..CHAINS as u32 {
                let factors = FACTORS.map(|factor| factor ^ class);
                let before = (1..STEPS).fold(start(class, chain), |s, _| step(s, factors));
                assert_ne!(step(before, factors), before, "{class} {chain}");
            }
        }
    }
}
