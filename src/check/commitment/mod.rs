//! What a run says of a result so that it cannot be another one later, and what a stranger makes of it.
//!
//! The Merkle root of the timed result comes first. From it, and from the digest of the plan, which holds an auditor's
//! nonce where there was one, follow random signs; the product times these signs is the sketch. From both follow the
//! leaves that are shown. Whoever has the seed computes the sketch from the factors alone in O(n^2), and some elements of
//! the leaves; the leaves lead to the root and, of a product, give their part of the sketch to the last bit.
//!
//! It shows that most of the result was computed from these inputs by somebody. One of which a share `f` was not computed
//! passes with a probability of `(1 - f)^n`, `n` leaves being shown (16 to 64 of a product), and so after `(1 - f)^-n` tries of a
//! millisecond: a tenth of 16 rows may be missing, half of 64 may not. It does not show by which device or when.

mod leaves;
mod merkle;
mod sketch;

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::leaves::Leaves;
use self::merkle::{Hash, Tree};
use self::sketch::Signs;
use super::reference::{Part, admitted_precision, signed_bound, verify_parts};
use crate::digest::{from_hex, hex};
use crate::workload::{Job, MatmulShape, Workload};

/// How much of the norm that is to be expected of a row its real norm may be.
const NORM_SLACK: f64 = 2.0;

/// What a run commits to of the result that it timed last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Root of the Merkle tree (RFC 9162, 2.1.1) over the result: of products and attention a row to a leaf, else 1,024
    /// bytes.
    pub root_sha256: String,
    /// Of a product: its rows times random signs, four f64 to a row, little end first, in base64.
    pub sketch: Option<String>,
    /// Leaves that are shown.
    pub opened: Vec<Opened>,
}

/// One leaf of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// Its place, from 0 on.
    pub leaf: u64,
    /// Its bytes, in base64.
    pub data: String,
    /// The hashes that lead to the root.
    pub path: Vec<String>,
}

/// What of a commitment was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Leaves whose contents were compared.
    pub leaves: usize,
    /// Of so many that hold results.
    pub of: u64,
    /// Every row was held against the sketch.
    pub sketched: bool,
}

/// Random numbers that follow from what was committed to before. They take a millisecond to compute, so that whoever
/// tries results until one suits has few tries.
fn key(what: &str, bound_to: &str, root: &str, sketch: Option<&str>) -> u64 {
    let text = format!("tierbench {what}\n{bound_to}\n{root}\n{}", sketch.unwrap_or(""));
    let mut digest: Hash = Sha256::digest(text).into();
    for _ in 0..ROUNDS {
        digest = Sha256::digest(digest).into();
    }
    u64::from_be_bytes(std::array::from_fn(|i| digest[i]))
}

/// Digests of digests.
const ROUNDS: u32 = 1 << 14;

/// Commits to a result. `bound_to` is the digest of the plan that was run.
pub fn commit(workload: &Workload, job: &Job, bound_to: &str, output: &[u8]) -> Commitment {
    let leaves = Leaves::of(workload, job);
    let tree = Tree::over(output, leaves.bytes);
    let root = hex(&tree.root());
    let sketch = product(workload, job).map(|shape| {
        let signs = Signs::new(shape.n, key("signs", bound_to, &root, None));
        let rows = output.chunks(leaves.bytes).take(shape.m as usize);
        let sums = rows.flat_map(|row| signs.of_row(row, shape.accumulate));
        Base64::encode_string(&sums.flat_map(f64::to_le_bytes).collect::<Vec<u8>>())
    });
    let chosen = leaves.chosen(key("leaves", bound_to, &root, sketch.as_deref()));
    let open = |leaf: u64| Opened {
        leaf,
        data: Base64::encode_string(leaves.data(output, leaf)),
        path: tree.path(leaf as usize).iter().map(|hash| hex(hash)).collect(),
    };
    Commitment { opened: chosen.into_iter().map(open).collect(), root_sha256: root, sketch }
}

/// The product that a sketch can be made of. Zeros times signs say nothing.
fn product(workload: &Workload, job: &Job) -> Option<MatmulShape> {
    match workload {
        Workload::Matmul(shape) if !job.has_zero_inputs() => Some(*shape),
        _ => None,
    }
}

/// Numbers that it takes to confirm a commitment to such a result: inputs that are made again, each some nanoseconds.
/// `None` where it takes more memory than a stranger's record gets.
pub fn confirming_takes(workload: &Workload, job: &Job) -> Option<u64> {
    let leaves = Leaves::of(workload, job).most_shown();
    let (bytes, numbers) = match *workload {
        _ if job.has_zero_inputs() => (0, leaves),
        // Signs of the columns, and B times the signs.
        Workload::Matmul(MatmulShape { m, n, k, .. }) => {
            (4 * n + 32 * k, m.saturating_add(n).saturating_add(64 * leaves).saturating_mul(k))
        }
        // Keys and values of a head in f64.
        Workload::Attention(shape) => {
            let head = shape.sequence.saturating_mul(2 * shape.head_size);
            (head.saturating_mul(8), head.saturating_mul(leaves))
        }
        Workload::Bandwidth { .. } => (0, leaves * leaves::CHUNK_BYTES * READ_AT_MOST),
        _ => (0, leaves * leaves::CHUNK_BYTES),
    };
    (bytes <= MOST_BYTES).then_some(numbers)
}

/// Memory that one confirmation may take on each processor: twice what the largest profile needs.
const MOST_BYTES: u64 = 1 << 26;
/// Vectors that the read kernel adds up for each that it stores, at the most.
const READ_AT_MOST: u64 = 64;

/// Confirms a commitment from the seed; the error says what is wrong with it.
pub fn confirm(
    workload: &Workload,
    job: &Job,
    seed: u64,
    bound_to: &str,
    said: &Commitment,
) -> Result<Confirmed, String> {
    let leaves = Leaves::of(workload, job);
    let columns = key("columns", bound_to, &said.root_sha256, said.sketch.as_deref());
    let sketch = product(workload, job).map(|shape| rows_of_sketch(shape, said)).transpose()?;
    if sketch.is_none() && said.sketch.is_some() {
        return Err("it has a sketch and is no product".into());
    }
    let signs = product(workload, job)
        .map(|shape| (shape, Signs::new(shape.n, key("signs", bound_to, &said.root_sha256, None))));
    let chosen = leaves.chosen(key("leaves", bound_to, &said.root_sha256, said.sketch.as_deref()));
    if !said.opened.iter().map(|opened| opened.leaf).eq(chosen.iter().copied()) {
        return Err("other leaves are shown than those that follow from its root".into());
    }
    let shown = shown(&leaves, said)?;
    let place = |leaf: &u64| leaf * leaves.bytes as u64;
    let parts = shown.iter().map(|(leaf, bytes)| Part { first_byte: place(leaf), bytes });
    let parts: Vec<Part<'_>> = parts.collect();
    let found = verify_parts(workload, job, seed, &parts, columns);
    let precise = found.effective_precision.as_deref();
    let precise = precise.is_none_or(|class| admitted_precision(workload, job).contains(&class));
    if !found.passed || !precise {
        return Err("the leaves shown are not the result of these inputs".into());
    }
    if let (Some(sketch), Some((shape, signs))) = (&sketch, &signs) {
        let of_sketch = |(leaf, data): &&(u64, Vec<u8>)| {
            sketch[*leaf as usize] == signs.of_row(data, shape.accumulate)
        };
        if let Some((leaf, _)) = shown.iter().find(|row| !of_sketch(row)) {
            return Err(format!("row {leaf} is not the one of the sketch"));
        }
        sketch_follows(*shape, seed, signs, sketch)?;
    }
    Ok(Confirmed {
        leaves: said.opened.len(),
        of: leaves.holding_results(),
        sketched: sketch.is_some(),
    })
}

/// The leaves that are shown, each led to the root.
fn shown(leaves: &Leaves, said: &Commitment) -> Result<Vec<(u64, Vec<u8>)>, String> {
    let root: Hash = from_hex(&said.root_sha256).ok_or("its root is no SHA-256")?;
    let of = |opened: &Opened| {
        let data = Base64::decode_vec(&opened.data).ok()?;
        let path: Option<Vec<Hash>> = opened.path.iter().map(|hash| from_hex(hash)).collect();
        let path = path.filter(|_| data.len() == leaves.length(opened.leaf))?;
        let led = merkle::root_of(&data, opened.leaf, leaves.all, &path)?;
        (led == root).then_some((opened.leaf, data))
    };
    let named = |opened: &Opened| {
        of(opened).ok_or_else(|| format!("leaf {} does not lead to the root", opened.leaf))
    };
    said.opened.iter().map(named).collect()
}

fn rows_of_sketch(shape: MatmulShape, said: &Commitment) -> Result<Vec<sketch::Sums>, String> {
    let text = said.sketch.as_deref().ok_or("a product without a sketch")?;
    let bytes = Base64::decode_vec(text).map_err(|e| format!("its sketch: {e}"))?;
    let all: Vec<f64> = bytes
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap_or_default()))
        .collect();
    if bytes.len() as u64 != shape.m * 8 * sketch::VECTORS as u64 {
        return Err(format!("its sketch has {} bytes, of {} rows", bytes.len(), shape.m));
    }
    let row = |sums: &[f64]| sums.try_into().map_err(|_| "its sketch is cut off".to_owned());
    all.chunks(sketch::VECTORS).map(row).collect()
}

/// The sketch is that of the product of these inputs.
fn sketch_follows(
    shape: MatmulShape,
    seed: u64,
    signs: &Signs,
    said: &[sketch::Sums],
) -> Result<(), String> {
    let bound = NORM_SLACK * signed_bound(shape.k, shape.accumulate);
    for (at, (said, expected)) in said.iter().zip(sketch::expected(shape, seed, signs)).enumerate()
    {
        let near = |(said, due): (&f64, &f64)| (said - due).abs() <= bound * expected.norm;
        if !said.iter().zip(&expected.sums).all(near) {
            return Err(format!(
                "row {at} of its sketch is not that of the product of these inputs"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
