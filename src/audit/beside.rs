//! What lies beside a record and belongs to it: the records of its process starts, and what the device said of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::outcome::{Check, fail, none, pass};
use crate::conclude::{difference, merge, rederive};
use crate::digest::sha256_hex;
use crate::files;
use crate::normalize::Book;
use crate::plan::Plan;
use crate::record::{
    self, Attestation, Document, Environment, LARGEST_ANSWER, Record, Statement, WorkloadRecord,
};

/// Merged again from the records of its process starts, a record is the same.
pub(super) fn starts(folder: &Path, stored: &Record, book: &Book) -> Check {
    const ID: &str = "start-records";
    let planned = stored.plan.as_ref().map_or(1, |plan| plan.process_starts);
    if stored.starts.is_empty() {
        return match planned {
            0 | 1 => none(ID, "it is of one process start, and so its own record"),
            _ if stored.tool.is_this_build() && !stored.process_seeds.is_empty() => {
                fail(ID, "this build names the records that it merges, and there are none")
            }
            _ => none(ID, "it does not say of which records it was merged"),
        };
    }
    let Some(Ok(plan)) = stored.plan.as_ref().map(Plan::of_record) else {
        return fail(ID, "it has no plan that they can be parts of");
    };
    // Before anything is opened: a stranger may list one start a thousand times, or number the second four thousand
    // millions.
    let ascend = stored.starts.is_sorted_by(|one, next| one.process < next.process);
    if !ascend || stored.starts.iter().any(|start| start.process >= plan.process_starts) {
        let what = format!("they are not some of {} process starts in order", plan.process_starts);
        return fail(ID, what);
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
            Ok((Document::Run(part), _)) => match of_part(stored, &part, book) {
                None => parts.push((start.process, *part)),
                Some(what) => return fail(ID, format!("{}: {what}", start.file)),
            },
            Ok((Document::Import(_), _)) => {
                return fail(ID, format!("{} is an import", start.file));
            }
            Err(e) => return fail(ID, e.to_string()),
        }
    }
    let files = parts.iter().flat_map(|(_, part)| part.environment.driver_files.keys());
    if files.collect::<BTreeSet<_>>().len() < stored.environment.driver_files.len() {
        return fail(ID, "it names files of drivers that no process start loaded");
    }
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

/// What of the measurements differs. Words are drawn again elsewhere.
fn differs(stored: &Record, merged: &Record) -> Option<String> {
    if stored.workloads.len() != merged.workloads.len() {
        return Some(format!("{} workloads", merged.workloads.len()));
    }
    for (a, b) in stored.workloads.iter().zip(&merged.workloads) {
        if a.samples != b.samples || a.results != b.results {
            return Some(format!("the samples or results of {}", a.label()));
        }
        let facts = |w: &WorkloadRecord| WorkloadRecord {
            summary: None,
            reason: None,
            spans: Vec::new(),
            ..w.clone()
        };
        if let Some(what) = difference(&a.label(), &facts(a), &facts(b)) {
            return Some(what);
        }
    }
    let samples = |r: &Record| r.timer.iter().map(|t| t.samples.clone()).collect::<Vec<_>>();
    let readings = |r: &Record| r.telemetry.iter().map(|t| t.readings.clone()).collect::<Vec<_>>();
    if samples(stored) != samples(merged) || readings(stored) != readings(merged) {
        return Some("samples of clock tests, or readings of the device".into());
    }
    difference("timer", &stored.timer, &merged.timer)
        .or_else(|| difference("metronome", &stored.metronome, &merged.metronome))
        .or_else(|| difference("telemetry", &stored.telemetry, &merged.telemetry))
}

/// What of a process start's record is not that of the run: whose program it was, on which device and machine. And what
/// of it does not follow from its own samples.
fn of_part(stored: &Record, part: &Record, book: &Book) -> Option<String> {
    let [own, whole] = [part, stored].map(|r| (&r.tool, &r.adapter, &r.capability));
    let around =
        |r: &Record| Environment { driver_files: BTreeMap::new(), ..r.environment.clone() };
    let same = difference("tool, adapter and capability", &own, &whole)
        .or_else(|| difference("environment", &around(part), &around(stored)));
    let files = &stored.environment.driver_files;
    let known = |(name, sha256): (&String, &String)| files.get(name) == Some(sha256);
    if same.is_none() && !part.environment.driver_files.iter().all(known) {
        return Some("another driver was loaded".into());
    }
    let follows = match rederive(part, book) {
        Ok(derived) => derived.problems.into_iter().next().map(|problem| problem.what),
        Err(e) => Some(e.to_string()),
    };
    same.or(follows)
}

/// Whether the device was asked on the right nonces, and answered with them.
pub(super) fn attestation(folder: &Path, stored: &Record) -> Check {
    const ID: &str = "attestation";
    const FILES: [&str; 2] = ["attest/before.out", "attest/after.out"];
    let Some(Attestation { before, after, .. }) = &stored.attestation else {
        return none(ID, "nobody asked the device what it is");
    };
    let Some(after) = after else {
        return none(ID, "the device was asked before the run, and did not answer behind it");
    };
    let due = FILES.into_iter().zip(stored.attestation_nonces());
    for (said, (file, nonce)) in [before, after].into_iter().zip(due) {
        if said.file != file {
            return fail(ID, format!("{:?} is no name of an answer", said.file));
        }
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
