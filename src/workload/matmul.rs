//! Jobs that compute a matrix product, by class of adapter.
//!
//! The order is the preference without a tuned choice; why each tile is what it is stands in the
//! header of its kernel.

use super::job::{constant, stored, tile_grid, with_constants, with_halves};
use super::matmul_i8::integer_jobs;
use super::matmul_matrix::matrix_jobs;
use super::nudge::{self, Reach};
use super::{ElementType, Fill, InputBuffer, Job, MatmulShape};
use crate::adapter::Capability;

/// Rows up to which the product counts as matrix-vector.
const FEW_ROWS: u64 = 8;
/// Lanes of the kernel that broadcasts within one CPU vector.
const LANES: u64 = 8;

/// Random streams of the factors.
pub(crate) const TAG_A: u32 = 1;
pub(crate) const TAG_B: u32 = 2;

/// All candidates, preferred first; the error says why there is none.
pub(super) fn jobs(shape: MatmulShape, adapter: &Capability) -> Result<Vec<Job>, String> {
    if shape.input == ElementType::I8 {
        return Ok(integer_jobs(shape, adapter));
    }
    if shape.accumulate == ElementType::F16 {
        let matrix = matrix_jobs(shape, adapter);
        if !adapter.f16 {
            return matrix;
        }
        let packed = tiles(shape, adapter).into_iter().map(|tile| packed(shape, tile, adapter));
        return Ok(matrix.unwrap_or_default().into_iter().chain(packed).collect());
    }
    let mut jobs = Vec::new();
    if shape.m <= FEW_ROWS {
        jobs.extend([(16, 16), (8, 32), (32, 8), (64, 4)].map(|tile| vector(shape, tile)));
    }
    if adapter.barriers_are_slow {
        jobs.extend(cpu_jobs(shape, adapter));
    }
    let matrix =
        if shape.input == ElementType::F16 { matrix_jobs(shape, adapter) } else { Ok(vec![]) };
    jobs.extend(matrix.unwrap_or_default());
    jobs.extend(tiles(shape, adapter).into_iter().map(|tile| tiled(shape, tile)));
    Ok(jobs)
}

fn cpu_jobs(shape: MatmulShape, adapter: &Capability) -> Vec<Job> {
    let rows = shape.m.next_power_of_two();
    let tiles = [(32, 8), (32, 4), (16, 8), (32, 2), (16, 4), (16, 16), (8, 8), (8, 4), (8, 1)];
    let tiles = tiles.into_iter().filter(|(r, _)| *r <= rows.max(FEW_ROWS));
    let mut jobs = Vec::new();
    if adapter.subgroup_size == Some(LANES as u32) {
        jobs.extend(tiles.clone().map(|tile| lanes(shape, tile)));
    }
    // A subgroup of four is the mark of a compiler that does not unroll.
    let plain = [8, 16, 64].map(|lanes| plain(shape, lanes));
    let register = tiles.map(|tile| register(shape, tile));
    if adapter.subgroup_size == Some(4) {
        jobs.extend(plain);
        jobs.extend(register);
    } else {
        jobs.extend(register);
        jobs.extend(plain);
    }
    jobs
}

/// Register tiles by broadcast within a subgroup of eight.
fn lanes(shape: MatmulShape, (rows, pairs): (u64, u64)) -> Job {
    let job = Job { invocations: LANES as u32, ..Job::new("matmul_lanes") };
    let source = include_str!("../../shaders/matmul/matmul_lanes.wgsl");
    vector_unit(
        job,
        shape,
        source,
        [rows, LANES * pairs * 2, 8],
        &[("ROWS", rows), ("PAIRS", pairs)],
    )
}

/// Register tiles by scalar loads.
fn register(shape: MatmulShape, (rows, pairs): (u64, u64)) -> Job {
    let job = Job { invocations: LANES as u32, ..Job::new("matmul_register") };
    let source = include_str!("../../shaders/matmul/matmul_register.wgsl");
    let parameters = [("ROWS", rows), ("PAIRS", pairs), ("DEPTH", 4), ("LANES", LANES)];
    vector_unit(job, shape, source, [rows, LANES * pairs * 2, 4], &parameters)
}

/// Named variables, nothing to unroll.
fn plain(shape: MatmulShape, lanes: u64) -> Job {
    let job = Job { invocations: lanes as u32, ..Job::new("matmul_plain") };
    let source = include_str!("../../shaders/matmul/matmul_plain.wgsl");
    vector_unit(job, shape, source, [8, lanes * 4, 4], &[("LANES", lanes)])
}

/// Shared-memory tiles `[rows, columns, depth, quads]`, large ones first where they still fill the device.
pub(super) fn tiles(shape: MatmulShape, adapter: &Capability) -> Vec<[u64; 4]> {
    if adapter.barriers_are_slow {
        // Slow here, but this is where results are compared with the reference before any GPU runs it.
        return vec![[128, 128, 16, 2], [128, 64, 16, 2], [64, 64, 32, 1]];
    }
    let mut tiles = vec![
        [128, 128, 16, 2],
        [128, 64, 16, 2],
        [64, 64, 16, 2],
        [64, 64, 32, 1],
        [32, 32, 16, 1],
    ];
    // A large GPU has some hundred processors, each wants two workgroups at the least, or as many as there can be.
    let groups = |tile: &[u64; 4]| shape.m.div_ceil(tile[0]) * shape.n.div_ceil(tile[1]);
    tiles.sort_by_key(|tile| std::cmp::Reverse(groups(tile).min(256)));
    tiles
}

fn tiled(shape: MatmulShape, tile: [u64; 4]) -> Job {
    staged(shape, tile, 4, stored(shape.input).into())
}

/// The same in f16.
fn packed(shape: MatmulShape, tile: [u64; 4], adapter: &Capability) -> Job {
    let packed = include_str!("../../shaders/shared/packed_f16.wgsl");
    staged(shape, tile, 2, format!("{}\n{packed}", with_halves("enable f16;", adapter)))
}

fn staged(shape: MatmulShape, [m, n, k, quads]: [u64; 4], bytes: u64, types: String) -> Job {
    let job = Job {
        invocations: (m * n / (16 * quads * quads)) as u32,
        workgroup_storage_bytes: (bytes * (k * (m + 4) + k * n)) as u32,
        uses_barriers: true,
        ..Job::new("matmul_tiled")
    };
    let source = include_str!("../../shaders/matmul/matmul_tiled.wgsl");
    let parameters = [("TILE_M", m), ("TILE_N", n), ("TILE_K", k), ("QUADS", quads)];
    padded(job, shape, [m, n, k], &parameters, types, source)
}

/// Few rows: bound by memory.
fn vector(shape: MatmulShape, (columns4, parts): (u64, u64)) -> Job {
    let job = Job {
        invocations: (columns4 * parts) as u32,
        workgroup_storage_bytes: (16 * parts * shape.m * columns4) as u32,
        uses_barriers: true,
        ..Job::new("matmul_vector")
    };
    let source = include_str!("../../shaders/matmul/matmul_vector.wgsl");
    let parameters = [("ROWS", shape.m), ("COLUMNS4", columns4), ("PARTS", parts)];
    vector_unit(job, shape, source, [shape.m, columns4 * 4, parts * 4], &parameters)
}

/// The parts common to all kernels whose arithmetic is f32 on vector units.
fn vector_unit(
    job: Job,
    shape: MatmulShape,
    source: &str,
    tile: [u64; 3],
    parameters: &[(&'static str, u64)],
) -> Job {
    padded(job, shape, tile, parameters, stored(shape.input).into(), source)
}

/// Buffers padded to whole tiles of `[rows, columns, depth]`, and the constants that say so.
pub(super) fn padded(
    job: Job,
    shape: MatmulShape,
    tile: [u64; 3],
    parameters: &[(&'static str, u64)],
    types: String,
    source: &str,
) -> Job {
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
    // Nobody checks where fragments are loaded: tiles must be whole.
    assert!([m % tile[0], n % tile[1], k % tile[2]] == [0; 3], "{} has no whole tiles", job.kernel);
    let (grid, tiles) = tile_grid([n / tile[1], m / tile[0]]);
    let mut lines = vec![types, tiles];
    lines.extend([constant("M", m), constant("N", n), constant("K", k)]);
    lines.extend(parameters.iter().map(|(name, value)| constant(name, *value)));
    // Four neighbours of a word of 8-bit integers meet in one instruction: B lies column by column.
    let transposed = shape.input == ElementType::I8;
    let b = if transposed {
        matrix(TAG_B, shape.n, shape.k, n, k)
    } else {
        matrix(TAG_B, shape.k, shape.n, k, n)
    };
    let inputs = vec![matrix(TAG_A, shape.m, shape.k, m, k), b];
    let output_bytes = shape.accumulate.bytes() * m * n;
    // An element of B reaches a column of the product.
    let element = shape.accumulate;
    let column = Reach {
        first: &|_, row, column| if transposed { row } else { column },
        stride: n,
        count: shape.m,
        element,
        bytes: output_bytes,
    };
    Job {
        source: with_constants(source, &lines),
        parameters: parameters.to_vec(),
        grid,
        nudges: nudge::elements(1, &inputs[1], inputs[1].rows, &column),
        inputs,
        output_bytes,
        output_padded: [m, n],
        ..job
    }
}
