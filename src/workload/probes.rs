//! Probes: the roof of the vector units and the cost of an empty dispatch.

use super::job::{constant, linear_grid, with_constants};
use super::{ElementType, Job, Unit, Work};

/// Pairs of multiply-adds in each chain of the roof kernel.
const PAIRS: u64 = 1024;
/// What one pair adds to its chain.
const STEP: f32 = 1.0 / 1024.0;
/// The first addend of a pair; the second is this plus [`STEP`].
const BIAS: f32 = 0.25;
/// Independent chains of vec4 per invocation: enough to hide the latency of the units.
const CHAINS: u64 = 4;
const WORKGROUP: u64 = 64;

/// Word that the empty kernel stores.
pub(crate) const EMPTY_WORD: u32 = 0x600D_F00D;

/// What component `component` of invocation `invocation` of the roof kernel must hold, exactly.
pub(crate) fn roof_result(invocation: u64, component: u64) -> f32 {
    let start = |chain| ((invocation * 7 + chain * 31 + component * 3) % 256) as f32 / 1024.0;
    (0..CHAINS).map(|chain| start(chain) + PAIRS as f32 * STEP).sum()
}

pub(super) fn roof_work(element: ElementType, invocations: u64) -> Work {
    Work {
        ops: invocations.next_multiple_of(WORKGROUP) * PAIRS * 2 * 2 * CHAINS * 4,
        bytes: invocations.next_multiple_of(WORKGROUP) * 16,
        bit_length: Some(element.bits()),
    }
}

pub(super) fn roof_jobs(element: ElementType, invocations: u64) -> Vec<Job> {
    let alias = match element {
        ElementType::F32 => "alias Scalar = f32;",
        ElementType::F16 => "enable f16;\nalias Scalar = f16;",
    };
    let invocations = invocations.next_multiple_of(WORKGROUP);
    let lines = [
        alias.into(),
        constant("WORKGROUP", WORKGROUP),
        constant("INVOCATIONS", invocations),
        constant("CHAINS", CHAINS),
        constant("PAIRS", PAIRS),
    ];
    vec![Job {
        kernel: "roof",
        source: with_constants(include_str!("../../shaders/roof.wgsl"), &lines),
        grid: linear_grid(invocations, WORKGROUP),
        inputs: Vec::new(),
        values: vec![-1.0, BIAS, BIAS + STEP, 0.0],
        output_bytes: invocations * 16,
        output_padded: [invocations, 4],
        invocations: WORKGROUP as u32,
        workgroup_storage_bytes: 0,
        uses_barriers: false,
        unit: Unit::Vector,
    }]
}

pub(super) fn empty_jobs() -> Vec<Job> {
    vec![Job {
        kernel: "empty",
        source: include_str!("../../shaders/empty.wgsl").into(),
        grid: [1, 1],
        inputs: Vec::new(),
        values: Vec::new(),
        output_bytes: 4,
        output_padded: [1, 1],
        invocations: 1,
        workgroup_storage_bytes: 0,
        uses_barriers: false,
        unit: Unit::Vector,
    }]
}
