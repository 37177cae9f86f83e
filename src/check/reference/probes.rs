//! Twins of `roof.wgsl`, `roof_matrix.wgsl`, `chain.wgsl` and `empty.wgsl`.

use super::matmul::sum_bound;
use super::{Part, Worst};
use crate::check::verification::U_F32;
use crate::workload::{
    CHAIN_BLOCK, EMPTY_WORD, ElementType, Job, RoofResult, TAG_FRAGMENTS_A, TAG_FRAGMENTS_B, inputs,
};

/// The roof's result counts its own steps, in exact arithmetic.
pub(super) fn wrong_in_roof(part: Part<'_>) -> u64 {
    let expected = RoofResult::new();
    let wrong =
        part.floats().filter(|(at, found)| *found != f64::from(expected.at(at / 4, at % 4)));
    wrong.count() as u64
}

/// Every element is STEPS times that of a small product.
pub(super) fn matrix_roof(job: &Job, seed: u64, part: Part<'_>) -> Worst {
    let (edge, steps) = (job.parameter("EDGE"), job.parameter("STEPS"));
    let fragments = |tag| -> Vec<f64> {
        let rows = 0..2 * edge;
        rows.flat_map(|row| inputs::row(seed, tag, row, edge, ElementType::F16))
            .map(f64::from)
            .collect()
    };
    let (a, b) = (fragments(TAG_FRAGMENTS_A), fragments(TAG_FRAGMENTS_B));
    let at = |row: u64, column: u64| (row * edge + column) as usize;
    let bound = matrix_roof_bound(job);
    let mut worst = Worst::default();
    for (index, found) in part.floats() {
        let (cell, row, column) = (index / (edge * edge) % 4, index / edge % edge, index % edge);
        let products =
            (0..edge).map(|k| a[at(cell / 2 * edge + row, k)] * b[at(cell % 2 * edge + k, column)]);
        let (sum, magnitude) = products.fold((0.0, 0.0), |(s, m), p: f64| (s + p, m + p.abs()));
        let steps = steps as f64;
        worst.compare(found, steps * sum, steps * magnitude, bound);
    }
    worst
}

/// Error allowed in an element of the matrix roof.
pub(super) fn matrix_roof_bound(job: &Job) -> f64 {
    sum_bound(job.parameter("STEPS") * job.parameter("EDGE"), U_F32)
}

/// What the kernel that does nothing stores.
pub(super) const EMPTY: u32 = EMPTY_WORD;

/// Each chain counts the blocks that came out right; its end is its start.
pub(super) fn wrong_in_chain(steps: u64, part: Part<'_>) -> u64 {
    let expected = [0.5, (steps / CHAIN_BLOCK) as f64, 0.0, 0.0];
    let wrong = part.floats().filter(|(at, found)| *found != expected[*at as usize % 4]);
    wrong.count() as u64
}

pub(super) fn wrong_in_empty(part: Part<'_>) -> u64 {
    u64::from(part.bytes != EMPTY.to_le_bytes())
}
