//! `samples.jsonl`: every raw time of a run, one line a sample, beside the record that holds its digest.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Record, WorkloadRecord};
use crate::digest::sha256_hex;
use crate::measure::Sample;
use crate::telemetry::Reading;

/// Name of the file in a run's folder.
pub const SAMPLES: &str = "samples.jsonl";

/// A file beside the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Its name in the record's folder.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Lines in it.
    pub lines: usize,
}

/// Where the samples of one process start stand in the file, and how long they took together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Process start that took them.
    pub process: u32,
    /// Start of the first of them since the start of this workload, host clock.
    pub start_ns: u64,
    /// First line, counted from 1.
    pub first_line: usize,
    /// Lines.
    pub lines: usize,
    /// Dispatches of all of them.
    pub dispatches: u64,
    /// GPU time of all of them; null where one has none.
    pub gpu_ns: Option<u64>,
    /// Host time of all of them.
    pub host_ns: u64,
}

/// One line: a sample of a workload or of a clock test, or a reading of the device.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Place of the workload in the record, from 0 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<usize>,
    /// Place of the clock test in the record, from 0 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    timer: Option<usize>,
    /// Place of the telemetry's log in the record, from 0 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    telemetry: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<Sample>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<Reading>,
}

impl Record {
    /// The text of `samples.jsonl`, and in the record its digest and where each workload's samples stand in it.
    pub fn detach_samples(&mut self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = Vec::new();
        let mut lines = 0;
        let places = self.spans_of_samples();
        let blank =
            || Line { workload: None, timer: None, telemetry: None, sample: None, reading: None };
        let mut put = |line: Line| -> Result<(), serde_json::Error> {
            serde_json::to_writer(&mut text, &line)?;
            text.push(b'\n');
            Ok(())
        };
        for (at, proof) in self.timer.iter().enumerate() {
            for sample in &proof.samples {
                put(Line { timer: Some(at), sample: Some(sample.clone()), ..blank() })?;
                lines += 1;
            }
        }
        for (workload, spans) in self.workloads.iter_mut().zip(places) {
            workload.spans = spans;
        }
        for (at, workload) in self.workloads.iter().enumerate() {
            for sample in &workload.samples {
                put(Line { workload: Some(at), sample: Some(sample.clone()), ..blank() })?;
                lines += 1;
            }
        }
        for (at, log) in self.telemetry.iter().enumerate() {
            for reading in &log.readings {
                put(Line { telemetry: Some(at), reading: Some(reading.clone()), ..blank() })?;
                lines += 1;
            }
        }
        self.samples = Attachment { file: SAMPLES.into(), sha256: sha256_hex(&text), lines };
        Ok(text)
    }

    /// Puts the samples back where they belong. The error says what of the file cannot be.
    pub fn attach_samples(&mut self, text: &[u8]) -> Result<(), String> {
        // A run that is still going on, or was killed, may have written more samples than its record knows of.
        let end = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        let end = end.take(self.samples.lines).last().unwrap_or(0);
        if self.finished.is_some() && end != text.len() {
            return Err(format!(
                "it does not end with the {} lines of the record",
                self.samples.lines
            ));
        }
        let text = &text[..end];
        if sha256_hex(text) != self.samples.sha256 {
            return Err(
                "its SHA-256 is not the one in the record: they do not belong together".into()
            );
        }
        for (number, line) in text.split(|byte| *byte == b'\n').take(self.samples.lines).enumerate()
        {
            let line: Line =
                serde_json::from_slice(line).map_err(|e| format!("line {}: {e}", number + 1))?;
            let put = match (line.workload, line.timer, line.telemetry, line.sample, line.reading) {
                (Some(at), None, None, Some(sample), None) => {
                    self.workloads.get_mut(at).map(|w| w.samples.push(sample))
                }
                (None, Some(at), None, Some(sample), None) => {
                    self.timer.get_mut(at).map(|proof| proof.samples.push(sample))
                }
                (None, None, Some(at), None, Some(reading)) => {
                    self.telemetry.get_mut(at).map(|log| log.readings.push(reading))
                }
                _ => None,
            };
            put.ok_or_else(|| format!("line {}: it belongs to nothing in the record", number + 1))?;
        }
        self.without_samples = None;
        Ok(())
    }
}

impl Record {
    /// Where each workload's samples stand in the file, and how long they took together.
    pub fn spans_of_samples(&self) -> Vec<Vec<Span>> {
        let mut before = self.timer.iter().map(|proof| proof.samples.len()).sum();
        let of = |w: &WorkloadRecord| {
            let own = spans(&w.samples, before);
            before += w.samples.len();
            own
        };
        self.workloads.iter().map(of).collect()
    }
}

/// The index of a workload's samples, which begin behind `before` lines.
fn spans(samples: &[Sample], before: usize) -> Vec<Span> {
    let mut all: BTreeMap<u32, Span> = BTreeMap::new();
    for (at, sample) in samples.iter().enumerate() {
        let span = all.entry(sample.process).or_insert(Span {
            process: sample.process,
            start_ns: sample.start_ns,
            first_line: before + at + 1,
            lines: 0,
            dispatches: 0,
            gpu_ns: Some(0),
            host_ns: 0,
        });
        span.lines += 1;
        span.dispatches = span.dispatches.saturating_add(u64::from(sample.dispatches));
        span.host_ns = span.host_ns.saturating_add(sample.host_ns);
        span.gpu_ns = span.gpu_ns.zip(sample.gpu_ns).map(|(sum, ns)| sum.saturating_add(ns));
    }
    all.into_values().collect()
}
