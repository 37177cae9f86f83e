//! A job: one kernel with its buffers, ready to be measured.

use super::{ElementType, Nudges, Unit};
use crate::adapter::Capability;
use crate::digest::sha256_hex;

/// Word that fills every output before it is computed: a NaN as f32 and as two f16.
pub const POISON: u32 = 0x7FC1_7FC1;

/// Words in front and behind every output that no kernel may touch.
pub(crate) const CANARY_WORDS: u64 = 64;

/// Workgroups along one dimension of a dispatch that every WebGPU device allows.
const MAX_ALONG: u64 = 65_535;

/// What one element of a filled buffer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// A value of [`super::inputs`], stored in this type.
    Value(ElementType),
    /// A raw random word.
    Word,
    /// Zeros, in a type.
    Zero(ElementType),
}

/// An input: `planes` matrices of `rows` by `columns`, padded with zeros to whole tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputBuffer {
    /// Which random stream fills it.
    pub tag: u32,
    /// Kind of its elements.
    pub fill: Fill,
    /// Independent matrices.
    pub planes: u64,
    /// Rows of one matrix.
    pub rows: u64,
    /// Columns.
    pub columns: u64,
    /// Rows with padding.
    pub padded_rows: u64,
    /// Columns with padding, a multiple of four.
    pub padded_columns: u64,
}

impl InputBuffer {
    /// Size in bytes, with padding.
    pub fn bytes(&self) -> u64 {
        self.planes * self.padded_rows * self.padded_columns * self.element_bytes()
    }

    /// Size of an element.
    pub(super) fn element_bytes(&self) -> u64 {
        match self.fill {
            Fill::Value(element) | Fill::Zero(element) => element.bytes(),
            Fill::Word => 4,
        }
    }
}

/// A second kernel that makes the output from what the first one left in a scratch buffer.
#[derive(Clone, Debug, PartialEq)]
pub struct Finish {
    /// The whole WGSL text; it binds the scratch buffer and the output.
    pub source: String,
    /// Workgroups along x and y.
    pub grid: [u64; 2],
    /// Size of the scratch buffer, which the first kernel binds last instead of the output.
    pub scratch_bytes: u64,
}

/// A kernel, its buffers, and the grid that covers the work.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// File name of the kernel under `shaders/`, without its ending.
    pub kernel: &'static str,
    /// Tile sizes and the like: what a tuner may choose.
    pub parameters: Vec<(&'static str, u64)>,
    /// The whole WGSL text that is compiled: constants in front, then the file.
    pub source: String,
    /// Workgroups along x and y.
    pub grid: [u64; 2],
    /// Filled inputs, bound from 0 on.
    pub inputs: Vec<InputBuffer>,
    /// Plain values, bound behind the inputs; empty where the kernel needs none.
    pub values: Vec<f32>,
    /// What is changed between dispatches, so that each must compute anew.
    pub nudges: Nudges,
    /// Size of the output, bound last.
    pub output_bytes: u64,
    /// Rows of one output plane and length of a row in elements, both with padding.
    pub output_padded: [u64; 2],
    /// Invocations of a workgroup.
    pub invocations: u32,
    /// Shared memory of a workgroup.
    pub workgroup_storage_bytes: u32,
    /// Whether invocations wait for each other.
    pub uses_barriers: bool,
    /// Unit that does the arithmetic.
    pub unit: Unit,
    /// What runs after the kernel, within the same dispatch.
    pub finish: Option<Finish>,
}

impl Job {
    /// A kernel with nothing else known yet: one invocation, no buffers.
    pub(super) fn new(kernel: &'static str) -> Self {
        Self {
            kernel,
            parameters: Vec::new(),
            source: String::new(),
            grid: [1, 1],
            inputs: Vec::new(),
            values: Vec::new(),
            nudges: Nudges::default(),
            output_bytes: 0,
            output_padded: [1, 1],
            invocations: 1,
            workgroup_storage_bytes: 0,
            uses_barriers: false,
            unit: Unit::Vector,
            finish: None,
        }
    }

    /// The same on inputs that are all zeros: its output is then zeros, too, whatever sign a zero has.
    #[must_use]
    pub fn with_zero_inputs(mut self) -> Self {
        if !self.inputs.is_empty() {
            self.nudges.list.clear();
        }
        for input in &mut self.inputs {
            input.fill = match input.fill {
                Fill::Value(element) => Fill::Zero(element),
                Fill::Word => Fill::Zero(ElementType::F32),
                zero @ Fill::Zero(_) => zero,
            };
        }
        self
    }

    /// Whether all inputs are zeros.
    pub fn has_zero_inputs(&self) -> bool {
        !self.inputs.is_empty() && self.inputs.iter().all(|i| matches!(i.fill, Fill::Zero(_)))
    }

    /// SHA-256 of the text that is compiled; of both texts, one after the other, where there are two.
    pub fn sha256(&self) -> String {
        let finish = self.finish.as_ref().map_or("", |finish| finish.source.as_ref());
        sha256_hex(format!("{}{finish}", self.source))
    }

    /// A parameter by name; a name that the kernel does not have is a fault of this crate.
    pub(crate) fn parameter(&self, name: &str) -> u64 {
        let found = self.parameters.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("{} has no parameter {name}", self.kernel)).1
    }

    /// Memory of all buffers.
    pub fn total_bytes(&self) -> u64 {
        let scratch = self.finish.as_ref().map_or(0, |finish| finish.scratch_bytes);
        self.inputs.iter().map(InputBuffer::bytes).sum::<u64>() + self.output_bytes + scratch
    }

    /// Whether an adapter's limits admit this job; the error names the limit.
    pub(super) fn fits(&self, capability: &Capability) -> Result<(), String> {
        let output = self.output_bytes + 8 * CANARY_WORDS;
        let scratch = self.finish.as_ref().map_or(0, |finish| finish.scratch_bytes);
        let largest = self.inputs.iter().map(InputBuffer::bytes).chain([output, scratch]).max();
        let largest = largest.unwrap_or_default();
        let second = self.finish.as_ref().map_or([0, 0], |finish| finish.grid);
        let limits = [
            ("bytes in one buffer", largest, capability.max_storage_bytes()),
            (
                "workgroups along one dimension",
                self.grid.into_iter().chain(second).max().unwrap_or_default(),
                u64::from(capability.max_workgroups_per_dimension),
            ),
            (
                "invocations in a workgroup",
                u64::from(self.invocations),
                u64::from(capability.max_invocations_per_workgroup),
            ),
            (
                "bytes of workgroup memory",
                u64::from(self.workgroup_storage_bytes),
                u64::from(capability.max_workgroup_storage_bytes),
            ),
        ];
        match limits.into_iter().find(|(_, needed, limit)| needed > limit) {
            None => Ok(()),
            Some((what, needed, limit)) => {
                Err(format!("needs {needed} {what}, the adapter allows {limit}"))
            }
        }
    }
}

/// Constants as WGSL, in front of a kernel's text.
pub(super) fn with_constants(source: &str, lines: &[String]) -> String {
    format!("{}\n{source}", lines.join("\n"))
}

/// `const NAME = VALUEu;`
pub(super) fn constant(name: &str, value: u64) -> String {
    format!("const {name} = {value}u;")
}

/// How a kernel with f32 arithmetic reads elements that are stored as `element`.
pub(super) fn stored(element: ElementType) -> &'static str {
    match element {
        ElementType::F32 => include_str!("../../shaders/shared/stored_f32.wgsl"),
        ElementType::F16 => include_str!("../../shaders/shared/stored_f16.wgsl"),
        ElementType::I8 | ElementType::I32 => panic!("integers are not read as floats"),
    }
}

/// Enables and fragment types of a kernel on matrix units.
pub(super) fn matrix_types(input: &str, sum: &str, edge: u64) -> String {
    format!(
        "enable f16;\nenable wgpu_cooperative_matrix;\nalias Sum = {sum};\n\
         alias FragA = coop_mat{edge}x{edge}<{input}, A>;\n\
         alias FragB = coop_mat{edge}x{edge}<{input}, B>;\n\
         alias FragC = coop_mat{edge}x{edge}<{sum}, C>;"
    )
}

/// The same, and how a kernel that reads f16 as words takes them apart.
pub(super) fn with_halves(types: &str, adapter: &Capability) -> String {
    if adapter.int16 {
        let halves = include_str!("../../shaders/shared/halves_int16.wgsl");
        format!("enable wgpu_int16;\n{types}\n{halves}")
    } else {
        format!("{types}\n{}", include_str!("../../shaders/shared/halves.wgsl"))
    }
}

/// The grid of a kernel that takes one tile a workgroup, and the constants that tell it its tile.
///
/// Where the tiles are more than a dispatch has along one dimension, `LINEAR` is true: the grid is then any
/// rectangle that holds them, counted row by row, and the spare workgroups at its end do nothing. Every such kernel
/// says it in the same four lines: naga 30 takes no result of a function as uniform, which barriers and
/// matrices need.
pub(super) fn tile_grid([x, y]: [u64; 2]) -> ([u64; 2], String) {
    let linear = x.max(y) > MAX_ALONG;
    let grid = if linear { linear_grid(x.saturating_mul(y), 1) } else { [x, y] };
    (grid, format!("const TILES = vec2<u32>({x}u, {y}u);\nconst LINEAR = {linear};"))
}

/// Workgroups in x and y that hold at least `invocations`, with as little padding as there can be.
pub(crate) fn linear_grid(invocations: u64, workgroup: u64) -> [u64; 2] {
    let groups = invocations.div_ceil(workgroup);
    let rows = groups.div_ceil(MAX_ALONG).max(1);
    [groups.div_ceil(rows), rows]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_padded_by_less_than_a_row_of_few() {
        for groups in [1, 7, 65_535, 65_536, 65_537, 70_000, 2_097_217, 4_000_000_000u64] {
            let [x, y] = linear_grid(groups * 64 - 1, 64);
            assert!(x <= MAX_ALONG && y <= MAX_ALONG && x * y >= groups, "{groups}: {x} x {y}");
            assert!(x * y - groups < y, "{groups}: {x} x {y}");
        }
    }
}
