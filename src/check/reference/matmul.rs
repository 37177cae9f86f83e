//! Reference of `matmul_*.wgsl`, and two ways to compare with it.
//!
//! Up to [`FULL_REFERENCE`] multiply-adds every element is compared with an f64 product. Above,
//! Freivalds' method (1977) tests the whole product with random signs in O(n^2) and random rows
//! are compared element by element.

use ndarray::Array2;
use rayon::prelude::*;

use super::{Part, SAMPLED_COLUMNS, Worst, some_of};
use crate::check::verification::{U_F16, U_F32, Verification, float_at};
use crate::workload::{ElementType, Job, MatmulShape, TAG_A, TAG_B, inputs};

/// Multiply-adds up to which the whole f64 product is affordable.
pub(super) const FULL_REFERENCE: u64 = 1 << 30;
/// Random sign vectors: a wrong product passes all of them with probability 2^-20 at the most.
pub(super) const SIGN_VECTORS: usize = 20;
/// Rows compared element by element beside Freivalds' method.
pub(super) const SAMPLED_ROWS: u64 = 64;
/// Some rows, element by element.
pub(super) const ROWS: &str = "f64-rows";
/// What errors of elements are shares of.
pub(super) const RELATIVE_TO: &str = "(|A||B|) of the element";
/// Random streams of the sign vectors and of the choice of rows.
pub(super) const TAG_SIGNS: u32 = 101;
pub(super) const TAG_ROWS: u32 = 102;

pub(super) fn verify(shape: MatmulShape, job: &Job, seed: u64, output: &[u8]) -> Verification {
    let product = Product { shape, seed, stride: job.output_padded[1], output };
    if shape.m * shape.n * shape.k <= FULL_REFERENCE {
        product.every_element().into_verification("f64-reference", RELATIVE_TO)
    } else {
        let rows = product.sampled_rows().into_verification(ROWS, RELATIVE_TO);
        let signs = product.freivalds().into_verification("freivalds", "the norm of the row");
        let worse = if signs.passed { rows.clone() } else { signs.clone() };
        Verification {
            method: "freivalds+f64-rows".into(),
            effective_precision: rows.effective_precision,
            passed: rows.passed && signs.passed,
            ..worse
        }
    }
}

/// Compares some elements of one row.
pub(super) fn row(shape: MatmulShape, job: &Job, seed: u64, part: Part<'_>, columns: u64) -> Worst {
    let product = Product { shape, seed, stride: job.output_padded[1], output: part.bytes };
    let row = part.first_byte / (product.stride * shape.accumulate.bytes());
    let a: Vec<f64> = product.input(TAG_A, row, shape.k).map(f64::from).collect();
    let bound = sum_bound(shape.k, product.roundoff());
    let quads = shape.n.div_ceil(4);
    let mut worst = Worst::default();
    for quad in some_of(quads, SAMPLED_COLUMNS / 4, columns) {
        let (mut expected, mut scale) = ([0.0; 4], [0.0; 4]);
        for (inner, a) in a.iter().enumerate() {
            for (j, word) in
                inputs::words(seed, TAG_B, inner as u64 * quads + quad).iter().enumerate()
            {
                let p = a * f64::from(inputs::value_from_word(*word, shape.input));
                expected[j] += p;
                scale[j] += p.abs();
            }
        }
        for j in (0..4).filter(|j| 4 * quad + j < shape.n) {
            let found = float_at(part.bytes, shape.accumulate, 4 * quad + j);
            worst.compare(found, expected[j as usize], scale[j as usize], bound);
        }
    }
    worst
}

/// Error allowed in one sum of `k` products, as a share of the sum of their magnitudes:
/// the smaller of the worst case `k u / (1 - k u)` and the probabilistic `8 sqrt(k) u`
/// (Higham and Mary, SIAM J. Sci. Comput. 41(5), 2019).
pub(super) fn sum_bound(k: u64, roundoff: f64) -> f64 {
    let k = k as f64;
    let worst =
        if k * roundoff < 1.0 { k * roundoff / (1.0 - k * roundoff) } else { f64::INFINITY };
    worst.min(8.0 * k.sqrt() * roundoff)
}

fn roundoff(accumulate: ElementType) -> f64 {
    match accumulate {
        ElementType::F32 => U_F32,
        ElementType::F16 => U_F16,
        ElementType::I8 | ElementType::I32 => 0.0, // compared exactly
    }
}

/// Error allowed in the sum of a row under random signs, as a share of the row's norm. The rounding errors of a row add up like a random walk: ten times its expected length,
/// `u sqrt(k/6)` of the norm, still shows one lost product in a row.
pub(in crate::check) fn signed_bound(k: u64, accumulate: ElementType) -> f64 {
    10.0 * roundoff(accumulate) * (k as f64 / 6.0).sqrt()
}

struct Product<'a> {
    shape: MatmulShape,
    seed: u64,
    stride: u64,
    output: &'a [u8],
}

impl Product<'_> {
    /// Unit roundoff of the sums.
    fn roundoff(&self) -> f64 {
        roundoff(self.shape.accumulate)
    }

    fn input(&self, tag: u32, row: u64, columns: u64) -> impl Iterator<Item = f32> + use<> {
        inputs::row(self.seed, tag, row, columns, self.shape.input)
    }

    fn every_element(&self) -> Worst {
        let MatmulShape { m, n, k, .. } = self.shape;
        let (a, b) = (self.matrix(TAG_A, m, k), self.matrix(TAG_B, k, n));
        let expected = a.dot(&b);
        let scale = a.abs().dot(&b.abs());
        (0..m)
            .into_par_iter()
            .map(|row| {
                let at = row as usize;
                self.compare_row(row, &expected.row(at).to_vec(), &scale.row(at).to_vec())
            })
            .reduce(Worst::default, Worst::merge)
    }

    fn sampled_rows(&self) -> Worst {
        let MatmulShape { m, n, k, .. } = self.shape;
        let chosen = (0..SAMPLED_ROWS)
            .map(|i| u64::from(inputs::words(self.seed, TAG_ROWS, i)[0]) % m)
            .chain([0, m - 1, 63 % m, 64 % m]);
        let chosen: Vec<u64> = chosen.collect();
        chosen
            .into_par_iter()
            .map(|row| {
                let mut expected = vec![0.0; n as usize];
                let mut scale = vec![0.0; n as usize];
                for (inner, a) in self.input(TAG_A, row, k).enumerate() {
                    let a = f64::from(a);
                    for (j, b) in self.input(TAG_B, inner as u64, n).enumerate() {
                        let product = a * f64::from(b);
                        expected[j] += product;
                        scale[j] += product.abs();
                    }
                }
                self.compare_row(row, &expected, &scale)
            })
            .reduce(Worst::default, Worst::merge)
    }

    /// Compares `C r` with `A (B r)` for random signs `r`, row by row.
    fn freivalds(&self) -> Worst {
        let MatmulShape { m, n, k, .. } = self.shape;
        let signs: Vec<u32> =
            (0..n.div_ceil(4)).flat_map(|q| inputs::words(self.seed, TAG_SIGNS, q)).collect();
        let signed = |values: &mut dyn Iterator<Item = f64>| -> [f64; SIGN_VECTORS] {
            let mut sums = [0.0; SIGN_VECTORS];
            for (value, bits) in values.zip(&signs) {
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum += if bits >> v & 1 == 0 { value } else { -value };
                }
            }
            sums
        };
        let b_r: Vec<[f64; SIGN_VECTORS]> = (0..k)
            .into_par_iter()
            .map(|row| signed(&mut self.input(TAG_B, row, n).map(f64::from)))
            .collect();
        let bound = signed_bound(k, self.shape.accumulate);
        (0..m)
            .into_par_iter()
            .map(|row| {
                let found = signed(&mut self.found_row(row));
                let norm = self.found_row(row).map(|c| c * c).sum::<f64>().sqrt();
                let mut expected = [0.0; SIGN_VECTORS];
                for (a, signs) in self.input(TAG_A, row, k).zip(&b_r) {
                    for (sum, b) in expected.iter_mut().zip(signs) {
                        *sum += f64::from(a) * b;
                    }
                }
                let mut worst = Worst::default();
                for (found, expected) in found.into_iter().zip(expected) {
                    worst.compare(found, expected, norm, bound);
                }
                worst
            })
            .reduce(Worst::default, Worst::merge)
    }

    fn compare_row(&self, row: u64, expected: &[f64], scale: &[f64]) -> Worst {
        let bound = sum_bound(self.shape.k, self.roundoff());
        let mut worst = Worst::default();
        for ((found, expected), scale) in self.found_row(row).zip(expected).zip(scale) {
            worst.compare(found, *expected, *scale, bound);
        }
        worst
    }

    fn found_row(&self, row: u64) -> impl Iterator<Item = f64> + '_ {
        let element = self.shape.accumulate;
        let start = row * self.stride;
        (start..start + self.shape.n).map(move |at| float_at(self.output, element, at))
    }

    fn matrix(&self, tag: u32, rows: u64, columns: u64) -> Array2<f64> {
        let values: Vec<f64> = (0..rows)
            .into_par_iter()
            .flat_map_iter(|row| self.input(tag, row, columns).map(f64::from))
            .collect();
        Array2::from_shape_vec((rows as usize, columns as usize), values)
            .expect("as many values as rows times columns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn correct_product(shape: MatmulShape, seed: u64) -> Vec<u8> {
        let product = Product { shape, seed, stride: shape.n, output: &[] };
        let a = product.matrix(TAG_A, shape.m, shape.k);
        let c = a.dot(&product.matrix(TAG_B, shape.k, shape.n));
        c.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect()
    }

    const SHAPE: MatmulShape =
        MatmulShape { m: 96, n: 80, k: 700, input: ElementType::F32, accumulate: ElementType::F32 };

    #[test]
    fn all_three_checks_accept_a_correct_product_and_reject_one_wrong_element() {
        let mut output = correct_product(SHAPE, 3);
        for spoil in [false, true] {
            if spoil {
                // One product of typical size is missing in the first element of row 0.
                let first = bytemuck::pod_read_unaligned::<f32>(&output[..4]);
                output[..4].copy_from_slice(&(first + 1.0).to_le_bytes());
            }
            let product = Product { shape: SHAPE, seed: 3, stride: SHAPE.n, output: &output };
            for worst in [product.every_element(), product.sampled_rows(), product.freivalds()] {
                assert_eq!(worst.into_verification("", "").passed, !spoil);
            }
        }
    }

    #[test]
    fn freivalds_rejects_poison_and_infinity() {
        for bad in [f32::NAN, f32::INFINITY] {
            let mut output = correct_product(SHAPE, 3);
            output[400..404].copy_from_slice(&bad.to_le_bytes());
            let product = Product { shape: SHAPE, seed: 3, stride: SHAPE.n, output: &output };
            assert!(!product.freivalds().into_verification("", "").passed);
        }
    }

    #[test]
    fn sums_in_f16_are_told_from_sums_in_f32() {
        let c = correct_product(SHAPE, 3);
        let rounded = c.chunks_exact(4).flat_map(|word| {
            let value = bytemuck::pod_read_unaligned::<f32>(word);
            half::f16::from_f32(value).to_f32().to_le_bytes()
        });
        let rounded: Vec<u8> = rounded.collect();
        let product = Product { shape: SHAPE, seed: 3, stride: SHAPE.n, output: &rounded };
        let verification = product.every_element().into_verification("", "");
        assert!(!verification.passed);
        assert_eq!(verification.effective_precision.as_deref(), Some("tf32-or-f16"));
    }
}
