//! How a result was compared with its reference, and the small tools that every reference needs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::measure::DispatchProof;
use crate::workload::ElementType;

/// Unit roundoff of f32.
pub(super) const U_F32: f64 = 1.0 / (1u64 << 24) as f64;

/// Unit roundoff of f16.
pub(super) const U_F16: f64 = 1.0 / (1u64 << 11) as f64;

/// Element `at` of a buffer.
pub(super) fn float_at(buffer: &[u8], element: ElementType, at: u64) -> f64 {
    let start = (at * element.bytes()) as usize;
    let bytes = &buffer[start..start + element.bytes() as usize];
    match element {
        ElementType::F32 => f64::from(bytemuck::pod_read_unaligned::<f32>(bytes)),
        ElementType::F16 => bytemuck::pod_read_unaligned::<half::f16>(bytes).to_f64(),
        ElementType::I8 => f64::from(bytes[0].cast_signed()),
        ElementType::I32 => f64::from(bytemuck::pod_read_unaligned::<i32>(bytes)),
    }
}

/// How a result was compared with its reference, and how it came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// `f64-reference`, `f64-rows`, `freivalds+f64-rows`, `exact` or `freivalds+exact-rows`.
    pub method: String,
    /// Largest error found, in the unit of `bound`; null when it is not a number.
    pub max_error: Option<f64>,
    /// Largest error allowed where it was found.
    pub bound: f64,
    /// What error and bound are shares of.
    pub relative_to: String,
    /// Precision that the error shows: `f32`, `tf32-or-f16`, `bf16`, `f16-sums` or `less`; null where
    /// no arithmetic was done or the sums are too short to tell.
    pub effective_precision: Option<String>,
    /// What the tally on the device proves of the dispatches that were timed; null in records without it.
    #[serde(default)]
    pub dispatches: Option<DispatchProof>,
    /// What is wrong, each in a few words; empty when everything is right.
    #[serde(default)]
    pub problems: Vec<String>,
    /// Whether every check passed: the result, the canaries, the inputs and the tally of the batches.
    pub passed: bool,
}

/// A result that must match to the last bit; `mismatches` counts words that do not.
pub(super) fn exact(mismatches: u64) -> Verification {
    Verification {
        method: "exact".into(),
        max_error: Some(mismatches as f64),
        bound: 0.0,
        relative_to: "words that differ".into(),
        effective_precision: None,
        dispatches: None,
        problems: Vec::new(),
        passed: mismatches == 0,
    }
}

/// Precision class of a relative Frobenius error.
///
/// For sums over 512 terms and more the classes lie at least twice apart: 5.8e-7 for f32, 2.9e-4 for f32
/// inputs rounded to tf32 or f16, 2.4e-3 for bf16, 4.7e-3 for f16 sums at K = 1024. Below that f16 sums
/// overlap the others, but f32 stays two orders of magnitude below them all.
pub(super) fn effective_precision(relative_error: f64) -> Option<String> {
    let classes = [(2e-5, "f32"), (1e-3, "tf32-or-f16"), (3.5e-3, "bf16"), (5e-2, "f16-sums")];
    let found = classes.iter().find(|(most, _)| relative_error <= *most);
    relative_error.is_finite().then(|| found.map_or("less", |(_, name)| *name).to_owned())
}
