//! What a run gives a stranger to check: challenge, commitments, the device's own answers, its process starts' records.

use std::path::Path;

use predicates::str::contains;
use serde_json::Value;

mod common;
#[path = "common/evidence.rs"]
mod evidence;

use evidence::{Evidence, files, tierbench};

/// State and reason of a check.
fn check(arguments: &[&str], id: &str) -> (String, String) {
    let output = tierbench(&[&["verify", "--format", "json"], arguments].concat());
    let value: Value = serde_json::from_slice(&output.get_output().stdout)
        .unwrap_or_else(|e| panic!("{e}: {:?}", output.get_output()));
    let checks = value["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == id).unwrap();
    (found["state"].as_str().unwrap().into(), found["why"].as_str().unwrap().into())
}

fn edit(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(file, value.to_string()).unwrap();
}

#[test]
fn a_run_in_answer_to_a_challenge_shows_all_that_files_can() {
    let evidence = Evidence::new();
    let run = evidence.run.to_str().unwrap();
    let own = evidence.path("challenge.json");
    for id in ["challenge", "attestation", "start-records", "result", "tally", "verification"] {
        let (state, why) = check(&[run, "--challenge", &own], id);
        assert_eq!(state, "pass", "{id}: {why}");
    }
    // Whose challenge it was is for its auditor to say; another one's it is not.
    assert_eq!(check(&[run], "challenge").0, "not-assessable");
    let other = evidence.path("other.json");
    tierbench(&["audit", "challenge", "--auditor", "Laboratory A", "--out", &other]).success();
    let (state, why) = check(&[run, "--challenge", &other], "challenge");
    assert!(state == "fail" && why.contains("another challenge"), "{why}");
    tierbench(&["verify", run, "--challenge", &other]).code(11).stderr(contains("challenge"));
}

#[test]
fn what_was_changed_beside_a_record_is_named() {
    let evidence = Evidence::new();
    let run = evidence.run.to_str().unwrap();
    let file = |name: &str| evidence.run.join(name);
    let spoilt = |name: &str, id: &str| {
        let bytes = std::fs::read(file(name)).unwrap();
        let mut changed = bytes.clone();
        changed[bytes.len() / 2] ^= 1;
        std::fs::write(file(name), changed).unwrap();
        assert_eq!(check(&[run], id).0, "fail", "{name}");
        std::fs::write(file(name), bytes).unwrap();
    };
    spoilt("attest/before.out", "attestation");
    spoilt("attest/after.out", "attestation");
    spoilt("start-1/record.json", "start-records");
    spoilt("start-0/samples.jsonl", "start-records");
    // Another answer under its own digest, and a part of another run.
    let record = std::fs::read(file("record.json")).unwrap();
    std::fs::write(file("attest/after.out"), "none").unwrap();
    let digest = tierbench::digest::sha256_hex("none");
    edit(&file("record.json"), |r| r["attestation"]["after"]["sha256"] = digest.into());
    assert!(check(&[run], "attestation").1.contains("does not hold its nonce"));
    std::fs::write(file("record.json"), record).unwrap();
    std::fs::rename(file("start-0"), file("away")).unwrap();
    assert_eq!(check(&[run], "start-records").0, "not-assessable");
    std::fs::remove_file(file("results.jsonl")).unwrap();
    assert_eq!(check(&[run], "result").0, "not-assessable");
}

#[test]
fn a_bundle_holds_all_of_it_and_today_s_rules_may_be_others() {
    let evidence = Evidence::new().packed();
    let (bundle, key) = (evidence.path("bundle"), evidence.path("lab.pub.pem"));
    let names: Vec<String> = files(&evidence.bundle())
        .iter()
        .map(|file| file.strip_prefix(evidence.bundle()).unwrap().display().to_string())
        .collect();
    for name in [
        "attest/after.out",
        "data/tiers.toml",
        "plan.json",
        "record.json",
        "report.html",
        "results.jsonl",
        "start-1/results.jsonl",
        "start-1/samples.jsonl",
        "verdict.json",
    ] {
        assert!(names.iter().any(|own| own == name), "{name} is not among {names:?}");
    }
    tierbench(&["verify", &bundle, "--key", &key]).success();
    // Rules of another day: its words follow from its own, and what is otherwise today is said.
    let rule = evidence.bundle().join("data/rules/us-3a090-2023.toml");
    let text = std::fs::read_to_string(&rule).unwrap();
    std::fs::remove_file(&rule).unwrap();
    let (state, why) = check(&[&bundle], "rules");
    assert!(state == "fail", "{why}");
    std::fs::write(&rule, text.replacen("id = ", "id = 5 #", 1)).unwrap();
    let (state, why) = check(&[&bundle], "rules");
    assert!(state == "fail" && why.contains("us-3a090-2023.toml"), "{why}");
}

#[test]
fn a_challenge_fixes_what_is_run_and_a_wrong_one_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let asked = path("asked.json");
    let make = ["audit", "challenge", "--auditor", "Laboratory A", "--profile", "smoke"];
    tierbench(&[&make[..], &["--out", &asked]].concat()).success();
    tierbench(&[&make[..], &["--out", &asked]].concat()).code(2).stderr(contains("there already"));
    let plan =
        |more: &[&str]| tierbench(&[&["run", "--plan-only", "--challenge", &asked], more].concat());
    let first = plan(&[]).success();
    let value: Value = serde_json::from_slice(&first.get_output().stdout).unwrap();
    let file: Value = serde_json::from_slice(&std::fs::read(&asked).unwrap()).unwrap();
    assert_eq!(value["challenge"]["nonce"], file["nonce"]);
    assert_eq!(value["seed"], tierbench::plan::seed_of(file["nonce"].as_str().unwrap()));
    plan(&["--process-starts", "3"]).code(2).stderr(contains("--process-starts"));
    plan(&["--workload", "empty"]).code(2).stderr(contains("--workload"));
    plan(&["--seed", "3"]).code(2);
    for (key, wrong) in [
        ("nonce", Value::from("00")),
        ("auditor", "\u{1b}[2J".into()),
        ("issued_at", "now".into()),
        ("plan", "fastest".into()),
        ("plan", 5.into()),
        ("more", 5.into()),
    ] {
        let mut other = file.clone();
        other[key] = wrong;
        let name = path("wrong.json");
        std::fs::write(&name, other.to_string()).unwrap();
        let run = ["run", "--plan-only", "--challenge", &name];
        tierbench(&run).code(9).stdout("").stderr(contains("wrong.json"));
    }
}

#[test]
fn a_device_that_cannot_be_asked_ends_the_run_before_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("runs");
    for (command, why) in [("false", "exit status: 1"), ("/no/such/command", "nothing was run")] {
        let run = ["run", "--workload", "empty", "--attest-cmd", command, "--out"];
        let run = [&run[..], &[out.to_str().unwrap()]].concat();
        tierbench(&run).code(2).stdout("").stderr(contains(why));
    }
}

/// A time stamp of the plan (RFC 3161) that somebody else made: kept beside the record, it can be checked in the bundle.
#[cfg(unix)]
#[test]
fn a_time_stamp_of_the_plan_is_checked_with_openssl() {
    use std::process::Command;

    if Command::new("openssl").arg("version").output().is_err() {
        return common::account("time_stamp", Some("no openssl: install it"));
    }
    common::account("time_stamp", None);
    let evidence = Evidence::new();
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        let command = command.args(arguments.split(' ')).current_dir(evidence.folder.path());
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let folder = evidence.folder.path();
    let own = std::fs::read(evidence.run.join("record.json")).unwrap();
    let record: Value = serde_json::from_slice(&own).unwrap();
    let announced = folder.join("announced.json");
    std::fs::write(
        &announced,
        tierbench::record::read(&evidence.run).unwrap().plan.unwrap().canonical().unwrap(),
    )
    .unwrap();
    std::fs::write(folder.join("serial"), "01\n").unwrap();
    let authority = "[tsa]\ndefault_tsa = own\n[own]\nserial = serial\nsigner_cert = tsa.pem\n\
                     signer_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\n\
                     digests = sha256\n";
    std::fs::write(folder.join("tsa.cnf"), authority).unwrap();
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -subj /CN=TSA -days 2 -addext extendedKeyUsage=critical,timeStamping",
    );
    openssl("ts -query -data announced.json -sha256 -cert -out plan.tsq");
    let stamp = evidence.run.join("plan.tsr").display().to_string();
    openssl(&format!("ts -reply -queryfile plan.tsq -config tsa.cnf -out {stamp}"));
    let evidence = evidence.packed();
    let bundle = evidence.bundle();
    let verify = [
        "ts",
        "-verify",
        "-data",
        "bundle/plan.json",
        "-in",
        "bundle/plan.tsr",
        "-CAfile",
        "tsa.pem",
    ];
    let holds = || {
        let mut command = Command::new("openssl");
        command.args(verify).current_dir(evidence.folder.path()).output().unwrap().status.success()
    };
    assert!(holds());
    assert_eq!(
        tierbench::digest::sha256_hex(std::fs::read(&announced).unwrap()),
        record["plan_sha256"]
    );
    std::fs::write(bundle.join("plan.json"), "{}").unwrap();
    assert!(!holds());
}
