//! Jobs that compute a matrix product on matrix units.

use super::job::{matrix_types, with_halves};
use super::matmul::padded;
use super::{Job, MatmulShape, Unit};
use crate::adapter::Capability;

/// Subgroups down and across, fragments of each down and across, depth in fragments, for subgroups up to 32.
const NARROW: &[[u64; 5]] = &[
    [4, 2, 4, 4, 2],
    [2, 4, 4, 4, 2],
    [2, 4, 4, 2, 2],
    [2, 2, 4, 4, 2],
    [2, 2, 4, 4, 4],
    [2, 2, 2, 4, 2],
    [2, 2, 2, 2, 4],
];
/// The same for larger subgroups, whose invocations hold less of a fragment.
const WIDE: &[[u64; 5]] = &[
    [2, 2, 4, 8, 2],
    [2, 2, 8, 4, 2],
    [2, 4, 4, 4, 2],
    [2, 2, 4, 4, 2],
    [2, 2, 4, 4, 4],
    [1, 2, 8, 4, 2],
    [2, 2, 2, 2, 4],
];
/// Fragments down and across.
const DIRECT: &[[u64; 2]] = &[[4, 4], [2, 4], [2, 2], [1, 4], [1, 1]];

/// All candidates, preferred first, for adapters that list a square shape: WGSL has no other.
pub(super) fn matrix_jobs(shape: MatmulShape, adapter: &Capability) -> Result<Vec<Job>, String> {
    let (edge, subgroup) = adapter.matrix_edge(shape.input.name(), shape.accumulate.name())?;
    let direct = DIRECT.iter().map(|tile| direct(shape, edge, subgroup, *tile));
    let tiles = if subgroup > 32 { WIDE } else { NARROW };
    let staged = tiles
        .iter()
        .filter(|tile| loads_evenly(edge, subgroup, **tile))
        .map(|tile| staged(shape, edge, subgroup, *tile, adapter));
    Ok(if adapter.barriers_are_slow {
        direct.chain(staged).collect()
    } else {
        staged.chain(direct).collect()
    })
}

/// Whether every invocation loads the same: eight elements of A at a time, four by four of B.
fn loads_evenly(edge: u64, subgroup: u64, tile: [u64; 5]) -> bool {
    let [down, across, frag_m, frag_n, depth] = tile;
    let threads = down * across * subgroup;
    let elements = |fragments: u64| fragments * depth * edge * edge;
    elements(down * frag_m).is_multiple_of(8 * threads)
        && elements(across * frag_n).is_multiple_of(16 * threads)
        && threads.is_multiple_of(depth * edge / 4)
}

fn staged(
    shape: MatmulShape,
    edge: u64,
    subgroup: u64,
    [down, across, frag_m, frag_n, depth]: [u64; 5],
    adapter: &Capability,
) -> Job {
    let [m, n, k] = [down * frag_m * edge, across * frag_n * edge, depth * edge];
    let job = Job {
        unit: Unit::Matrix,
        invocations: (down * across * subgroup) as u32,
        workgroup_storage_bytes: (2 * (m + n) * (k + 8)) as u32,
        uses_barriers: true,
        ..Job::new("matmul_matrix")
    };
    let parameters = [
        ("EDGE", edge),
        ("DOWN", down),
        ("ACROSS", across),
        ("FRAG_M", frag_m),
        ("FRAG_N", frag_n),
        ("TILE_K", k),
        ("THREADS", down * across * subgroup),
    ];
    let source = include_str!("../../shaders/matmul/matmul_matrix.wgsl");
    let types = with_halves(&types(shape, edge), adapter);
    padded(job, shape, [m, n, k], &parameters, types, source)
}

fn direct(shape: MatmulShape, edge: u64, subgroup: u64, [frag_m, frag_n]: [u64; 2]) -> Job {
    let job = Job {
        unit: Unit::Matrix,
        invocations: subgroup as u32,
        ..Job::new("matmul_matrix_direct")
    };
    let parameters =
        [("EDGE", edge), ("FRAG_M", frag_m), ("FRAG_N", frag_n), ("THREADS", subgroup)];
    let source = include_str!("../../shaders/matmul/matmul_matrix_direct.wgsl");
    let tile = [frag_m * edge, frag_n * edge, edge];
    padded(job, shape, tile, &parameters, types(shape, edge), source)
}

fn types(shape: MatmulShape, edge: u64) -> String {
    matrix_types(shape.input.name(), shape.accumulate.name(), edge)
}
