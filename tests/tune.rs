//! Tuned choices: found, used, and never an obstacle.

use assert_cmd::Command;
use predicates::str::contains;
use tierbench::record::Record;

const SIZE: [&str; 4] = ["--workload", "matmul", "--size", "40x40x40"];

fn tierbench(cache: &std::path::Path) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.env("TIERBENCH_CACHE_DIR", cache);
    command
}

fn run(cache: &std::path::Path, flags: &[&str]) -> Record {
    let out = tempfile::tempdir().unwrap();
    let mut command = tierbench(cache);
    command.args(["run", "--profile", "smoke", "--format", "json", "--out"]).arg(out.path());
    let output = command.args(SIZE).args(flags).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn what_tune_found_is_used_by_run_until_told_otherwise() {
    let cache = tempfile::tempdir().unwrap();
    assert_eq!(run(cache.path(), &[]).workloads[0].chosen_by.as_deref(), Some("default"));
    let mut tune = tierbench(cache.path());
    let output = tune.args(["tune", "--budget", "1", "--format", "json"]).args(SIZE).assert();
    let outcome: serde_json::Value =
        serde_json::from_slice(&output.success().get_output().stdout).unwrap();
    let outcome = &outcome["outcomes"][0];
    assert_eq!(outcome["bucket"], "matmul:f32:64x64x64");
    let winner = &outcome["attempts"][outcome["winner"].as_u64().unwrap() as usize];
    let tuned = run(cache.path(), &[]);
    let used = &tuned.workloads[0];
    assert_eq!(used.chosen_by.as_deref(), Some("tuned"));
    assert_eq!(winner["kernel"], used.kernel.as_deref().unwrap());
    assert_eq!(winner["parameters"], serde_json::to_value(&used.parameters).unwrap());
    let defaults = run(cache.path(), &["--defaults"]);
    assert_eq!(defaults.workloads[0].chosen_by.as_deref(), Some("default"));
}

#[test]
fn a_cache_that_is_corrupt_or_of_another_version_is_ignored_with_a_note() {
    let cache = tempfile::tempdir().unwrap();
    for (text, words) in [
        ("{\"schema\": \"tierb", "not a file of tuned choices"),
        (r#"{"schema": "tierbench.tuned/1", "version": "0.0.1", "entries": []}"#, "version 0.0.1"),
    ] {
        std::fs::write(cache.path().join("tuned.json"), text).unwrap();
        let record = run(cache.path(), &[]);
        let note = record.notes.iter().find(|n| n.id == "tune/cache-ignored").unwrap();
        assert!(note.text.contains(words), "{}", note.text);
        assert!(record.workloads[0].summary.is_some());
    }
}

#[test]
fn a_cache_folder_that_cannot_be_written_ends_tune_with_advice() {
    tierbench(std::path::Path::new("/proc/nowhere"))
        .args(["tune", "--budget", "1"])
        .args(SIZE)
        .assert()
        .code(8)
        .stderr(contains("TIERBENCH_CACHE_DIR"));
}
