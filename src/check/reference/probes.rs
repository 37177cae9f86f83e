//! Twins of `roof.wgsl`, `roof_matrix.wgsl`, `chain.wgsl` and `empty.wgsl`.

use super::Worst;
use super::matmul::sum_bound;
use crate::check::verification::{U_F32, Verification, exact, float_at};
use crate::workload::{
    CHAIN_BLOCK, EMPTY_WORD, ElementType, Job, RoofResult, TAG_FRAGMENTS_A, TAG_FRAGMENTS_B, inputs,
};

/// The roof's result counts its own steps, in exact arithmetic.
pub(super) fn verify_roof(output: &[u8]) -> Verification {
    let expected = RoofResult::new();
    let wrong = (0..output.len() as u64 / 4).filter(|at| {
        float_at(output, ElementType::F32, *at) != f64::from(expected.at(at / 4, at % 4))
    });
    exact(wrong.count() as u64)
}

/// Every element is STEPS times that of a small product.
pub(super) fn verify_matrix_roof(job: &Job, seed: u64, output: &[u8]) -> Verification {
    let (edge, steps) = (job.parameter("EDGE"), job.parameter("STEPS"));
    let fragments = |tag| -> Vec<f64> {
        let rows = 0..2 * edge;
        rows.flat_map(|row| inputs::row(seed, tag, row, edge, ElementType::F16))
            .map(f64::from)
            .collect()
    };
    let (a, b) = (fragments(TAG_FRAGMENTS_A), fragments(TAG_FRAGMENTS_B));
    let at = |row: u64, column: u64| (row * edge + column) as usize;
    let bound = sum_bound(steps * edge, U_F32);
    let mut worst = Worst::default();
    for index in 0..output.len() as u64 / 4 {
        let (cell, row, column) = (index / (edge * edge) % 4, index / edge % edge, index % edge);
        let products =
            (0..edge).map(|k| a[at(cell / 2 * edge + row, k)] * b[at(cell % 2 * edge + k, column)]);
        let (sum, magnitude) = products.fold((0.0, 0.0), |(s, m), p: f64| (s + p, m + p.abs()));
        let steps = steps as f64;
        let found = float_at(output, ElementType::F32, index);
        worst.compare(found, steps * sum, steps * magnitude, bound);
    }
    worst.into_verification("f64-reference", "(|A||B|) of the element")
}

/// Each chain counts the blocks that came out right; its end is its start.
pub(super) fn verify_chain(steps: u64, output: &[u8]) -> Verification {
    let expected = [0.5, (steps / CHAIN_BLOCK) as f64, 0.0, 0.0];
    let wrong = (0..output.len() as u64 / 4)
        .filter(|at| float_at(output, ElementType::F32, *at) != expected[*at as usize % 4]);
    exact(wrong.count() as u64)
}

pub(super) fn verify_empty(output: &[u8]) -> Verification {
    exact(u64::from(output != EMPTY_WORD.to_le_bytes()))
}
