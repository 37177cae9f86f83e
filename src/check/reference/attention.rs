//! Reference of `attention_*.wgsl`: softmax attention in f64, row by row.

use rayon::prelude::*;

use super::matmul::sum_bound;
use super::{Part, Worst};
use crate::check::verification::{U_F16, U_F32, Verification};
use crate::workload::{AttentionShape, Job, Mask, TAG_K, TAG_Q, TAG_V, Unit, inputs};

/// Multiply-adds up to which every row is compared; above, [`SAMPLED_ROWS`] of them.
const FULL_REFERENCE: u64 = 1 << 29;
/// Some rows, element by element.
pub(super) const ROWS: &str = "f64-rows";
/// What errors of elements are shares of.
pub(super) const RELATIVE_TO: &str = "(P|V|) of the element";
const SAMPLED_ROWS: u64 = 64;
/// Random stream of the choice of rows.
const TAG_ROWS: u32 = 103;
/// `exp2` in WGSL: an error of `3 + 2 |x|` units in the last place (WGSL, accuracy of builtins).
const ULP_F32: f64 = f32::EPSILON as f64;

pub(super) fn verify(shape: AttentionShape, job: &Job, seed: u64, output: &[u8]) -> Verification {
    let planes = shape.batch * shape.heads;
    let rows = planes * shape.queries();
    let full = compares_all(&shape);
    let chosen: Vec<u64> = if full {
        (0..rows).collect()
    } else {
        // The first and last rows, those on both sides of a tile border, and random ones.
        let edges = [0, rows - 1, 7 % rows, 8 % rows, 63 % rows, 64 % rows, shape.queries() - 1];
        let random = (0..SAMPLED_ROWS).map(|i| {
            let words = inputs::words(seed, TAG_ROWS, i);
            (u64::from(words[0]) << 32 | u64::from(words[1])) % rows
        });
        edges.into_iter().chain(random).collect()
    };
    // Sampled rows of one head share its keys and values; regenerate them once per head.
    let mut by_plane: Vec<(u64, Vec<u64>)> = Vec::new();
    let mut sorted = chosen;
    sorted.sort_unstable();
    sorted.dedup();
    for row in sorted {
        let (plane, query) = (row / shape.queries(), row % shape.queries());
        match by_plane.last_mut() {
            Some((last, queries)) if *last == plane => queries.push(query),
            _ => by_plane.push((plane, vec![query])),
        }
    }
    let worst = by_plane
        .par_iter()
        .map(|(plane, queries)| Head::new(shape, seed, *plane).compare(queries, job, output))
        .reduce(Worst::default, Worst::merge);
    let method = if full { "f64-reference" } else { ROWS };
    worst.into_verification(method, RELATIVE_TO)
}

/// Compares one row of the result.
pub(super) fn row(shape: AttentionShape, job: &Job, seed: u64, part: Part<'_>) -> Worst {
    let row = part.first_byte / (job.output_padded[1] * 4);
    let (plane, query) = (row / job.output_padded[0], row % job.output_padded[0]);
    Head::new(shape, seed, plane).compare_row(query, job, part.bytes)
}

/// Error allowed in an element of a row that sees `visible` keys, with the largest sum of a score's magnitudes and the
/// distance between its largest and smallest score.
pub(super) fn bound(
    shape: AttentionShape,
    job: &Job,
    visible: u64,
    [magnitude, distance]: [f64; 2],
) -> f64 {
    // A score off by e changes its weight by a factor 1 + e, above and below the fraction.
    let score_error = sum_bound(shape.head_size + 2, U_F32) * magnitude;
    let exp_error = (3.0 + 2.0 * distance * std::f64::consts::LOG2_E) * ULP_F32;
    // On matrix units the weights are rounded to f16 before they meet the values.
    let weight_error = if job.unit == Unit::Matrix { U_F16 } else { 0.0 };
    2.0 * (score_error + exp_error) + weight_error + 2.0 * sum_bound(visible + 8, U_F32)
}

/// Whether every row is compared.
pub(super) fn compares_all(shape: &AttentionShape) -> bool {
    2 * shape.batch * shape.heads * shape.pairs() * shape.head_size <= FULL_REFERENCE
}

struct Head {
    shape: AttentionShape,
    seed: u64,
    plane: u64,
    keys: Vec<f64>,
    values: Vec<f64>,
}

impl Head {
    fn new(shape: AttentionShape, seed: u64, plane: u64) -> Self {
        let load = |tag| -> Vec<f64> {
            let shared = plane / (shape.heads / shape.kv_heads);
            let rows = shared * shape.sequence..(shared + 1) * shape.sequence;
            rows.flat_map(|row| inputs::row(seed, tag, row, shape.head_size, shape.input))
                .map(f64::from)
                .collect()
        };
        Self { shape, seed, plane, keys: load(TAG_K), values: load(TAG_V) }
    }

    fn compare(&self, queries: &[u64], job: &Job, output: &[u8]) -> Worst {
        queries
            .par_iter()
            .map(|query| {
                let stride = (job.output_padded[1] * 4) as usize;
                let row = self.plane * job.output_padded[0] + query;
                self.compare_row(*query, job, &output[row as usize * stride..])
            })
            .reduce(Worst::default, Worst::merge)
    }

    /// `found` begins with the row.
    fn compare_row(&self, query: u64, job: &Job, found: &[u8]) -> Worst {
        let AttentionShape { sequence, head_size, mask, .. } = self.shape;
        let size = head_size as usize;
        let visible = if mask == Mask::Causal { query + 1 } else { sequence } as usize;
        let row = self.plane * self.shape.queries() + query;
        let q: Vec<f64> = inputs::row(self.seed, TAG_Q, row, head_size, self.shape.input)
            .map(f64::from)
            .collect();
        let scale = 1.0 / (head_size as f64).sqrt();
        let mut largest_magnitude = 0.0f64;
        let scores: Vec<f64> = self.keys[..visible * size]
            .chunks_exact(size)
            .map(|key| {
                let products = q.iter().zip(key).map(|(q, k)| q * k);
                let (sum, magnitude) =
                    products.fold((0.0, 0.0), |(sum, all), p| (sum + p, all + p.abs()));
                largest_magnitude = largest_magnitude.max(magnitude * scale);
                sum * scale
            })
            .collect();
        let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bottom = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let weights: Vec<f64> = scores.iter().map(|s| (s - top).exp()).collect();
        let total: f64 = weights.iter().sum();
        let mut expected = vec![0.0; size];
        let mut magnitude = vec![0.0; size];
        for (weight, value) in weights.iter().zip(self.values.chunks_exact(size)) {
            for d in 0..size {
                expected[d] += weight / total * value[d];
                magnitude[d] += weight / total * value[d].abs();
            }
        }
        let bound = bound(self.shape, job, visible as u64, [largest_magnitude, top - bottom]);
        let mut worst = Worst::default();
        for (d, word) in found[..4 * size].chunks_exact(4).enumerate() {
            let found = f64::from(bytemuck::pod_read_unaligned::<f32>(word));
            worst.compare(found, expected[d], magnitude[d], bound);
        }
        worst
    }
}
