//! What a verification can say of a workload: its method, and the bounds that follow from the shape.

use std::ops::RangeInclusive;

use super::super::verification::{U_F16, U_F32, Verification};
use super::matmul::{FULL_REFERENCE, RELATIVE_TO, ROWS, signed_bound, sum_bound};
use super::{admitted_precision, attention, probes};
use crate::workload::{AttentionShape, ElementType, Job, Mask, Unit, Workload};

/// What of a verification that passed does not follow from workload and kernel.
pub fn misstated(workload: &Workload, job: &Job, said: &Verification) -> Option<String> {
    let (method, relative_to, bounds) = due(workload, job);
    if said.method != method {
        return Some(format!(
            "it was checked by {:?}, and such a result is by {method:?}",
            said.method
        ));
    }
    let relative_to = match &said.relative_to {
        other if relative_to.contains(&other.as_str()) => None,
        other => Some(format!("its error is a share of {other:?}")),
    };
    let close = |bound: &RangeInclusive<f64>| {
        (bound.start() * (1.0 - ROUNDING)..=bound.end() * (1.0 + ROUNDING)).contains(&said.bound)
    };
    let bound = (!bounds.iter().any(close))
        .then(|| format!("its bound is {}, which does not follow from its shape", said.bound));
    let class = said.effective_precision.as_deref();
    let admitted = admitted_precision(workload, job);
    let precision = class.filter(|class| !admitted.contains(class));
    let precision = precision.map(|class| format!("its precision is {class:?}"));
    relative_to.or(bound).or(precision)
}

/// Share by which two ways of computing a bound may differ.
const ROUNDING: f64 = 1e-9;

type Due = (&'static str, Vec<&'static str>, Vec<RangeInclusive<f64>>);

fn due(workload: &Workload, job: &Job) -> Due {
    let exact = || ("exact", vec!["words that differ"], vec![0.0..=0.0]);
    match *workload {
        _ if job.has_zero_inputs() => exact(),
        Workload::Matmul(shape) => {
            let large = shape.m * shape.n * shape.k > FULL_REFERENCE;
            let roundoff = if shape.accumulate == ElementType::F16 { U_F16 } else { U_F32 };
            let sum = sum_bound(shape.k, roundoff);
            let signs = signed_bound(shape.k, shape.accumulate);
            match (shape.input, large) {
                (ElementType::I8, true) => ("freivalds+exact-rows", exact().1, exact().2),
                (ElementType::I8, false) => exact(),
                (_, false) => ("f64-reference", vec![RELATIVE_TO], vec![sum..=sum]),
                (_, true) => (
                    "freivalds+f64-rows",
                    vec![RELATIVE_TO, "the norm of the row"],
                    vec![sum..=sum, signs..=signs],
                ),
            }
        }
        Workload::Attention(shape) => {
            let method = if attention::compares_all(&shape) { "f64-reference" } else { ROWS };
            (method, vec![attention::RELATIVE_TO], vec![of_attention(shape, job)])
        }
        Workload::Roof { unit: Unit::Matrix, .. } => {
            let bound = probes::matrix_roof_bound(job);
            ("f64-reference", vec![RELATIVE_TO], vec![bound..=bound])
        }
        _ => exact(),
    }
}

/// The bound of a row depends on its scores: from those that are all alike to those that are as far apart as inputs
/// allow.
fn of_attention(shape: AttentionShape, job: &Job) -> RangeInclusive<f64> {
    let fewest = if shape.mask == Mask::Causal { 1 } else { shape.sequence };
    // Inputs are below 4, so a score is at most 16 head sizes over their root.
    let largest = 16.0 * (shape.head_size as f64).sqrt();
    attention::bound(shape, job, fewest, [0.0; 2])
        ..=attention::bound(shape, job, shape.sequence, [largest, 2.0 * largest])
}
