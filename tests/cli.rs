//! The program as a user sees it: exit codes, stdout, the record on disk.

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tierbench::record::{self, Record};

fn tierbench() -> Command {
    Command::cargo_bin("tierbench").unwrap()
}

fn small_run(out: &std::path::Path) -> Record {
    let mut command = tierbench();
    command
        .args(["run", "--format", "json", "--seed", "7", "--profile", "smoke", "--out"])
        .arg(out)
        .args([
            "--workload",
            "matmul",
            "--input",
            "f32",
            "--size",
            "33x34x35",
            "--workload",
            "attention",
            "--size",
            "1x2x16x8",
            "--causal",
            "--workload",
            "empty",
        ]);
    let output = command.assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).expect("stdout is the record and nothing else")
}

#[test]
fn a_run_writes_the_record_that_it_prints_and_it_validates_against_the_schema() {
    let out = tempfile::tempdir().unwrap();
    let printed = small_run(out.path());
    let kept = record::read(&out.path().join(&printed.id)).unwrap();
    // The samples lie beside the record and are not printed.
    let text = |record: &Record| serde_json::to_value(record).unwrap();
    assert!(text(&kept) == text(&printed), "stdout is another record than the one kept");
    let names: Vec<&str> = kept.workloads.iter().map(|w| w.workload.as_str()).collect();
    assert_eq!(names, ["matmul", "attention-causal", "empty"]);
    assert!(kept.workloads.iter().all(|w| w.summary.is_some()));
    assert_eq!(kept.seed, 7);
    for rule in ["us-3a090-2023", "us-cn-review-2026"] {
        assert!(kept.conclusion.findings.iter().any(|f| f.rule == rule), "{rule} is missing");
    }
    let schema = std::fs::read_to_string("schemas/record-v2.schema.json").unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let instance = serde_json::to_value(&kept).unwrap();
    jsonschema::validate(&schema, &instance).unwrap();
}

#[test]
fn a_record_is_shown_again_by_report() {
    let out = tempfile::tempdir().unwrap();
    let printed = small_run(out.path());
    let folder = out.path().join(&printed.id);
    tierbench().arg("report").arg(&folder).assert().success().stdout(contains("f64-reference"));
    tierbench().args(["report", "--format", "json"]).arg(&folder).assert().success();
}

#[test]
fn list_names_every_adapter_as_json_and_as_text() {
    tierbench().arg("list").assert().success().stdout(contains("cooperative matrices"));
    let output = tierbench().args(["list", "--format", "json"]).assert().success();
    let value: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert!(!value["adapters"].as_array().unwrap().is_empty());
}

#[test]
fn an_unknown_adapter_is_refused_with_the_list_of_those_here() {
    tierbench()
        .args(["run", "--adapter", "no such thing"])
        .assert()
        .code(4)
        .stderr(contains("no adapter matches").and(contains("0: ")));
}

#[test]
fn hardware_can_be_required_and_software_is_then_refused() {
    let output = tierbench().args(["list", "--format", "json"]).output().unwrap();
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let software = list["adapters"][0]["software"].as_bool().unwrap();
    let out = tempfile::tempdir().unwrap();
    let run = tierbench()
        .args(["run", "--require-hardware", "--profile", "smoke", "--workload", "empty", "--out"])
        .arg(out.path())
        .assert();
    if software {
        run.code(4).stderr(contains("is a software adapter"));
    } else {
        run.success();
    }
}

#[test]
fn list_says_where_drivers_were_looked_for() {
    tierbench()
        .args(["list", "--why", "--format", "json"])
        .env("VK_DRIVER_FILES", "/nowhere/icd.json")
        .assert()
        .code(3)
        .stdout(
            contains("VK_DRIVER_FILES").and(contains("/nowhere/icd.json")).and(contains("problem")),
        );
    tierbench().args(["list", "--why"]).assert().success().stdout(contains("driver files"));
}

#[test]
fn no_adapter_at_all_has_its_own_code_and_advice() {
    tierbench()
        .env("VK_DRIVER_FILES", "/nonexistent.json")
        .env("WGPU_BACKEND", "vulkan")
        .arg("run")
        .assert()
        .code(3)
        .stderr(contains("mesa-vulkan-drivers"));
}

#[test]
fn an_output_folder_that_cannot_be_written_is_found_before_the_run() {
    tierbench()
        .args(["run", "--out", "/proc/nowhere"])
        .timeout(std::time::Duration::from_secs(60))
        .assert()
        .code(8)
        .stderr(contains("--out"));
}

#[test]
fn flags_that_make_no_sense_end_before_anything_runs() {
    for (flags, message) in [
        (vec!["--workload", "matmul"], "needs a --size"),
        (vec!["--workload", "matmul", "--size", "0x1x1"], "between 1 and"),
        (vec!["--workload", "matmul", "--size", "10x10"], "MxNxK"),
        (vec!["--workload", "matmul", "--size", "2x2x2", "--causal"], "--causal means nothing"),
        (vec!["--workload", "roof-matrix", "--input", "f32", "--size", "64"], "no f32 kernel"),
        (vec!["--workload", "attention", "--size", "1x3/2x2x2"], "cannot share"),
        (vec!["--workload", "chain", "--size", "5"], "multiple of"),
        (vec!["--workload", "sort", "--size", "5"], "no workload is called \"sort\""),
        (vec!["--size", "5"], "needs a --workload"),
        (vec!["--profile", "slow"], "no profile"),
    ] {
        tierbench().arg("run").args(flags).assert().code(2).stderr(contains(message));
    }
}

#[test]
fn a_size_beyond_the_limits_ends_with_nothing_ran_and_keeps_the_record() {
    let out = tempfile::tempdir().unwrap();
    tierbench()
        .args(["run", "--workload", "matmul", "--size", "1048576x1048576x64", "--out"])
        .arg(out.path())
        .assert()
        .code(7)
        .stdout(contains("bytes in one buffer"));
    assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 1);
}

#[test]
fn corrupt_newer_and_foreign_records_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.json");
    for (text, message) in [
        ("{\"schema\": \"tierbench.rec", "not a JSON file"),
        ("{\"schema\": \"tierbench.record/99\"}", "newer"),
        ("{\"schema\": \"other/1\"}", "this is no record"),
        ("{\"schema\": \"tierbench.record/1\"}", "missing field"),
    ] {
        std::fs::write(&file, text).unwrap();
        tierbench().arg("report").arg(&file).assert().code(9).stderr(contains(message));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_was_measured() {
    let out = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("tierbench"))
        .args(["run", "--profile", "quick", "--out"])
        .arg(out.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // The first record is written after the first workload.
    let kept = loop {
        let folder = std::fs::read_dir(out.path()).unwrap().next();
        let record = folder.map(|f| f.unwrap().path().join("record.json"));
        match record.filter(|r| r.exists()) {
            Some(record) => break record,
            None => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
        assert!(child.try_wait().unwrap().is_none(), "the run ended by itself");
    };
    let killed =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let record = record::read(&kept).unwrap();
    assert!(record.workloads[0].summary.is_some());
    assert!(record.notes.iter().any(|note| note.id == "run/interrupted"));
}

#[test]
fn process_starts_are_kept_apart_and_the_plan_is_fixed_before_them() {
    let out = tempfile::tempdir().unwrap();
    let output = tierbench()
        .args([
            "run",
            "--format",
            "json",
            "--profile",
            "smoke",
            "--process-starts",
            "2",
            "--seed",
            "11",
        ])
        .args([
            "--workload",
            "matmul",
            "--size",
            "40x41x42",
            "--workload",
            "chain",
            "--size",
            "4096",
        ])
        .args(["--zero-inputs", "--out"])
        .arg(out.path())
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let record: Record = serde_json::from_slice(&output).unwrap();
    let record = record::read(&out.path().join(&record.id)).unwrap();
    assert_eq!(record.process_seeds.len(), 2);
    assert_ne!(record.process_seeds[0], record.process_seeds[1]);
    assert!(record.timer_of(1).is_some() && record.timer_of(2).is_none());
    assert_eq!(record.seed, 11);
    for w in &record.workloads {
        let processes: std::collections::BTreeSet<u32> =
            w.samples.iter().map(|s| s.process).collect();
        assert_eq!(processes.len(), 2, "{}", w.label());
        assert_eq!(w.summary.as_ref().unwrap().process_medians_ns.len(), 2);
    }
    let folder = out.path().join(&record.id);
    let plan: tierbench::record::PlanRecord =
        serde_json::from_str(&std::fs::read_to_string(folder.join("plan.json")).unwrap()).unwrap();
    assert_eq!(plan.digest().ok(), record.plan_sha256);
    assert!(folder.join("start-1/record.json").exists());
    // Zeros flatter a chip: such a run shows nothing.
    assert!(record.notes.iter().any(|note| note.id == "inputs/zeros"));
    assert_eq!(record.conclusion.quantities.tpp.demonstrated, None);
}
