//! A workload with its inputs, and the reference that every contestant is held against.
//!
//! All contestants of a compute workload get the numbers of [`tierbench::workload::inputs`], and their
//! outputs are compared with f64 rows by the same code, so that errors are comparable.
//!
//! As f32 those numbers need more bits than shorter types have, so one that computes in less shows.

use tierbench::workload::{ElementType, Workload, inputs::row as input_row};

use crate::contestant::Refusal;

/// Rows of the output that are computed in f64.
const SAMPLED_ROWS: u64 = 24;
/// Random streams of A and B, of Q, K and V, and of the source of a copy: those of the main program.
const MATMUL_TAGS: [u32; 2] = [1, 2];
const ATTENTION_TAGS: [u32; 3] = [3, 4, 5];
const COPY_TAGS: [u32; 1] = [6];

/// What peers compute too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `C[m,n] = A[m,k] * B[k,n]`.
    Matmul([u64; 3]),
    /// Batch, heads, sequence, head size; every head has keys of its own.
    Attention([u64; 4], Causal),
    /// From one buffer of so many bytes to another.
    Copy(u64),
}

/// Whether query `i` sees keys `0..=i` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Causal {
    /// It does.
    Yes,
    /// It sees all.
    No,
}

/// A workload with its inputs.
pub struct Problem {
    /// As our program knows it.
    pub workload: Workload,
    /// As every contestant knows it.
    pub kind: Kind,
    /// Makes the inputs.
    pub seed: u64,
    /// Row-major and without padding.
    pub inputs: Vec<Vec<f32>>,
}

impl Kind {
    /// `None` for what no peer computes.
    pub fn of(workload: &Workload) -> Option<Self> {
        let shape = workload.shape();
        let sizes: Vec<u64> = shape.split('x').map(str::parse).collect::<Result<_, _>>().ok()?;
        Self::new(workload.name(), &sizes)
    }

    /// By the workload's name and its sizes in the order of its text form.
    pub fn new(name: &str, sizes: &[u64]) -> Option<Self> {
        match (name, sizes) {
            ("matmul", [m, n, k]) => Some(Self::Matmul([*m, *n, *k])),
            ("attention", [b, h, s, d]) => Some(Self::Attention([*b, *h, *s, *d], Causal::No)),
            ("attention-causal", [b, h, s, d]) => {
                Some(Self::Attention([*b, *h, *s, *d], Causal::Yes))
            }
            ("bandwidth-copy", [bytes]) => Some(Self::Copy(*bytes)),
            _ => None,
        }
    }

    /// Relative error above which a result is wrong, not merely imprecise.
    pub fn wrong_above(self) -> f64 {
        match self {
            // Sums in f16 over 16384 terms reach 1.8e-2.
            Self::Matmul(_) => 2e-2,
            // f16 all the way through has 5e-3; an average of values loses less than their sum.
            Self::Attention(..) => 1e-2,
            Self::Copy(_) => 0.0,
        }
    }
}

impl Problem {
    /// Makes the inputs; `None` for what no peer computes.
    pub fn new(workload: Workload, seed: u64) -> Option<Self> {
        let kind = Kind::of(&workload)?;
        let element = workload.input().unwrap_or(ElementType::F32);
        // No peer here multiplies integers.
        if !matches!(element, ElementType::F32 | ElementType::F16) {
            return None;
        }
        let make = |tags: &[u32], sizes: &[[u64; 2]]| -> Vec<Vec<f32>> {
            let buffers = tags.iter().zip(sizes).map(|(tag, [rows, columns])| {
                let values =
                    (0..*rows).flat_map(|row| input_row(seed, *tag, row, *columns, element));
                values.collect()
            });
            buffers.collect()
        };
        let inputs = match kind {
            Kind::Matmul([m, n, k]) => make(&MATMUL_TAGS, &[[m, k], [k, n]]),
            Kind::Attention([b, h, s, d], _) => make(&ATTENTION_TAGS, &[[b * h * s, d]; 3]),
            Kind::Copy(bytes) => make(&COPY_TAGS, &[[1, bytes / 4]]),
        };
        Some(Self { workload, kind, seed, inputs })
    }

    /// How the inputs are stored: `f32` or `f16`.
    pub fn element_name(&self) -> &'static str {
        match self.workload.input() {
            Some(ElementType::F16) => "f16",
            _ => "f32",
        }
    }

    /// Length of the difference from the f64 reference as a share of the reference's length
    /// (Frobenius norm), over sampled rows.
    pub fn relative_error(&self, output: &[f32]) -> Result<f64, Refusal> {
        let mut error = Error::default();
        match (self.kind, self.inputs.as_slice()) {
            (Kind::Matmul([m, n, k]), [a, b]) if output.len() as u64 == m * n => {
                for at in sampled(m) {
                    error.add(output, at, &matmul_row([n, k], a, b, at));
                }
            }
            (Kind::Attention(shape, causal), [q, k, v]) if output.len() == q.len() => {
                for at in sampled(shape[0] * shape[1] * shape[2]) {
                    error.add(output, at, &attention_row(shape, causal, [q, k, v], at));
                }
            }
            (Kind::Copy(_), [source]) if output.len() == source.len() => {
                let source: Vec<f64> = source.iter().copied().map(f64::from).collect();
                error.add(output, 0, &source);
            }
            _ => return Err(Refusal::Failed("its result has the wrong size".into())),
        }
        Ok((error.difference / error.reference).sqrt())
    }
}

/// Squared lengths.
#[derive(Default)]
struct Error {
    difference: f64,
    reference: f64,
}

impl Error {
    fn add(&mut self, output: &[f32], row: u64, expected: &[f64]) {
        let found = &output[row as usize * expected.len()..][..expected.len()];
        for (found, expected) in found.iter().zip(expected) {
            self.difference += (f64::from(*found) - expected).powi(2);
            self.reference += expected.powi(2);
        }
    }
}

/// Rows spread evenly from the first to the last.
fn sampled(rows: u64) -> impl Iterator<Item = u64> {
    let count = SAMPLED_ROWS.min(rows);
    (0..count).map(move |i| i * (rows - 1) / count.saturating_sub(1).max(1))
}

fn matmul_row([n, k]: [u64; 2], a: &[f32], b: &[f32], row: u64) -> Vec<f64> {
    let (n, k) = (n as usize, k as usize);
    let mut sums = vec![0.0; n];
    for (a, b) in a[row as usize * k..][..k].iter().zip(b.chunks_exact(n)) {
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum += f64::from(*a) * f64::from(*b);
        }
    }
    sums
}

fn attention_row(
    [_, _, sequence, size]: [u64; 4],
    causal: Causal,
    [q, k, v]: [&[f32]; 3],
    row: u64,
) -> Vec<f64> {
    let (head, query) = (row / sequence, row % sequence);
    let visible = if causal == Causal::Yes { query + 1 } else { sequence } as usize;
    let size = size as usize;
    let first_key = (head * sequence) as usize * size;
    let q = &q[row as usize * size..][..size];
    let scores: Vec<f64> = k[first_key..][..visible * size]
        .chunks_exact(size)
        .map(|k| q.iter().zip(k).map(|(q, k)| f64::from(*q) * f64::from(*k)).sum::<f64>())
        .map(|dot| dot / (size as f64).sqrt())
        .collect();
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
    let total: f64 = weights.iter().sum();
    let mut sums = vec![0.0; size];
    for (weight, v) in weights.iter().zip(v[first_key..].chunks_exact(size)) {
        for (sum, v) in sums.iter_mut().zip(v) {
            *sum += weight / total * f64::from(*v);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Problem {
        Problem::new(text.parse().unwrap(), 7).unwrap()
    }

    #[test]
    fn a_wrong_size_has_no_error_and_an_exact_copy_has_none_left() {
        let copy = problem("bandwidth-copy:64");
        assert!(copy.relative_error(&copy.inputs[0]).is_ok_and(|error| error == 0.0));
        assert!(copy.relative_error(&[1.0]).is_err());
    }

    #[test]
    fn rounding_the_inputs_of_a_peer_to_f16_shows() {
        let exact = problem("matmul:f32:4x64x600");
        let round = |values: &Vec<f32>| -> Vec<f32> {
            values.iter().map(|x| half::f16::from_f32(*x).to_f32()).collect()
        };
        let [a, b] = [round(&exact.inputs[0]), round(&exact.inputs[1])];
        let output = (0..4).flat_map(|row| matmul_row([64, 600], &a, &b, row));
        let output: Vec<f32> = output.map(|x| x as f32).collect();
        let error = exact.relative_error(&output).unwrap();
        assert!((1e-4..1e-3).contains(&error), "{error}");
    }

    #[test]
    fn what_no_peer_computes_is_no_problem() {
        for text in ["bandwidth-read:64", "roof:f32:64", "empty"] {
            assert!(Problem::new(text.parse().unwrap(), 7).is_none(), "{text}");
        }
    }

    #[test]
    fn doubling_every_element_is_an_error_of_one() {
        let matmul = problem("matmul:f32:3x5x4");
        let [a, b] = matmul.inputs.as_slice() else { panic!("two inputs") };
        let twice = (0..3).flat_map(|row| matmul_row([5, 4], a, b, row));
        let twice: Vec<f32> = twice.map(|x| 2.0 * x as f32).collect();
        let error = matmul.relative_error(&twice).unwrap();
        assert!((error - 1.0).abs() < 1e-6, "{error}");
    }

    #[test]
    fn the_first_causal_row_of_a_head_is_its_first_value() {
        let attention = problem("attention-causal:f32:1x2x4x8");
        let [q, k, v] = attention.inputs.as_slice() else { panic!("three inputs") };
        let found = attention_row([1, 2, 4, 8], Causal::Yes, [q, k, v], 4);
        let value = v[32..40].iter().copied().map(f64::from);
        assert_eq!(found, value.collect::<Vec<_>>());
    }
}
