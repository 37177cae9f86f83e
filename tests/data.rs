//! The catalogue, the rule book, the tiers and equivalents on the command line.

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

fn data(flags: &str) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.arg("data").args(flags.split_whitespace());
    command
}

fn output(flags: &str) -> String {
    let output = data(flags).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

#[test]
fn chips_are_listed_filtered_and_shown_with_their_sources() {
    assert!(output("chips").contains("271 chips"));
    let nvidia = output("chips --vendor nvidia --name h200");
    assert!(nvidia.contains("nv-h200-sxm") && !nvidia.contains("amd-"));
    data("chips --id nv-h200-sxm")
        .assert()
        .success()
        .stdout(contains("source").and(contains("1830")));
    data("chips --id nv-h201").assert().code(2).stderr(contains("the nearest are \"nv-h20\""));
}

#[test]
fn chips_export_as_csv_that_a_reader_takes() {
    let text = output("chips --format csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let place = |name| header.iter().position(|h| h == name).unwrap();
    let (id, tpp) = (place("id"), place("tpp"));
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 271);
    let h20 = rows.iter().find(|row| &row[id] == "nv-h20").unwrap();
    assert_eq!(&h20[tpp], "2368");
    // Unknown is empty, never 0.
    assert!(rows.iter().all(|row| &row[tpp] != "0"));
    assert!(rows.iter().any(|row| row[tpp].is_empty()));
}

#[test]
fn rules_are_listed_by_status_and_shown_with_what_was_not_verified() {
    let bills = output("rules --status bill");
    assert!(bills.contains("bill-safechips") && !bills.contains("us-3a090-2023"));
    data("rules --id us-cn-review-2026")
        .assert()
        .success()
        .stdout(contains("unverified").and(contains("tpp < 21,000")));
    let json: Value = serde_json::from_str(&output("rules --format json")).unwrap();
    assert_eq!(json["schema"], "tierbench.rules/1");
    assert!(json["rules"].as_array().unwrap().len() >= 28);
    data("rules --format csv").assert().code(2).stderr(contains("no CSV"));
}

#[test]
fn tiers_carry_their_date() {
    assert!(output("tiers").contains("2026-01-15"));
}

#[test]
fn equivalents_name_their_basis_and_follow_it() {
    let count = |flags: &str, reference: &str| -> f64 {
        let json: Value = serde_json::from_str(&output(flags)).unwrap();
        let found = json["equivalents"].as_array().unwrap();
        let found = found.iter().find(|e| e["reference"] == reference).unwrap();
        found["count"].as_f64().unwrap()
    };
    // 15,832 / 2,368; one B300 against an H200 at 8 bit, and with its 4-bit format.
    let h200 = count("equivalents --chip nv-h200-sxm --format json", "nv-h20");
    assert!((h200 - 6.686).abs() < 1e-3, "{h200}");
    let narrow = count("equivalents --chip nv-gb300 --format json", "nv-h200-sxm");
    assert!((narrow - 3.79).abs() < 0.01, "{narrow}");
    let fp8 = count("equivalents --chip nv-gb300 --basis tpp:8 --format json", "nv-h200-sxm");
    assert!((fp8 - 2.53).abs() < 0.01, "{fp8}");
    let many = count("equivalents --chip nv-h20=1,000 --basis dram --format json", "nv-h200-sxm");
    assert!((many - 833.33).abs() < 0.01, "{many}");
    let by_hand = count("equivalents --figure 2,368=50 --format json", "nv-h20");
    assert_eq!(by_hand, 50.0);
    data("equivalents --figure 0").assert().code(2).stderr(contains("above 0"));
    data("equivalents --chip nv-h20 --basis watts").assert().code(2).stderr(contains("no basis"));
    data("equivalents --chip nv-h20=-1").assert().code(2).stderr(contains("above 0"));
}

#[test]
fn the_supply_model_shows_its_inputs_and_refuses_half_of_them() {
    data("equivalents --p-us 100 --exports 20 --displaced 0.5 --domestic 5 --smuggled 5")
        .assert()
        .success()
        .stdout(contains("= 3\n"));
    data("equivalents --p-us 100").assert().code(2).stderr(contains("all of"));
    data("equivalents --p-us 1 --exports 0 --displaced 2 --domestic 1 --smuggled 0")
        .assert()
        .code(2)
        .stderr(contains("between 0 and 1"));
    data("equivalents --p-us 1 --exports 0 --displaced 0 --domestic 0 --smuggled 0")
        .assert()
        .code(2)
        .stderr(contains("nothing to divide by"));
}

#[test]
fn published_analyses_say_whether_they_can_be_computed_again() {
    let page = output("equivalents --scenarios");
    assert!(page.contains("NOT reproducible"));
    let json: Value =
        serde_json::from_str(&output("equivalents --scenarios --format json")).unwrap();
    let scenarios = json["scenarios"].as_array().unwrap();
    let press = scenarios.iter().find(|s| s["title"].as_str().unwrap().contains("10x")).unwrap();
    assert_eq!(press["reproducible"], false);
    assert!(press["why"].as_str().unwrap().contains("NOT FOUND"));
}
