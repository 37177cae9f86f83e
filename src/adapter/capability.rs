//! What an adapter can do: the features and limits that decide which kernel runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One entry of the driver's cooperative-matrix list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixShape {
    /// Rows of the product.
    pub m: u32,
    /// Columns of the product.
    pub n: u32,
    /// Length of the sum.
    pub k: u32,
    /// Element type of both factors.
    pub input: String,
    /// Element type of the accumulator.
    pub accumulate: String,
}

/// Features and limits of an adapter. Absence is `false` or an empty list, never a guess.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// 16-bit floats in shaders and storage buffers.
    pub f16: bool,
    /// 16-bit integers in shaders; absent where there are none, and in older records.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub int16: bool,
    /// 64-bit integers in shaders.
    #[serde(default)]
    pub int64: bool,
    /// Subgroup operations.
    pub subgroups: bool,
    /// Invocations of a subgroup, where it is always the same; null where it varies or is unknown.
    pub subgroup_size: Option<u32>,
    /// The fewest invocations of a subgroup, also where the size varies; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subgroup_least: Option<u32>,
    /// The most invocations of a subgroup, also where the size varies; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subgroup_most: Option<u32>,
    /// GPU timestamps around compute passes.
    pub timestamps: bool,
    /// Cooperative matrices that the driver lists.
    pub cooperative_matrices: Vec<MatrixShape>,
    /// Shared memory of one workgroup.
    pub max_workgroup_storage_bytes: u32,
    /// Invocations of one workgroup.
    pub max_invocations_per_workgroup: u32,
    /// Workgroups along one dimension of a dispatch.
    pub max_workgroups_per_dimension: u32,
    /// Largest storage-buffer binding.
    pub max_binding_bytes: u64,
    /// Largest buffer.
    pub max_buffer_bytes: u64,
    /// True where workgroup barriers are emulated by a CPU and cost more than they save.
    pub barriers_are_slow: bool,
}

/// Subgroup size of CPU adapters with 256-bit vectors.
const CPU_SUBGROUP: u32 = 8;

impl Capability {
    pub(crate) fn from_wgpu(adapter: &wgpu::Adapter) -> Self {
        let features = adapter.features();
        let limits = adapter.limits();
        let info = adapter.get_info();
        let (min, max) = (info.subgroup_min_size, info.subgroup_max_size);
        // wgpu asks Metal for no range and names one that no device has, 4 to 64; and naga 30 cannot translate
        // fragments that lie in vectors for it. Without a size there are no matrix units.
        let range_known =
            features.contains(wgpu::Features::SUBGROUP) && info.backend != wgpu::Backend::Metal;
        let matrices = adapter.cooperative_matrix_properties();
        Self {
            f16: features.contains(wgpu::Features::SHADER_F16),
            int16: features.contains(wgpu::Features::SHADER_I16),
            int64: features.contains(wgpu::Features::SHADER_INT64),
            subgroups: features.contains(wgpu::Features::SUBGROUP),
            subgroup_size: (min == max && features.contains(wgpu::Features::SUBGROUP))
                .then_some(min),
            subgroup_least: range_known.then_some(min),
            subgroup_most: range_known.then_some(max),
            timestamps: features.contains(wgpu::Features::TIMESTAMP_QUERY),
            cooperative_matrices: matrices
                .iter()
                .map(|c| MatrixShape {
                    m: c.m_size,
                    n: c.n_size,
                    k: c.k_size,
                    input: format!("{:?}", c.ab_type).to_lowercase(),
                    accumulate: format!("{:?}", c.cr_type).to_lowercase(),
                })
                .collect(),
            max_workgroup_storage_bytes: limits.max_compute_workgroup_storage_size,
            max_invocations_per_workgroup: limits.max_compute_invocations_per_workgroup,
            max_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            max_binding_bytes: limits.max_storage_buffer_binding_size,
            max_buffer_bytes: limits.max_buffer_size,
            barriers_are_slow: info.device_type == wgpu::DeviceType::Cpu,
        }
    }

    /// Edge of the cooperative matrices that WGSL can use for these types, and the subgroup size that kernels
    /// are made for.
    ///
    /// WGSL has square shapes only. Where the size varies (AMD: 32 or 64) it is the largest: wgpu cannot ask for
    /// one, and smaller subgroups, of which there are then too many, repeat the work of the last.
    /// On CPU adapters the subgroup must be one vector of eight: with 512-bit vectors
    /// (`LP_NATIVE_VECTOR_WIDTH=512`) Mesa 26.1 still lists its 8x8x8 matrices, and then crashes.
    pub fn matrix_edge(&self, input: &str, accumulate: &str) -> Result<(u64, u64), String> {
        let square = |c: &&MatrixShape| {
            c.m == c.n && c.n == c.k && c.input == input && c.accumulate == accumulate
        };
        let largest = self.cooperative_matrices.iter().filter(square).map(|c| c.m).max();
        let Some(edge) = largest else {
            return Err(format!(
                "the adapter lists no square cooperative matrix {input} x {input} -> {accumulate}"
            ));
        };
        let Some(subgroup) = self.subgroup_size.or(self.subgroup_most) else {
            return Err("the subgroup size of the adapter is unknown".into());
        };
        if self.barriers_are_slow && self.subgroup_size != Some(CPU_SUBGROUP) {
            return Err(format!(
                "matrices crash CPU adapters whose subgroups have {subgroup} lanes"
            ));
        }
        if !self.f16 {
            return Err("the adapter has no 16-bit floats in shaders (SHADER_F16)".into());
        }
        Ok((u64::from(edge), u64::from(subgroup)))
    }

    /// Largest storage buffer that a kernel can bind, in bytes.
    pub fn max_storage_bytes(&self) -> u64 {
        self.max_binding_bytes.min(self.max_buffer_bytes)
    }

    /// The least GPU, for tests.
    #[cfg(test)]
    pub(crate) fn least() -> Self {
        Self {
            f16: true,
            int16: true,
            int64: true,
            subgroups: false,
            subgroup_size: None,
            subgroup_least: None,
            subgroup_most: None,
            timestamps: false,
            cooperative_matrices: Vec::new(),
            max_workgroup_storage_bytes: 16_384,
            max_invocations_per_workgroup: 256,
            max_workgroups_per_dimension: 65_535,
            max_binding_bytes: 1 << 27,
            max_buffer_bytes: 1 << 28,
            barriers_are_slow: true,
        }
    }
}
