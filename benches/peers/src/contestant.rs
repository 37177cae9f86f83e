//! What takes part in a comparison.

use serde::Serialize;
use tierbench::workload::Work;

use crate::problem::Problem;

/// Why a contestant takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Our kernel.
    Ours,
    /// Our register-only kernel: what the vector units can do through this API at the most.
    Roof,
    /// Somebody else's kernels, through the same API on the same adapter.
    Peer,
    /// Native code on the same chip: not reachable through this API, but good to know.
    Ceiling,
}

/// Why a contestant has no figure.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// It cannot do this here.
    #[error("{0}")]
    Unsupported(String),
    /// It should, and did not.
    #[error("{0}")]
    Failed(String),
}

/// Runs so many operations back to back; nanoseconds on the host's clock from the first submission
/// until the last result is there.
pub type Sampler<'a> = Box<dyn FnMut(u32) -> Result<u64, Refusal> + 'a>;

/// A contestant with a problem in hand.
pub struct Ready<'a> {
    /// Kernel or operator, in words.
    pub how: String,
    /// Of what it computed once, by [`Problem::relative_error`]; `None` where our own exact check
    /// says that nothing is wrong.
    pub relative_error: Option<f64>,
    /// What one operation is worth.
    pub work: Work,
    /// Takes samples.
    pub sampler: Sampler<'a>,
}

/// Something that can be timed.
pub trait Contestant {
    /// Name in the table.
    fn name(&self) -> &str;
    /// Why it is there.
    fn role(&self) -> Role;
    /// Versions of what it runs.
    fn version(&self) -> String;
    /// Whether it takes part in this workload at all. What it should do and cannot is a
    /// [`Refusal`] instead, and stays in the table.
    fn takes_part(&self, _problem: &Problem) -> bool {
        true
    }
    /// Takes the inputs, compiles, and computes once.
    fn ready<'a>(&'a mut self, problem: &Problem) -> Result<Ready<'a>, Refusal>;
}
