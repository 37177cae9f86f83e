//! Evidence levels: what each aspect needs for its next one, and that nothing counts which was not checked.

use std::path::Path;

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::Value;
use tierbench::audit::{Check, Level, Levels, Outcome, levels};
use tierbench::conclude::{Rederived, rederive};
use tierbench::normalize::Book;
use tierbench::record::{self, Note, Record};
use tierbench::telemetry::{DeviceFacts, Log, Reading};

const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";

/// Checks that a signed bundle of a sound run passes.
const PASSED: [&str; 15] = [
    "files",
    "signature",
    "digest",
    "plan",
    "complete",
    "identity",
    "starts",
    "work",
    "kernel",
    "timer",
    "samples",
    "stopping",
    "summary",
    "verification",
    "tally",
];
const ASPECTS: [&str; 5] = [
    "identity of the item",
    "identity of the code",
    "freshness",
    "completeness",
    "held-back checks",
];

/// A signed run on a device that tells everything.
struct Evidence {
    stored: Record,
    derived: Rederived,
    checks: Vec<Check>,
}

impl Evidence {
    fn signed() -> Self {
        let mut stored = record::read(Path::new(AUDIT)).unwrap();
        let mut derived = rederive(&stored, &Book::load().unwrap()).unwrap();
        derived.record.notes.clear();
        stored.notes.clear();
        stored.tool.binary_sha256 = Some("ab".repeat(32));
        let adapter = &mut stored.adapter;
        adapter.software = false;
        (adapter.vendor_id, adapter.device_id) = ("10de".into(), "2335".into());
        let facts = DeviceFacts { serial: Some("16509".into()), ..DeviceFacts::default() };
        let log = Log { facts, readings: vec![Reading::default()], ..Log::default() };
        stored.telemetry = vec![log; stored.process_seeds.len()];
        let check = |id: &&'static str| Check { id, state: Outcome::Pass, why: String::new() };
        Self { stored, derived, checks: PASSED.iter().map(check).collect() }
    }

    fn but(mut self, change: impl FnOnce(&mut Record)) -> Self {
        change(&mut self.stored);
        self
    }

    fn with(mut self, id: &'static str, state: Outcome) -> Self {
        self.checks.retain(|check| check.id != id);
        self.checks.push(Check { id, state, why: String::new() });
        self
    }

    fn levels(&self) -> Levels {
        levels(&self.stored, &self.derived, &self.checks)
    }
}

/// The level of an aspect, and what its next one lacks.
fn of(levels: &Levels, aspect: &str) -> (Level, String) {
    let found = levels.aspects.iter().find(|level| level.aspect == aspect).unwrap();
    (found.shown, found.next.clone())
}

/// That a change brings this aspect alone to E0, and the whole with it, for a reason that says so.
#[track_caller]
fn limits(aspect: &'static str, word: &str, evidence: &Evidence) {
    let found = evidence.levels();
    let (shown, next) = of(&found, aspect);
    assert!(shown == Level::E0 && next.contains(word), "{aspect}: {shown:?}, {next}");
    assert_eq!((found.overall, found.limited_by), (Level::E0, vec![aspect]));
}

#[test]
fn a_signed_run_that_tells_everything_is_e1_in_every_aspect() {
    let found = Evidence::signed().levels();
    let aspects: Vec<&str> = found.aspects.iter().map(|level| level.aspect).collect();
    assert_eq!(aspects, ASPECTS);
    for level in &found.aspects {
        assert!(level.shown == Level::E1 && level.next.starts_with("E2 needs "), "{level:?}");
    }
    assert_eq!((found.overall, found.limited_by), (Level::E1, ASPECTS.to_vec()));
}

#[test]
fn without_a_signature_that_was_checked_nothing_is_more_than_a_note() {
    for (id, state) in [
        ("signature", Outcome::NotAssessable),
        ("signature", Outcome::Fail),
        ("files", Outcome::Fail),
        ("samples", Outcome::Fail),
    ] {
        let found = Evidence::signed().with(id, state).levels();
        assert_eq!((found.overall, found.limited_by.len()), (Level::E0, 5), "{id}");
    }
    let failed = Evidence::signed().with("timer", Outcome::Fail).levels();
    assert!(of(&failed, "freshness").1.contains("these did: timer"));
}

#[test]
fn each_aspect_falls_by_its_own_gaps() {
    let item = |change: fn(&mut Record), word| {
        limits("identity of the item", word, &Evidence::signed().but(change));
    };
    item(|r| r.telemetry[2].facts.serial = None, "always the same");
    item(|r| r.telemetry[2].facts.serial = Some("other".into()), "always the same");
    item(|r| r.adapter.device_id = "0000".into(), "PCI ids");
    item(|r| r.adapter.driver_info.clear(), "driver");
    item(
        |r| {
            let [text, advice] = [String::new(), String::new()];
            r.notes.push(Note { id: "identity/pci".into(), text, advice });
        },
        "without the sign identity/pci",
    );
    let evidence = Evidence::signed().with("identity", Outcome::NotAssessable);
    limits("identity of the item", "`identity`", &evidence);

    let evidence = Evidence::signed().but(|r| r.tool.binary_sha256 = None);
    limits("identity of the code", "digest of the program", &evidence);

    limits("freshness", "a plan", &Evidence::signed().with("plan", Outcome::NotAssessable));

    let evidence = Evidence::signed().with("stopping", Outcome::NotAssessable);
    limits("completeness", "`stopping`", &evidence);
    let evidence = Evidence::signed().but(|r| r.without_samples = Some("away".into()));
    limits("completeness", "raw samples", &evidence);

    let evidence = Evidence::signed().but(|r| r.telemetry[4].readings.clear());
    limits("held-back checks", "every process start", &evidence);
    let mut evidence = Evidence::signed();
    let [text, advice] = [String::new(), String::new()];
    evidence.derived.record.notes.push(Note { id: "held-back/mig".into(), text, advice });
    limits("held-back checks", "held-back/mig", &evidence);
}

#[test]
fn a_software_adapter_has_no_identity_and_no_telemetry() {
    let found = Evidence::signed().but(|r| r.adapter.software = true).levels();
    assert!(of(&found, "identity of the item").1.contains("the CPU did the work"));
    assert_eq!(found.overall, Level::E0);
    assert_eq!(found.limited_by, ["identity of the item", "held-back checks"]);
}

#[test]
fn e2_takes_checks_that_passed_and_what_this_program_never_checks_is_not_claimed() {
    let mut evidence = Evidence::signed();
    for id in ["challenge", "attestation", "result"] {
        evidence = evidence.with(id, Outcome::Pass);
    }
    let found = evidence.levels();
    let (shown, next) = of(&found, "freshness");
    assert!(shown == Level::E2 && next.contains("E3") && next.contains("witness"), "{next}");
    assert_eq!(of(&found, "completeness").0, Level::E2);
    let (shown, next) = of(&found, "identity of the item");
    assert!(shown == Level::E1 && next.contains("nvattest attest --gpu-evidence FILE"), "{next}");
    assert_eq!(found.overall, Level::E1);
    assert_eq!(
        found.limited_by,
        ["identity of the item", "identity of the code", "held-back checks"]
    );
    // One that is not there, or that nobody could assess, is not passed.
    for state in [Outcome::NotAssessable, Outcome::Fail] {
        let found = Evidence::signed().with("challenge", state).levels();
        assert!(of(&found, "freshness").0 < Level::E2, "{state:?}");
    }
}

#[test]
fn the_command_says_the_level_and_what_limits_it() {
    let verify = |format| {
        let mut command = Command::cargo_bin("tierbench").unwrap();
        command.args(["verify", AUDIT, "--format", format]).assert().success()
    };
    let json = verify("json");
    let value: Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!((&value["shown_level"], &value["limited_by"]), (&"E0".into(), &ASPECTS[..].into()));
    let levels = value["levels"].as_array().unwrap();
    assert_eq!(levels.len(), 5);
    assert_eq!((&levels[0]["aspect"], &levels[0]["shown"]), (&ASPECTS[0].into(), &"E0".into()));
    let text = verify("text").stdout(contains("evidence level: E0, limited by every aspect"));
    let text = String::from_utf8(text.get_output().stdout.clone()).unwrap();
    assert!(text.contains("E3, that somebody was there"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80 || line.contains("SHA-256")));
}
