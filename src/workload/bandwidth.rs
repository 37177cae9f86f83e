//! Jobs that stream through memory.

use super::job::{CANARY_WORDS, constant, linear_grid, with_constants};
use super::nudge;
use super::{Access, ElementType, Fill, InputBuffer, Job};
use crate::adapter::Capability;

/// Invocations of a workgroup and 16-byte vectors of each invocation, preferred first. Several loads in
/// flight hide latency on a GPU; on a CPU adapter they change little.
const TILES: &[(u64, u64)] =
    &[(256, 4), (64, 1), (64, 4), (256, 1), (256, 8), (256, 16), (1024, 4)];
/// The read kernel sums up what it loads, so it takes more for each store.
const READ_TILES: &[(u64, u64)] = &[(64, 16), (256, 16), (256, 4), (256, 64), (64, 64), (1024, 8)];

/// Random stream of the source.
pub(crate) const TAG_SOURCE: u32 = 6;
/// Random streams of the triad's two sources.
pub(crate) const TAG_TRIAD: [u32; 2] = [9, 10];
/// What the triad multiplies its second source by.
pub(crate) const TRIAD_FACTOR: f32 = 3.0;

/// Sizes that are made smaller become a multiple of this: whole workgroups of every candidate.
const WHOLE_TILES: u64 = 1 << 20;

/// The largest multiple of whole workgroups up to `bytes`; below one of them as many vectors as there are.
pub(crate) fn whole_tiles(bytes: u64) -> u64 {
    let tile = if bytes < WHOLE_TILES { 16 } else { WHOLE_TILES };
    bytes / tile * tile
}

/// The largest size that every direction can run within an adapter's limits; the canaries of the output count.
pub(crate) fn largest(adapter: &Capability) -> u64 {
    whole_tiles(adapter.max_storage_bytes().saturating_sub(8 * CANARY_WORDS))
}

/// All candidates, preferred first.
pub(super) fn jobs(access: Access, bytes: u64, adapter: &Capability) -> Vec<Job> {
    let tiles = if access == Access::Read { READ_TILES } else { TILES };
    let words: &[u64] = match access {
        // Not for the sums and products of the others, which are 32-bit ones.
        Access::Copy if adapter.int64 => &[64, 32],
        _ => &[32],
    };
    let all = words.iter().flat_map(|word| tiles.iter().map(|tile| (*tile, *word)));
    all.map(|(tile, word)| job(access, bytes, tile, word)).collect()
}

fn job(access: Access, bytes: u64, (workgroup, steps): (u64, u64), word_bits: u64) -> Job {
    let source = |tag, fill| InputBuffer {
        tag,
        fill,
        planes: 1,
        rows: 1,
        columns: bytes / 4,
        padded_rows: 1,
        padded_columns: bytes / 4,
    };
    let words = source(TAG_SOURCE, Fill::Word);
    let triad = || TAG_TRIAD.map(|tag| source(tag, Fill::Value(ElementType::F32))).into();
    let (kernel, text, inputs) = match access {
        Access::Read => {
            ("bandwidth_read", include_str!("../../shaders/probe/bandwidth_read.wgsl"), vec![words])
        }
        Access::Write => (
            "bandwidth_write",
            include_str!("../../shaders/probe/bandwidth_write.wgsl"),
            Vec::new(),
        ),
        Access::Copy => {
            ("bandwidth_copy", include_str!("../../shaders/probe/bandwidth_copy.wgsl"), vec![words])
        }
        Access::Triad => {
            ("bandwidth_triad", include_str!("../../shaders/probe/bandwidth_triad.wgsl"), triad())
        }
    };
    let vectors = bytes / 16;
    let invocations = vectors.div_ceil(steps);
    let parameters = vec![("WORKGROUP", workgroup), ("STEPS", steps), ("WORD_BITS", word_bits)];
    let cell = if word_bits == 64 { "vec2<u64>" } else { "vec4<u32>" };
    let mut lines = vec![format!("alias Cell = {cell};")];
    lines.extend([constant("VECTORS", vectors), constant("INVOCATIONS", invocations)]);
    lines.extend(parameters.iter().map(|(name, value)| constant(name, *value)));
    let stored = if access == Access::Read { invocations } else { vectors };
    let nudges = match access {
        Access::Write => nudge::Nudges::default(),
        _ => nudge::words(4 * vectors, 4 * stored),
    };
    Job {
        source: with_constants(text, &lines),
        parameters,
        grid: linear_grid(invocations, workgroup),
        nudges,
        inputs,
        output_bytes: stored * 16,
        output_padded: [1, stored * 4],
        invocations: workgroup as u32,
        ..Job::new(kernel)
    }
}

/// Word that the write kernel stores at `index`.
pub(crate) fn written_word(index: u32) -> u32 {
    index.wrapping_mul(0x9E37_79B1) ^ 0xA5A5_5A5A
}

/// Which vectors of the source end up in word group `invocation` of the read kernel's output.
pub(crate) fn read_vectors(invocation: u64, bytes: u64, steps: u64) -> impl Iterator<Item = u64> {
    let vectors = bytes / 16;
    let invocations = vectors.div_ceil(steps);
    (0..steps).map(move |step| step * invocations + invocation).filter(move |v| *v < vectors)
}
