//! The references, one file a workload, and the question put to all of them.

mod attention;
mod bandwidth;
mod integers;
mod matmul;
mod memory;
mod probes;
mod worst;

use super::verification::{Verification, exact};
use crate::measure::{DispatchProof, Measurement};
use crate::workload::{ElementType, Job, POISON, Unit, Workload};
pub use memory::reference_bytes;
pub use worst::Worst;

/// Compares the output of a measured job with its reference.
pub fn verify(workload: &Workload, job: &Job, seed: u64, measured: &Measurement) -> Verification {
    let output = measured.output.as_slice();
    let mut verification = match workload {
        _ if job.has_zero_inputs() => exact(nonzero_words(workload, output)),
        Workload::Matmul(shape) if shape.input == ElementType::I8 => {
            integers::verify_matmul(*shape, job, seed, output)
        }
        Workload::Roof { element: ElementType::I8, .. } => integers::verify_roof(output),
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
    verification.dispatches = Some(measured.dispatches);
    verification.passed = problems.is_empty();
    verification.problems = problems;
    verification
}

/// On zeros every kernel gives zeros, of either sign; padding keeps its poison.
fn nonzero_words(workload: &Workload, output: &[u8]) -> u64 {
    let integers = workload.accumulate() == Some(ElementType::I32);
    let value = if integers { u32::MAX } else { 0x7FFF_7FFF };
    let words = output.chunks_exact(4).map(bytemuck::pod_read_unaligned::<u32>);
    let written: Vec<u32> = words.filter(|word| *word != POISON).collect();
    let others = written.iter().filter(|word| *word & value != 0).count() as u64;
    // A result that nobody wrote is no result.
    others + u64::from(written.is_empty())
}

/// What speaks against the work having been done as asked.
fn work_problems(measured: &Measurement) -> Vec<String> {
    let mut problems = Vec::new();
    if measured.dispatches == DispatchProof::Indistinct {
        problems.push(
            "other inputs gave the same result: the device did not compute, or answered with what it remembers"
                .into(),
        );
    }
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
        ElementType::I8 | ElementType::I32 => &[], // exact, or wrong
    }
}
