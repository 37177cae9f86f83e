//! One kernel checked by itself.

use serde::Serialize;

use super::verification::Verification;

/// What became of one kernel on one workload.
#[derive(Clone, Debug, Serialize)]
pub struct KernelCheck {
    /// The workload, in its text form.
    pub workload: String,
    /// File name of the kernel under `shaders/`; null when none can run.
    pub kernel: Option<String>,
    /// `right`, `wrong`, `failed` or `unsupported`.
    pub verdict: &'static str,
    /// Why it is not right.
    pub reason: Option<String>,
    /// How it was checked.
    pub verification: Option<Verification>,
}
