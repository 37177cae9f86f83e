//! Twins of `roof.wgsl` and `empty.wgsl`: exact results.

use super::{Verification, exact};
use crate::workload::{EMPTY_WORD, Workload, roof_result};

/// The roof's result counts its own steps, in exact arithmetic.
pub(super) fn verify_roof(workload: &Workload, output: &[u8]) -> Verification {
    let wrong = output.chunks_exact(4).enumerate().filter(|(at, word)| {
        let expected = roof_result(*at as u64 / 4, *at as u64 % 4);
        bytemuck::pod_read_unaligned::<f32>(word) != expected
    });
    let precision = workload.input().map(|element| format!("{element:?}").to_lowercase());
    Verification { effective_precision: precision, ..exact(wrong.count() as u64) }
}

pub(super) fn verify_empty(output: &[u8]) -> Verification {
    exact(u64::from(output != EMPTY_WORD.to_le_bytes()))
}
