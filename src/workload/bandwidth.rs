//! Jobs that stream through memory.

use super::job::{constant, linear_grid, with_constants};
use super::{Access, ElementType, Fill, InputBuffer, Job};

const WORKGROUP: u64 = 64;
/// 16-byte vectors that one invocation of the read kernel sums up.
const READ_STEPS: u64 = 16;

/// Random stream of the source.
pub(crate) const TAG_SOURCE: u32 = 6;
/// Random streams of the triad's two sources.
pub(crate) const TAG_TRIAD: [u32; 2] = [9, 10];
/// What the triad multiplies its second source by.
pub(crate) const TRIAD_FACTOR: f32 = 3.0;

pub(super) fn jobs(access: Access, bytes: u64) -> Vec<Job> {
    let vectors = bytes / 16;
    let source = InputBuffer {
        tag: TAG_SOURCE,
        fill: Fill::Word,
        planes: 1,
        rows: 1,
        columns: bytes / 4,
        padded_rows: 1,
        padded_columns: bytes / 4,
    };
    let (kernel, text, inputs, invocations) = match access {
        Access::Read => (
            "bandwidth_read",
            include_str!("../../shaders/bandwidth_read.wgsl"),
            vec![source],
            vectors.div_ceil(READ_STEPS),
        ),
        Access::Write => (
            "bandwidth_write",
            include_str!("../../shaders/bandwidth_write.wgsl"),
            Vec::new(),
            vectors,
        ),
        Access::Copy => (
            "bandwidth_copy",
            include_str!("../../shaders/bandwidth_copy.wgsl"),
            vec![source],
            vectors,
        ),
        Access::Triad => (
            "bandwidth_triad",
            include_str!("../../shaders/bandwidth_triad.wgsl"),
            TAG_TRIAD
                .map(|tag| InputBuffer {
                    tag,
                    fill: Fill::Value(ElementType::F32),
                    ..source.clone()
                })
                .into(),
            vectors,
        ),
    };
    let lines = [
        constant("WORKGROUP", WORKGROUP),
        constant("VECTORS", vectors),
        constant("INVOCATIONS", invocations),
        constant("STEPS", READ_STEPS),
    ];
    vec![Job {
        source: with_constants(text, &lines),
        grid: linear_grid(invocations, WORKGROUP),
        inputs,
        output_bytes: invocations * 16,
        output_padded: [1, invocations * 4],
        invocations: WORKGROUP as u32,
        ..Job::new(kernel)
    }]
}

/// Word that the write kernel stores at `index`.
pub(crate) fn written_word(index: u32) -> u32 {
    index.wrapping_mul(0x9E37_79B1) ^ 0xA5A5_5A5A
}

/// Which vectors of the source end up in word group `invocation` of the read kernel's output.
pub(crate) fn read_vectors(invocation: u64, bytes: u64) -> impl Iterator<Item = u64> {
    let vectors = bytes / 16;
    let invocations = vectors.div_ceil(READ_STEPS);
    (0..READ_STEPS).map(move |step| step * invocations + invocation).filter(move |v| *v < vectors)
}
