//! Runs beside runs: the words, the gate, and that swapping and scaling change what they should.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use proptest::prelude::*;
use serde_json::Value;
use tierbench::compare::{self, BAND_PERCENT, Comparison, Gate, Word, regressions};
use tierbench::conclude::{Grounds, summarize};
use tierbench::measure::{Phase, Sample};
use tierbench::record::{self, Folder, Record, State};
use tierbench::report;

const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";
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
    summed_up(record)
}

/// The same with the figures of its samples.
fn summed_up(mut record: Record) -> Record {
    let (rule, software) = (record.stop_rule.clone(), record.adapter.software);
    for w in &mut record.workloads {
        let grounds = Grounds { stop_rule: &rule, timers: &[], software };
        w.summary = w.verified().and_then(|s| summarize(w, s.stop_reason, grounds));
    }
    record
}

/// Five process starts of the committed run that scatter by one per cent, of one workload or all a factor slower.
fn starts(label: Option<&str>, factor: f64) -> Record {
    let mut record = committed();
    record.process_seeds = vec![1; 5];
    for w in &mut record.workloads {
        let one = std::mem::take(&mut w.samples);
        w.others_load = None;
        let factor = if label.is_none_or(|l| w.label() == l) { factor } else { 1.0 };
        for (process, scatter) in (0u32..).zip([1.0, 1.01, 0.99, 1.005, 0.995]) {
            let scaled = |ns: u64| (ns as f64 * factor * scatter).round() as u64;
            w.samples.extend(one.iter().map(|s| Sample {
                process,
                gpu_ns: s.gpu_ns.map(scaled),
                host_ns: scaled(s.host_ns),
                ..s.clone()
            }));
        }
    }
    summed_up(record)
}

/// A folder of the run with its samples.
fn write(folder: &Path, name: &str, record: &Record) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir(&path).unwrap();
    Folder::existing(&path).unwrap().write(&mut record.clone()).unwrap();
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
        let mut record = starts(None, factor);
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
fn five_percent_off_one_workload_of_five_starts_is_slower_there_and_nowhere_else() {
    let (base, new) = (starts(None, 1.0), starts(Some(NARROW), 1.05));
    for (label, word) in words(&compared(&base, &new)) {
        let expected = if label == NARROW { Word::Slower } else { Word::Same };
        assert_eq!(word, Some(expected), "{label}");
    }
    for (label, word) in words(&compared(&new, &base)) {
        let expected = if label == NARROW { Word::Faster } else { Word::Same };
        assert_eq!(word, Some(expected), "{label}");
    }
}

#[test]
fn one_start_on_a_shared_processor_does_not_tell_a_tenth_from_the_next_run() {
    let new = slowed(committed(), Some(NARROW), 1.1);
    let found = words(&compared(&committed(), &new));
    let word = found.iter().find(|(label, _)| label == NARROW).unwrap().1;
    assert_eq!(word, Some(Word::Ambiguous));
}

#[test]
fn the_figures_are_those_of_the_report_whatever_the_number_of_starts() {
    let audit = record::read(Path::new(AUDIT)).unwrap();
    for record in [audit, starts(None, 1.0), committed()] {
        let comparison = compared(&record, &record);
        for (row, w) in comparison.comparisons[0].workloads.iter().zip(&record.workloads) {
            let side = row.base.as_ref().unwrap();
            assert_eq!(side.median_ns, w.verified().map(|s| s.median_ns), "{}", row.label);
            assert_eq!(side.ops_per_s, w.ops_per_s());
        }
    }
}

#[test]
fn under_a_load_of_others_nothing_is_slower_and_no_gate_fails() {
    let (base, mut new) = (starts(None, 1.0), starts(None, 1.4));
    new.workloads.iter_mut().for_each(|w| w.others_load = Some(0.66));
    let comparison = compared(&base, &new);
    for row in &comparison.comparisons[0].workloads {
        assert_eq!(row.word, Some(Word::Ambiguous), "{}", row.label);
        assert!(row.why.as_ref().unwrap().contains("other processes used up to 66 %"));
    }
    let text = report::comparison_text(&comparison).unwrap();
    assert!(text.contains("other processes used up to 66 %"), "{text}");
    let gates = ["slower", "slower:5"].map(|gate| gate.parse::<Gate>().unwrap());
    assert_eq!(regressions(&comparison, &gates), Vec::<String>::new());
}

#[test]
fn what_the_interval_leaves_open_is_ambiguous_until_the_band_is_wide_enough() {
    // 1 % lies within the scatter of the starts.
    let (base, new) = (starts(None, 1.0), starts(Some(NARROW), 1.01));
    let word = |band| {
        let comparison = compare::compare(("b", &base), &[("n".into(), new.clone())], band);
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
    let comparison = compared(&committed(), &summed_up(new));
    let row = &comparison.comparisons[0].workloads[3];
    assert_eq!((row.word, row.ratio), (Some(Word::Ambiguous), None));
    assert_eq!(
        row.why.as_deref(),
        Some("too few samples to tell the scatter; an interval needs six")
    );
}

#[test]
fn what_one_run_did_not_measure_is_listed_and_never_zero() {
    let mut new = committed();
    new.workloads.remove(0);
    let w = &mut new.workloads[0];
    (w.state, w.summary, w.reason) = (State::Failed, None, Some("the device was lost".into()));
    let w = &mut new.workloads[1];
    (w.state, w.summary, w.samples) = (State::Unsupported, None, Vec::new());
    new.workloads[2].shape = "2048".into();
    new.workloads[3].verification.as_mut().unwrap().passed = false;
    let comparison = compared(&committed(), &new);
    let value = serde_json::to_value(&comparison).unwrap();
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
    let text = report::comparison_text(&comparison).unwrap();
    for word in ["FAILED", "absent", "6 not compared"] {
        assert!(text.contains(word), "{text}");
    }
    let found = |gate: &str| regressions(&comparison, &[gate.parse().unwrap()]);
    assert!(found("slower").is_empty());
    let unverified = found("unverified");
    assert_eq!(unverified.len(), 5);
    assert!(unverified.iter().any(|line| line.contains("the device was lost")));
}

#[test]
fn other_kernels_and_parameters_are_shown() {
    let mut new = committed();
    let w = new.workloads.iter_mut().find(|w| w.label() == NARROW).unwrap();
    w.parameters.insert("ROWS".into(), 16);
    new.workloads[1].kernel = Some("roof_other".into());
    let text = report::comparison_text(&compared(&committed(), &new)).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("PAIRS=8 ROWS=32 against PAIRS=8 ROWS=16"), "{text}");
    assert!(text.contains("kernel: roof against roof_other"), "{text}");
}

#[test]
fn the_gate_goes_by_the_high_end_of_the_interval() {
    let (base, new) = (starts(None, 1.0), starts(Some(NARROW), 1.10));
    let comparison = compared(&base, &new);
    let found = |gate: &str| regressions(&comparison, &[gate.parse::<Gate>().unwrap()]);
    // 1 / 1.10 is 0.909; the scatter of the starts takes its high end to 0.92.
    for (gate, fails) in
        [("slower", true), ("slower:5", true), ("slower:9", false), ("unverified", false)]
    {
        assert_eq!(found(gate).len(), usize::from(fails), "{gate}: {:?}", found(gate));
        assert!(found(gate).iter().all(|line| line.contains(NARROW)));
    }
    let turned = compared(&new, &base);
    assert!(regressions(&turned, &["slower".parse().unwrap()]).is_empty());
    for wrong in ["faster", "slower:-1", "slower:many", "slower:100"] {
        tierbench(&[COMMITTED, COMMITTED, "--fail-on", wrong]).assert().code(2);
    }
}

#[test]
fn a_record_that_disagrees_with_itself_or_has_no_samples_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let slower = write(folder.path(), "slower", &slowed(committed(), Some(NARROW), 1.1));
    tierbench(&[COMMITTED, slower.to_str().unwrap()])
        .assert()
        .code(9)
        .stderr(contains("disagrees with itself").and(contains(NARROW)));
    let bare = write(folder.path(), "bare", &committed());
    std::fs::remove_file(bare.join("samples.jsonl")).unwrap();
    tierbench(&[COMMITTED, bare.to_str().unwrap()])
        .assert()
        .code(9)
        .stderr(contains("samples.jsonl is not beside it"));
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
    let one = write(folder.path(), "one", &committed());
    let other = write(folder.path(), "other", &committed());
    let (one, other) = (one.to_str().unwrap(), other.to_str().unwrap());
    let direct = tierbench(&[COMMITTED, one, other, "--format", "json"]).assert().success();
    let mut named = tierbench(&[one, other, "--reference", COMMITTED, "--format", "json"]);
    let direct = direct.get_output().stdout.clone();
    assert_eq!(named.assert().success().get_output().stdout, direct);
    let value: Value = serde_json::from_slice(&direct).unwrap();
    for (at, file) in [one, other].into_iter().enumerate() {
        assert_eq!(value["comparisons"][at]["new"]["file"], file);
    }
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
    let text = report::comparison_text(&compared(&committed(), &zero)).unwrap();
    assert!(text.contains("not verified in the new run"), "{text}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
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
    summed_up(record)
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
