//! Probes: the roofs of the units, the latency of a dependent chain, the cost of an empty dispatch.

use super::job::{constant, linear_grid, matrix_types, with_constants};
use super::nudge::{self, Reach};
use super::{ElementType, Fill, InputBuffer, Job, Unit, Work};
use crate::adapter::Capability;

/// Steps of each system of the roof kernel, two multiply-adds each.
const STEPS: u64 = 2048;
/// Systems of two coupled chains of vec4 per invocation: enough to hide the latency of the units.
const SYSTEMS: u64 = 2;
/// What all values of the roof kernel are whole multiples of, once this many of them are one.
const PER_ONE: i64 = 1024;
/// Where the roof's chains start from, besides what differs between them.
const OFFSET: f32 = 0.25;
pub(super) const WORKGROUP: u64 = 64;

/// What one pair of steps adds to the chain probe.
const STEP: f32 = 1.0 / 1024.0;
/// The first addend of such a pair; the second is this plus [`STEP`].
const BIAS: f32 = 0.25;

/// Multiply-adds of the chain probe between two checks.
pub const CHAIN_BLOCK: u64 = 1024;

/// Chains side by side on a GPU: what its smallest subgroup takes in the time of one.
const CHAIN_LANES: u64 = 32;

/// Matrix multiply-adds on each of the four sums of a subgroup; small enough for exact f32 sums.
const MATRIX_STEPS: u64 = 256;
/// Random streams of the matrix roof's fragments.
pub(crate) const TAG_FRAGMENTS_A: u32 = 7;
pub(crate) const TAG_FRAGMENTS_B: u32 = 8;

/// Word that the empty kernel stores.
pub(crate) const EMPTY_WORD: u32 = 0x600D_F00D;

/// Steps after which the growth of the roof's values is taken back, but one: up to 2^11 multiples are exact in f16.
const ROOF_BLOCK: u64 = 512;
/// The factors of a step: with these all values grow evenly.
const FACTORS: (i64, i64) = (2, -2);

/// What the roof kernel's result must be, exactly.
pub(crate) struct RoofResult {
    /// Result of a system by what its start differs in.
    ended: Vec<i64>,
}

impl RoofResult {
    pub(crate) fn new() -> Self {
        let (a, b) = FACTORS;
        let back = 2 * ROOF_BLOCK.cast_signed() - 1;
        let end = |start: i64| {
            let mut x = start + PER_ONE / 4;
            let mut y = 1 - x;
            for _ in 0..STEPS / ROOF_BLOCK {
                for _ in 0..ROOF_BLOCK {
                    x += a * y;
                    y += b * x;
                }
                x += back;
                y -= back;
            }
            x - y
        };
        Self { ended: (0..256).map(end).collect() }
    }

    /// Component `component` of invocation `invocation`.
    pub(crate) fn at(&self, invocation: u64, component: u64) -> f32 {
        let start = |system| (invocation * 7 + system * 31 + component * 3) % 256;
        let sum: i64 = (0..SYSTEMS).map(|system| self.ended[start(system) as usize]).sum();
        sum as f32 / PER_ONE as f32
    }
}

/// Edge of a fragment decides the work of a subgroup, so the matrix roof counts by invocation:
/// every invocation stands for one element of each of the four sums.
pub(super) fn roof_work(unit: Unit, element: ElementType, invocations: u64) -> Work {
    let (ops, bytes) = match unit {
        Unit::Vector => {
            let invocations = invocations.next_multiple_of(WORKGROUP);
            // Both kinds do the same number of operations per invocation.
            const { assert!(super::roof_i8::OPS == STEPS * 2 * 2 * SYSTEMS * 4) };
            (invocations * STEPS * 2 * 2 * SYSTEMS * 4, invocations * 16)
        }
        Unit::Matrix => (matrix_groups(invocations) * MATRIX_GROUP_OPS, 0),
    };
    Work { ops, bytes, bit_length: Some(element.bits()), convention_ops: None }
}

/// Operations of the unit in which the matrix roof is counted: four sums of 16 x 16, depth 16. With
/// fragments of edge 8 a subgroup repeats its steps eight times to do the same.
const MATRIX_GROUP_OPS: u64 = MATRIX_STEPS * 4 * 16 * 16 * 16 * 2;

fn matrix_groups(invocations: u64) -> u64 {
    invocations.div_ceil(32)
}

/// Candidates of a roof, preferred first.
pub(super) fn roof_jobs(
    unit: Unit,
    element: ElementType,
    invocations: u64,
    adapter: &Capability,
) -> Result<Vec<Job>, String> {
    if unit == Unit::Matrix {
        return Ok(vec![matrix_roof(invocations, adapter.matrix_edge("f16", "f32")?)]);
    }
    if element == ElementType::I8 {
        return Ok(super::roof_i8::jobs(invocations));
    }
    if element == ElementType::F16 && !adapter.f16 {
        return Err("the adapter has no 16-bit floats in shaders (SHADER_F16)".into());
    }
    Ok([16, 8, 4, 2, 1].map(|unroll| vector_roof(element, invocations, unroll)).into())
}

fn vector_roof(element: ElementType, invocations: u64, unroll: u64) -> Job {
    let alias = match element {
        ElementType::F32 => "alias Scalar = f32;",
        ElementType::F16 => "enable f16;\nalias Scalar = f16;",
        ElementType::I8 | ElementType::I32 => unreachable!("integers have a kernel of their own"),
    };
    let invocations = invocations.next_multiple_of(WORKGROUP);
    let (a, b) = FACTORS;
    let lines = [
        alias.into(),
        constant("WORKGROUP", WORKGROUP),
        constant("INVOCATIONS", invocations),
        constant("STEPS", STEPS),
        constant("BLOCK", ROOF_BLOCK),
        constant("UNROLL", unroll),
    ];
    Job {
        source: with_constants(include_str!("../../shaders/probe/roof.wgsl"), &lines),
        parameters: vec![("UNROLL", unroll)],
        grid: linear_grid(invocations, WORKGROUP),
        values: vec![a as f32, b as f32, OFFSET, 0.0],
        nudges: nudge::values(2, invocations * 4),
        output_bytes: invocations * 16,
        output_padded: [invocations, 4],
        invocations: WORKGROUP as u32,
        ..Job::new("roof")
    }
}

fn matrix_roof(invocations: u64, (edge, subgroup): (u64, u64)) -> Job {
    let steps = MATRIX_STEPS * (16 / edge).pow(3);
    let groups = matrix_groups(invocations);
    let lines = [
        matrix_types("f16", "f32", edge),
        constant("EDGE", edge),
        constant("STEPS", steps),
        constant("GROUPS", groups),
        constant("THREADS", subgroup),
    ];
    let fragments = |tag| InputBuffer {
        tag,
        fill: Fill::Value(ElementType::F16),
        planes: 1,
        rows: 2 * edge,
        columns: edge,
        padded_rows: 2 * edge,
        padded_columns: edge,
    };
    let inputs = vec![fragments(TAG_FRAGMENTS_A), fragments(TAG_FRAGMENTS_B)];
    let output_bytes = 4 * groups * 4 * edge * edge;
    // An element of the first fragment of B reaches, among others, the first row of every workgroup's first sum.
    let column = Reach {
        first: &|_, _, column| column,
        stride: 4 * edge * edge,
        count: groups,
        element: ElementType::F32,
        bytes: output_bytes,
    };
    Job {
        source: with_constants(include_str!("../../shaders/probe/roof_matrix.wgsl"), &lines),
        parameters: vec![("EDGE", edge), ("STEPS", steps)],
        grid: linear_grid(groups, 1),
        nudges: nudge::elements(1, &inputs[1], edge, &column),
        inputs,
        output_bytes,
        output_padded: [groups * 4 * edge, edge],
        invocations: subgroup as u32,
        unit: Unit::Matrix,
        ..Job::new("roof_matrix")
    }
}

pub(super) fn chain_jobs(steps: u64, adapter: &Capability) -> Vec<Job> {
    let lanes = if adapter.barriers_are_slow { 1 } else { CHAIN_LANES };
    let lines =
        [constant("STEPS", steps), constant("BLOCK", CHAIN_BLOCK), constant("LANES", lanes)];
    vec![Job {
        source: with_constants(include_str!("../../shaders/probe/chain.wgsl"), &lines),
        values: vec![-1.0, BIAS, BIAS + STEP, 0.0],
        nudges: nudge::values(1, 2), // the words behind the first two are always zero
        output_bytes: 16 * lanes,
        output_padded: [lanes, 4],
        invocations: lanes as u32,
        ..Job::new("chain")
    }]
}

pub(super) fn empty_jobs() -> Vec<Job> {
    vec![Job {
        source: include_str!("../../shaders/probe/empty.wgsl").into(),
        output_bytes: 4,
        ..Job::new("empty")
    }]
}

/// What tells the size of a subgroup in workgroups like those of `job`.
pub(crate) fn subgroup_job(job: &Job) -> Job {
    let lines = [constant("THREADS", job.invocations.into())];
    Job {
        source: with_constants(include_str!("../../shaders/setup/subgroup.wgsl"), &lines),
        output_bytes: 4,
        invocations: job.invocations,
        ..Job::new("subgroup")
    }
}
