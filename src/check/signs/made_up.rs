//! Series for the tests of the detectors.

use super::samples::{Series, Thresholds, sample_signs};
use crate::measure::{Clock, Phase, Sample};

pub(super) fn samples(times: impl Iterator<Item = f64>) -> Vec<Sample> {
    let mut at = 0;
    let sample = |time: f64| {
        let ns = (time * 1e8) as u64;
        at += ns;
        Sample {
            start_ns: at,
            gpu_start_ns: Some(at),
            gpu_ns: Some(ns),
            host_ns: ns,
            dispatches: 10,
            phase: Phase::Timed,
            proven: Some(true),
            process: 0,
            tally: None,
        }
    };
    times.map(sample).collect()
}

pub(super) fn series(samples: &[Sample]) -> Series<'_> {
    Series {
        label: "matmul f32 1x1x1".into(),
        family: "matmul f32".into(),
        amount: 100,
        per_s: 1.0,
        clock: Clock::Gpu,
        samples,
    }
}

/// One per cent of scatter, and a warm-up of five.
pub(super) fn healthy(at: usize) -> f64 {
    1.0 + 0.01 * ((at * 7919) % 13) as f64 / 13.0 + if at < 3 { 0.05 } else { 0.0 }
}

pub(super) fn ids(series: &[Series<'_>]) -> Vec<&'static str> {
    sample_signs(series, Thresholds::of(false)).into_iter().map(|sign| sign.id).collect()
}
