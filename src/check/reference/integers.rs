//! Twins of `matmul_i8_*.wgsl` and `roof_i8.wgsl`: integers must be equal, there is no tolerance.

use std::sync::LazyLock;

use rayon::prelude::*;

use super::matmul::{FULL_REFERENCE, SAMPLED_ROWS, SIGN_VECTORS, TAG_ROWS, TAG_SIGNS};
use super::{Part, SAMPLED_COLUMNS, some_of};
use crate::check::verification::{Verification, exact};
use crate::workload::{Job, MatmulShape, ROOF_CLASSES, TAG_A, TAG_B, inputs, roof_i8_result};

/// Every word of the roof's result follows from its invocation's class.
pub(super) fn wrong_in_roof(part: Part<'_>) -> u64 {
    // Always the same, and a stranger's record asks for it part by part.
    static EXPECTED: LazyLock<Vec<[u32; 4]>> =
        LazyLock::new(|| (0..ROOF_CLASSES as u32).map(roof_i8_result).collect());
    let expected = &*EXPECTED;
    let found = part.bytes.par_chunks_exact(16).enumerate();
    let first = (part.first_byte / 16) as usize;
    let wrong = found.map(|(at, found)| {
        let found: [u32; 4] = bytemuck::pod_read_unaligned(found);
        let expected = expected[(first + at) % expected.len()];
        (0..4).filter(|i| found[*i] != expected[*i]).count() as u64
    });
    wrong.sum()
}

/// Compares every element, or of large products the whole by Freivalds' method and some rows.
pub(super) fn verify_matmul(
    shape: MatmulShape,
    job: &Job,
    seed: u64,
    output: &[u8],
) -> Verification {
    let product = Product { shape, seed, stride: job.output_padded[1], output };
    let MatmulShape { m, n, k, .. } = shape;
    if m * n * k <= FULL_REFERENCE {
        return exact(product.wrong_in_rows((0..m).collect()));
    }
    let sampled = (0..SAMPLED_ROWS)
        .map(|i| u64::from(inputs::words(seed, TAG_ROWS, i)[0]) % m)
        .chain([0, m - 1, 63 % m, 64 % m]);
    let wrong = product.wrong_in_rows(sampled.collect()) + product.freivalds();
    Verification { method: "freivalds+exact-rows".into(), ..exact(wrong) }
}

/// Of some elements of one row those that differ.
pub(super) fn wrong_in_row(
    shape: MatmulShape,
    job: &Job,
    seed: u64,
    part: Part<'_>,
    columns: u64,
) -> u64 {
    let product = Product { shape, seed, stride: job.output_padded[1], output: part.bytes };
    let a = product.input(TAG_A, part.first_byte / (4 * product.stride));
    let found: Vec<i32> = product.found_row(0).collect();
    let wrong = some_of(shape.n, SAMPLED_COLUMNS, columns).into_par_iter().filter(|column| {
        let b = product.input(TAG_B, *column);
        let products = a.iter().zip(&b).map(|(a, b)| i32::from(*a) * i32::from(*b));
        products.sum::<i32>() != found[*column as usize]
    });
    wrong.count() as u64
}

struct Product<'a> {
    shape: MatmulShape,
    seed: u64,
    stride: u64,
    output: &'a [u8],
}

impl Product<'_> {
    /// A row of A, or a column of B.
    fn input(&self, tag: u32, row: u64) -> Vec<i8> {
        let k = self.shape.k;
        let words = (0..k.div_ceil(4))
            .flat_map(|quad| inputs::words(self.seed, tag, row * k.div_ceil(4) + quad));
        words.take(k as usize).map(inputs::i8_from_word).collect()
    }

    fn found_row(&self, row: u64) -> impl Iterator<Item = i32> + '_ {
        let start = (4 * row * self.stride) as usize;
        let words = self.output[start..start + 4 * self.shape.n as usize].chunks_exact(4);
        words.map(bytemuck::pod_read_unaligned)
    }

    /// Elements of these rows that differ.
    fn wrong_in_rows(&self, rows: Vec<u64>) -> u64 {
        let a: Vec<(Vec<i8>, Vec<i32>)> = rows
            .into_iter()
            .map(|row| (self.input(TAG_A, row), self.found_row(row).collect()))
            .collect();
        let wrong = (0..self.shape.n).into_par_iter().map(|column| {
            let b = self.input(TAG_B, column);
            let differs = |(a, found): &&(Vec<i8>, Vec<i32>)| {
                let products = a.iter().zip(&b).map(|(a, b)| i32::from(*a) * i32::from(*b));
                products.sum::<i32>() != found[column as usize]
            };
            a.iter().filter(differs).count() as u64
        });
        wrong.sum()
    }

    /// Rows in which `C r` is not `A (B r)` for some random signs `r`. Sums are taken modulo 2^64, which no row of
    /// differences reaches.
    fn freivalds(&self) -> u64 {
        let MatmulShape { m, n, .. } = self.shape;
        let signs: Vec<u32> =
            (0..n.div_ceil(4)).flat_map(|q| inputs::words(self.seed, TAG_SIGNS, q)).collect();
        let signed = |value: i64, bits: u32, vector: usize| {
            if bits >> vector & 1 == 0 { value } else { -value }
        };
        let zero = || vec![[0i64; SIGN_VECTORS]; self.shape.k as usize];
        let add = |mut sums: Vec<[i64; SIGN_VECTORS]>, column: u64| {
            for (sum, value) in sums.iter_mut().zip(self.input(TAG_B, column)) {
                for (vector, sum) in sum.iter_mut().enumerate() {
                    *sum += signed(i64::from(value), signs[column as usize], vector);
                }
            }
            sums
        };
        let merge = |mut a: Vec<[i64; SIGN_VECTORS]>, b: Vec<[i64; SIGN_VECTORS]>| {
            a.iter_mut().flatten().zip(b.iter().flatten()).for_each(|(a, b)| *a += b);
            a
        };
        let b_r = (0..n).into_par_iter().fold(zero, add).reduce(zero, merge);
        let differs = |row: &u64| {
            let mut sums = [0i64; SIGN_VECTORS];
            for (found, bits) in self.found_row(*row).zip(&signs) {
                for (vector, sum) in sums.iter_mut().enumerate() {
                    *sum = sum.wrapping_sub(signed(i64::from(found), *bits, vector));
                }
            }
            for (a, b_r) in self.input(TAG_A, *row).into_iter().zip(&b_r) {
                for (sum, b) in sums.iter_mut().zip(b_r) {
                    *sum = sum.wrapping_add(i64::from(a).wrapping_mul(*b));
                }
            }
            sums != [0; SIGN_VECTORS]
        };
        (0..m).into_par_iter().filter(differs).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::ElementType;

    const SHAPE: MatmulShape =
        MatmulShape { m: 9, n: 21, k: 50, input: ElementType::I8, accumulate: ElementType::I32 };

    #[test]
    fn one_wrong_bit_is_found_by_both_checks() {
        fn of(output: &[u8]) -> Product<'_> {
            Product { shape: SHAPE, seed: 5, stride: 21, output }
        }
        let empty = of(&[]);
        let dot = |row, column| -> i32 {
            let (a, b) = (empty.input(TAG_A, row), empty.input(TAG_B, column));
            a.into_iter().zip(b).map(|(a, b)| i32::from(a) * i32::from(b)).sum()
        };
        let rows = (0..9).flat_map(|row| (0..21).map(move |column| (row, column)));
        let mut right: Vec<u8> = rows.flat_map(|(r, c)| dot(r, c).to_le_bytes()).collect();
        assert_eq!((of(&right).wrong_in_rows((0..9).collect()), of(&right).freivalds()), (0, 0));
        right[4 * (21 * 3 + 7)] ^= 1;
        assert_eq!((of(&right).wrong_in_rows((0..9).collect()), of(&right).freivalds()), (1, 1));
    }
}
