//! What memory a reference takes, before anybody asks for it.

use super::attention;
use super::matmul::{FULL_REFERENCE, SAMPLED_ROWS, SIGN_VECTORS};
use crate::workload::{AttentionShape, ElementType, MatmulShape, Workload};

/// Bytes of an f64 and of an i64.
const WIDE: u128 = 8;
/// Bytes of a row of a result, in the list of all rows that are compared.
const LISTED_ROW: u128 = 80;

/// Bytes that the reference of a workload takes on the host at the most, on so many threads; the result that it is
/// compared with is not in it.
pub fn reference_bytes(workload: &Workload, threads: u64) -> u64 {
    let threads = u128::from(threads);
    let bytes = match workload {
        Workload::Matmul(shape) => of_matmul(shape, threads),
        Workload::Attention(shape) => of_attention(shape, threads),
        Workload::Bandwidth { .. }
        | Workload::Roof { .. }
        | Workload::Chain { .. }
        | Workload::Empty => 0,
    };
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn of_matmul(shape: &MatmulShape, threads: u128) -> u128 {
    let [m, n, k] = [shape.m, shape.n, shape.k].map(u128::from);
    let full = m * n * k <= u128::from(FULL_REFERENCE);
    let rows = if full { m } else { u128::from(SAMPLED_ROWS) + 4 };
    // B times the sign vectors.
    let signed = if full { 0 } else { SIGN_VECTORS as u128 * WIDE * k };
    match shape.input {
        // Rows of A and of the result; each thread adds up some products with signs of its own.
        ElementType::I8 => rows * (k + 4 * n) + 4 * threads * signed,
        // Both factors and the product, and the same of their magnitudes.
        _ if full => 2 * WIDE * (m * k + k * n + m * n),
        _ => 2 * WIDE * n * rows.min(threads) + signed,
    }
}

fn of_attention(shape: &AttentionShape, threads: u128) -> u128 {
    let [planes, sequence, size] =
        [shape.batch * shape.heads, shape.sequence, shape.head_size].map(u128::from);
    let rows = planes * u128::from(shape.queries());
    let listed = if attention::compares_all(shape) { rows } else { u128::from(SAMPLED_ROWS) + 7 };
    // Keys and values of a head: a thread that waits for the rows of one begins another.
    let heads = planes.min(2 * threads) * 2 * WIDE * sequence * size;
    heads + 2 * WIDE * sequence * threads + LISTED_ROW * listed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mib(text: &str) -> u64 {
        reference_bytes(&text.parse().unwrap(), 16) >> 20
    }

    #[test]
    fn what_is_small_for_the_device_can_be_large_for_its_reference() {
        assert_eq!(mib("bandwidth-triad:2146435072"), 0);
        // A profile's largest ones.
        assert_eq!(mib("matmul:f16:16384x16384x16384"), 6);
        assert_eq!(mib("attention:f16:2x16x8192x128"), 514);
        // 256 MiB of f32 in each factor, and ten times that for the signs alone.
        assert_eq!(mib("matmul:f32:17x1x67108864"), 10_240);
        // As f64, twice: a result of 256 MiB and its magnitudes.
        assert_eq!(mib("matmul:f32:8192x8192x1"), 1024);
        assert_eq!(mib("attention-decode:f16:1x64/2x1048576x128"), 65_792);
    }
}
