//! Jobs that compute a matrix product.

use super::job::{constant, element_aliases, with_constants};
use super::{Fill, InputBuffer, Job, MatmulShape, Unit};

/// Tile of `matmul_tiled.wgsl`: 64x64 results by 256 invocations, 16 deep.
const TILE: u64 = 64;
const TILE_DEPTH: u64 = 16;

/// Tile of `matmul_register.wgsl`: 16 rows by 8 lanes x 4 vectors x 2 columns.
const REGISTER_ROWS: u64 = 16;
const LANES: u64 = 8;
const VECTORS: u64 = 4;

/// Random streams of the factors.
pub(crate) const TAG_A: u32 = 1;
pub(crate) const TAG_B: u32 = 2;

pub(super) fn jobs(shape: MatmulShape) -> Vec<Job> {
    vec![tiled(shape), register(shape)]
}

/// Shared-memory tiles, for adapters whose barriers are cheap.
fn tiled(shape: MatmulShape) -> Job {
    let job = Job {
        kernel: "matmul_tiled",
        source: include_str!("../../shaders/matmul_tiled.wgsl").into(),
        grid: [shape.n.div_ceil(TILE), shape.m.div_ceil(TILE)],
        invocations: 256,
        workgroup_storage_bytes: (4 * TILE_DEPTH * (TILE + 4) + 4 * TILE_DEPTH * TILE) as u32,
        uses_barriers: true,
        ..empty()
    };
    let constants = [constant("TILE", TILE), constant("TILE_DEPTH", TILE_DEPTH)];
    padded(job, shape, [TILE, TILE, TILE_DEPTH], &constants)
}

/// Register tiles without any barrier, for adapters that run on a CPU.
fn register(shape: MatmulShape) -> Job {
    let columns = LANES * VECTORS * 2;
    let job = Job {
        kernel: "matmul_register",
        source: include_str!("../../shaders/matmul_register.wgsl").into(),
        grid: [shape.n.div_ceil(columns), shape.m.div_ceil(REGISTER_ROWS)],
        invocations: LANES as u32,
        ..empty()
    };
    let constants = [
        constant("REGISTER_ROWS", REGISTER_ROWS),
        constant("LANES", LANES),
        constant("VECTORS", VECTORS),
    ];
    padded(job, shape, [REGISTER_ROWS, columns, 4], &constants)
}

/// Buffers padded to whole tiles of `[rows, columns, depth]`, and the constants that say so.
fn padded(job: Job, shape: MatmulShape, tile: [u64; 3], constants: &[String]) -> Job {
    let m = shape.m.next_multiple_of(tile[0]);
    let n = shape.n.next_multiple_of(tile[1]);
    let k = shape.k.next_multiple_of(tile[2]);
    let matrix = |tag, rows, columns, padded_rows, padded_columns| InputBuffer {
        tag,
        fill: Fill::Value(shape.input),
        planes: 1,
        rows,
        columns,
        padded_rows,
        padded_columns,
    };
    let mut lines = vec![element_aliases(shape.input), constant("N", n), constant("K", k)];
    lines.extend_from_slice(constants);
    Job {
        source: with_constants(&job.source, &lines),
        inputs: vec![matrix(TAG_A, shape.m, shape.k, m, k), matrix(TAG_B, shape.k, shape.n, k, n)],
        output_bytes: 4 * m * n,
        output_padded: [m, n],
        ..job
    }
}

fn empty() -> Job {
    Job {
        kernel: "",
        source: String::new(),
        grid: [1, 1],
        inputs: Vec::new(),
        values: Vec::new(),
        output_bytes: 0,
        output_padded: [0, 0],
        invocations: 1,
        workgroup_storage_bytes: 0,
        uses_barriers: false,
        unit: Unit::Vector,
    }
}
