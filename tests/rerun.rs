//! `audit rerun`: what two runs of one plan say, and which plans of strangers are not run.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;
use tierbench::adapter::Capability;
use tierbench::audit::{Repeat, Rerun, Sameness, TOLERANCE_PERCENT, rerun};
use tierbench::conclude::rederive;
use tierbench::normalize::Book;
use tierbench::plan::Plan;
use tierbench::record::{self, Record, State};
use tierbench::report;
use tierbench::run::Room;

/// Five process starts of one plan.
const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";
/// Made before there were plans.
const WITHOUT_PLAN: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";
const NARROW: &str = "matmul f32 512x512x512";

fn filed() -> Record {
    record::read(Path::new(AUDIT)).unwrap()
}

/// The record whose times are longer by a factor for each process start, with the figures of those.
fn slowed(factors: [f64; 5]) -> Record {
    let mut record = filed();
    for sample in record.workloads.iter_mut().flat_map(|w| &mut w.samples) {
        let scaled = |ns: u64| (ns as f64 * factors[sample.process as usize]).round() as u64;
        (sample.gpu_ns, sample.host_ns) = (sample.gpu_ns.map(scaled), scaled(sample.host_ns));
    }
    rederive(&record, &Book::load().unwrap()).unwrap().record
}

fn beside(new: &Record, tolerance: f64) -> Rerun {
    rerun(("filed", &filed(), "digest"), ("new", new), tolerance)
}

fn narrow(rerun: &Rerun) -> &Repeat {
    rerun.workloads.iter().find(|repeat| repeat.label == NARROW).unwrap()
}

/// The page for people, as one line and as it is.
fn page(rerun: &Rerun) -> (String, String) {
    let page = report::rerun_text(rerun).unwrap();
    (page.split_whitespace().collect::<Vec<_>>().join(" "), page)
}

fn count(rerun: &Rerun, word: Sameness) -> usize {
    rerun.of(word).count()
}

#[test]
fn a_run_beside_itself_is_the_same_at_any_tolerance() {
    for tolerance in [0.0, TOLERANCE_PERCENT] {
        let rerun = beside(&filed(), tolerance);
        assert_eq!(rerun.word, Sameness::Same);
        assert_eq!(count(&rerun, Sameness::Same), filed().workloads.len());
        assert!(rerun.adapter_differs.is_empty() && rerun.differs.is_empty());
    }
}

#[test]
fn rates_that_are_a_fifth_off_are_different_and_not_at_a_tolerance_of_a_half() {
    for factor in [1.2, 1.0 / 1.2] {
        let rerun = beside(&slowed([factor; 5]), TOLERANCE_PERCENT);
        assert_eq!(
            (rerun.word, narrow(&rerun).word),
            (Sameness::Different, Some(Sameness::Different))
        );
        assert_eq!(
            (count(&rerun, Sameness::Same), narrow(&rerun).within_joint_u),
            (0, Some(false))
        );
        let wide = beside(&slowed([factor; 5]), 50.0);
        assert_eq!(
            (count(&wide, Sameness::Different), narrow(&wide).word),
            (0, Some(Sameness::Same))
        );
    }
}

#[test]
fn what_lies_within_a_wide_uncertainty_is_undecided_and_says_so() {
    let scattered = slowed([1.05, 1.15, 0.95, 1.1, 1.0]);
    let rerun = beside(&scattered, TOLERANCE_PERCENT);
    let repeat = narrow(&rerun);
    assert_eq!((repeat.word, repeat.within_joint_u), (Some(Sameness::Undecided), Some(true)));
    assert_eq!(rerun.word, Sameness::Undecided);
    assert!(repeat.joint_u_percent.unwrap() > 5.0, "{repeat:?}");
    // It is the same from the tolerance on that it names, and not before.
    let from = repeat.same_from_percent.unwrap();
    assert_eq!(narrow(&beside(&scattered, from * 1.001)).word, Some(Sameness::Same));
    assert_eq!(narrow(&beside(&scattered, from * 0.999)).word, Some(Sameness::Undecided));
    let (line, text) = page(&rerun);
    assert!(line.contains("agrees within the joint U of"), "{text}");
    let within = rerun.workloads.iter().filter(|repeat| repeat.within_joint_u == Some(true));
    let within = format!("16 undecided ({} of them within the joint U)", within.count());
    assert!(line.contains(&within), "{text}");
}

#[test]
fn what_was_not_measured_in_both_runs_is_undecided_with_its_reason_or_has_no_word() {
    let mut new = filed();
    let spoil = |record: &mut Record, at: usize| {
        let w = &mut record.workloads[at];
        (w.state, w.summary, w.samples) = (State::Unsupported, None, Vec::new());
    };
    spoil(&mut new, 0);
    let of_one = beside(&new, TOLERANCE_PERCENT);
    let why = of_one.workloads[0].why.as_deref();
    assert_eq!(of_one.workloads[0].word, Some(Sameness::Undecided));
    assert_eq!(why, Some("unsupported in the new run"));
    let swapped = rerun(("filed", &new, "digest"), ("new", &filed()), TOLERANCE_PERCENT);
    assert_eq!(swapped.workloads[0].why.as_deref(), Some("unsupported in the filed run"));
    assert_eq!(of_one.word, Sameness::Undecided);
    let mut both = filed();
    spoil(&mut both, 0);
    let of_none = rerun(("filed", &both, "digest"), ("new", &new), TOLERANCE_PERCENT);
    assert_eq!((of_none.workloads[0].word, of_none.word), (None, Sameness::Same));
    assert!(page(&of_none).0.contains("1 measured in neither run"));
}

#[test]
fn under_a_load_of_others_nothing_is_different_and_that_is_said_once() {
    let mut new = slowed([1.2; 5]);
    for (w, load) in new.workloads.iter_mut().zip([0.3, 0.73, 0.66].into_iter().cycle()) {
        w.others_load = Some(load);
    }
    let rerun = beside(&new, TOLERANCE_PERCENT);
    assert_eq!(count(&rerun, Sameness::Undecided), rerun.workloads.len());
    let (line, _) = page(&rerun);
    assert!(line.contains("16 workloads: other processes used up to 73 %"), "{line}");
    assert_eq!(line.matches("other processes used").count(), 1);
}

#[test]
fn another_kernel_does_not_repeat_a_measurement() {
    let mut new = slowed([1.2; 5]);
    for w in &mut new.workloads {
        w.kernel_sha256 = Some("0".repeat(64));
    }
    let rerun = beside(&new, TOLERANCE_PERCENT);
    assert_eq!(count(&rerun, Sameness::Undecided), rerun.workloads.len());
    assert!(narrow(&rerun).why.as_deref().unwrap().starts_with("measured by another kernel"));
}

#[test]
fn another_adapter_is_told_with_every_answer() {
    let mut new = slowed([1.2; 5]);
    new.adapter.driver_info = "another".into();
    let rerun = beside(&new, TOLERANCE_PERCENT);
    assert_eq!(rerun.adapter_differs.len(), 1);
    let (line, page) = page(&rerun);
    assert!(
        line.contains("ANOTHER ADAPTER OR DRIVER") && line.contains("differs: driver"),
        "{page}"
    );
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
}

#[test]
fn the_longest_time_of_a_plan_grows_with_everything_in_it() {
    let plan = |change: &dyn Fn(&mut Plan)| {
        let mut plan = Plan::new("audit", Vec::new(), true, Some(1)).unwrap();
        change(&mut plan);
        plan.longest(|_| 0.0).as_secs_f64()
    };
    let own = plan(&|_| ());
    // Five starts of eighteen workloads that may take 4.5 s each, and what is around them.
    assert!((405.0..600.0).contains(&own), "{own}");
    assert!(plan(&|p| p.process_starts = 50) > 9.9 * own);
    assert!(plan(&|p| p.stop_rule.warm_up_ms = 1e7) > 100.0 * own);
    assert!(plan(&|p| p.stop_rule.budget_ms = 1e7) > 20.0 * own);
    assert!(plan(&|p| p.stop_rule.min_samples = 2000) > 10.0 * own);
    let mut plan = Plan::new("audit", Vec::new(), true, Some(1)).unwrap();
    assert!(plan.longest(|_| 1e4).as_secs_f64() > 10.0 * own);
    plan.workloads.truncate(1);
    assert!(plan.longest(|_| 0.0).as_secs_f64() < own / 10.0);
    assert_eq!(plan.longest(|_| f64::INFINITY), std::time::Duration::MAX);
}

/// An adapter with nothing but large limits.
fn large() -> Capability {
    Capability {
        f16: true,
        int16: true,
        int64: true,
        subgroups: true,
        subgroup_size: Some(32),
        subgroup_least: Some(32),
        subgroup_most: Some(32),
        timestamps: true,
        cooperative_matrices: Vec::new(),
        max_workgroup_storage_bytes: 49_152,
        max_invocations_per_workgroup: 1024,
        max_workgroups_per_dimension: 65_535,
        max_binding_bytes: (1 << 31) - 4,
        max_buffer_bytes: (1 << 31) - 1,
        barriers_are_slow: false,
    }
}

#[test]
fn a_workload_that_is_too_large_is_refused_by_its_name_and_every_profile_is_admitted() {
    let room = Room { host_bytes: 16 << 30, shared: true, dispatch_ops: 1 << 50, threads: 16 };
    let adapter = large();
    let admits = |text: &str| room.admits(&text.parse().unwrap(), &adapter);
    for profile in Plan::profiles().unwrap() {
        let plan = Plan::new(&profile, Vec::new(), false, Some(1)).unwrap();
        for workload in &plan.workloads {
            room.admits(workload, &adapter).unwrap();
        }
    }
    // Of a size that the device takes, and the host or nobody's patience does.
    for (text, why) in [
        ("attention-decode:f16:1x64/2x1048576x128", "GiB of this machine's memory"),
        ("matmul:f32:17x1x16777216", ""),
        ("attention:f32:1x1x1048576x64", ""),
        ("attention:f16:1x3x1048576x128", "cannot be interrupted"),
    ] {
        match admits(text) {
            Ok(()) => assert_eq!(why, "", "{text}"),
            Err(said) => {
                assert!(!why.is_empty() && said.contains(why) && said.starts_with(text), "{said}");
            }
        }
    }
    // What the adapter cannot run is told as such by the run.
    assert_eq!(admits("matmul:f32:1048576x1048576x64"), Ok(()));
    let slow = Room { dispatch_ops: 1 << 43, ..room };
    assert!(slow.admits(&"matmul:f32:16384x16384x16384".parse().unwrap(), &adapter).is_ok());
    assert!(slow.admits(&"attention:f32:1x1x1048576x64".parse().unwrap(), &adapter).is_err());
    let small = Room { host_bytes: 1 << 30, ..room };
    assert!(small.admits(&"bandwidth-copy:1073741824".parse().unwrap(), &adapter).is_err());
}

fn tierbench(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.args(words);
    command
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_plan_that_can_take_too_long_is_refused_with_the_time_before_anything_runs() {
    let out = tempfile::tempdir().unwrap();
    let told =
        contains("can take").and(contains("5 process starts")).and(contains("--max-minutes"));
    let rerun = ["audit", "rerun", AUDIT, "--max-minutes", "1", "--out", text(out.path())];
    tierbench(&rerun).assert().code(2).stdout("").stderr(told);
    for minutes in ["0", "1441", "x"] {
        tierbench(&["audit", "rerun", AUDIT, "--max-minutes", minutes]).assert().code(2);
    }
    assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 0);
}

#[test]
fn what_fails_a_check_is_not_run() {
    let out = tempfile::tempdir().unwrap();
    let bundle = out.path().join("bundle");
    tierbench(&["audit", "pack", AUDIT, "--out", text(&bundle)]).assert().success();
    let none = out.path().join("none");
    let refused = |path: &Path, code: i32, why: &str| {
        let rerun = ["audit", "rerun", text(path), "--out", text(&none)];
        tierbench(&rerun).assert().code(code).stdout("").stderr(contains(why));
        assert!(!none.exists(), "{why}: it ran");
    };
    std::fs::write(bundle.join("report.html"), "another page").unwrap();
    refused(&bundle, 11, "files");
    // A record alone whose plan was edited.
    let edited = out.path().join("edited");
    std::fs::create_dir(&edited).unwrap();
    for file in ["record.json", "samples.jsonl"] {
        std::fs::copy(bundle.join(file), edited.join(file)).unwrap();
    }
    let head = std::fs::read_to_string(edited.join("record.json")).unwrap();
    std::fs::write(edited.join("record.json"), head.replace("512x512x576", "512x512x640")).unwrap();
    refused(&edited, 11, "plan");
    std::fs::write(edited.join("record.json"), head).unwrap();
    std::fs::remove_file(edited.join("samples.jsonl")).unwrap();
    refused(&edited, 9, "samples.jsonl");
    refused(Path::new(WITHOUT_PLAN), 9, "no plan");
    refused(Path::new("/nowhere"), 9, "/nowhere");
}

#[test]
fn a_plan_from_a_file_that_is_too_large_for_a_software_adapter_is_not_run() {
    let list = tierbench(&["list", "--format", "json"]).output().unwrap();
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    let out = tempfile::tempdir().unwrap();
    let (plan, none) = (out.path().join("plan.json"), out.path().join("none"));
    let workload = "attention:f32:1x1x262144x64";
    let flags = ["run", "--profile", "smoke", "--workload", workload, "--plan-only"];
    let bytes = tierbench(&flags).assert().success().get_output().stdout.clone();
    std::fs::write(&plan, bytes).unwrap();
    // Four minutes a dispatch there; a GPU could do it.
    if list["adapters"][0]["software"] == true {
        let told = contains(workload).and(contains("cannot be interrupted"));
        let run = ["run", "--plan", text(&plan), "--out", text(&none)];
        tierbench(&run).assert().code(9).stdout("").stderr(told);
        assert!(!none.exists());
    }
}

/// A small run, and its folder.
fn small_run(out: &Path, more: &[&str]) -> PathBuf {
    let flags = ["run", "--profile", "smoke", "--workload", "empty", "--workload"];
    let mut run = tierbench(&[flags.as_slice(), &["matmul:f32:33x34x35"], more].concat());
    let run = run.args(["--format", "json", "--out"]).arg(out).assert().success();
    let record: Record = serde_json::from_slice(&run.get_output().stdout).unwrap();
    out.join(record.id)
}

#[test]
fn a_bundle_and_a_record_are_run_again_and_the_new_records_are_kept() {
    let out = tempfile::tempdir().unwrap();
    let bundle = out.path().join("bundle");
    let folder = small_run(out.path(), &[]);
    tierbench(&["audit", "pack", text(&folder), "--out", text(&bundle)]).assert().success();
    let starts = small_run(out.path(), &["--process-starts", "2"]);
    for filed in [bundle, starts] {
        let again = out.path().join("again");
        let words = ["audit", "rerun", text(&filed), "--format", "json", "--out", text(&again)];
        let output = tierbench(&words).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        // How fast it was is no matter of this test.
        assert!([Some(0), Some(10)].contains(&output.status.code()), "{stderr}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        let schema = std::fs::read_to_string("schemas/rerun-v1.schema.json").unwrap();
        jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &value).unwrap();
        assert_eq!(
            (&value["schema"], &value["tolerance_percent"]),
            (&"tierbench.rerun/1".into(), &2.0.into())
        );
        assert_eq!(value["adapter_differs"], Value::Array(Vec::new()));
        assert_eq!((output.status.code() == Some(10)), value["word"] == "different");
        let new = record::read(&again.join(value["new"]["id"].as_str().unwrap())).unwrap();
        let filed = record::read(&filed).unwrap();
        assert_eq!((&new.plan, &new.process_seeds), (&filed.plan, &filed.process_seeds));
        assert_eq!(new.plan_sha256.as_deref(), value["plan_sha256"].as_str());
        assert!(new.workloads.iter().all(|w| w.verified().is_some()));
        assert_ne!(new.id, filed.id);
    }
}
