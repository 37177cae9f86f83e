//! Every figure on the HTML page against the record: each carries the value and where it is from.

mod whole;

use assert_cmd::Command;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;
use tierbench::normalize::{Book, Catalogue, Tiers};
use tierbench::report::{self, Source};

const RECORDS: [&str; 3] = [
    "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit/record.json",
    "results/2026-11-24-llvmpipe-mesa26-epyc-2core/record.json",
    "results/2026-11-24-llvmpipe-mesa22-epyc-2core/record.json",
];

fn number(records: &Value, key: &str) -> f64 {
    let found = records.pointer(key).unwrap_or_else(|| panic!("{key} is not in the records"));
    found.as_f64().unwrap_or_else(|| panic!("{key} is no number"))
}

/// The roofline model again, from the record alone.
fn share_of_roof(records: &Value, key: &str) -> f64 {
    let workload = records.pointer(key).unwrap();
    let record = &records[key.split('/').nth(1).unwrap().parse::<usize>().unwrap()];
    let all = record["workloads"].as_array().unwrap();
    let rate = |w: &Value, key: &str| w["summary"][key].as_f64();
    let streams = all.iter().filter(|w| w["workload"].as_str().unwrap().starts_with("bandwidth-"));
    let stream = streams.filter_map(|w| rate(w, "bytes_per_s")).fold(f64::NAN, f64::max);
    let alike = all.iter().filter(|w| {
        w["workload"] != "chain"
            && w["unit"] == workload["unit"]
            && w["accumulate"] == workload["accumulate"]
    });
    let roof = alike.filter_map(|w| rate(w, "ops_per_s")).fold(f64::NAN, f64::max);
    let ops = workload["work"]["ops"].as_f64().unwrap();
    let moving = workload["work"]["bytes"].as_f64().unwrap() / stream;
    let computing = if ops > 0.0 { ops / roof } else { 0.0 };
    moving.max(computing) * 1e9 / rate(workload, "median_ns").unwrap()
}

fn by_rule(records: &Value, rule: &str, key: &str) -> f64 {
    let named = || key.split_once('/').unwrap();
    match rule {
        "count-warm-up" => {
            let samples = records.pointer(key).unwrap().as_array().unwrap();
            samples.iter().filter(|s| s["phase"] == "warm-up").count() as f64
        }
        "share-of-roof" => share_of_roof(records, key),
        "share-of-peak" => {
            let record = &records[key.split('/').nth(1).unwrap().parse::<usize>().unwrap()];
            let catalogue = Catalogue::load().unwrap();
            let chip = catalogue.by_id(record["conclusion"]["chip"].as_str().unwrap()).unwrap();
            let workload = records.pointer(key).unwrap();
            let at = |key: &str| workload[key].as_str().unwrap_or_default();
            if at("workload").starts_with("bandwidth-") {
                let declared = chip.memory.as_ref().unwrap().gb_per_s.unwrap() * 1e9;
                return number(records, &format!("{key}/summary/bytes_per_s")) / declared;
            }
            let format = match (at("input_type"), at("accumulate")) {
                ("f32", _) => "fp32",
                (_, "f32") => "fp16_acc32",
                _ => "fp16_acc16",
            };
            number(records, &format!("{key}/summary/ops_per_s")) / (chip.dense_tops[format] * 1e12)
        }
        "catalogue" => {
            let catalogue = Catalogue::load().unwrap();
            let chip = catalogue.by_id(named().0).unwrap();
            if named().1 == "tpp" { chip.tpp().unwrap() } else { chip.dram_gb_per_s().unwrap() }
        }
        "tier" => {
            let tiers = Tiers::load().unwrap();
            let tier = tiers.tier.iter().find(|tier| tier.id == named().0).unwrap();
            let comparisons = tier.reached_when.as_ref().unwrap().comparisons();
            let own = comparisons.iter().find(|(names, ..)| names[0].quantity() == named().1);
            own.unwrap().2
        }
        other => panic!("no rule is called {other}"),
    }
}

/// What the text says in the unit of the value, and how far rounding may have moved it.
fn said(text: &str) -> (f64, f64) {
    let text = text.trim().trim_start_matches('±').replace(',', "");
    let mut words = text.split_whitespace();
    let figure = words.next().unwrap();
    let value: f64 = figure.parse().unwrap_or_else(|_| panic!("{text:?} begins with no number"));
    let unit = words.next().unwrap_or_default();
    let times = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("%", 0.01)];
    let prefixes = [("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15)];
    let time = times.iter().find(|(name, _)| *name == unit);
    let prefixed =
        ["FLOP", "OP", "B"].iter().any(|u| unit.get(1..).is_some_and(|r| r.starts_with(u)));
    let prefix = prefixes.iter().find(|(name, _)| prefixed && unit.starts_with(name));
    let scale = time.or(prefix).map_or(1.0, |(_, scale)| *scale);
    let digits = figure.split('e').next().unwrap();
    let exponent: f64 = figure.split_once('e').map_or(0.0, |(_, e)| e.parse().unwrap());
    let decimals = digits.split_once('.').map_or(0, |(_, d)| d.len());
    // Trailing zeros are not written, so at least four digits were kept unless an exponent is there.
    let written = 0.5 * 0.1f64.powf(decimals as f64) * 10f64.powf(exponent);
    let kept = if figure.contains('e') || unit == "%" { written } else { value.abs() * 5e-4 };
    (value * scale, kept * scale * 1.001)
}

/// Checks a page; gives the number of figures and the rules that were met.
fn check(page: &str, records: &Value) -> (usize, std::collections::BTreeSet<String>) {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(page, options).unwrap();
    let mut rules = std::collections::BTreeSet::new();
    let mut seen = 0;
    for node in document.descendants() {
        let Some(text) = node.attribute("data-value") else { continue };
        seen += 1;
        let key = node.attribute("data-key").expect("a value says where it is from");
        let value: f64 = text.parse().unwrap();
        match (node.attribute("data-rule"), node.attribute("data-per")) {
            (Some(rule), None) => {
                rules.insert(rule.to_owned());
                let expected = by_rule(records, rule, key);
                assert!(
                    (value - expected).abs() <= expected.abs() * 1e-12,
                    "{key} {rule}: {value} {expected}"
                );
            }
            (None, Some(per)) => assert_eq!(value, number(records, key) / number(records, per)),
            (None, None) => {
                assert_eq!(records.pointer(key).unwrap().to_string(), text, "{key}");
            }
            (Some(_), Some(_)) => panic!("{key} has a rule and a divisor"),
        }
        let shown = node.descendants().filter(Node::is_text).filter_map(|n| n.text());
        let shown: String = shown.collect();
        let (said, slack) = said(&shown);
        assert!((said - value).abs() <= slack + 1e-12, "{key}: {shown:?} is not {value}");
    }
    (seen, rules)
}

fn page(files: &[&std::path::Path]) -> String {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.arg("report").args(files).args(["--html", "-"]);
    String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
}

#[test]
fn every_figure_of_the_committed_records_is_the_records() {
    let records = Value::Array(RECORDS.map(whole::read).to_vec());
    let files = RECORDS.map(std::path::Path::new);
    let (seen, rules) = check(&page(&files), &records);
    assert!(seen > 1500, "only {seen} figures");
    for rule in ["count-warm-up", "share-of-roof", "catalogue", "tier"] {
        assert!(rules.contains(rule), "no figure by {rule}");
    }
}

#[test]
fn every_figure_of_a_chip_of_the_catalogue_is_the_records_or_the_catalogues() {
    let mut record = whole::read(RECORDS[1]);
    record["adapter"]["software"] = false.into();
    record["conclusion"]["chip"] = "nv-h200-sxm".into();
    let tpp = &mut record["conclusion"]["quantities"]["tpp"];
    tpp["declared"] = 15832.0.into();
    tpp["demonstrated"] = 9_000.123_456.into();
    tpp["demonstrated_lower"] = 8900.25.into();
    record["conclusion"]["tier"]["estimated"] = serde_json::json!({"low": "h200-class", "high": "blackwell-class", "basis": "shares", "tpp_low": 8000.5, "tpp_high": 20000.25});
    let source =
        Source { record: whole::record(&record), sha256: String::new(), standing: String::new() };
    let page = report::html(&[source], &[], &Book::load().unwrap()).unwrap();
    let (seen, rules) = check(&page, &Value::Array(vec![record]));
    assert!(seen > 400, "only {seen} figures");
    assert!(rules.contains("share-of-peak"), "no figure by share-of-peak");
}
