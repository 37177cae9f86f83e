//! What lies beside a record and belongs to it: the records of its process starts, and what the device said of itself.

use std::path::Path;

use super::bundle::is_plain;
use super::outcome::{Check, fail, none, pass};
use crate::conclude::{difference, merge};
use crate::digest::sha256_hex;
use crate::files;
use crate::normalize::Book;
use crate::plan::Plan;
use crate::record::{self, Attestation, Document, Record, Statement};

/// Largest answer of an attestation that is kept or read.
pub(super) const LARGEST_ANSWER: u64 = 16 << 20;

/// Merged again from the records of its process starts, a record is the same.
pub(super) fn starts(folder: &Path, stored: &Record, book: &Book) -> Check {
    const ID: &str = "start-records";
    let planned = stored.plan.as_ref().map_or(1, |plan| plan.process_starts);
    if stored.starts.is_empty() {
        return match planned {
            0 | 1 => none(ID, "it is of one process start, and so its own record"),
            _ => none(ID, "it does not say of which records it was merged"),
        };
    }
    let mut parts = Vec::new();
    for start in &stored.starts {
        if start.file != format!("start-{}/record.json", start.process) {
            return fail(ID, format!("{:?} is no name of a process start's record", start.file));
        }
        let path = folder.join(&start.file);
        if !path.exists() {
            return none(ID, format!("{} is not beside it", start.file));
        }
        match record::open(&path) {
            Ok((_, sha256)) if sha256 != start.sha256 => {
                return fail(ID, format!("{} is not the record that was merged", start.file));
            }
            Ok((Document::Run(part), _)) => parts.push((start.process, *part)),
            Ok((Document::Import(_), _)) => {
                return fail(ID, format!("{} is an import", start.file));
            }
            Err(e) => return fail(ID, e.to_string()),
        }
    }
    let Some(Ok(plan)) = stored.plan.as_ref().map(Plan::of_record) else {
        return fail(ID, "it has no plan that they can be parts of");
    };
    let head = Record {
        workloads: Vec::new(),
        timer: Vec::new(),
        metronome: Vec::new(),
        telemetry: Vec::new(),
        ..stored.clone()
    };
    match merge(head, &plan, &parts, book) {
        Err(e) => fail(ID, e.to_string()),
        Ok(merged) => match differs(stored, &merged) {
            Some(what) => fail(ID, format!("merged again they are another record: {what}")),
            None => pass(ID, format!("merged again, the {} of them are this one", parts.len())),
        },
    }
}

/// What of the measurements differs.
fn differs(stored: &Record, merged: &Record) -> Option<String> {
    if stored.workloads.len() != merged.workloads.len() {
        return Some(format!("{} workloads", merged.workloads.len()));
    }
    for (a, b) in stored.workloads.iter().zip(&merged.workloads) {
        if a.samples != b.samples || a.results != b.results {
            return Some(format!("the samples or results of {}", a.label()));
        }
        if a.verification != b.verification || a.kernel_sha256 != b.kernel_sha256 {
            return Some(format!("kernel or verification of {}", a.label()));
        }
    }
    let readings =
        |r: &Record| r.telemetry.iter().map(|log| log.readings.clone()).collect::<Vec<_>>();
    let clocks = |r: &Record| r.timer.iter().map(|proof| proof.samples.clone()).collect::<Vec<_>>();
    if clocks(stored) != clocks(merged) || readings(stored) != readings(merged) {
        return Some("clock tests or telemetry".into());
    }
    difference("metronome", &stored.metronome, &merged.metronome)
}

/// Whether the device was asked on the right nonces, and answered with them.
pub(super) fn attestation(folder: &Path, stored: &Record) -> Check {
    const ID: &str = "attestation";
    let Some(Attestation { before, after, .. }) = &stored.attestation else {
        return none(ID, "nobody asked the device what it is");
    };
    let Some(after) = after else {
        return none(ID, "the device was asked before the run, and did not answer behind it");
    };
    for (said, nonce) in [before, after].into_iter().zip(stored.attestation_nonces()) {
        if said.nonce != nonce {
            return fail(ID, format!("{} is on a nonce that is not this run's", said.file));
        }
        match holds(folder, said) {
            Ok(true) => {}
            Ok(false) => return fail(ID, format!("{} does not hold its nonce", said.file)),
            Err(Missing::Absent) => return none(ID, format!("{} is not beside it", said.file)),
            Err(Missing::Wrong(what)) => return fail(ID, what),
        }
    }
    pass(
        ID,
        "both answers are on this run's nonces; whether a device signed them is for its maker's program to say",
    )
}

enum Missing {
    Absent,
    Wrong(String),
}

fn holds(folder: &Path, said: &Statement) -> Result<bool, Missing> {
    let path = folder.join(&said.file);
    if !is_plain(&said.file) {
        return Err(Missing::Wrong(format!("{:?} is no name", said.file)));
    }
    if !path.exists() {
        return Err(Missing::Absent);
    }
    let bytes = files::read(&path, LARGEST_ANSWER).map_err(|e| Missing::Wrong(e.to_string()))?;
    if sha256_hex(&bytes) != said.sha256 {
        return Err(Missing::Wrong(format!("{} is not the answer that was kept", said.file)));
    }
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    Ok(text.contains(&said.nonce))
}
