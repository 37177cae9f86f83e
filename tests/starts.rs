//! Several process starts of one plan: what crashes, what is changed behind their backs, and how they stop.
#![cfg(unix)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tierbench::adapter::{choose, find_all};
use tierbench::normalize::Book;
use tierbench::plan::{Plan, process_seed};
use tierbench::record::{self, Record};
use tierbench::run::{Starts, outcome, run_starts};

/// Three starts of two small workloads, through a shell script that may do something first.
fn through(script: &str) -> (Record, tempfile::TempDir) {
    let out = tempfile::tempdir().unwrap();
    let program = out.path().join("program");
    let binary = assert_cmd::cargo::cargo_bin!("tierbench").display().to_string();
    let script = format!("words=\"$*\"\n{script}\nexec '{binary}' \"$@\"\n");
    std::fs::write(&program, script).unwrap();
    let found = choose(find_all(), None, false).unwrap();
    let workloads = ["empty", "chain:4096", "empty"].map(|text| text.parse().unwrap()).to_vec();
    let mut plan = Plan::new("smoke", workloads, found.identity.software, Some(5)).unwrap();
    plan.process_starts = 3;
    let interrupted = AtomicBool::new(false);
    let starts = Starts {
        program: &[OsString::from("sh"), program.into()],
        flags: &[],
        attest: &[],
        interrupted: &interrupted,
        begin: &|_| (),
    };
    let book = Book::load().unwrap();
    let (record, folder) = run_starts(&starts, &found, &plan, out.path(), &book).unwrap();
    assert_eq!(record::read(folder.path()).unwrap(), record);
    (record, out)
}

/// The notes about starts that are missing.
fn lost(record: &Record) -> Vec<&str> {
    let notes = record.notes.iter().filter(|note| note.id == "run/start-lost");
    notes.map(|note| note.text.as_str()).collect()
}

fn processes(record: &Record) -> Vec<u32> {
    let mut all: Vec<u32> = record.workloads[0].samples.iter().map(|s| s.process).collect();
    all.dedup();
    all
}

#[test]
fn a_start_that_crashes_is_told_and_the_others_keep_their_numbers() {
    let (record, _out) = through("case $words in *'--process 1 '*) kill -SEGV $$;; esac");
    assert_eq!(processes(&record), [0, 2]);
    assert_eq!(record.process_seeds, [0, 1, 2].map(|i| process_seed(5, i)));
    let lost = lost(&record);
    assert!(lost.len() == 1 && lost[0].contains("process start 2 of 3 (signal: 11"), "{lost:?}");
    assert_eq!(outcome(&record).unwrap_err().exit_code(), 6);
}

#[test]
fn a_plan_that_is_changed_meanwhile_is_not_followed() {
    let change = "case $words in *'--process 1 '*)\n\
         for word; do case $word in */plan.json) sed -i 's/\"min_samples\": 6/\"min_samples\": 2/' \"$word\";; esac; done;; esac";
    let (record, _out) = through(change);
    let told = lost(&record);
    assert_eq!(processes(&record), [0]);
    assert!(told.len() == 2 && told[0].contains("exit status: 9"), "{told:?}");
    // A start that does not look is found out by what it wrote.
    let blind = "seen=; set -- \"$@\" --\nwhile [ \"$1\" != -- ]; do case $1 in \
         --plan-sha256) shift 2;; *) set -- \"$@\" \"$1\"; shift;; esac; done; shift";
    let (record, _out) = through(&format!("{change}\n{blind}"));
    assert_eq!(processes(&record), [0]);
    let told = lost(&record);
    assert!(told.len() == 2 && told[0].contains("another plan"), "{told:?}");
}

#[test]
fn a_workload_that_is_listed_twice_has_its_own_samples_each_time() {
    let (record, _out) = through("");
    assert!(lost(&record).is_empty() && outcome(&record).is_ok());
    let begins = |at: usize| -> Vec<u64> {
        record.workloads[at].samples.iter().map(|s| s.start_ns).collect()
    };
    assert_eq!(record.workloads[0].workload, record.workloads[2].workload);
    assert_ne!(begins(0), begins(2));
    assert_eq!(processes(&record), [0, 1, 2]);
}

/// A run of two starts that would last for long, once its first start has begun.
fn long_run(out: &Path) -> (std::process::Child, PathBuf) {
    let child = Command::new(assert_cmd::cargo::cargo_bin!("tierbench"))
        .args(["run", "--profile", "standard", "--process-starts", "2", "--out"])
        .arg(out)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = || {
        let folder = std::fs::read_dir(out).ok()?.next()?.ok()?.path();
        folder.join("start-0/record.json").exists().then_some(folder)
    };
    (child, wait_for("the first start", begun))
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(300), "{what} never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn kill(signal: &str, child: &std::process::Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

fn is_interrupted(folder: &Path) -> bool {
    let record = record::read(folder);
    record.is_ok_and(|record| record.notes.iter().any(|note| note.id == "run/interrupted"))
}

#[test]
fn a_termination_of_the_parent_alone_ends_the_start_too() {
    let out = tempfile::tempdir().unwrap();
    let (mut child, folder) = long_run(out.path());
    kill("-TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(is_interrupted(&folder));
    assert!(!folder.join("start-1").exists());
}

#[test]
fn a_start_whose_parent_is_killed_stops_and_keeps_what_it_has() {
    let out = tempfile::tempdir().unwrap();
    let (mut child, folder) = long_run(out.path());
    kill("-KILL", &child);
    child.wait().unwrap();
    wait_for("the end of the start", || is_interrupted(&folder.join("start-0")).then_some(()));
}
