//! Runs beside runs: the words, the gate, and that swapping and scaling change what they should.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use proptest::prelude::*;
use serde_json::Value;
use tierbench::compare::{self, BAND_PERCENT, Comparison, Word};
use tierbench::measure::Phase;
use tierbench::record::{self, Record, State};
use tierbench::report;

const COMMITTED: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";
/// A narrow one: half its interval is 1.2 % of its median.
const NARROW: &str = "matmul f32 512x512x512";

fn committed() -> Record {
    record::read(Path::new(COMMITTED)).unwrap()
}

/// Every time of a workload, or of all, times a factor.
fn slowed(mut record: Record, label: Option<&str>, factor: f64) -> Record {
    let wanted = record.workloads.iter_mut().filter(|w| label.is_none_or(|l| w.label() == l));
    for sample in wanted.flat_map(|w| &mut w.samples) {
        sample.gpu_ns = sample.gpu_ns.map(|ns| (ns as f64 * factor).round() as u64);
        sample.host_ns = (sample.host_ns as f64 * factor).round() as u64;
    }
    record
}

fn write(folder: &Path, name: &str, record: &Record) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, serde_json::to_string(record).unwrap()).unwrap();
    path
}

fn tierbench(flags: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.arg("compare").args(flags);
    command
}

fn compared(base: &Record, new: &Record) -> Comparison {
    compare::compare(("base", base), &[("new".into(), new.clone())], BAND_PERCENT)
}

fn words(comparison: &Comparison) -> Vec<(String, Option<Word>)> {
    let rows = &comparison.comparisons[0].workloads;
    rows.iter().map(|row| (row.label.clone(), row.word)).collect()
}

#[test]
fn a_run_that_is_slower_by_its_clock_is_the_same_per_clock() {
    use tierbench::telemetry::{Log, Reading};
    let at = |mhz: u32, factor: f64| {
        let mut record = slowed(committed(), None, factor);
        let readings = (0..600).map(|i| Reading {
            t_ns: i * 100_000_000,
            sm_mhz: Some(mhz),
            ..Reading::default()
        });
        record.telemetry.push(Log { readings: readings.collect(), ..Log::default() });
        record.workloads.iter_mut().for_each(|w| w.started_ns = Some(0));
        record
    };
    let comparison = compared(&at(1980, 1.0), &at(1650, 1.2));
    let row = comparison.comparisons[0].workloads.iter().find(|row| row.label == NARROW).unwrap();
    assert_eq!(row.word, Some(Word::Slower));
    let per_clock = row.per_clock.unwrap();
    assert_eq!((per_clock.base_mhz, per_clock.new_mhz), (1980.0, 1650.0));
    assert!((per_clock.ratio.value - 1.0).abs() < 1e-3, "{per_clock:?}");
    let text = report::comparison_text(&comparison).unwrap();
    assert!(text.contains("per clock 1.000") && text.contains("1980 and 1650 MHz"), "{text}");
    let without = compared(&committed(), &committed());
    assert!(without.comparisons[0].workloads.iter().all(|row| row.per_clock.is_none()));
}

#[test]
fn a_run_is_the_same_as_itself() {
    let output = tierbench(&[COMMITTED, COMMITTED, "--format", "json", "--fail-on", "slower:0"])
        .assert()
        .success();
    let value: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(value["schema"], "tierbench.comparison/1");
    let schema = std::fs::read_to_string("schemas/comparison-v1.schema.json").unwrap();
    jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &value).unwrap();
    let rows = value["comparisons"][0]["workloads"].as_array().unwrap();
    assert_eq!(rows.len(), committed().workloads.len());
    for row in rows {
        assert_eq!((&row["word"], &row["ratio"]["value"]), (&"same".into(), &1.0.into()));
    }
}

#[test]
fn five_percent_off_one_workload_is_slower_there_and_nowhere_else() {
    let new = slowed(committed(), Some(NARROW), 1.05);
    for (label, word) in words(&compared(&committed(), &new)) {
        let expected = if label == NARROW { Word::Slower } else { Word::Same };
        assert_eq!(word, Some(expected), "{label}");
    }
    for (label, word) in words(&compared(&new, &committed())) {
        let expected = if label == NARROW { Word::Faster } else { Word::Same };
        assert_eq!(word, Some(expected), "{label}");
    }
}

#[test]
fn what_the_interval_leaves_open_is_ambiguous_until_the_band_is_wide_enough() {
    // 1 % lies within the scatter of every workload of that run.
    let new = slowed(committed(), Some(NARROW), 1.01);
    let word = |band| {
        let comparison = compare::compare(("b", &committed()), &[("n".into(), new.clone())], band);
        words(&comparison).into_iter().find(|(label, _)| label == NARROW).unwrap().1
    };
    assert_eq!(word(BAND_PERCENT), Some(Word::Ambiguous));
    assert_eq!(word(5.0), Some(Word::Same));
}

#[test]
fn too_few_samples_are_ambiguous_and_say_so() {
    let mut new = committed();
    let samples = &mut new.workloads[3].samples;
    let timed = samples.iter().filter(|s| s.phase == Phase::Timed).count();
    let kept = samples.len() - timed + 5;
    samples.truncate(kept);
    let comparison = compared(&committed(), &new);
    let row = &comparison.comparisons[0].workloads[3];
    assert_eq!((row.word, row.ratio), (Some(Word::Ambiguous), None));
    assert_eq!(row.why.as_deref(), Some("5 timed samples; an interval needs six"));
}

#[test]
fn what_one_run_did_not_measure_is_listed_and_never_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut new = committed();
    new.workloads.remove(0);
    let w = &mut new.workloads[0];
    (w.state, w.summary, w.reason) = (State::Failed, None, Some("the device was lost".into()));
    let w = &mut new.workloads[1];
    (w.state, w.summary, w.samples) = (State::Unsupported, None, Vec::new());
    new.workloads[2].shape = "2048".into();
    new.workloads[3].verification.as_mut().unwrap().passed = false;
    let new = write(folder.path(), "new.json", &new);
    let new = new.to_str().unwrap();
    let output = tierbench(&[COMMITTED, new, "--format", "json"]).assert().success();
    let value: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let rows = value["comparisons"][0]["workloads"].as_array().unwrap();
    assert_eq!(rows.len(), committed().workloads.len() + 1);
    let why = |at: usize| rows[at]["why"].as_str().unwrap();
    assert_eq!(why(0), "only in the base");
    assert_eq!(why(1), "failed in the new run: the device was lost");
    assert_eq!(why(2), "unsupported in the new run");
    assert_eq!(why(3), "only in the base");
    assert_eq!(why(4), "not verified in the new run");
    assert_eq!(why(rows.len() - 1), "only in the new run");
    for row in rows.iter().filter(|row| !row["why"].is_null()) {
        assert_eq!((&row["ratio"], &row["word"]), (&Value::Null, &Value::Null));
    }
    for at in [1, 2, 4] {
        assert_eq!(rows[at]["new"]["ops_per_s"], Value::Null);
        assert_eq!(rows[at]["new"]["median_ns"], Value::Null);
    }
    tierbench(&[COMMITTED, new])
        .assert()
        .success()
        .stdout(contains("FAILED").and(contains("absent")).and(contains("6 not compared")));
    tierbench(&[COMMITTED, new, "--fail-on", "slower"]).assert().success();
    tierbench(&[COMMITTED, new, "--fail-on", "unverified"])
        .assert()
        .code(10)
        .stderr(contains("5 under").and(contains("the device was lost")));
}

#[test]
fn other_kernels_and_parameters_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut new = committed();
    let w = new.workloads.iter_mut().find(|w| w.label() == NARROW).unwrap();
    w.parameters.insert("ROWS".into(), 16);
    new.workloads[1].kernel = Some("roof_other".into());
    let new = write(folder.path(), "new.json", &new);
    tierbench(&[COMMITTED, new.to_str().unwrap()]).assert().success().stdout(
        contains("PAIRS=8 ROWS=32 against PAIRS=8 ROWS=16")
            .and(contains("kernel: roof against roof_other")),
    );
}

#[test]
fn the_gate_fails_after_the_output_and_by_the_high_end_of_the_interval() {
    let folder = tempfile::tempdir().unwrap();
    let new = write(folder.path(), "new.json", &slowed(committed(), Some(NARROW), 1.10));
    let new = new.to_str().unwrap();
    // 1 / 1.10 is 0.909; with 2.4 % of scatter its high end is 0.931.
    for (gate, code) in [("slower", 10), ("slower:5", 10), ("slower:8", 0), ("unverified", 0)] {
        let run = tierbench(&[COMMITTED, new, "--format", "json", "--fail-on", gate]).assert();
        let run = run.code(code);
        let output = run.get_output();
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(value["comparisons"][0]["workloads"].as_array().unwrap().len() > 10);
        let told = String::from_utf8_lossy(&output.stderr).contains(NARROW);
        assert_eq!(told, code == 10, "{gate}");
    }
    tierbench(&[new, COMMITTED, "--fail-on", "slower,unverified"]).assert().success();
    for wrong in ["faster", "slower:-1", "slower:many", "slower:100"] {
        tierbench(&[COMMITTED, new, "--fail-on", wrong]).assert().code(2);
    }
}

#[test]
fn another_adapter_or_driver_is_refused_unless_asked_for() {
    let other = "results/2026-11-24-llvmpipe-mesa22-epyc-2core";
    tierbench(&[other, COMMITTED])
        .assert()
        .code(2)
        .stderr(contains("--across-adapters").and(contains("Mesa 22")).and(contains("driver: ")));
    tierbench(&[other, COMMITTED, "--across-adapters"])
        .assert()
        .success()
        .stdout(contains("roof-matrix f16 1024: unsupported in the base"));
    let mut renamed = committed();
    renamed.adapter.device_id = "0001".into();
    let folder = tempfile::tempdir().unwrap();
    let renamed = write(folder.path(), "r.json", &renamed);
    let renamed = renamed.to_str().unwrap();
    tierbench(&[COMMITTED, renamed]).assert().code(2).stderr(contains("PCI id: 10005:0000"));
}

#[test]
fn several_runs_stand_beside_a_base_that_may_be_named_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let slower = write(folder.path(), "slower.json", &slowed(committed(), Some(NARROW), 1.1));
    let faster = write(folder.path(), "faster.json", &slowed(committed(), Some(NARROW), 0.9));
    let (slower, faster) = (slower.to_str().unwrap(), faster.to_str().unwrap());
    let direct = tierbench(&[COMMITTED, slower, faster, "--format", "json"]).assert().success();
    let mut named = tierbench(&[slower, faster, "--reference", COMMITTED, "--format", "json"]);
    let direct = direct.get_output().stdout.clone();
    assert_eq!(named.assert().success().get_output().stdout, direct);
    let value: Value = serde_json::from_slice(&direct).unwrap();
    let word = |at: usize| {
        let rows = value["comparisons"][at]["workloads"].as_array().unwrap();
        rows.iter().find(|row| row["label"] == NARROW).unwrap()["word"].clone()
    };
    assert_eq!((word(0), word(1)), ("slower".into(), "faster".into()));
    tierbench(&[COMMITTED]).assert().code(2).stderr(contains("at least one other"));
    tierbench(&[]).assert().code(2);
}

#[test]
fn the_page_fits_eighty_columns_and_the_markdown_is_a_table() {
    let other = "results/2026-11-24-llvmpipe-mesa22-epyc-2core";
    let text = tierbench(&[other, COMMITTED, "--across-adapters"]).assert().success();
    let text = String::from_utf8(text.get_output().stdout.clone()).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let mut page = tierbench(&[other, COMMITTED, "--across-adapters", "--format", "markdown"]);
    let page = String::from_utf8(page.assert().get_output().stdout.clone()).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), committed().workloads.len() + 2);
    assert!(rows.iter().all(|row| row.matches('|').count() == 7), "{page}");
}

#[test]
fn imports_and_samples_without_time_are_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let import = folder.path().join("external.json");
    std::fs::write(&import, "{\"schema\": \"tierbench.external/1\"}").unwrap();
    tierbench(&[COMMITTED, import.to_str().unwrap()]).assert().code(9);
    let mut zero = slowed(committed(), None, 0.0);
    zero.workloads[0].samples.iter_mut().for_each(|sample| sample.dispatches = 0);
    let zero = write(folder.path(), "zero.json", &zero);
    tierbench(&[COMMITTED, zero.to_str().unwrap()]).assert().success().stdout(
        contains("no time above zero").and(contains("NaN").not()).and(contains("inf").not()),
    );
}

/// A record with one workload of these times.
fn of_times(times: &[u64]) -> Record {
    let mut record = committed();
    record.workloads.truncate(1);
    let sample = record.workloads[0].samples.last().unwrap().clone();
    record.workloads[0].samples = times
        .iter()
        .map(|ns| {
            let mut sample = sample.clone();
            (sample.gpu_ns, sample.host_ns, sample.dispatches) = (Some(*ns), *ns, 1);
            sample
        })
        .collect();
    record
}

fn only_word(base: &[u64], new: &[u64]) -> Word {
    words(&compared(&of_times(base), &of_times(new)))[0].1.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn swapping_base_and_new_turns_the_word_over(
        base in proptest::collection::vec(1_000_000u64..1_050_000, 6..30),
        new in proptest::collection::vec(1_000_000u64..1_050_000, 6..30),
        percent in 80u64..125,
    ) {
        let new: Vec<u64> = new.iter().map(|ns| ns * percent / 100).collect();
        let turned = match only_word(&base, &new) {
            Word::Faster => Word::Slower,
            Word::Slower => Word::Faster,
            word => word,
        };
        prop_assert_eq!(only_word(&new, &base), turned);
    }

    #[test]
    fn the_unit_of_time_does_not_matter(
        base in proptest::collection::vec(1_000_000u64..1_200_000, 6..30),
        new in proptest::collection::vec(1_000_000u64..1_200_000, 6..30),
        factor in 2u64..1000,
    ) {
        let scaled = |times: &[u64]| times.iter().map(|ns| ns * factor).collect::<Vec<_>>();
        prop_assert_eq!(only_word(&scaled(&base), &scaled(&new)), only_word(&base, &new));
    }
}
