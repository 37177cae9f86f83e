//! Jobs that compute attention.

use super::job::{constant, with_constants};
use super::{AttentionShape, ElementType, Fill, InputBuffer, Job, Unit};

/// Queries of one workgroup of `attention_shared.wgsl`, one per invocation.
const SHARED_QUERIES: u64 = 64;
/// Queries of one workgroup of `attention_rows.wgsl`, one per lane of a CPU vector.
const ROW_QUERIES: u64 = 8;
/// Keys between two updates of the running maximum.
const KEY_BLOCK: u64 = 8;
/// Largest head that the kernels keep in registers.
const MAX_HEAD_SIZE: u64 = 256;

/// Random streams of the inputs.
pub(crate) const TAG_Q: u32 = 3;
pub(crate) const TAG_K: u32 = 4;
pub(crate) const TAG_V: u32 = 5;

pub(super) fn jobs(shape: AttentionShape) -> Result<Vec<Job>, String> {
    if shape.head_size > MAX_HEAD_SIZE {
        return Err(format!(
            "head size {} is more than {MAX_HEAD_SIZE}, the most that the kernels keep in registers",
            shape.head_size
        ));
    }
    let shared = include_str!("../../shaders/attention_shared.wgsl");
    let rows = include_str!("../../shaders/attention_rows.wgsl");
    Ok(vec![
        job(shape, "attention_shared", shared, SHARED_QUERIES, true),
        job(shape, "attention_rows", rows, ROW_QUERIES, false),
    ])
}

fn job(
    shape: AttentionShape,
    kernel: &'static str,
    source: &str,
    queries: u64,
    staged: bool,
) -> Job {
    let padded_rows = shape.sequence.next_multiple_of(queries);
    let padded_columns = shape.head_size.next_multiple_of(4);
    let planes = shape.batch * shape.heads;
    let lines = [
        constant("QUERIES", queries),
        constant("KEY_BLOCK", KEY_BLOCK),
        constant("SEQUENCE", shape.sequence),
        constant("PADDED_SEQUENCE", padded_rows),
        constant("HEAD4", padded_columns / 4),
        format!("const CAUSAL = {};", shape.causal),
        // Softmax in powers of two: exp(x) = exp2(x log2 e).
        format!(
            "const SCALE = {:?}f;",
            (std::f64::consts::LOG2_E / (shape.head_size as f64).sqrt()) as f32
        ),
    ];
    let input = |tag| InputBuffer {
        tag,
        fill: Fill::Value(ElementType::F32),
        planes,
        rows: shape.sequence,
        columns: shape.head_size,
        padded_rows,
        padded_columns,
    };
    Job {
        kernel,
        source: with_constants(source, &lines),
        grid: [padded_rows / queries, planes],
        inputs: vec![input(TAG_Q), input(TAG_K), input(TAG_V)],
        values: Vec::new(),
        output_bytes: 4 * planes * padded_rows * padded_columns,
        output_padded: [padded_rows, padded_columns],
        invocations: queries as u32,
        workgroup_storage_bytes: if staged {
            (2 * KEY_BLOCK * padded_columns * 4) as u32
        } else {
            0
        },
        uses_barriers: staged,
        unit: Unit::Vector,
    }
}
