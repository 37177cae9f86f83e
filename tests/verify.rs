//! `verify`: named checks on somebody else's record, and what each of them sees.

use std::path::Path;

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::Value;
use tierbench::audit::{Check, Outcome, Verification, of_record, verify};
use tierbench::conclude::{conclude, rederive};
use tierbench::normalize::Book;
use tierbench::record::{self, Record, Tool};

/// Five process starts of one plan.
const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";
/// 2026-11-25.
const NOW_S: i64 = 1_795_600_000;

/// The record as this build would have concluded it, changed.
fn verified(change: impl FnOnce(&mut Record)) -> Verification {
    let book = Book::load().unwrap();
    let mut record = record::read(Path::new(AUDIT)).unwrap();
    record = rederive(&record, &book).unwrap().record;
    conclude(&mut record, &book).unwrap();
    change(&mut record);
    let derived = rederive(&record, &book).unwrap();
    let bytes = of_record(Path::new(AUDIT), &record, &book);
    verify(&record, &derived, ("a", "b"), bytes, &book, NOW_S)
}

fn check<'a>(v: &'a Verification, id: &str) -> &'a Check {
    v.checks.iter().find(|check| check.id == id).unwrap_or_else(|| panic!("no check {id}"))
}

/// That this check fails, and the verification with it.
#[track_caller]
fn fails(id: &str, change: impl FnOnce(&mut Record)) {
    let v = verified(change);
    assert_eq!(check(&v, id).state, Outcome::Fail, "{id}: {:#?}", v.checks);
    assert!(!v.consistent);
}

#[test]
fn a_sound_record_fails_no_check_and_shows_nothing_of_having_happened() {
    let v = verified(|_| ());
    let failed: Vec<&Check> = v.checks.iter().filter(|c| c.state == Outcome::Fail).collect();
    assert!(failed.is_empty() && v.consistent, "{failed:#?}");
    assert_eq!(v.shown_level, "E0");
    let passed = v.checks.iter().filter(|check| check.state == Outcome::Pass).count();
    assert!(passed >= 13, "only {passed} passed");
    // What nobody can tell from it is told.
    for id in ["signature", "result", "attempts"] {
        assert_eq!(check(&v, id).state, Outcome::NotAssessable, "{id}");
    }
}

#[test]
fn each_check_sees_its_own_kind_of_edit() {
    fails("plan", |r| r.seed += 1);
    fails("plan", |r| r.plan_sha256 = Some("0".repeat(64)));
    fails("complete", |r| drop(r.workloads.pop()));
    fails("complete", |r| {
        r.finished = None;
        r.upgraded_from = None;
    });
    fails("identity", |r| r.adapter.software = false);
    fails("identity", |r| r.adapter.name = "NVIDIA H20".into());
    fails("identity", |r| r.created = "2026-11-24T14:31:06Z".into());
    fails("starts", |r| r.process_seeds.swap(0, 1));
    fails("work", |r| {
        for w in &mut r.workloads {
            w.work.ops += 1;
        }
    });
    fails("timer", |r| r.timer[0].drift_ppm = Some(1.0));
    fails("metronome", |r| r.metronome[0].ns_per_operation = -1.0);
    fails("samples", |r| r.workloads[0].samples.swap(0, 1));
    fails("stopping", |r| {
        for sample in r.workloads.iter_mut().flat_map(|w| &mut w.samples) {
            (sample.start_ns, sample.host_ns) = (sample.start_ns * 2, sample.host_ns * 2);
            sample.gpu_start_ns = sample.gpu_start_ns.map(|ns| ns * 2);
            sample.gpu_ns = sample.gpu_ns.map(|ns| ns * 2);
        }
    });
    // One clock alone does not fit the other.
    for factor in [0.1, 3.0] {
        fails("samples", |r| {
            for sample in r.workloads.iter_mut().flat_map(|w| &mut w.samples) {
                sample.gpu_ns = sample.gpu_ns.map(|ns| (ns as f64 * factor) as u64);
            }
        });
    }
    fails("summary", |r| {
        let w = r.workloads.iter_mut().find(|w| w.verified().is_some()).unwrap();
        w.summary.as_mut().unwrap().median_ns *= 0.5;
    });
    fails("verification", |r| {
        let w = r.workloads.iter_mut().find(|w| w.verified().is_some()).unwrap();
        w.verification.as_mut().unwrap().bound = 0.0;
        w.verification.as_mut().unwrap().max_error = Some(1.0);
    });
    fails("notes", |r| r.notes.clear());
    fails("conclusion", |r| r.conclusion.tier.proven = Some("blackwell-class".into()));
    fails("time", |r| r.finished = Some("2001-01-01T00:00:00Z".into()));
    fails("time", |r| r.created = "2040-01-01T00:00:00Z".into());
}

#[test]
fn kernels_are_made_again_where_this_build_made_them() {
    let this = |r: &mut Record| r.tool = Tool::this();
    // The committed record is of another build, whose kernels are not these.
    assert_eq!(check(&verified(|_| ()), "kernel").state, Outcome::NotAssessable);
    fails("kernel", this);
    let v = verified(|r| {
        this(r);
        for w in &mut r.workloads {
            let jobs = w.parsed().map(|workload| workload.candidates(&r.capability));
            let Some(Ok(jobs)) = jobs else { continue };
            w.kernel = Some(jobs[0].kernel.into());
            w.kernel_sha256 = Some(jobs[0].sha256());
            w.parameters = jobs[0].parameters.iter().map(|(k, v)| ((*k).into(), *v)).collect();
        }
    });
    assert_eq!(check(&v, "kernel").state, Outcome::Pass, "{:?}", check(&v, "kernel"));
}

#[test]
fn without_samples_their_checks_are_told_apart_from_passed_ones() {
    let v = verified(|r| {
        r.without_samples = Some("samples.jsonl is not beside it".into());
        r.workloads.iter_mut().for_each(|w| w.samples.clear());
    });
    for id in ["digest", "samples", "stopping", "summary"] {
        assert_eq!(check(&v, id).state, Outcome::NotAssessable, "{id}");
    }
}

fn tierbench(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("tierbench").unwrap().args(arguments).assert()
}

#[test]
fn the_command_says_so_in_three_forms_and_by_its_exit_code() {
    let output = tierbench(&["verify", AUDIT, "--format", "json"]).success();
    let value: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(value["schema"], "tierbench.verification/1");
    assert_eq!((&value["consistent"], &value["shown_level"]), (&true.into(), &"E0".into()));
    assert!(value["checks"].as_array().unwrap().len() >= 15);
    let text = tierbench(&["verify", AUDIT]).success();
    let text = String::from_utf8(text.get_output().stdout.clone()).unwrap();
    assert!(text.contains("consistent with itself: yes") && text.contains("not shown (E0)"));
    assert!(text.lines().all(|line| line.chars().count() <= 80 || line.contains("SHA-256")));

    let folder = tempfile::tempdir().unwrap();
    for file in ["record.json", "samples.jsonl"] {
        std::fs::copy(Path::new(AUDIT).join(file), folder.path().join(file)).unwrap();
    }
    let head = folder.path().join("record.json");
    let edited = std::fs::read_to_string(&head).unwrap().replacen(
        "\"software\": true",
        "\"software\": false",
        1,
    );
    std::fs::write(&head, edited).unwrap();
    let path = folder.path().to_str().unwrap();
    tierbench(&["verify", path]).code(11).stdout(contains("FAIL")).stderr(contains("identity"));
    let junit = tierbench(&["verify", path, "--format", "junit"]).code(11);
    let junit = String::from_utf8(junit.get_output().stdout.clone()).unwrap();
    let document = roxmltree::Document::parse(&junit).unwrap();
    let failures = document.descendants().filter(|node| node.has_tag_name("failure")).count();
    assert!(failures >= 1 && junit.contains("identity"), "{junit}");
    std::fs::write(&head, "{").unwrap();
    tierbench(&["verify", path]).code(9).stdout("");
    tierbench(&["verify", "no such folder"]).code(9);
}
