//! The committed JSON Schemas fit this version of the program, and everything committed fits them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tierbench::audit::Rerun;
use tierbench::compare::Comparison;
use tierbench::import::Faults;
use tierbench::normalize::Rule;
use tierbench::normalize::{ChipFile, EquivalentsFile, Populations, Tiers};
use tierbench::plan::Profile;
use tierbench::record::{self, External, Record, State};
use tierbench::{run, stats};

/// Every schema by its file, and the data files that it is for.
fn schemas() -> Vec<(&'static str, Value, &'static str)> {
    let value = |schema: schemars::Schema| schema.to_value();
    vec![
        ("record-v2", value(schemars::schema_for!(Record)), ""),
        ("external-v2", value(schemars::schema_for!(External)), ""),
        ("comparison-v1", value(schemars::schema_for!(Comparison)), ""),
        ("rerun-v1", value(schemars::schema_for!(Rerun)), ""),
        ("data-chips", value(schemars::schema_for!(ChipFile)), "data/chips"),
        ("data-rule", value(schemars::schema_for!(Rule)), "data/rules"),
        ("data-tiers", value(schemars::schema_for!(Tiers)), "data/tiers.toml"),
        ("data-efficiency", value(schemars::schema_for!(Populations)), "data/efficiency.toml"),
        (
            "data-equivalents",
            value(schemars::schema_for!(EquivalentsFile)),
            "data/equivalents.toml",
        ),
        ("data-faults", value(schemars::schema_for!(Faults)), "data/faults.toml"),
        (
            "data-profiles",
            value(schemars::schema_for!(BTreeMap<String, Profile>)),
            "data/profiles.toml",
        ),
    ]
}

#[test]
fn the_committed_schemas_are_current() {
    for (name, schema, _) in schemas() {
        let file = format!("schemas/{name}.schema.json");
        let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&file, &current).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(committed == current, "{file}: run `UPDATE_SCHEMAS=1 cargo test --test schema`");
    }
}

fn toml_files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let entries = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect()
}

#[test]
fn every_data_file_fits_its_schema_and_a_wrong_key_does_not() {
    let mut checked = 0;
    for (name, schema, place) in schemas().into_iter().filter(|(.., place)| !place.is_empty()) {
        let validator = jsonschema::validator_for(&schema).unwrap();
        for file in toml_files(Path::new(place)) {
            let text = std::fs::read_to_string(&file).unwrap();
            let mut value: Value = toml::from_str(&text).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|e| format!("{}: {e}", e.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{} against {name}: {errors:?}", file.display());
            value["tpyo"] = Value::from(1);
            assert!(!validator.is_valid(&value), "{name} takes any key");
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} data files seen");
}

#[test]
fn every_committed_result_is_readable_valid_and_follows_from_its_samples() {
    let (_, schema, _) = schemas().swap_remove(0);
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
            let starts = tierbench::check::process_medians(&w.samples, summary.clock);
            assert_eq!(stats::median(&starts), Some(summary.median_ns));
            let rate = (w.work.ops > 0).then(|| w.work.ops as f64 / summary.median_ns * 1e9);
            assert_eq!(rate, summary.ops_per_s);
        }
        records += 1;
    }
    assert!(records > 0, "results/ holds no committed run");
}
