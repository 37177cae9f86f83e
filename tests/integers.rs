//! Workloads of 8-bit integers, from the command line to the verdict.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use tierbench::conclude::{Standing, conclude, rederive};
use tierbench::normalize::{Book, Catalogue};
use tierbench::record::{self, Measured, Record, State, WorkloadRecord};
use tierbench::workload::{ElementType, Unit};

const COMMITTED: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";

fn tierbench(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.env_remove("GITHUB_ACTIONS").args(words);
    command
}

fn stdout(words: &[&str]) -> String {
    let output = tierbench(words).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

#[test]
fn a_run_is_exact_and_derived_again_and_counts_no_flop_anywhere() {
    let out = tempfile::tempdir().unwrap();
    let printed = stdout(&[
        "run",
        "--profile",
        "smoke",
        "--format",
        "json",
        "--out",
        out.path().to_str().unwrap(),
        "--workload",
        "matmul",
        "--input",
        "i8",
        "--size",
        "64x64x64",
        "--size",
        "64x64x512",
        "--workload",
        "roof",
        "--input",
        "i8",
        "--size",
        "256",
        "--workload",
        "bandwidth-copy:1048576",
    ]);
    let printed: Record = serde_json::from_str(&printed).unwrap();
    let folder = out.path().join(&printed.id);
    let stored = record::read(&folder).unwrap();
    let labels: Vec<String> = stored.workloads.iter().map(WorkloadRecord::label).collect();
    assert_eq!(labels[..3], ["matmul i8 64x64x64", "matmul i8 64x64x512", "roof i8 256"]);
    for w in &stored.workloads[..3] {
        assert_eq!((w.input_type, w.work.bit_length), (Some(ElementType::I8), Some(8)));
        assert_eq!(w.verification.as_ref().map(|v| v.method.as_str()), Some("exact"));
        assert!(w.ops_per_s().unwrap() > 0.0);
    }
    let derived = rederive(&stored, &Book::load().unwrap()).unwrap();
    assert!(matches!(derived.standing, Standing::Agrees { .. }), "{:#?}", derived.standing);
    let mut altered = stored;
    altered.workloads[0].work.bit_length = Some(16);
    let standing = rederive(&altered, &Book::load().unwrap()).unwrap().standing;
    assert!(matches!(standing, Standing::Differs { .. }), "twice the bit length is twice the TPP");

    let folder = folder.to_str().unwrap();
    let mut outputs = vec![stdout(&["compare", folder, folder]), stdout(&["report", folder])];
    for form in ["html", "markdown", "junit", "gha-benchmark"] {
        outputs.push(stdout(&["report", folder, &format!("--{form}"), "-"]));
    }
    for text in outputs {
        assert!(text.contains("OP/s") && !text.contains("FLOP"), "{text}");
    }
}

#[test]
fn what_could_overflow_is_refused_and_the_help_names_the_type() {
    for (flags, message) in [
        (vec!["matmul", "--input", "i8", "--size", "64x64x200000"], "take 133144 at the most"),
        (vec!["matmul", "--input", "i8", "--accumulate", "f32", "--size", "8x8x8"], "sums in i32"),
        (vec!["matmul", "--input", "f16", "--accumulate", "i32", "--size", "8x8x8"], "need inputs"),
        (vec!["attention", "--input", "i8", "--size", "1x2x16x8"], "no i8 kernel"),
    ] {
        tierbench(&["run", "--workload"]).args(flags).assert().code(2).stderr(contains(message));
    }
    tierbench(&["run", "--help"]).assert().success().stdout(contains("i8").and(contains("i32")));
}

/// The committed run said to be an H200, with a product of 8-bit integers at this rate.
fn on_h200(ops_per_s: f64, change: impl FnOnce(&mut WorkloadRecord)) -> Record {
    let mut record = record::read(Path::new(COMMITTED)).unwrap();
    let catalogue = Catalogue::load().unwrap();
    let chip = catalogue.by_id("nv-h200-sxm").unwrap();
    let (vendor, device) = chip.pci_ids[0].split_once(':').unwrap();
    record.adapter.name.clone_from(&chip.adapter_names[0]);
    record.adapter.vendor_id = vendor.into();
    record.adapter.device_id = device.into();
    record.adapter.software = false;
    let f16 = record.workloads.iter().find(|w| w.label().starts_with("matmul f16")).unwrap();
    let mut added = f16.clone();
    added.input_type = Some(ElementType::I8);
    added.accumulate = Some(ElementType::I32);
    added.unit = Unit::Vector;
    added.work.bit_length = Some(8);
    added.summary.as_mut().unwrap().ops_per_s = Some(ops_per_s);
    change(&mut added);
    record.workloads.push(added);
    conclude(&mut record, &Book::load().unwrap()).unwrap();
    record
}

fn word(record: &Record) -> Measured {
    let clause = |f: &&record::Finding| f.rule == "us-3a090-2023" && f.clause == "a.1";
    record.conclusion.findings.iter().find(clause).unwrap().measured
}

#[test]
fn a_verified_rate_counts_with_eight_bits() {
    let record = on_h200(800e12, |_| ());
    let tpp = &record.conclusion.quantities.tpp;
    assert!((tpp.demonstrated.unwrap() - 6400.0).abs() < 1e-9, "{tpp:?}");
    assert_eq!(word(&record), Measured::Exceeds);
    // The same operations are half of it where they are of 8 bits and not of 16.
    let wider = on_h200(800e12, |w| w.work.bit_length = Some(16));
    assert!((wider.conclusion.quantities.tpp.demonstrated.unwrap() - 12_800.0).abs() < 1e-9);
}

#[test]
fn a_wrong_result_counts_for_nothing() {
    let record = on_h200(800e12, |w| w.verification.as_mut().unwrap().passed = false);
    assert!(record.conclusion.quantities.tpp.demonstrated.unwrap() < 10.0);
    assert_ne!(word(&record), Measured::Exceeds);
}

#[test]
fn makers_figures_for_matrix_units_limit_vector_units_and_are_no_goal_for_them() {
    let record = on_h200(800e12, |_| ());
    let peak = record.conclusion.peaks.iter().find(|peak| peak.what.starts_with("int8"));
    assert_eq!(peak.and_then(|peak| peak.measured), None, "{peak:?}");
    assert_eq!(record.workloads.last().unwrap().state, State::Measured);
    let refused = on_h200(8000e12, |_| ());
    let last = refused.workloads.last().unwrap();
    assert!(last.reason.as_ref().unwrap().contains("times the maker's figure"), "{last:?}");
    assert!(refused.conclusion.quantities.tpp.demonstrated.unwrap() < 10.0);
}
