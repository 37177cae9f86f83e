//! Stage 4: was it really done?
//!
//! The buffer checked here is the one that was timed; it was poisoned with NaN before every batch.
//! References are computed in f64 from the inputs as stored, so only the kernel's own rounding
//! shows. A comparison is written `error <= bound`, which NaN fails. What is not verified has no
//! throughput.

mod attention;
mod bandwidth;
mod budget;
pub mod device;
mod held_back;
mod kernel;
mod matmul;
mod physics;
mod probes;
mod sign;
mod timer;
mod worst;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::measure::Measurement;
use crate::workload::{ElementType, Job, POISON, Unit, Workload};
pub use budget::{SHARED_PROCESSORS, budget, process_medians};
pub use held_back::{
    BURST_NS, Series, Thresholds, burst_and_sustained, ops_per_clock, scaling_with_depth, signs,
    slower_metronome,
};
pub use kernel::KernelCheck;
pub use physics::refusal;
pub use sign::{SIGN_IDS, Sign};
pub use timer::{ClockFit, TimerProof};
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
    /// Precision that the error shows: `f32`, `tf32-or-f16`, `bf16`, `f16-sums` or `less`; null where
    /// no arithmetic was done or the sums are too short to tell.
    pub effective_precision: Option<String>,
    /// What is wrong, each in a few words; empty when everything is right.
    #[serde(default)]
    pub problems: Vec<String>,
    /// Whether every check passed: the result, the canaries, the inputs and the tally of the batches.
    pub passed: bool,
}

/// Compares the output of a measured job with its reference.
pub fn verify(workload: &Workload, job: &Job, seed: u64, measured: &Measurement) -> Verification {
    let output = measured.output.as_slice();
    let mut verification = match workload {
        _ if job.has_zero_inputs() => exact(nonzero_words(output)),
        Workload::Matmul(shape) => matmul::verify(*shape, job, seed, output),
        Workload::Attention(shape) => attention::verify(*shape, job, seed, output),
        Workload::Bandwidth { access, bytes } => {
            bandwidth::verify(*access, *bytes, job, seed, output)
        }
        Workload::Roof { unit: Unit::Vector, .. } => probes::verify_roof(output),
        Workload::Roof { .. } => probes::verify_matrix_roof(job, seed, output),
        Workload::Chain { steps } => probes::verify_chain(*steps, output),
        Workload::Empty => probes::verify_empty(output),
    };
    let mut problems = Vec::new();
    if !verification.passed {
        problems.push("the result does not match its reference".to_owned());
    }
    if let Some(found) = &verification.effective_precision
        && !admitted_precision(workload, job).contains(&found.as_str())
    {
        problems.push(format!("its error is that of {found}, less than its label says"));
    }
    problems.extend(work_problems(measured));
    verification.passed = problems.is_empty();
    verification.problems = problems;
    verification
}

/// On zeros every kernel gives zeros, of either sign; padding keeps its poison.
fn nonzero_words(output: &[u8]) -> u64 {
    let words = output.chunks_exact(4).map(bytemuck::pod_read_unaligned::<u32>);
    let written: Vec<u32> = words.filter(|word| *word != POISON).collect();
    let others = written.iter().filter(|word| *word & 0x7FFF_7FFF != 0).count() as u64;
    // A result that nobody wrote is no result.
    others + u64::from(written.is_empty())
}

/// What speaks against the work having been done as asked.
fn work_problems(measured: &Measurement) -> Vec<String> {
    let mut problems = Vec::new();
    let unproven = measured.samples.iter().filter(|s| s.proven != Some(true)).count();
    if unproven > 0 {
        let all = measured.samples.len();
        problems.push(format!(
            "dispatches were dropped, repeated or gave another result: the tally is wrong in {unproven} of {all} batches"
        ));
    }
    if !measured.output_proven {
        problems.push("the result that was read is not the one that was tallied".into());
    }
    if !measured.canary_intact {
        problems.push("words outside the result were written".into());
    }
    if !measured.inputs_intact {
        problems.push("the inputs were changed".into());
    }
    problems
}

/// Precisions that a result may show under its label. Inputs are exact in their type and so is the
/// reference, so a kernel that multiplies and adds in f32 shows f32 whatever its inputs are.
fn admitted_precision(workload: &Workload, job: &Job) -> &'static [&'static str] {
    let rounds_weights = matches!(workload, Workload::Attention(_)) && job.unit == Unit::Matrix;
    match workload.accumulate().unwrap_or(ElementType::F32) {
        // Attention on matrix units rounds its weights to f16 before they meet the values.
        ElementType::F32 if rounds_weights => &["f32", "tf32-or-f16"],
        ElementType::F32 => &["f32"],
        ElementType::F16 => &["f32", "tf32-or-f16", "bf16", "f16-sums"],
    }
}

/// A result that must match to the last bit; `mismatches` counts words that do not.
fn exact(mismatches: u64) -> Verification {
    Verification {
        method: "exact".into(),
        max_error: Some(mismatches as f64),
        bound: 0.0,
        relative_to: "words that differ".into(),
        effective_precision: None,
        problems: Vec::new(),
        passed: mismatches == 0,
    }
}

/// Precision class of a relative Frobenius error.
///
/// For sums over 512 terms and more the classes lie at least twice apart: 5.8e-7 for f32, 2.9e-4 for f32
/// inputs rounded to tf32 or f16, 2.4e-3 for bf16, 4.7e-3 for f16 sums at K = 1024. Below that f16 sums
/// overlap the others, but f32 stays two orders of magnitude below them all.
fn effective_precision(relative_error: f64) -> Option<String> {
    let classes = [(2e-5, "f32"), (1e-3, "tf32-or-f16"), (3.5e-3, "bf16"), (5e-2, "f16-sums")];
    let found = classes.iter().find(|(most, _)| relative_error <= *most);
    relative_error.is_finite().then(|| found.map_or("less", |(_, name)| *name).to_owned())
}
