//! Stage 2: what do we run?
//!
//! A [`Workload`] is a computation with its sizes. It knows its exact [`Work`] in integers, and
//! the [`Job`]s that compute it on an adapter: a kernel, its buffers and how they are filled.

mod attention;
mod attention_matrix;
mod bandwidth;
pub mod inputs;
mod job;
mod matmul;
mod matmul_i8;
mod matmul_matrix;
mod nudge;
mod probes;
mod refusal;
mod roof_i8;
mod spec;
mod text;

pub(crate) use attention::{TAG_K, TAG_Q, TAG_V};
pub(crate) use bandwidth::{
    TAG_SOURCE, TAG_TRIAD, TRIAD_FACTOR, largest as largest_bandwidth, read_vectors, whole_tiles,
    written_word,
};
pub(crate) use job::{CANARY_WORDS, linear_grid};
pub use job::{Fill, Finish, InputBuffer, Job, POISON};
pub(crate) use matmul::{TAG_A, TAG_B};
pub use nudge::{Nudge, Nudges};
pub use probes::CHAIN_BLOCK;
pub(crate) use probes::{EMPTY_WORD, RoofResult, TAG_FRAGMENTS_A, TAG_FRAGMENTS_B, subgroup_job};
pub(crate) use roof_i8::{CLASSES as ROOF_CLASSES, result as roof_i8_result};
pub use spec::{Access, AttentionShape, ElementType, Mask, MatmulShape, Unit, Work, Workload};

use crate::adapter::Capability;

impl Workload {
    /// All jobs that compute this workload on such an adapter, the class's default first: what a
    /// tuner chooses from.
    ///
    /// The error says why the adapter cannot run it at all.
    pub fn candidates(&self, adapter: &Capability) -> Result<Vec<Job>, String> {
        let jobs = match self {
            Self::Matmul(shape) => matmul::jobs(*shape, adapter)?,
            Self::Attention(shape) => attention::jobs(*shape, adapter)?,
            Self::Bandwidth { access, bytes } => bandwidth::jobs(*access, *bytes, adapter),
            Self::Roof { unit, element, invocations } => {
                probes::roof_jobs(*unit, *element, *invocations, adapter)?
            }
            Self::Chain { steps } => probes::chain_jobs(*steps, adapter),
            Self::Empty => probes::empty_jobs(),
        };
        let mut refusals = Vec::new();
        let mut fitting = Vec::new();
        for job in jobs {
            match job.fits(adapter) {
                Ok(()) => fitting.push(job),
                Err(reason) => refusals.push((job.kernel, reason)),
            }
        }
        if fitting.is_empty() { Err(refusal::folded(&refusals)) } else { Ok(fitting) }
    }

    /// The preferred job of every kernel that can compute it.
    pub fn jobs(&self, adapter: &Capability) -> Result<Vec<Job>, String> {
        let mut seen = Vec::new();
        let mut jobs = self.candidates(adapter)?;
        jobs.retain(|job| {
            let first = !seen.contains(&job.kernel);
            seen.push(job.kernel);
            first
        });
        Ok(jobs)
    }
}
