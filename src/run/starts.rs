//! Several process starts of one plan: the independent unit of repetition is the process, not the iteration
//! (Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013).

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use super::begin;
use crate::adapter::Found;
use crate::conclude::{conclude, merge};
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::plan::Plan;
use crate::record::{Folder, Note, Record, read};

/// How the processes are started.
pub struct Starts<'a> {
    /// The program, with what must stand in front of it.
    pub program: &'a [OsString],
    /// Flags that choose adapter and cache, for every process.
    pub flags: &'a [String],
    /// Set when the user wants to stop; the processes hear of it by the same signal.
    pub interrupted: &'a AtomicBool,
    /// Called before each process start with its number.
    pub begin: &'a dyn Fn(u32),
}

/// Runs a plan in several processes, one after the other, and keeps all their records beside the merged one.
pub fn run_starts(
    starts: &Starts<'_>,
    found: &Found,
    plan: &Plan,
    out: &Path,
    book: &Book,
) -> Result<(Record, Folder)> {
    let head = begin::begin(found, plan)?;
    let folder = Folder::create(out, &head.id)?;
    let plan_file = folder.write_plan(&plan.record())?;
    let mut parts = Vec::new();
    for process in 0..plan.process_starts {
        if starts.interrupted.load(Ordering::Relaxed) {
            break;
        }
        (starts.begin)(process);
        let into = folder.path().join(format!("start-{process}"));
        let Some((program, front)) = starts.program.split_first() else {
            return Err(Error::Internal("no program to start".into()));
        };
        let status = Command::new(program)
            .args(front)
            .arg("run")
            .args(starts.flags)
            .arg("--process")
            .arg(process.to_string())
            .arg("--plan-file")
            .arg(&plan_file)
            .arg("--into")
            .arg(&into)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .map_err(|e| Error::Internal(format!("process start {process}: {e}")))?;
        // A workload that failed has its own exit code; without a record nothing can be said.
        let Ok(part) = read(&into) else {
            let what = format!("process start {process} ended without a record ({status})");
            return Err(Error::Internal(what));
        };
        parts.push(part);
    }
    let mut record = merge(head, plan, &parts, book)?;
    if starts.interrupted.load(Ordering::Relaxed) {
        let id = "run/interrupted".to_owned();
        if !record.notes.iter().any(|note| note.id == id) {
            let text = "the run was interrupted; later process starts were not made".into();
            record.notes.push(Note { id, text, advice: "run again to measure the rest".into() });
        }
    }
    record.finished = Some(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    conclude(&mut record, book)?;
    folder.write(&mut record)?;
    Ok((record, folder))
}
