//! `results.jsonl`: what each process start commits to of each result, one line a result, beside the record that holds
//! its digest.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Attachment, Record};
use crate::check::Commitment;
use crate::digest::sha256_hex;

/// Name of the file in a run's folder.
pub const RESULTS: &str = "results.jsonl";

/// What one process start commits to of a workload's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Process start.
    pub process: u32,
    /// What it says of the result that it timed last.
    pub result: Commitment,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Place of the workload in the record, from 0 on.
    workload: usize,
    process: u32,
    result: Commitment,
}

impl Record {
    /// The text of `results.jsonl`, and in the record its digest; `None` where nothing is committed to.
    pub fn detach_results(&mut self) -> Result<Option<Vec<u8>>, serde_json::Error> {
        let mut text = Vec::new();
        let mut lines = 0;
        for (workload, w) in self.workloads.iter().enumerate() {
            for Committed { process, result } in &w.results {
                let line = Line { workload, process: *process, result: result.clone() };
                serde_json::to_writer(&mut text, &line)?;
                text.push(b'\n');
                lines += 1;
            }
        }
        self.results = (lines > 0).then(|| Attachment {
            file: RESULTS.into(),
            sha256: sha256_hex(&text),
            lines,
        });
        Ok((lines > 0).then_some(text))
    }

    /// Puts the commitments back where they belong. The error says what of the file cannot be.
    pub fn attach_results(&mut self, text: &[u8]) -> Result<(), String> {
        let Some(attached) = &self.results else {
            return Err("the record names no such file".into());
        };
        if sha256_hex(text) != attached.sha256 {
            return Err(
                "its SHA-256 is not the one in the record: they do not belong together".into()
            );
        }
        let lines = text.strip_suffix(b"\n").unwrap_or(text).split(|byte| *byte == b'\n');
        let mut found = 0;
        let mut known = HashSet::new();
        for line in lines.filter(|line| !line.is_empty()) {
            found += 1;
            let Line { workload, process, result } =
                serde_json::from_slice(line).map_err(|e| format!("line {found}: {e}"))?;
            let Some(w) = self.workloads.get_mut(workload) else {
                return Err(format!("line {found}: it belongs to nothing in the record"));
            };
            if !known.insert((workload, process)) {
                return Err(format!("line {found}: process start {process} committed already"));
            }
            w.results.push(Committed { process, result });
        }
        if found != attached.lines {
            return Err(format!("it has {found} lines, and the record says {}", attached.lines));
        }
        self.without_results = None;
        Ok(())
    }
}
