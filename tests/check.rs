//! `check`, `completions` and `man`.

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

fn tierbench(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.args(arguments);
    command
}

#[test]
fn check_runs_every_kernel_of_every_kind_once_and_gives_no_figures() {
    let output = tierbench(&["check", "--format", "json", "--seed", "3"]).assert().success();
    let json: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(json["schema"], "tierbench.check/1");
    assert_eq!(json["seed"], 3);
    let rows = json["kernels"].as_array().unwrap();
    for kind in [
        "matmul",
        "attention",
        "attention-causal",
        "attention-decode",
        "bandwidth-copy",
        "roof",
        "chain",
    ] {
        let own: Vec<&Value> = rows
            .iter()
            .filter(|r| r["workload"].as_str().unwrap().split(':').next() == Some(kind))
            .collect();
        assert!(!own.is_empty(), "{kind} is missing");
        for row in own {
            let verdict = row["verdict"].as_str().unwrap();
            assert!(["right", "unsupported"].contains(&verdict), "{row}");
            assert_eq!(verdict == "unsupported", row["verification"].is_null());
        }
    }
    assert!(rows.iter().filter(|r| r["workload"] == "matmul:f32:128x128x128").count() >= 3);
    assert!(!json.to_string().contains("per_s"));
}

#[test]
fn check_says_so_in_words_and_refuses_what_is_not_hardware() {
    let page = tierbench(&["check"]).assert().success();
    let page = String::from_utf8(page.get_output().stdout.clone()).unwrap();
    assert!(page.contains("kernels right, 0 wrong, 0 failed"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    // What the adapter here is decides what --require-hardware must say to it.
    let list = tierbench(&["list", "--format", "json"]).assert().success();
    let list: serde_json::Value = serde_json::from_slice(&list.get_output().stdout).unwrap();
    let software = list["adapters"][0]["software"].as_bool().unwrap();
    let asked = tierbench(&["check", "--require-hardware"]).assert();
    if software {
        asked.code(4).stderr(contains("software adapter").and(contains("--require-hardware")));
    } else {
        asked.success();
    }
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    for shell in ["bash", "fish", "zsh"] {
        tierbench(&["completions", shell])
            .assert()
            .success()
            .stdout(contains("classify").and(contains("fail-on")));
    }
    tierbench(&["completions", "tcsh"]).assert().code(2);
    let folder = tempfile::tempdir().unwrap();
    tierbench(&["man", folder.path().to_str().unwrap()]).assert().success();
    for page in ["tierbench.1", "tierbench-run.1", "tierbench-classify.1", "tierbench-compare.1"] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
}
