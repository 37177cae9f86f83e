//! The references, one file a workload, and the question put to all of them.

mod attention;
mod bandwidth;
mod integers;
mod matmul;
mod memory;
mod probes;
mod said;
mod worst;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::verification::{Verification, exact};
use crate::measure::{DispatchProof, Measurement};
use crate::workload::{ElementType, Job, Nudge, POISON, Unit, Workload, inputs};
pub(super) use matmul::signed_bound;
pub use memory::reference_bytes;
pub use said::misstated;
pub use worst::Worst;

/// Compares the output of a measured job with its reference.
pub fn verify(workload: &Workload, job: &Job, seed: u64, measured: &Measurement) -> Verification {
    let output = measured.output.as_slice();
    let mut verification = match workload {
        Workload::Matmul(shape) if shape.input == ElementType::I8 && !job.has_zero_inputs() => {
            integers::verify_matmul(*shape, job, seed, output)
        }
        Workload::Matmul(shape) if !job.has_zero_inputs() => {
            matmul::verify(*shape, job, seed, output)
        }
        Workload::Attention(shape) if !job.has_zero_inputs() => {
            attention::verify(*shape, job, seed, output)
        }
        _ => verify_parts(workload, job, seed, &[Part { first_byte: 0, bytes: output }], 0),
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

/// Compares parts of a result, of products and attention rows, with their reference. `columns` choose the elements of
/// the rows of a product that are compared.
pub(super) fn verify_parts(
    workload: &Workload,
    job: &Job,
    seed: u64,
    parts: &[Part<'_>],
    columns: u64,
) -> Verification {
    let all = |wrong: &(dyn Fn(Part<'_>) -> u64 + Sync)| {
        exact(parts.par_iter().map(|part| wrong(*part)).sum())
    };
    let worst = |of: &(dyn Fn(Part<'_>) -> Worst + Sync)| {
        parts.par_iter().map(|part| of(*part)).reduce(Worst::default, Worst::merge)
    };
    match *workload {
        _ if job.has_zero_inputs() => all(&|part| nonzero_words(workload, part.bytes)),
        Workload::Matmul(shape) if shape.input == ElementType::I8 => {
            all(&|part| integers::wrong_in_row(shape, job, seed, part, columns))
        }
        Workload::Matmul(shape) => worst(&|part| matmul::row(shape, job, seed, part, columns))
            .into_verification(matmul::ROWS, matmul::RELATIVE_TO),
        Workload::Attention(shape) => worst(&|part| attention::row(shape, job, seed, part))
            .into_verification(attention::ROWS, attention::RELATIVE_TO),
        Workload::Bandwidth { access, bytes } => {
            all(&|part| bandwidth::wrong(access, bytes, job, seed, part))
        }
        Workload::Roof { element: ElementType::I8, .. } => all(&integers::wrong_in_roof),
        Workload::Roof { unit: Unit::Vector, .. } => all(&probes::wrong_in_roof),
        Workload::Roof { .. } => worst(&|part| probes::matrix_roof(job, seed, part))
            .into_verification("f64-reference", matmul::RELATIVE_TO),
        Workload::Chain { steps } => all(&|part| probes::wrong_in_chain(steps, part)),
        Workload::Empty => all(&probes::wrong_in_empty),
    }
}

/// Word `at` of a result under a change of the inputs, where it is known without a device: of streams, and of the
/// kernel that does nothing.
pub(super) fn changed_word(
    workload: &Workload,
    job: &Job,
    seed: u64,
    nudge: &Nudge,
    at: u32,
) -> Option<u32> {
    match *workload {
        _ if job.has_zero_inputs() => None,
        Workload::Bandwidth { access, bytes } => {
            Some(bandwidth::changed_word(access, bytes, job, seed, nudge, at))
        }
        Workload::Empty => Some(probes::EMPTY),
        _ => None,
    }
}

/// Elements of a row of a product that are compared.
const SAMPLED_COLUMNS: u64 = 64;
/// Random stream of what is looked at.
const TAG_SOME: u32 = 104;

/// At most `wanted` of `0..all`, which ones follows from `key`; all of them where they are no more.
pub(super) fn some_of(all: u64, wanted: u64, key: u64) -> Vec<u64> {
    if all <= wanted {
        return (0..all).collect();
    }
    let random = |at: u64| {
        let [low, high, ..] = inputs::words(key, TAG_SOME, at);
        (u64::from(high) << 32 | u64::from(low)) % all
    };
    let mut chosen = BTreeSet::new();
    for at in 0.. {
        if chosen.len() as u64 == wanted {
            break;
        }
        chosen.insert(random(at));
    }
    chosen.into_iter().collect()
}

/// A part of a result.
#[derive(Clone, Copy)]
pub(in crate::check) struct Part<'a> {
    /// Where it begins in the result.
    pub(super) first_byte: u64,
    /// What is in it.
    pub(super) bytes: &'a [u8],
}

impl<'a> Part<'a> {
    /// Its elements, which are f32, with their places in the result.
    fn floats(self) -> impl Iterator<Item = (u64, f64)> + 'a {
        let words = self.bytes.chunks_exact(4).map(bytemuck::pod_read_unaligned::<f32>);
        (self.first_byte / 4..).zip(words.map(f64::from))
    }
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
pub(super) fn admitted_precision(workload: &Workload, job: &Job) -> &'static [&'static str] {
    let rounds_weights = matches!(workload, Workload::Attention(_)) && job.unit == Unit::Matrix;
    match workload.accumulate().unwrap_or(ElementType::F32) {
        // Attention on matrix units rounds its weights to f16 before they meet the values.
        ElementType::F32 if rounds_weights => &["f32", "tf32-or-f16"],
        ElementType::F32 => &["f32"],
        ElementType::F16 => &["f32", "tf32-or-f16", "bf16", "f16-sums"],
        ElementType::I8 | ElementType::I32 => &[], // exact, or wrong
    }
}
