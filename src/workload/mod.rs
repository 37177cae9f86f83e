//! Stage 2: what do we run?
//!
//! A [`Workload`] is a computation with its sizes. It knows its exact [`Work`] in integers, and
//! the [`Job`]s that compute it on an adapter: a kernel, its buffers and how they are filled.

mod attention;
mod bandwidth;
pub mod inputs;
mod job;
mod matmul;
mod probes;
mod spec;

pub(crate) use attention::{TAG_K, TAG_Q, TAG_V};
pub(crate) use bandwidth::{TAG_SOURCE, read_vectors, written_word};
pub(crate) use job::{CANARY_WORDS, linear_grid};
pub use job::{Fill, InputBuffer, Job, POISON};
pub(crate) use matmul::{TAG_A, TAG_B};
pub(crate) use probes::{EMPTY_WORD, roof_result};
pub use spec::{Access, AttentionShape, ElementType, MatmulShape, Unit, Work, Workload};

use crate::adapter::Capability;

impl Workload {
    /// The jobs that compute this workload on such an adapter, the preferred one first.
    ///
    /// The error says why the adapter cannot run it at all.
    pub fn jobs(&self, capability: &Capability) -> Result<Vec<Job>, String> {
        if self.input() == Some(ElementType::F16) && self.needs_f16_storage() && !capability.f16 {
            return Err("the adapter has no 16-bit floats in shaders (SHADER_F16)".into());
        }
        let jobs = match self {
            Self::Matmul(shape) => matmul::jobs(*shape),
            Self::Attention(shape) => attention::jobs(*shape)?,
            Self::Bandwidth { access, bytes } => bandwidth::jobs(*access, *bytes),
            Self::Roof { element, invocations } => probes::roof_jobs(*element, *invocations),
            Self::Empty => probes::empty_jobs(),
        };
        let mut reasons = Vec::new();
        let mut fitting = Vec::new();
        for job in jobs {
            match job.fits(capability) {
                Ok(()) => fitting.push(job),
                Err(reason) => reasons.push(format!("{}: {reason}", job.kernel)),
            }
        }
        // Where barriers are slow, the kernels without any come first.
        fitting.sort_by_key(|job| job.uses_barriers == capability.barriers_are_slow);
        if fitting.is_empty() { Err(reasons.join("; ")) } else { Ok(fitting) }
    }
}
