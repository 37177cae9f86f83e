//! How a result is taken apart: which leaves there are, which of them hold results, and which are shown.

use crate::check::reference::some_of;
use crate::workload::{Job, Workload};

/// Leaves of what is no product and no attention.
pub(super) const CHUNK_BYTES: u64 = 1024;
/// Bytes that are shown of a result, as far as they are no more leaves than [`MOST`] and no fewer than [`LEAST`]. Of five
/// process starts of the largest profile they are 50 MB.
const SHOWN_BYTES: u64 = 1 << 19;
const LEAST: u64 = 16;
const MOST: u64 = 64;

/// The leaves of a result.
pub(super) struct Leaves {
    /// Bytes of each; the last one may have fewer.
    pub(super) bytes: usize,
    /// How many there are.
    pub(super) all: u64,
    output_bytes: u64,
    /// Leaves of a plane that hold results, and with padding.
    plane: [u64; 2],
    planes: u64,
}

impl Leaves {
    pub(super) fn of(workload: &Workload, job: &Job) -> Self {
        let row = |element_bytes: u64| (job.output_padded[1] * element_bytes).max(1);
        let (bytes, real, planes) = match workload {
            Workload::Matmul(shape) => (row(shape.accumulate.bytes()), Some(shape.m), 1),
            Workload::Attention(shape) => {
                (row(4), Some(shape.queries()), shape.batch * shape.heads)
            }
            _ => (CHUNK_BYTES, None, 1),
        };
        let all = job.output_bytes.div_ceil(bytes);
        let padded = all / planes.max(1);
        Self {
            bytes: bytes as usize,
            all,
            output_bytes: job.output_bytes,
            plane: [real.unwrap_or(padded).min(padded), padded],
            planes,
        }
    }

    /// Those that hold more than padding.
    pub(super) fn holding_results(&self) -> u64 {
        self.plane[0] * self.planes
    }

    /// How many are shown at the most.
    pub(super) fn most_shown(&self) -> u64 {
        (SHOWN_BYTES / self.bytes as u64).clamp(LEAST, MOST)
    }

    /// Those that are shown under a key.
    pub(super) fn chosen(&self, key: u64) -> Vec<u64> {
        let place = |at: u64| at / self.plane[0] * self.plane[1] + at % self.plane[0];
        some_of(self.holding_results(), self.most_shown(), key).into_iter().map(place).collect()
    }

    /// Bytes of one.
    pub(super) fn length(&self, leaf: u64) -> usize {
        let begin = leaf.saturating_mul(self.bytes as u64);
        self.output_bytes.saturating_sub(begin).min(self.bytes as u64) as usize
    }

    /// What is in one.
    pub(super) fn data<'a>(&self, output: &'a [u8], leaf: u64) -> &'a [u8] {
        let begin = (leaf as usize * self.bytes).min(output.len());
        &output[begin..(begin + self.length(leaf)).min(output.len())]
    }
}
