//! Several process starts of one plan: the independent unit of repetition is the process, not the iteration
//! (Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013).

use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{attest, head, part};
use crate::adapter::Found;
use crate::conclude::{START_LOST, merge};
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::plan::Plan;
use crate::record::{Document, Folder, Note, Record, StartRecord, open};

/// How long a process start may take to keep what it has, once it was asked to stop.
const GRACE: Duration = Duration::from_millis(1300);
/// How often a process start is asked whether it has ended.
const POLL: Duration = Duration::from_millis(20);
/// Exit codes of a start that did what the plan says, whatever came out of it: see `docs/exit-codes.md`.
const ENDED_BY_ITSELF: [i32; 4] = [0, 5, 6, 7];
/// The note about a process start that is missing or not whole.
pub(super) const LOST: &str = START_LOST;

/// How the processes are started.
pub struct Starts<'a> {
    /// The program, with what must stand in front of it.
    pub program: &'a [OsString],
    /// Flags that choose adapter and cache, for every process.
    pub flags: &'a [OsString],
    /// Set when the user wants to stop. A process start hears of it through its standard input, which
    /// closes: signals reach one process only, and a parent that is killed can send none.
    pub interrupted: &'a AtomicBool,
    /// What asks the device what it is, before the first and behind the last; empty where nothing does.
    pub attest: &'a [String],
    /// Called before each process start with its number.
    pub begin: &'a dyn Fn(u32),
}

/// Runs a plan in several processes, one after the other, and keeps all their records beside the merged one.
/// A start that crashes is noted, and the others go on.
pub fn run_starts(
    starts: &Starts<'_>,
    found: &Found,
    plan: &Plan,
    out: &Path,
    book: &Book,
) -> Result<(Record, Folder)> {
    let mut head = head::head(found, plan)?;
    let folder = Folder::create(out, &head.id)?;
    head.id = folder.id();
    let planned = plan.record();
    let digest = planned.digest().map_err(|e| Error::Internal(e.to_string()))?;
    let plan_file = folder.write_plan(&planned)?;
    if !starts.attest.is_empty() {
        attest::before(starts.attest, &mut head, &folder)?;
    }
    let mut parts = Vec::new();
    for process in 0..plan.process_starts {
        if starts.interrupted.load(Ordering::Relaxed) {
            break;
        }
        (starts.begin)(process);
        let into = folder.path().join(format!("start-{process}"));
        let mut command = starts.command(process)?;
        command.arg("--plan-file").arg(&plan_file).arg("--into").arg(&into);
        command.args(["--plan-sha256", &digest]);
        let status = starts.wait(command, process)?;
        let belongs =
            |part: Record| part::check(&part, plan, process, &head.adapter).map(|()| part);
        let read = open(&into).map_err(|e| e.to_string());
        let part = read.and_then(|(document, sha256)| match document {
            Document::Run(part) => Ok((belongs(*part)?, sha256)),
            Document::Import(_) => Err("it is an import".into()),
        });
        // What an interrupt cut short is said by the interrupt's own note.
        if !starts.interrupted.load(Ordering::Relaxed) {
            head.notes.extend(lost(process, plan, status, part.as_ref().map(|(part, _)| part)));
        }
        if let Ok((part, sha256)) = part {
            let file = format!("start-{process}/record.json");
            head.starts.push(StartRecord { process, file, sha256 });
            parts.push((process, part));
        }
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
    super::finish(&mut record, &folder, book)?;
    Ok((record, folder))
}

impl Starts<'_> {
    fn command(&self, process: u32) -> Result<Command> {
        let Some((program, front)) = self.program.split_first() else {
            return Err(Error::Internal("no program to start".into()));
        };
        let mut command = Command::new(program);
        command.args(front).arg("run").args(self.flags);
        command.args(["--process", &process.to_string(), "--until-stdin-closes"]);
        Ok(command)
    }

    /// Waits for the end of a process start; ends it where it does not end when it should.
    fn wait(&self, mut command: Command, process: u32) -> Result<ExitStatus> {
        let fail = |e: std::io::Error| Error::Internal(format!("process start {process}: {e}"));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child: Child = command.spawn().map_err(fail)?;
        let mut asked: Option<Instant> = None;
        loop {
            if let Some(status) = child.try_wait().map_err(fail)? {
                return Ok(status);
            }
            match asked {
                None if self.interrupted.load(Ordering::Relaxed) => {
                    drop(child.stdin.take());
                    asked = Some(Instant::now());
                }
                Some(since) if since.elapsed() > GRACE => {
                    child.kill().map_err(fail)?;
                    return child.wait().map_err(fail);
                }
                _ => std::thread::sleep(POLL),
            }
        }
    }
}

/// What is the matter with a process start, if anything is.
fn lost(
    process: u32,
    plan: &Plan,
    status: ExitStatus,
    part: Result<&Record, &String>,
) -> Option<Note> {
    let planned = plan.workloads.len();
    let what = match part {
        Err(reason) => format!("left no record that can be used: {reason}"),
        Ok(part) if part.workloads.len() < planned => {
            format!("ended after {} of {planned} workloads, which are kept", part.workloads.len())
        }
        Ok(_) if status.code().is_some_and(|code| ENDED_BY_ITSELF.contains(&code)) => return None,
        Ok(_) => "did not end by itself; its workloads are kept".into(),
    };
    Some(Note {
        id: LOST.into(),
        text: format!("process start {} of {} ({status}) {what}", process + 1, plan.process_starts),
        advice: "find out why before you rely on the others; run again for a whole record".into(),
    })
}
