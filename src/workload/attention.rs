//! Jobs that compute attention, by class of adapter.
//!
//! The order is the preference without a tuned choice; why each tile is what it is stands in the
//! header of its kernel.

use super::attention_matrix::matrix_jobs;
use super::job::{Finish, constant, stored, tile_grid, with_constants};
use super::nudge::{self, Nudges, Reach};
use super::{AttentionShape, ElementType, Fill, InputBuffer, Job, Mask};
use crate::adapter::Capability;

/// Queries of one workgroup of `attention_shared.wgsl`, one per invocation.
const SHARED_QUERIES: u64 = 64;
/// Queries of one workgroup of `attention_rows.wgsl`, one per lane of a CPU vector.
const ROW_QUERIES: u64 = 8;
/// Keys between two updates of the running maximum, where the kernel does not choose.
const KEY_BLOCK: u64 = 8;
/// Invocations of a workgroup of `attention_quads.wgsl`.
const QUAD_THREADS: u64 = 128;
/// Workgroup memory for its keys and values, the least that an adapter has.
const QUAD_TILE: u64 = 16_384;
/// Largest head that the kernels keep in registers.
const MAX_HEAD_SIZE: u64 = 256;
/// Query elements of a lane of `attention_lanes.wgsl` above which compiling takes minutes.
const MAX_LANE_ELEMENTS: u64 = 512;
/// Largest head whose default on CPU adapters is the fastest tile, not one that compiles soon.
const QUICK_HEAD: u64 = 64;
/// Largest head that `attention_shared.wgsl` keeps in a GPU's registers; beyond, it is for those that have nothing else.
const SHARED_HEAD: u64 = 64;
/// Keys of one workgroup of `attention_decode.wgsl`.
const CHUNKS: [u64; 3] = [512, 256, 128];

/// Random streams of the inputs.
pub(crate) const TAG_Q: u32 = 3;
pub(crate) const TAG_K: u32 = 4;
pub(crate) const TAG_V: u32 = 5;

/// All candidates, preferred first; the error says why there is none.
pub(super) fn jobs(shape: AttentionShape, adapter: &Capability) -> Result<Vec<Job>, String> {
    if shape.head_size > MAX_HEAD_SIZE {
        return Err(format!(
            "head size {} is more than {MAX_HEAD_SIZE}, the most that the kernels keep in registers",
            shape.head_size
        ));
    }
    if shape.mask == Mask::Decode {
        return Ok(decode_jobs(shape, adapter));
    }
    let cpu = adapter.barriers_are_slow;
    let mut jobs = Vec::new();
    if cpu && adapter.subgroup_size == Some(ROW_QUERIES as u32) {
        jobs.extend(lane_tiles(shape.head_size).into_iter().map(|tile| lanes(shape, tile)));
    }
    if cpu {
        jobs.extend([rows(shape), shared(shape)]);
        jobs.extend(matrix_jobs(shape, adapter));
    } else {
        jobs.extend(matrix_jobs(shape, adapter));
        let quads = quads_jobs(shape, adapter);
        let alone = quads.is_empty();
        jobs.extend(quads);
        jobs.extend((alone || shape.head_size <= SHARED_HEAD).then(|| shared(shape)));
    }
    Ok(jobs)
}

/// Tiles of `attention_lanes.wgsl`, preferred first: the fastest that also compiles soon.
///
/// Compiling grows faster than the head. On Mesa 22.3 with f16 and 4 heads of 256 positions (2 busy cores), until the
/// first result and then for each: head 128 takes 11.7 s and 8.1 ms with (4, 8), 2.1 s and 18.3 ms with (1, 8); of
/// processor time head 192 takes 11.2 s with (2, 8) and 2.4 s with (1, 2), then 14.1 and 25.5 ms; head 256 takes
/// 15.2 s with (2, 8) and 3.2 s with (1, 2), then 34.2 and 40.0 ms. `tune` finds what runs fastest.
fn lane_tiles(head: u64) -> Vec<(u64, u64)> {
    let quick = (head > QUICK_HEAD).then_some(if head <= 128 { (1, 8) } else { (1, 2) });
    let tiles = [(4, 8), (8, 4), (4, 4), (4, 16), (2, 8), (2, 16), (1, 8)];
    let small = |(queries, _): &(u64, u64)| queries * head <= MAX_LANE_ELEMENTS;
    let others = tiles.into_iter().filter(small).filter(|tile| Some(*tile) != quick);
    quick.into_iter().chain(others).collect()
}

/// Lanes are queries; keys and values are spread by broadcast.
fn lanes(shape: AttentionShape, (queries, key_block): (u64, u64)) -> Job {
    let job = Job { invocations: ROW_QUERIES as u32, ..Job::new("attention_lanes") };
    let source = include_str!("../../shaders/attention/attention_lanes.wgsl");
    let layout = Layout { queries: ROW_QUERIES * queries, keys: key_block, head: 8 };
    full(
        job,
        shape,
        layout,
        &[("QUERIES", queries), ("KEY_BLOCK", key_block)],
        stored(shape.input),
        source,
    )
}

/// Lanes are queries; keys and values are read at uniform addresses.
fn rows(shape: AttentionShape) -> Job {
    let job = Job { invocations: ROW_QUERIES as u32, ..Job::new("attention_rows") };
    let source = include_str!("../../shaders/attention/attention_rows.wgsl");
    let layout = Layout { queries: ROW_QUERIES, keys: KEY_BLOCK, head: 4 };
    full(
        job,
        shape,
        layout,
        &[("QUERIES", ROW_QUERIES), ("KEY_BLOCK", KEY_BLOCK)],
        stored(shape.input),
        source,
    )
}

/// Invocations are queries; keys and values are staged in workgroup memory.
fn shared(shape: AttentionShape) -> Job {
    let job = Job {
        invocations: SHARED_QUERIES as u32,
        workgroup_storage_bytes: (2 * KEY_BLOCK * shape.head_size.next_multiple_of(4) * 4) as u32,
        uses_barriers: true,
        ..Job::new("attention_shared")
    };
    let source = include_str!("../../shaders/attention/attention_shared.wgsl");
    let layout = Layout { queries: SHARED_QUERIES, keys: KEY_BLOCK, head: 4 };
    full(
        job,
        shape,
        layout,
        &[("QUERIES", SHARED_QUERIES), ("KEY_BLOCK", KEY_BLOCK)],
        stored(shape.input),
        source,
    )
}

/// Neighbouring invocations share queries, where they can exchange what they hold: LANES of them, ROWS queries.
fn quads_jobs(shape: AttentionShape, adapter: &Capability) -> Vec<Job> {
    if !adapter.subgroups {
        return Vec::new();
    }
    let tiles: &[(u64, u64)] = match shape.head_size {
        ..=64 => &[(4, 2), (4, 4), (4, 1), (8, 4)],
        65..=128 => &[(8, 2), (4, 2), (4, 1), (8, 4)],
        _ => &[(8, 1), (8, 2), (4, 1)],
    };
    let fits = |(lanes, _): &&(u64, u64)| *lanes <= least_subgroup(adapter);
    tiles.iter().filter(fits).map(|tile| quads(shape, *tile)).collect()
}

/// Invocations of the smallest subgroup there can be; of unknown ones that they come in fours.
fn least_subgroup(adapter: &Capability) -> u64 {
    u64::from(adapter.subgroup_size.or(adapter.subgroup_least).unwrap_or(4))
}

fn quads(shape: AttentionShape, (lanes, rows): (u64, u64)) -> Job {
    let head = shape.head_size.next_multiple_of(4 * lanes);
    let queries = QUAD_THREADS / lanes * rows;
    // A power of two, so that blocks of queries and of keys fit each other.
    let key_block = (QUAD_TILE / (8 * head)).clamp(8, 32);
    let key_block = 1 << key_block.ilog2();
    let job = Job {
        invocations: QUAD_THREADS as u32,
        workgroup_storage_bytes: (2 * key_block * head * 4) as u32,
        uses_barriers: true,
        ..Job::new("attention_quads")
    };
    let source = include_str!("../../shaders/attention/attention_quads.wgsl");
    let layout = Layout { queries, keys: key_block, head: 4 * lanes };
    let parameters =
        [("LANES", lanes), ("ROWS", rows), ("KEY_BLOCK", key_block), ("THREADS", QUAD_THREADS)];
    full(job, shape, layout, &parameters, stored(shape.input), source)
}

/// Multiples that a kernel pads to.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) queries: u64,
    pub(super) keys: u64,
    pub(super) head: u64,
}

/// Attention of every position to the others: the parts common to all its kernels.
pub(super) fn full(
    job: Job,
    shape: AttentionShape,
    layout: Layout,
    parameters: &[(&'static str, u64)],
    types: &str,
    source: &str,
) -> Job {
    let rows = shape.sequence.next_multiple_of(layout.queries).next_multiple_of(layout.keys);
    let rows = rows.next_multiple_of(layout.queries);
    // Nobody checks where fragments are loaded: blocks of queries and of keys must be whole.
    assert!(rows.is_multiple_of(layout.keys), "{} has no whole blocks of keys", job.kernel);
    let head = shape.head_size.next_multiple_of(layout.head);
    let planes = shape.batch * shape.heads;
    let (grid, tiles) = tile_grid([rows / layout.queries, planes]);
    let mut lines =
        vec![types.to_owned(), tiles, constant("PADDED_SEQUENCE", rows), constant("HEAD", head)];
    lines.extend(common(shape));
    lines.extend(parameters.iter().map(|(name, value)| constant(name, *value)));
    let inputs = vec![
        input(shape, TAG_Q, planes, shape.sequence, rows, head),
        input(shape, TAG_K, shape.batch * shape.kv_heads, shape.sequence, rows, head),
        input(shape, TAG_V, shape.batch * shape.kv_heads, shape.sequence, rows, head),
    ];
    Job {
        source: with_constants(source, &lines),
        parameters: parameters.to_vec(),
        grid,
        nudges: values_reach(shape, &inputs[2], [rows, head]),
        inputs,
        output_bytes: 4 * planes * rows * head,
        output_padded: [rows, head],
        ..job
    }
}

/// One query per head against all keys, which are split over workgroups and merged after.
fn decode_jobs(shape: AttentionShape, adapter: &Capability) -> Vec<Job> {
    // Lanes of a CPU's vector lie in one another's cache lines anyway.
    let shared = adapter.subgroups && !adapter.barriers_are_slow;
    let most = if shared { least_subgroup(adapter) } else { 1 };
    let lanes = [8, 4, 1].into_iter().filter(|lanes| *lanes <= most);
    lanes.flat_map(|lanes| CHUNKS.map(|chunk| decode(shape, (chunk, lanes), adapter))).collect()
}

fn decode(shape: AttentionShape, (chunk, lanes): (u64, u64), adapter: &Capability) -> Job {
    let threads = 64;
    let rows = shape.sequence.next_multiple_of(chunk);
    let splits = rows / chunk;
    // Whole turns for every lane: sums over neighbours follow at once.
    let head = shape.head_size.next_multiple_of((4 * lanes).max(8));
    let (planes, kv_planes) = (shape.batch * shape.heads, shape.batch * shape.kv_heads);
    let shared = shape.heads / shape.kv_heads;
    // As many query heads at a time as workgroup memory holds, evenly over the workgroups that share them.
    let storage = |heads: u64| 4 * (threads + heads * (chunk + head));
    let room = u64::from(adapter.max_workgroup_storage_bytes);
    let most = (1..=shared).rev().find(|heads| storage(*heads) <= room).unwrap_or(1);
    let parts = shared.div_ceil(most);
    let together = shared.div_ceil(parts);
    let parameters = [("CHUNK", chunk), ("LANES", lanes), ("THREADS", threads)];
    let sum = if lanes == 1 {
        include_str!("../../shaders/shared/sum_alone.wgsl")
    } else {
        include_str!("../../shaders/shared/sum_lanes.wgsl")
    };
    let (grid, tiles) = tile_grid([splits, kv_planes * shared.div_ceil(together)]);
    let (finish_grid, finish_tiles) = tile_grid([planes, 1]);
    let mut lines = vec![
        stored(shape.input).to_owned(),
        sum.to_owned(),
        constant("PADDED_SEQUENCE", rows),
        constant("HEAD", head),
        constant("SPLITS", splits),
        constant("TOGETHER", together),
    ];
    lines.extend(common(shape));
    lines.extend(parameters.iter().map(|(name, value)| constant(name, *value)));
    let with = |tiles: String, source| {
        let lines: Vec<String> = lines.iter().cloned().chain([tiles]).collect();
        with_constants(source, &lines)
    };
    let inputs = vec![
        input(shape, TAG_Q, planes, 1, 1, head),
        input(shape, TAG_K, kv_planes, shape.sequence, rows, head),
        input(shape, TAG_V, kv_planes, shape.sequence, rows, head),
    ];
    Job {
        source: with(tiles, include_str!("../../shaders/attention/attention_decode.wgsl")),
        parameters: parameters.to_vec(),
        grid,
        nudges: values_reach(shape, &inputs[2], [1, head]),
        inputs,
        output_bytes: 4 * planes * head,
        output_padded: [1, head],
        invocations: threads as u32,
        workgroup_storage_bytes: storage(together) as u32,
        uses_barriers: true,
        finish: Some(Finish {
            source: with(
                finish_tiles,
                include_str!("../../shaders/attention/attention_merge.wgsl"),
            ),
            grid: finish_grid,
            // Per query head and split: the unscaled result, then maximum, sum and padding.
            scratch_bytes: 4 * planes * splits * (head + 4),
        }),
        ..Job::new("attention_decode")
    }
}

/// An element of a value reaches its column of all results that see its key: with a causal mask all see the first.
fn values_reach(shape: AttentionShape, values: &InputBuffer, [rows, head]: [u64; 2]) -> Nudges {
    let shared = shape.heads / shape.kv_heads;
    let reach = Reach {
        first: &|plane, _, column| plane * shared * rows * head + column,
        stride: head,
        // When decoding, the heads that share the value lie next to each other as queries do else.
        count: if shape.mask == Mask::Decode { shared } else { shape.sequence },
        element: ElementType::F32,
        bytes: 4 * shape.batch * shape.heads * rows * head,
    };
    let seen = if shape.mask == Mask::Causal { 1 } else { shape.sequence };
    nudge::elements(2, values, seen, &reach)
}

fn common(shape: AttentionShape) -> Vec<String> {
    vec![
        constant("SEQUENCE", shape.sequence),
        constant("SHARED", shape.heads / shape.kv_heads),
        format!("const CAUSAL = {};", shape.mask == Mask::Causal),
        // Softmax in powers of two: exp(x) = exp2(x log2 e).
        format!(
            "const SCALE = {:?}f;",
            (std::f64::consts::LOG2_E / (shape.head_size as f64).sqrt()) as f32
        ),
    ]
}

fn input(
    shape: AttentionShape,
    tag: u32,
    planes: u64,
    rows: u64,
    padded_rows: u64,
    head: u64,
) -> InputBuffer {
    InputBuffer {
        tag,
        fill: Fill::Value(shape.input),
        planes,
        rows,
        columns: shape.head_size,
        padded_rows,
        padded_columns: head,
    }
}
