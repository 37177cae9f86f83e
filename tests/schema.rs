//! The committed JSON Schema and the committed records fit this version of the program.

use tierbench::record::{self, Record, State};
use tierbench::{run, stats};

const SCHEMA: &str = "schemas/record-v1.schema.json";

#[test]
fn the_committed_schema_is_current() {
    let schema = schemars::schema_for!(Record);
    let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(SCHEMA, &current).unwrap();
    }
    let committed = std::fs::read_to_string(SCHEMA).unwrap_or_default();
    assert!(committed == current, "run `UPDATE_SCHEMAS=1 cargo test --test schema`");
}

#[test]
fn every_committed_result_is_readable_valid_and_follows_from_its_samples() {
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(SCHEMA).unwrap()).unwrap();
    let mut records = 0;
    for entry in std::fs::read_dir("results").unwrap().map(|e| e.unwrap().path()) {
        if !entry.join("record.json").exists() {
            continue;
        }
        assert!(entry.join("SETUP.md").exists(), "{} lacks SETUP.md", entry.display());
        let record = record::read(&entry).unwrap();
        jsonschema::validate(&schema, &serde_json::to_value(&record).unwrap()).unwrap();
        assert!(run::outcome(&record).is_ok());
        for w in record.workloads.iter().filter(|w| w.state == State::Measured) {
            let summary = w.summary.as_ref().unwrap();
            let timed = w.samples.iter().filter(|s| s.phase == tierbench::measure::Phase::Timed);
            let times: Vec<f64> = timed.filter_map(|s| s.ns_per_dispatch(summary.clock)).collect();
            assert_eq!(stats::median(&times), Some(summary.median_ns));
            let rate = (w.work.ops > 0).then(|| w.work.ops as f64 / summary.median_ns * 1e9);
            assert_eq!(rate, summary.ops_per_s);
        }
        records += 1;
    }
    assert!(records > 0, "results/ holds no committed run");
}
