//! What share of its declared peak a chip usually reaches: `data/efficiency.toml` follows from
//! `data/measured.csv`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Deserialize;
use tierbench::normalize::{Api, Populations};

#[derive(Clone, Deserialize)]
struct Row {
    chip_id: String,
    pct_of_spec: Option<f64>,
    unit_class: String,
    api: String,
}

/// Rows below which a group says too little, and the next wider group is taken.
const LEAST: usize = 5;

fn rows() -> Vec<Row> {
    let mut reader = csv::Reader::from_path("data/measured.csv").unwrap();
    let rows: Vec<Row> = reader.deserialize().map(|row| row.unwrap()).collect();
    rows.into_iter().filter(|row| !row.unit_class.is_empty()).collect()
}

/// Every group of enough rows: by unit, API and vendor, by unit and API, by unit.
fn computed() -> String {
    let mut groups: BTreeMap<[String; 3], Vec<Row>> = BTreeMap::new();
    for row in rows() {
        let vendor = row.chip_id.split('-').next().unwrap().to_owned();
        let any = || "any".to_owned();
        let (unit, api) = (row.unit_class.clone(), row.api.clone());
        for key in
            [[unit.clone(), api.clone(), vendor], [unit.clone(), api, any()], [unit, any(), any()]]
        {
            groups.entry(key).or_default().push(row.clone());
        }
    }
    let mut text = String::from(
        "# Share of the declared dense peak that real runs reach: the basis of every estimate, and of\n\
         # `suspiciously-low`. Made from data/measured.csv (rows with a `unit_class`, each with its source):\n\
         #     UPDATE_DATA=1 cargo test --test efficiency\n\
         # `api` is native (the vendor's own libraries) or portable (Vulkan, Metal, WebGPU); groups of fewer\n\
         # than five rows are left out, and the next wider one counts. No committed run of ours on hardware\n\
         # is in it yet. A measured rate x suggests a peak between x / high and x / low: an estimate, never a proof.\n",
    );
    for ([unit, api, vendor], rows) in groups.iter().filter(|(_, rows)| rows.len() >= LEAST) {
        let mut shares: Vec<f64> = rows.iter().filter_map(|row| row.pct_of_spec).collect();
        shares.sort_by(f64::total_cmp);
        let chips: BTreeSet<&str> = rows.iter().map(|row| row.chip_id.as_str()).collect();
        let lowest = rows.iter().min_by(|a, b| a.pct_of_spec.partial_cmp(&b.pct_of_spec).unwrap());
        let share = |percent: f64| (percent * 10.0).round() / 1000.0;
        writeln!(
            text,
            "\n[[population]]\nunit = \"{unit}\"\napi = \"{api}\"\nvendor = \"{vendor}\"\nlow = {}\nmedian = {}\nhigh = {}\nfigures = {}\nchips = {}\nlowest = \"{}\"",
            share(shares[0]),
            share(shares[shares.len() / 2]),
            share(*shares.last().unwrap()),
            shares.len(),
            chips.len(),
            lowest.unwrap().chip_id,
        )
        .unwrap();
    }
    text
}

#[test]
fn the_committed_populations_follow_from_the_measured_figures() {
    let computed = computed();
    if std::env::var_os("UPDATE_DATA").is_some() {
        std::fs::write("data/efficiency.toml", &computed).unwrap();
    }
    let committed = std::fs::read_to_string("data/efficiency.toml").unwrap();
    assert_eq!(committed, computed, "run `UPDATE_DATA=1 cargo test --test efficiency`");
}

#[test]
fn the_narrowest_group_with_enough_rows_counts_and_is_named() {
    let populations = Populations::load().unwrap();
    let nvidia = populations.of("matrix", Api::Native, "10de").unwrap();
    assert_eq!((nvidia.api.as_str(), nvidia.vendor.as_str()), ("native", "nv"));
    // Two figures of portable code on NVIDIA's matrix units are too few.
    let portable = populations.of("matrix", Api::Portable, "10de").unwrap();
    assert_eq!((portable.api.as_str(), portable.vendor.as_str()), ("portable", "any"));
    assert!(portable.low < nvidia.low);
    let vector = populations.of("vector", Api::Portable, "10de").unwrap();
    assert_eq!(vector.api, "any");
    assert!(vector.basis().contains("figures of") && vector.basis().contains("measured.csv"));
    assert!(populations.of("tensor", Api::Native, "10de").is_none());
    // A vendor that nobody measured falls back to all.
    assert_eq!(populations.of("memory", Api::Native, "ffff").unwrap().vendor, "any");
}
