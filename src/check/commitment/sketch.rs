//! A product times random signs, row by row: what it takes to compute `C r` once, and `A (B r)` from the seed alone.
//!
//! Freivalds' method (1977) with the signs drawn after the product is committed to. Both sides are sums in f64 in a
//! fixed order, so that whoever holds a row gets its sketch to the last bit.

use rayon::prelude::*;

use crate::check::verification::float_at;
use crate::workload::{ElementType, MatmulShape, TAG_A, TAG_B, inputs};

/// Sign vectors: a row that is wrong in many places is missed with probability 2^-4, many such rows never.
pub(super) const VECTORS: usize = 4;
/// Random stream of the signs.
const TAG_SIGNS: u32 = 105;

/// The sums of one row.
pub(super) type Sums = [f64; VECTORS];

/// The signs of a key, a word for each column.
pub(super) struct Signs(Vec<u32>);

impl Signs {
    pub(super) fn new(columns: u64, key: u64) -> Self {
        let words = (0..columns.div_ceil(4)).flat_map(|quad| inputs::words(key, TAG_SIGNS, quad));
        Self(words.take(columns as usize).collect())
    }

    fn sum(&self, values: impl Iterator<Item = f64>) -> Sums {
        let mut sums = [0.0; VECTORS];
        for (value, bits) in values.zip(&self.0) {
            for (vector, sum) in sums.iter_mut().enumerate() {
                *sum += if bits >> vector & 1 == 0 { value } else { -value };
            }
        }
        sums
    }

    /// The sums of a row as it stands in a result.
    pub(super) fn of_row(&self, row: &[u8], element: ElementType) -> Sums {
        self.sum((0..self.0.len() as u64).map(|at| float_at(row, element, at)))
    }

    /// `B r`, a row of B after the other.
    fn of_b(&self, shape: MatmulShape, seed: u64) -> Vec<Sums> {
        let MatmulShape { n, k, input, .. } = shape;
        if input != ElementType::I8 {
            let row = |at| self.sum(inputs::row(seed, TAG_B, at, n, input).map(f64::from));
            return (0..k).into_par_iter().map(row).collect();
        }
        // 8-bit products take B by columns. Whole numbers below 2^53: the order of their sums is no matter.
        let zero = || vec![[0.0; VECTORS]; k as usize];
        let add = |mut sums: Vec<Sums>, column: u64| {
            let bits = self.0[column as usize];
            for (sum, value) in sums.iter_mut().zip(inputs::row(seed, TAG_B, column, k, input)) {
                for (vector, sum) in sum.iter_mut().enumerate() {
                    let value = f64::from(value);
                    *sum += if bits >> vector & 1 == 0 { value } else { -value };
                }
            }
            sums
        };
        let merge = |mut a: Vec<Sums>, b: Vec<Sums>| {
            a.iter_mut().flatten().zip(b.iter().flatten()).for_each(|(a, b)| *a += b);
            a
        };
        (0..n).into_par_iter().fold(zero, add).reduce(zero, merge)
    }
}

/// What the sums of a row must be, and the length that its errors are measured by.
pub(super) struct Expected {
    pub(super) sums: Sums,
    /// Length of the row of C as it is to be expected: that of the row of A times the root of `4/3 n`, the entries of B
    /// being independent with a variance of 4/3.
    pub(super) norm: f64,
}

/// `A (B r)`, row by row.
pub(super) fn expected(shape: MatmulShape, seed: u64, signs: &Signs) -> Vec<Expected> {
    let b_r = signs.of_b(shape, seed);
    let MatmulShape { m, n, k, input, .. } = shape;
    let row = |at| {
        let (mut sums, mut squares) = ([0.0; VECTORS], 0.0);
        for (a, b_r) in inputs::row(seed, TAG_A, at, k, input).map(f64::from).zip(&b_r) {
            squares += a * a;
            for (sum, b) in sums.iter_mut().zip(b_r) {
                *sum += a * b;
            }
        }
        Expected { sums, norm: (squares * n as f64 * 4.0 / 3.0).sqrt() }
    };
    (0..m).into_par_iter().map(row).collect()
}
