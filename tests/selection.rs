//! What the words of a command line choose: adapters, workloads, chips, figures.

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn tierbench(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.args(words);
    command
}

/// A run of these workload flags into a folder that goes away.
fn run(flags: &[&str]) -> (Command, tempfile::TempDir) {
    let out = tempfile::tempdir().unwrap();
    let mut command = tierbench(&["run", "--profile", "smoke"]);
    command.args(flags).arg("--out").arg(out.path());
    (command, out)
}

fn adapters() -> Vec<serde_json::Value> {
    let output = tierbench(&["list", "--format", "json"]).output().unwrap();
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    list["adapters"].as_array().unwrap().clone()
}

#[test]
fn a_number_that_is_no_index_is_looked_for_in_names() {
    let here = adapters();
    let name = here[0]["name"].as_str().unwrap();
    let numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|part| part.len() > 1);
    for number in numbers.filter(|n| n.parse::<usize>().unwrap() >= here.len()) {
        let only =
            here.iter().filter(|a| a["name"].as_str().unwrap().contains(number)).count() == 1;
        let (mut command, _out) = run(&["--workload", "empty", "--adapter", number]);
        command.assert().code(if only { 0 } else { 4 });
    }
    let (mut command, _out) = run(&["--workload", "empty", "--adapter", "987654321"]);
    command.assert().code(4).stderr(contains("no adapter matches \"987654321\""));
}

#[test]
fn an_adapter_can_be_named_by_its_driver_and_a_refusal_shows_all_that_tells_them_apart() {
    let here = adapters();
    let driver = here[0]["driver"].as_str().unwrap();
    let same =
        here.iter().filter(|a| format!("{} {}", a["driver"], a["driver_info"]).contains(driver));
    let selector = format!("driver:{driver}");
    let (mut command, _out) = run(&["--workload", "empty", "--adapter", &selector]);
    command.assert().code(if same.count() == 1 { 0 } else { 4 });
    let (mut command, _out) = run(&["--workload", "empty", "--adapter", "driver:none such"]);
    command.assert().code(4).stderr(contains(driver).and(contains("pci:ADDRESS or driver:PART")));
}

#[test]
fn a_driver_file_that_is_not_there_is_named_with_its_variable() {
    tierbench(&["run"])
        .env("VK_DRIVER_FILES", "/nowhere/typo.json")
        .env("WGPU_BACKEND", "vulkan")
        .assert()
        .code(3)
        .stderr(contains("VK_DRIVER_FILES").and(contains("/nowhere/typo.json: No such file")));
}

#[test]
fn a_workload_is_taken_in_the_form_that_is_printed() {
    let (mut command, _out) = run(&["--workload", "matmul:f16:33x17x9", "--format", "json"]);
    command.assert().success().stdout(contains("\"33x17x9\""));
    let (mut command, _out) = run(&["--workload", "matmul:f16:33x17x9", "--size", "1x1x1"]);
    command.assert().code(2).stderr(contains("says type and size itself"));
}

#[test]
fn what_is_wrong_with_a_workload_is_what_is_named() {
    for (flags, message) in [
        (vec!["--workload", "matmull"], "the nearest is \"matmul\""),
        (vec!["--workload", "matmul", "--input", "int8"], "\"int8\" is no input type"),
        (vec!["--workload", "matmul", "--size", "-1x1x1"], "\"-1x1x1\" is no size"),
        (vec!["--workload", "matmul"], "MxNxK"),
        (vec!["--workload", "empty", "--size", "5"], "--size means nothing for empty"),
        (vec!["--workload", "empty:5"], "is no workload"),
        (vec!["--adapter", "-1", "--workload", "empty"], "no adapter matches \"-1\""),
    ] {
        let (mut command, _out) = run(&flags);
        let code = if flags[0] == "--adapter" { 4 } else { 2 };
        command.assert().code(code).stderr(contains(message));
    }
}

#[test]
fn every_profile_stands_in_the_help() {
    let help = tierbench(&["run", "--help"]).output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    for name in tierbench::plan::Plan::profiles().unwrap() {
        assert!(help.contains(&name), "{name} is missing");
    }
}

#[test]
fn a_reason_that_all_kernels_share_is_told_once() {
    let (mut command, _out) = run(&["--workload", "matmul", "--size", "1048576x1048576x64"]);
    let output = command.assert().code(7).get_output().stderr.clone();
    let told = String::from_utf8(output).unwrap();
    assert_eq!(told.matches("bytes in one buffer").count(), 1, "{told}");
}

#[test]
fn a_decimal_comma_is_refused_and_never_dropped() {
    for words in [
        &["classify", "--tops", "8=19,79"][..],
        &["classify", "--tops", "8=1979", "--die-mm2", "814,5"],
        &["classify", "--tops", "8=1.979,5"],
        &["data", "equivalents", "--chip", "nv-h200-sxm=1,5"],
        &["data", "equivalents", "--figure", "15832=1,5"],
    ] {
        tierbench(words).assert().code(2).stderr(contains("decimal point"));
    }
    tierbench(&["classify", "--tops", "8=1,979", "--die-mm2", "814"]).assert().success();
    tierbench(&["classify", "--tops", "8=1e308"]).assert().code(2).stderr(contains("too large"));
}

#[test]
fn a_filter_that_nothing_can_match_is_refused_with_what_there_is() {
    for (words, message) in [
        (&["data", "rules", "--status", "typo"][..], "in_force"),
        (&["data", "chips", "--grade", "Q"], "there are"),
        (&["data", "chips", "--vendor", "nobody"], "there are"),
        (&["data", "chips", "--name", "no such chip"], "no such chip is called"),
        (&["classify", "--chip", "h200"], "\"nv-h200-"),
    ] {
        tierbench(words).assert().code(2).stderr(contains(message));
    }
    tierbench(&["classify", "--chip", "nv-h20", "--rule", "foo"])
        .assert()
        .code(2)
        .stderr(contains("nearest").not());
}
