//! Records that somebody doctored: each figure is drawn again from the samples, and what does not follow is named.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use tierbench::conclude::{Rederived, Standing, rederive};
use tierbench::normalize::Book;
use tierbench::record::{self, Measured, Record, State};
use tierbench::workload::Unit;

/// Five process starts of one plan, with everything that this program records.
const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";

fn audit() -> Record {
    record::read(Path::new(AUDIT)).unwrap()
}

fn derived(change: impl FnOnce(&mut Record)) -> Rederived {
    let mut record = audit();
    change(&mut record);
    rederive(&record, &Book::load().unwrap()).unwrap()
}

/// That something is named, with a word of it.
#[track_caller]
fn named(word: &str, change: impl FnOnce(&mut Record)) {
    let Standing::Differs { what } = derived(change).standing else { panic!("nobody noticed") };
    assert!(what.iter().any(|w| w.contains(word)), "{word}: {what:#?}");
}

fn workload<'a>(record: &'a mut Record, name: &str) -> &'a mut record::WorkloadRecord {
    record.workloads.iter_mut().find(|w| w.workload == name).unwrap()
}

#[test]
fn every_committed_record_agrees_with_its_samples() {
    let book = Book::load().unwrap();
    let mut seen = 0;
    for folder in std::fs::read_dir("results").unwrap().map(|e| e.unwrap().path()) {
        if !folder.join("record.json").exists() {
            continue;
        }
        let stored = record::read(&folder).unwrap();
        let Rederived { record, standing, .. } = rederive(&stored, &book).unwrap();
        assert!(matches!(standing, Standing::Agrees { .. }), "{}: {standing:#?}", folder.display());
        for w in &record.workloads {
            let Some(s) = w.verified() else { continue };
            if let Some([low, high]) = s.ci95_ns {
                assert!(low <= s.median_ns && s.median_ns <= high, "{}", w.label());
            }
            assert!(s.ci95_ns.is_none() || s.process_medians_ns.len() == 1);
        }
        // Drawing it again changes nothing.
        let again = rederive(&record, &book).unwrap();
        assert_eq!(again.record, record);
        seen += 1;
    }
    assert!(seen >= 3);
}

#[test]
fn a_rate_that_the_samples_do_not_bear_is_drawn_again_and_named() {
    let change = |record: &mut Record| {
        let summary = workload(record, "roof").summary.as_mut().unwrap();
        summary.ops_per_s = summary.ops_per_s.map(|rate| rate * 1000.0);
    };
    named("ops_per_s", change);
    let honest = derived(|_| ()).record.conclusion.quantities.tpp;
    assert_eq!(derived(change).record.conclusion.quantities.tpp, honest);
}

#[test]
fn scaled_times_fit_neither_the_summary_nor_the_plan() {
    let scaled = |record: &mut Record| {
        for sample in record.workloads.iter_mut().flat_map(|w| &mut w.samples) {
            sample.host_ns /= 1000;
            sample.gpu_ns = sample.gpu_ns.map(|ns| ns / 1000);
        }
    };
    named("its samples give", scaled);
    named("size that the times before it ask for", scaled);
}

#[test]
fn what_failed_or_was_never_verified_has_no_rate() {
    for spoil in [
        (|w| w.state = State::Failed) as fn(&mut record::WorkloadRecord),
        |w| w.verification.as_mut().unwrap().passed = false,
        |w| w.verification = None,
    ] {
        let all = |record: &mut Record| record.workloads.iter_mut().for_each(spoil);
        named("not verified", all);
        let quantities = derived(all).record.conclusion.quantities;
        assert_eq!(quantities.tpp.demonstrated, None);
        assert_eq!(quantities.tops.demonstrated_lower, None);
    }
}

#[test]
fn words_and_notes_are_drawn_again_whatever_the_file_says() {
    let rewritten = derived(|record| {
        for finding in &mut record.conclusion.findings {
            finding.measured = Measured::ConsistentWithBelow;
        }
        record.notes.clear();
    });
    let words = rewritten.record.conclusion.findings.iter().map(|f| f.measured);
    assert!(words.into_iter().all(|word| word != Measured::ConsistentWithBelow));
    assert!(rewritten.record.notes.iter().any(|note| note.id == "adapter/software"));
    assert_eq!(rewritten.record.conclusion.tier.proven, None);
}

#[test]
fn the_head_contradicts_itself() {
    named("`plan_sha256`", |record| {
        record.plan.as_mut().unwrap().stop_rule.min_samples = 2;
        record.stop_rule.min_samples = 2;
    });
    named("`seed` differs", |record| record.seed += 1);
    named("device type cpu", |record| record.adapter.software = false);
    named("process_seeds", |record| record.process_seeds[1] += 1);
    named("`work` is not", |record| workload(record, "matmul").work.ops *= 2);
    named("`work` is not", |record| workload(record, "matmul").work.bit_length = Some(32_000_000));
    named("not in the plan", |record| workload(record, "matmul").shape = "512x512x1000".into());
    named("uncertainty", |record| {
        let summary = workload(record, "roof").summary.as_mut().unwrap();
        summary.uncertainty.as_mut().unwrap().expanded = -1e6;
    });
    named("above 0", |record| workload(record, "roof").summary.as_mut().unwrap().median_ns = -1.0);
}

#[test]
fn what_every_record_of_this_schema_has_cannot_be_left_out() {
    let native = |change: fn(&mut Record)| {
        move |record: &mut Record| {
            record.upgraded_from = None;
            change(record);
        }
    };
    named("no plan", native(|record| (record.plan, record.plan_sha256) = (None, None)));
    named("without a test of its clocks", native(|record| record.timer.clear()));
    named("without a test of its clocks", native(|record| drop(record.timer.remove(2))));
    // What was brought over from an older schema may lack a plan, and says so wherever it is shown.
    let older = derived(|record| (record.plan, record.plan_sha256) = (None, None)).record;
    assert!(older.notes.iter().any(|note| note.id == "plan/none"));
}

#[test]
fn a_start_that_was_taken_out_is_missing() {
    let cut = derived(|record| {
        for w in &mut record.workloads {
            w.samples.retain(|sample| sample.process != 1);
        }
    });
    let note = cut.record.notes.iter().find(|note| note.id == "run/start-missing").unwrap();
    assert!(note.text.ends_with(": 2"), "{}", note.text);
    assert!(!cut.record.notes.iter().any(|note| note.id == "uncertainty/one-run"));
}

#[test]
fn a_check_that_says_it_failed_did_not_pass() {
    named("says that it should not", |record| {
        workload(record, "matmul").verification.as_mut().unwrap().max_error = Some(1e9);
    });
    named("says that it should not", |record| {
        let problems = &mut workload(record, "matmul").verification.as_mut().unwrap().problems;
        problems.push("wrong result".into());
    });
    named("unit that it names", |record| workload(record, "matmul").unit = Unit::Matrix);
    named("no time that there is", |record| workload(record, "roof").tally_ns = Some(-1.0));
    named("before it began", |record| record.finished = Some("2020-01-01T00:00:00Z".into()));
    named("known work is none", |record| record.metronome[3].ns_per_operation = -1.0);
    named("known work that was not done", |record| {
        record.timer[0].samples[2].proven = Some(false);
    });
}

#[test]
fn words_of_another_build_are_said_not_to_have_been_compared() {
    let standing =
        derived(|record| record.conclusion.tier.proven = Some("blackwell".into())).standing;
    assert!(standing.text().contains("words of another build, drawn anew"), "{}", standing.text());
}

#[test]
fn samples_that_cannot_have_been_taken_are_seen() {
    named("of process start", |record| workload(record, "roof").samples[3].process = u32::MAX);
    named("end of time", |record| {
        workload(record, "empty").samples.last_mut().unwrap().start_ns = u64::MAX;
    });
    named("took no time", |record| workload(record, "roof").samples[4].host_ns = 0);
    named("0 dispatches", |record| workload(record, "roof").samples[4].dispatches = 0);
    named("before the one before it", |record| workload(record, "roof").samples[5].start_ns = 0);
    named("tally", |record| workload(record, "roof").samples[5].proven = Some(false));
    named("no samples", |record| workload(record, "roof").samples.clear());
}

#[test]
fn a_record_that_was_cut_off_says_how_much_is_missing() {
    let cut = derived(|record| record.workloads.truncate(4)).record;
    assert_eq!(cut.missing().len(), 12);
    let note = cut.notes.iter().find(|note| note.id == "run/incomplete").unwrap();
    assert!(note.text.contains("12 of 16 planned workloads are missing"), "{}", note.text);
}

#[test]
fn without_samples_nothing_is_demonstrated() {
    let bare = derived(|record| {
        record.workloads.iter_mut().for_each(|w| w.samples.clear());
        record.without_samples = Some("samples.jsonl is not beside it".into());
    });
    assert!(matches!(bare.standing, Standing::WithoutSamples(_)), "{:?}", bare.standing);
    assert_eq!(bare.record.conclusion.quantities.tpp.demonstrated, None);
    assert!(bare.record.notes.iter().any(|note| note.id == "record/without-samples"));
}

#[test]
fn a_buffer_that_fits_a_cache_says_nothing_of_the_dram() {
    let small = derived(|record| {
        // 64 MiB copied on a machine whose cache nobody knows.
        assert!(record.workloads.iter().any(tierbench::record::WorkloadRecord::is_stream));
    });
    assert_eq!(small.record.conclusion.quantities.dram_bandwidth_gb_per_s.demonstrated, None);
    assert!(small.record.notes.iter().any(|note| note.id == "memory/fits-cache"));
}

#[test]
fn a_rate_on_subgroups_smaller_than_foreseen_has_a_note() {
    for (size, said) in [(32, true), (64, false)] {
        let run = derived(|record| {
            record.capability.subgroup_most = Some(64);
            for w in &mut record.workloads {
                w.unit = Unit::Matrix;
                w.subgroup_size = Some(size);
            }
        });
        let noted = run.record.notes.iter().any(|note| note.id == "adapter/small-subgroups");
        assert_eq!(noted, said, "{size}");
    }
}

/// Writes a run's two files after a change of the head, and reads them again.
fn reread(change: impl FnOnce(&mut Value)) -> Result<Record, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut record = audit();
    record.finished = Some("2026-11-24T15:00:00Z".into());
    let samples = record.detach_samples().unwrap();
    let mut head = serde_json::to_value(&record).unwrap();
    change(&mut head);
    std::fs::write(folder.path().join("record.json"), serde_json::to_vec(&head).unwrap()).unwrap();
    std::fs::write(folder.path().join("samples.jsonl"), samples).unwrap();
    record::read(folder.path()).map_err(|e| e.to_string())
}

#[test]
fn a_record_and_its_samples_come_back_as_they_were() {
    let mut expected = audit();
    expected.finished = Some("2026-11-24T15:00:00Z".into());
    expected.detach_samples().unwrap();
    expected.from_schema_1 = false;
    assert_eq!(reread(|_| ()).unwrap(), expected);
}

#[test]
fn keys_that_are_unknown_or_left_out_are_refused_by_name() {
    let unknown = reread(|head| head["verified_by"] = json!("somebody")).unwrap_err();
    assert!(unknown.contains("`verified_by` is unknown"), "{unknown}");
    let deep = reread(|head| head["workloads"][1]["summary"]["best"] = json!(1)).unwrap_err();
    assert!(deep.contains("`workloads.1.summary.best` is unknown"), "{deep}");
    for key in ["plan", "timer", "process_seeds", "concluded_by", "finished"] {
        let missing = reread(|head| drop(head.as_object_mut().unwrap().remove(key))).unwrap_err();
        assert!(missing.contains(&format!("`{key}` is missing")), "{missing}");
    }
}

#[test]
fn samples_of_another_run_are_refused() {
    let other = reread(|head| head["samples"]["sha256"] = json!("00")).unwrap_err();
    assert!(other.contains("SHA-256"), "{other}");
    let elsewhere = reread(|head| head["samples"]["file"] = json!("../samples.jsonl")).unwrap_err();
    assert!(elsewhere.contains("samples.file"), "{elsewhere}");
    let fewer = reread(|head| head["samples"]["lines"] = json!(3)).unwrap_err();
    assert!(fewer.contains("3 lines"), "{fewer}");
}

#[test]
fn what_is_no_record_is_refused_without_waiting_or_filling_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        record::read(&file).unwrap_err().to_string()
    };
    assert!(
        refused("twice.json", br#"{"schema":"tierbench.record/2","schema":"x"}"#).contains("twice")
    );
    assert!(refused("cut.json", br#"{"schema":"tierbench.rec"#).contains("cut off"));
    assert!(refused("wide.json", b"\xFF\xFE{\0}\0").contains("UTF-16"));
    assert!(refused("new.json", br#"{"schema":"tierbench.record/99"}"#).contains("newer"));
    assert!(refused("nan.json", br#"{"schema":NaN}"#).contains("not a JSON file"));
    // A byte order mark is no content.
    assert!(refused("bom.json", b"\xEF\xBB\xBF{}").contains("key `schema`"));
    #[cfg(unix)]
    {
        let endless = record::read(Path::new("/dev/zero")).unwrap_err().to_string();
        assert!(endless.contains("not a plain file"), "{endless}");
    }
}

/// Every number of the head and of the samples, by its place.
fn leaves(value: &Value, place: String, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, v)| leaves(v, format!("{place}/{key}"), all));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, v)| leaves(v, format!("{place}/{at}"), all));
        }
        _ => all.push(place),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever single leaf of a head is changed: it is refused, or named, or no figure rests on it.
    #[test]
    fn no_changed_leaf_makes_a_figure(pick in any::<prop::sample::Index>(), kind in 0..4) {
        let mut record = audit();
        record.finished = Some("2026-11-24T15:00:00Z".into());
        record.detach_samples().unwrap();
        let mut head = serde_json::to_value(&record).unwrap();
        let mut all = Vec::new();
        leaves(&head, String::new(), &mut all);
        let place = pick.get(&all);
        let leaf = head.pointer_mut(place).unwrap();
        *leaf = match (&*leaf, kind) {
            (Value::Number(n), 0) => json!(n.as_f64().unwrap() * 2.0),
            (Value::Number(n), 1) => json!(-n.as_f64().unwrap() - 1.0),
            (Value::Number(_), 2) => json!(u64::MAX),
            (Value::Bool(b), _) => json!(!b),
            (Value::String(_), 0) => json!("\u{1b}[31m"),
            (_, 3) => Value::Null,
            (other, _) => other.clone(),
        };
        let book = Book::load().unwrap();
        let Ok(mut changed) = serde_json::from_value::<Record>(head) else { return Ok(()) };
        for (own, from) in changed.workloads.iter_mut().zip(&record.workloads) {
            own.samples.clone_from(&from.samples);
        }
        for (own, from) in changed.timer.iter_mut().zip(&record.timer) {
            own.samples.clone_from(&from.samples);
        }
        let again = rederive(&changed, &book).unwrap();
        if again.standing.disagreements().is_empty() {
            let honest = rederive(&record, &book).unwrap().record;
            prop_assert_eq!(again.record.conclusion.quantities, honest.conclusion.quantities, "{}", place);
        }
    }
}
