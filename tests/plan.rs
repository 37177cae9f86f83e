//! `run --plan`: exactly what another run did, and nothing that cannot be run.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use tierbench::record::{self, PlanRecord, Record};

fn tierbench(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.args(words);
    command
}

fn run(flags: &[&str], out: &Path) -> Record {
    let mut command = tierbench(&["run", "--format", "json", "--out"]);
    let output = command.arg(out).args(flags).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn a_record_can_be_run_again_as_it_was() {
    let out = tempfile::tempdir().unwrap();
    let flags = ["--profile", "smoke", "--workload", "empty", "--workload", "matmul:f16:9x8x7"];
    let more = ["--zero-inputs", "--checked-shaders", "--process-starts", "2"];
    let first = run(&[flags.as_slice(), &more].concat(), out.path());
    let folder = out.path().join(&first.id);
    for file in [folder.clone(), folder.join("record.json"), folder.join("plan.json")] {
        let again = run(&["--plan", file.to_str().unwrap()], out.path());
        assert_eq!((&again.plan, &again.plan_sha256), (&first.plan, &first.plan_sha256));
        assert_eq!(again.process_seeds, first.process_seeds);
    }
    // The page of a record says so.
    let page = out.path().join("page.html");
    tierbench(&["report", "--html"]).arg(&page).arg(&folder).assert().success();
    let page = std::fs::read_to_string(page).unwrap().replace("&#x2f;", "/");
    assert!(page.contains(&format!("tierbench run --plan {}/record.json", first.id)));
}

#[test]
fn a_plan_says_what_flags_would_say() {
    for flag in [
        &["--seed", "1"][..],
        &["--workload", "empty"],
        &["--profile", "quick"],
        &["--zero-inputs"],
    ] {
        tierbench(&["run", "--plan", "plan.json"]).args(flag).assert().code(2);
    }
}

#[test]
fn a_plan_that_cannot_be_run_is_refused_by_file_and_key() {
    let out = tempfile::tempdir().unwrap();
    let record = run(&["--profile", "smoke", "--workload", "empty"], out.path());
    let plan = record.plan.clone().unwrap();
    let file = out.path().join("plan.json");
    let with = |change: &dyn Fn(&mut PlanRecord)| {
        let mut plan = plan.clone();
        change(&mut plan);
        serde_json::to_string(&plan).unwrap()
    };
    for (text, message) in [
        (with(&|plan| plan.stop_rule.warm_up_ms = -1.0), "`stop_rule.warm_up_ms`"),
        (with(&|plan| plan.seed = 1 << 60), "`seed`"),
        (with(&|plan| plan.process_starts = u32::MAX), "`process_starts`"),
        (with(&|plan| plan.schema = "other/1".into()), "`schema`"),
        (with(&|_| ()).replacen('{', "{\"extra\": 1, ", 1), "`extra`"),
        ("{".into(), "not JSON"),
        ("\u{feff}{}".into(), "no plan"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let told = contains("plan.json").and(contains(message));
        tierbench(&["run", "--plan"]).arg(&file).assert().code(9).stderr(told);
        // A process start reads the same file by the same rules.
        let mut start = tierbench(&["run", "--process", "0", "--plan-file"]);
        start.arg(&file).arg("--into").arg(out.path().join("x")).assert().code(9);
    }
    // A record whose plan is not the one that its digest was made of.
    let mut changed: Record = record::read(&out.path().join(&record.id)).unwrap();
    changed.plan.as_mut().unwrap().stop_rule.min_samples = 2;
    std::fs::write(&file, serde_json::to_string(&changed).unwrap()).unwrap();
    tierbench(&["run", "--plan"]).arg(&file).assert().code(9).stderr(contains("plan_sha256"));
    tierbench(&["run", "--plan", "/nowhere"]).assert().code(9).stderr(contains("/nowhere"));
}
