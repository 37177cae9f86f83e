//! What fuzzing found worth keeping, sent through the same code on every test run; and the inputs that it begins with.
//!
//! `UPDATE_SEEDS=1 cargo test --test fuzz_corpus` makes the latter anew from `results/`, `tests/fixtures/` and two runs of
//! this machine's adapter.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tierbench::audit::{ENVELOPE, LABORATORY_TEMPLATE, Outcome, SCOPE, STATEMENT};
use tierbench::record::{self, RESULTS, Record, SAMPLES};
use tierbench::telemetry::{DeviceFacts, Log, Reading};

#[path = "common/evidence.rs"]
#[expect(dead_code, reason = "bundles are made by hand here")]
mod evidence;
#[path = "fuzz/src/parts.rs"]
mod parts;
#[path = "fuzz/src/settle.rs"]
mod settle;
#[path = "fuzz/src/mutate.rs"]
mod mutate;
#[path = "fuzz/src/through.rs"]
mod through;

use evidence::Evidence;
use mutate::Dice;
use parts::{CHALLENGE, DATA, KEY, LABORATORY, Parts};
use through::Through;

const CORPUS: &str = "tests/fuzz/corpus";
const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";
const OLDER: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";
/// In all, so that a checkout stays small.
const LARGEST_CORPUS: usize = 400_000;

/// Mutants of each kind when nobody says how many.
const FEW: u32 = 40;

/// The plain files of a folder, in order.
fn files(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.collect();
    files.sort();
    files
}

/// Every input that is committed, and the fixtures of imports, which fuzzing begins with as well.
fn inputs() -> Vec<(PathBuf, Vec<u8>)> {
    let targets = ["bundle", "record", "imports"].map(|target| Path::new(CORPUS).join(target));
    let folders = targets.into_iter().chain([PathBuf::from("tests/fixtures/import")]);
    let files = folders.flat_map(files);
    files.map(|file| (file.clone(), std::fs::read(file).unwrap())).collect()
}

/// Says which input it was, should it panic.
fn send(through: &Through, file: &Path, seed: Option<u32>, input: &[u8]) {
    let parts = Parts::of(input);
    let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        if parts.0.is_empty() { through.other_program(input) } else { drop(through.folder(&parts)) }
    }));
    assert!(sent.is_ok(), "{}, mutant {seed:?}", file.display());
}

#[test]
fn the_corpus_goes_through_and_is_small() {
    let through = Through::new();
    let inputs = inputs();
    assert!(inputs.len() > 60, "{}", inputs.len());
    for (file, input) in &inputs {
        send(&through, file, None, input);
    }
    let corpus = inputs.iter().filter(|(file, _)| file.starts_with(CORPUS));
    let bytes: usize = corpus.map(|(_, input)| input.len()).sum();
    assert!(bytes <= LARGEST_CORPUS, "{bytes} bytes");
}

/// So that fuzzing begins behind every check that compares digests. Where this fails, the seeds are to be made anew.
#[test]
fn answers_pass_the_checks_of_what_lies_beside_a_record() {
    let through = Through::new();
    let here = ["result", "challenge", "attestation", "kernel"];
    for (name, due) in [
        ("record/two-starts", [&here[..], &["start-records"]].concat()),
        ("bundle/answer", [&here[..], &["rules", "files", "signature", "plan-file"]].concat()),
    ] {
        let input = std::fs::read(Path::new(CORPUS).join(name)).unwrap();
        let found = through.folder(&Parts::of(&input)).unwrap();
        for id in due {
            let check = found.checks.iter().find(|check| check.id == id).unwrap();
            assert_eq!(check.state, Outcome::Pass, "{name}, {id}: {}", check.why);
        }
    }
}

/// As fuzzing changes them, without libFuzzer. There are some hundred inputs: together they get as many as ten would.
#[test]
fn inputs_changed_in_their_json_go_through() {
    let asked = std::env::var("TIERBENCH_MUTANTS").ok();
    let count = asked.map_or(FEW, |text| text.parse().expect("TIERBENCH_MUTANTS is a number"));
    let count = count.div_ceil(10);
    let through = Through::new();
    for (file, input) in inputs() {
        for seed in 0..count {
            let Some(mutant) = mutate::mutant(&input, &mut Dice::new(seed)) else { continue };
            send(&through, &file, Some(seed), &mutant);
        }
    }
}

#[test]
fn seeds_are_made_from_what_is_committed() {
    let mut seeds = seeds();
    let Ok(_) = std::env::var("UPDATE_SEEDS") else { return };
    let few = ["empty", "matmul:f32:4x4x4"];
    seeds.push(("record/two-starts", answer(&Evidence::of(&few, 2))));
    let all = ["empty", "matmul:f32:8x8x8", "bandwidth-copy:64", "attention:f32:1x1x4x4"];
    seeds.push(("bundle/answer", packed(answer(&Evidence::of(&all, 1)))));
    for (name, parts) in seeds {
        std::fs::write(Path::new(CORPUS).join(name), parts.joined()).unwrap();
    }
}

fn seeds() -> Vec<(&'static str, Parts)> {
    let gpu = gpu();
    let older = older();
    vec![
        ("bundle/signed", bundle(older.clone())),
        ("bundle/unsigned", {
            let mut parts = bundle(older.clone());
            parts.0.retain(|(name, _)| name != KEY);
            let envelope = json!({"payloadType": tierbench::audit::PAYLOAD_TYPE, "payload": "@statement",
                "signatures": [{"keyid": "x", "sig": "eA=="}]});
            parts.0.push((ENVELOPE.into(), envelope.to_string().into()));
            parts
        }),
        ("record/gpu", gpu),
        ("record/older", older),
        ("record/schema-1", schema_1()),
        ("record/external", external()),
    ]
}

/// A run of this machine with everything that lies beside it, words in place of what follows.
fn answer(evidence: &Evidence) -> Parts {
    let mut parts = Vec::new();
    let text = |name: &str| std::fs::read(evidence.run.join(name)).unwrap();
    let whole = record::read(&evidence.run).unwrap();
    let starts = whole.starts.iter().map(|start| format!("start-{}/", start.process));
    for folder in starts.chain([String::new()]) {
        let record = record::read(&evidence.run.join(&folder).join("record.json")).unwrap();
        parts.push((format!("{folder}{SAMPLES}"), text(&format!("{folder}{SAMPLES}"))));
        parts
            .push((format!("{folder}{RESULTS}"), with_roots(&text(&format!("{folder}{RESULTS}")))));
        if folder.is_empty() {
            parts.push(("plan.json".into(), b"@plan".to_vec()));
            parts.push(("attest/before.out".into(), b"@before\n".to_vec()));
            parts.push(("attest/after.out".into(), b"@after\n".to_vec()));
            let asked = std::fs::read(evidence.path(CHALLENGE)).unwrap();
            parts.push((CHALLENGE.into(), asked));
        }
        let value = with_words(&record, &folder).to_string();
        parts.push((format!("{folder}record.json"), value.into()));
    }
    Parts(parts)
}

/// Words in place of everything of a record that follows from its build, its parts or its own text.
fn with_words(record: &Record, folder: &str) -> Value {
    let mut value = serde_json::to_value(record).unwrap();
    for (key, name) in [("samples", SAMPLES), ("results", RESULTS)] {
        value[key]["sha256"] = format!("@sha256:{folder}{name}").into();
        value[key]["lines"] = format!("@lines:{folder}{name}").into();
    }
    for start in value.get_mut("starts").and_then(Value::as_array_mut).into_iter().flatten() {
        start["sha256"] = format!("@sha256:start-{}/record.json", start["process"]).into();
    }
    if let Some(attestation) = value.get_mut("attestation").filter(|value| value.is_object()) {
        attestation["command"] = json!(["device", "{nonce}"]);
        for key in ["before", "after"] {
            attestation[key]["nonce"] = format!("@{key}").into();
            attestation[key]["sha256"] = format!("@sha256:attest/{key}.out").into();
        }
    }
    for key in ["tool", "concluded_by"] {
        value[key] = json!({"version": "@version", "commit": "@commit", "binary_sha256": null});
    }
    for w in value["workloads"].as_array_mut().unwrap() {
        w["kernel_sha256"] = "@kernel".into();
    }
    value["plan_sha256"] = "@plan-sha256".into();
    value["conclusion"] = "@conclusion".into();
    value
}

/// Commitments without their roots.
fn with_roots(text: &[u8]) -> Vec<u8> {
    let line = |line: &[u8]| {
        let mut value: Value = serde_json::from_slice(line).unwrap();
        value["result"]["root_sha256"] = "@root".into();
        format!("{value}\n").into_bytes()
    };
    text.split_inclusive(|b| *b == b'\n').flat_map(line).collect()
}

/// As `audit pack` makes a bundle, signed by the key that the target makes.
fn packed(mut parts: Parts) -> Parts {
    let head: Value = serde_json::from_slice(parts.get("record.json").unwrap()).unwrap();
    let id = head["id"].clone();
    let tool = json!({"version": "@version", "commit": "@commit", "binary_sha256": null});
    let verdict = json!({"schema": "tierbench.verdict/1", "by": tool, "conclusion": "@conclusion"});
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": "@subjects",
        "predicateType": "urn:tierbench:bundle:1",
        "predicate": {"record": id, "plan_sha256": "@sha256:plan.json", "packed_by": tool, "scope": SCOPE},
    });
    for (name, text) in [
        (DATA, Vec::new()),
        (LABORATORY, stated().into()),
        ("verdict.json", verdict.to_string().into()),
        (STATEMENT, statement.to_string().into()),
        (KEY, b"@key".to_vec()),
    ] {
        parts.0.push((name.into(), text));
    }
    parts
}

/// Everything that the template knows, without its comments.
fn stated() -> String {
    let lines = LABORATORY_TEMPLATE.lines().filter(|line| !line.starts_with("# "));
    lines.map(|line| format!("{}\n", line.trim_start_matches('#'))).collect()
}

/// As it stands in a folder, words in place of the digests.
fn folder(mut record: Record) -> Parts {
    let samples = record.detach_samples().unwrap();
    let mut value = serde_json::to_value(&record).unwrap();
    value["samples"]["sha256"] = format!("@sha256:{SAMPLES}").into();
    value["samples"]["lines"] = "@lines".into();
    for key in ["tool", "concluded_by"] {
        value[key] = json!({"version": "@version", "commit": "@commit", "binary_sha256": null});
    }
    let mut parts = vec![(SAMPLES.into(), samples)];
    if record.plan.is_some() {
        value["plan_sha256"] = "@sha256:plan.json".into();
        parts.push(("plan.json".into(), b"@plan".to_vec()));
    }
    parts.push(("record.json".into(), value.to_string().into()));
    Parts(parts)
}

/// Two process starts cut short, as those of a GPU of the catalogue, with what its driver told.
fn gpu() -> Parts {
    let mut record = record::read(Path::new(AUDIT)).unwrap();
    let names = ["roof-matrix", "bandwidth-read", "matmul"];
    record.workloads.retain(|w| names.contains(&w.workload.as_str()));
    record.workloads.truncate(3);
    record.timer.retain(|proof| proof.process < 2);
    record.process_seeds.truncate(2);
    for w in &mut record.workloads {
        let places = w.samples.iter().enumerate();
        let kept = places.filter(|(at, sample)| sample.process < 2 && at % 8 == 0);
        w.samples = kept.map(|(_, sample)| sample.clone()).collect();
        w.unit = tierbench::workload::Unit::Matrix;
    }
    for proof in &mut record.timer {
        proof.samples.truncate(6);
    }
    record.adapter.name = "NVIDIA H100 80GB HBM3".into();
    (record.adapter.software, record.adapter.device_type) = (false, "discrete-gpu".into());
    (record.adapter.vendor_id, record.adapter.device_id) = ("10de".into(), "2330".into());
    let reading = |t_ns| Reading {
        t_ns,
        sm_mhz: Some(1980),
        power_w: Some(450.0),
        power_limit_w: Some(700.0),
        temperature_c: Some(55.0),
        gpu_busy_percent: Some(100),
        limits: vec!["sw-power-cap".into()],
        ..Reading::default()
    };
    record.telemetry = vec![Log {
        source: "nvml".into(),
        facts: DeviceFacts {
            name: Some("NVIDIA H100 80GB HBM3".into()),
            memory_bytes: Some(85_520_809_984),
            max_sm_mhz: Some(1980),
            enforced_power_limit_w: Some(400.0),
            default_power_limit_w: Some(700.0),
            ..DeviceFacts::default()
        },
        before: Some(reading(0)),
        after: Some(reading(90_000_000_000)),
        readings: (1..9).map(|n| reading(n * 10_000_000_000)).collect(),
        ..Log::default()
    }];
    record.conclusion.findings.truncate(2);
    folder(record)
}

/// A record of a time before there were plans.
fn older() -> Parts {
    let mut record = record::read(Path::new(OLDER)).unwrap();
    record.workloads.retain(|w| ["chain", "matmul"].contains(&w.workload.as_str()));
    record.workloads.truncate(2);
    record.conclusion.findings.truncate(2);
    folder(record)
}

fn schema_1() -> Parts {
    let text = std::fs::read("tests/fixtures/records/schema-1.json").unwrap();
    let mut value: Value = serde_json::from_slice(&text).unwrap();
    value["workloads"].as_array_mut().unwrap().drain(3..);
    for w in value["workloads"].as_array_mut().unwrap() {
        w["samples"].as_array_mut().unwrap().truncate(12);
    }
    value["conclusion"]["findings"].as_array_mut().unwrap().truncate(2);
    Parts(vec![("record.json".into(), value.to_string().into())])
}

fn external() -> Parts {
    let file = Path::new("tests/fixtures/import/clpeak2.json");
    let mut external = tierbench::import::import(file, None).unwrap().remove(0);
    external.chip = Some("nv-h100-sxm".into());
    Parts(vec![("external.json".into(), serde_json::to_vec(&external).unwrap())])
}

/// Packed, signed by the key that the target makes.
fn bundle(mut parts: Parts) -> Parts {
    let rule = "data/rules/us-foundry-2026-04.toml";
    parts.0.push((rule.into(), std::fs::read(rule).unwrap()));
    let subject = |(name, _): &(String, Vec<u8>)| json!({"name": name, "digest": {"sha256": format!("@sha256:{name}")}});
    let subjects: Vec<Value> = parts.0.iter().map(subject).collect();
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": "urn:tierbench:bundle:1",
        "predicate": {
            "record": "x",
            "plan_sha256": null,
            "packed_by": {"version": "@version", "commit": "@commit", "binary_sha256": null},
            "scope": "x",
        },
    });
    parts.0.push((STATEMENT.into(), statement.to_string().into()));
    parts.0.push((KEY.into(), b"@key".to_vec()));
    parts
}
