//! Stage 4: was it really done?
//!
//! The buffer checked here is the one that was timed; it was poisoned with NaN before every batch.
//! References are computed in f64 from the inputs as stored, so only the kernel's own rounding
//! shows. A comparison is written `error <= bound`, which NaN fails. What is not verified has no
//! throughput.

mod attention;
mod bandwidth;
pub mod device;
mod matmul;
mod probes;
mod worst;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::measure::Measurement;
use crate::workload::{ElementType, Job, Unit, Workload};
pub use worst::Worst;

/// Unit roundoff of f32.
const U_F32: f64 = 1.0 / (1u64 << 24) as f64;

/// Unit roundoff of f16.
const U_F16: f64 = 1.0 / (1u64 << 11) as f64;

/// Element `at` of a buffer.
fn float_at(buffer: &[u8], element: ElementType, at: u64) -> f64 {
    let start = (at * element.bytes()) as usize;
    let bytes = &buffer[start..start + element.bytes() as usize];
    match element {
        ElementType::F32 => f64::from(bytemuck::pod_read_unaligned::<f32>(bytes)),
        ElementType::F16 => bytemuck::pod_read_unaligned::<half::f16>(bytes).to_f64(),
    }
}

/// How a result was compared with its reference, and how it came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// `f64-reference`, `f64-rows`, `freivalds+f64-rows` or `exact`.
    pub method: String,
    /// Largest error found, in the unit of `bound`; null when it is not a number.
    pub max_error: Option<f64>,
    /// Largest error allowed where it was found.
    pub bound: f64,
    /// What error and bound are shares of.
    pub relative_to: String,
    /// Precision that the error shows; null where no arithmetic was done.
    ///
    /// Inputs are exact in f16, so rounding them to f16 on the way cannot be seen, but sums in
    /// less than f32 can.
    pub effective_precision: Option<String>,
    /// Whether every check passed, the untouched canary behind the buffer included.
    pub passed: bool,
}

/// Compares the output of a measured job with its reference.
pub fn verify(workload: &Workload, job: &Job, seed: u64, measured: &Measurement) -> Verification {
    let output = measured.output.as_slice();
    let mut verification = match workload {
        Workload::Matmul(shape) => matmul::verify(*shape, job, seed, output),
        Workload::Attention(shape) => attention::verify(*shape, job, seed, output),
        Workload::Bandwidth { access, bytes } => {
            bandwidth::verify(*access, *bytes, job, seed, output)
        }
        Workload::Roof { unit: Unit::Vector, element, .. } => probes::verify_roof(*element, output),
        Workload::Roof { .. } => probes::verify_matrix_roof(job, seed, output),
        Workload::Chain { steps } => probes::verify_chain(*steps, output),
        Workload::Empty => probes::verify_empty(output),
    };
    verification.passed &= measured.canary_intact;
    verification
}

/// A result that must match to the last bit; `mismatches` counts words that do not.
fn exact(mismatches: u64) -> Verification {
    Verification {
        method: "exact".into(),
        max_error: Some(mismatches as f64),
        bound: 0.0,
        relative_to: "words that differ".into(),
        effective_precision: None,
        passed: mismatches == 0,
    }
}

/// Precision class of a relative Frobenius error.
///
/// For sums over 512 terms and more the classes lie at least twice apart: measured 5.8e-7 for f32,
/// 2.9e-4 for tf32 or f16, 2.4e-3 for bf16, 4.7e-3 for f16 sums at K = 1024.
fn effective_precision(relative_error: f64) -> Option<String> {
    let classes = [(2e-5, "f32"), (1e-3, "tf32-or-f16"), (3.5e-3, "bf16"), (5e-2, "f16-sums")];
    classes.iter().find(|(most, _)| relative_error <= *most).map(|(_, name)| (*name).to_owned())
}
