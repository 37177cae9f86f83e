//! Jobs that compute a matrix product of 8-bit integers on vector units: WGSL has no such matrices.

use super::matmul::{padded, tiles};
use super::{Job, MatmulShape};
use crate::adapter::Capability;

/// All candidates, preferred first.
pub(super) fn integer_jobs(shape: MatmulShape, adapter: &Capability) -> Vec<Job> {
    let rows = shape.m.next_power_of_two().max(4);
    let direct = |tiles: &[(u64, u64, u64)]| -> Vec<Job> {
        let fitting = tiles.iter().filter(|tile| tile.0 <= rows);
        fitting.map(|tile| register(shape, *tile)).collect()
    };
    let deep = |[m, n, k, quads]: [u64; 4]| tiled(shape, [m, n, 4 * k, quads]);
    let staged: Vec<Job> = tiles(shape, adapter).into_iter().map(deep).collect();
    if adapter.barriers_are_slow {
        let direct = direct(&[(8, 4, 8), (8, 2, 8), (4, 4, 8), (4, 1, 8)]);
        return direct.into_iter().chain(staged).collect();
    }
    staged.into_iter().chain(direct(&[(8, 1, 64), (4, 1, 64)])).collect()
}

fn tiled(shape: MatmulShape, [m, n, k, quads]: [u64; 4]) -> Job {
    let job = Job {
        invocations: (m * n / (16 * quads * quads)) as u32,
        workgroup_storage_bytes: (k * (m + 4) + k * (n + 4)) as u32,
        uses_barriers: true,
        ..Job::new("matmul_i8_tiled")
    };
    let parameters = [("TILE_M", m), ("TILE_N", n), ("TILE_K", k), ("QUADS", quads)];
    let source = include_str!("../../shaders/matmul/matmul_i8_tiled.wgsl");
    padded(job, shape, [m, n, k], &parameters, String::new(), source)
}

fn register(shape: MatmulShape, (rows, columns, lanes): (u64, u64, u64)) -> Job {
    let job = Job { invocations: lanes as u32, ..Job::new("matmul_i8_register") };
    let parameters = [("ROWS", rows), ("COLUMNS", columns), ("LANES", lanes)];
    let source = include_str!("../../shaders/matmul/matmul_i8_register.wgsl");
    padded(job, shape, [rows, lanes * columns, 16], &parameters, String::new(), source)
}
