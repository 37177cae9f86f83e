//! Jobs that compute attention on matrix units.

use super::attention::{Layout, full};
use super::job::{matrix_types, with_halves};
use super::{AttentionShape, ElementType, Job, Unit};
use crate::adapter::Capability;

/// Subgroups, each with one fragment of queries; fragments of keys.
const STAGED: &[[u64; 2]] = &[[4, 4], [4, 2], [8, 2], [2, 4], [2, 2]];
/// The same for keys and values straight from storage.
const DIRECT: &[[u64; 2]] = &[[4, 4], [4, 2], [8, 2], [2, 4], [1, 4]];

/// All candidates, preferred first, where the adapter has matrix units and the storage is f16.
pub(super) fn matrix_jobs(shape: AttentionShape, adapter: &Capability) -> Vec<Job> {
    let Ok((edge, subgroup)) = adapter.matrix_edge("f16", "f32") else { return Vec::new() };
    if shape.input != ElementType::F16 {
        return Vec::new();
    }
    let direct = DIRECT.iter().map(|tile| direct(shape, edge, subgroup, *tile));
    let staged = STAGED
        .iter()
        .filter(|[_, key_frags]| shares_rows(edge, subgroup, *key_frags))
        .map(|tile| staged(shape, edge, subgroup, *tile, adapter));
    if adapter.barriers_are_slow {
        direct.chain(staged).collect()
    } else {
        staged.chain(direct).collect()
    }
}

/// Whether a row of scores belongs to one, two or four invocations, each with whole vectors of it.
fn shares_rows(edge: u64, subgroup: u64, key_frags: u64) -> bool {
    let parts = subgroup / edge;
    [1, 2, 4].contains(&parts)
        && subgroup.is_multiple_of(edge)
        && (key_frags * edge).is_multiple_of(4 * parts)
}

/// Keys and values staged in workgroup memory.
fn staged(
    shape: AttentionShape,
    edge: u64,
    subgroup: u64,
    [subgroups, key_frags]: [u64; 2],
    adapter: &Capability,
) -> Job {
    let [queries, keys] = [subgroups * edge, key_frags * edge];
    let head = shape.head_size.next_multiple_of(edge);
    let tile = (keys * (head + 8)).max(head * (keys + 8));
    let job = Job {
        // Keys or values, scores, weights, and a word.
        workgroup_storage_bytes: (2 * tile
            + 4 * queries * (keys + 4)
            + 2 * queries * (keys + 8)
            + 4) as u32,
        ..Job::new("attention_staged")
    };
    let parameters = [("PARTS", subgroup / edge)];
    let types = with_halves(&matrix_types("f16", "f32", edge), adapter);
    let source = include_str!("../../shaders/attention/attention_staged.wgsl");
    matrix(job, shape, [edge, subgroup, subgroups, key_frags], &parameters, &types, source)
}

/// Keys and values straight from storage.
fn direct(
    shape: AttentionShape,
    edge: u64,
    subgroup: u64,
    [subgroups, key_frags]: [u64; 2],
) -> Job {
    let [queries, keys] = [subgroups * edge, key_frags * edge];
    let job = Job {
        workgroup_storage_bytes: (4 * queries * (keys.max(edge) + 4)
            + 2 * queries * (keys + 8)
            + 4 * 3 * queries
            + 4 * subgroups * subgroup) as u32,
        ..Job::new("attention_matrix")
    };
    let types = matrix_types("f16", "f32", edge);
    let source = include_str!("../../shaders/attention/attention_matrix.wgsl");
    matrix(job, shape, [edge, subgroup, subgroups, key_frags], &[], &types, source)
}

fn matrix(
    job: Job,
    shape: AttentionShape,
    [edge, subgroup, subgroups, key_frags]: [u64; 4],
    more: &[(&'static str, u64)],
    types: &str,
    source: &str,
) -> Job {
    let layout = Layout { queries: subgroups * edge, keys: key_frags * edge, head: edge };
    let threads = subgroups * subgroup;
    let job = Job { unit: Unit::Matrix, invocations: threads as u32, uses_barriers: true, ..job };
    let mut parameters = vec![
        ("EDGE", edge),
        ("SUBGROUPS", subgroups),
        ("KEY_FRAGS", key_frags),
        ("HEAD_FRAGS", shape.head_size.div_ceil(edge)),
        ("THREADS", threads),
    ];
    parameters.extend(more);
    full(job, shape, layout, &parameters, types, source)
}
