//! What the page says of its own ground: that it follows from the samples, that it does not, or that there are none.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;
use tierbench::record;

const COMMITTED: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";
const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";

fn report(paths: &[&Path]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.arg("report").args(paths).args(["--html", "-"]).assert()
}

fn page(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter_map(|n| if n.is_text() { n.text() } else { None }).collect()
}

/// The banners that cast doubt, each with whether it stands before every section, and what is said of the samples.
fn said(page: &str) -> (Vec<(String, bool)>, Vec<String>) {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(page, options).unwrap();
    let first = document.descendants().position(|n| n.has_tag_name("section")).unwrap();
    let banner =
        |n: &Node| n.attribute("class").is_some_and(|c| c.split(' ').any(|c| c == "doubt"));
    let banners = document.descendants().enumerate().filter(|(_, n)| banner(n));
    let banners = banners.map(|(at, n)| (text(n), at < first)).collect();
    let label = |n: &Node| n.has_tag_name("dt") && text(*n) == "Its samples";
    let labels = document.descendants().filter(label);
    (banners, labels.map(|n| text(n.next_sibling_element().unwrap())).collect())
}

/// A copy of a committed run with another head, and its samples where they are wanted.
fn copy(folder: &Path, change: impl FnOnce(&mut Value), samples: bool) {
    let file = Path::new(COMMITTED).join("record.json");
    let mut value: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(folder.join("record.json"), value.to_string()).unwrap();
    if samples {
        let from = Path::new(COMMITTED).join(record::SAMPLES);
        std::fs::copy(from, folder.join(record::SAMPLES)).unwrap();
    }
}

/// A roof a thousand times as high as its samples say.
fn doctor(value: &mut Value) {
    let mut workloads = value["workloads"].as_array_mut().unwrap().iter_mut();
    let roof = workloads.find(|w| w["workload"] == "roof").unwrap();
    let rate = roof["summary"]["ops_per_s"].as_f64().unwrap();
    roof["summary"]["ops_per_s"] = (1000.0 * rate).into();
}

#[test]
fn a_page_of_committed_runs_says_that_it_was_derived_again_and_agrees() {
    let assert = report(&[Path::new(AUDIT), Path::new(COMMITTED)]).success();
    let count = |folder| {
        let record = record::read(Path::new(folder)).unwrap();
        record.workloads.iter().map(|w| w.samples.len()).sum::<usize>()
    };
    let (banners, samples) = said(&page(&assert));
    assert!(banners.is_empty(), "{banners:?}");
    let expected = [AUDIT, COMMITTED].map(count);
    // Another build drew their words; these were drawn anew.
    for (said, n) in samples.iter().zip(expected) {
        assert!(said.starts_with(&format!("re-derived from {n} samples: agrees")), "{said}");
    }
}

#[test]
fn a_doctored_record_still_gives_a_page_which_says_so_on_top() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path(), doctor, true);
    let assert = report(&[folder.path()]).code(9).stderr(contains("disagrees with itself"));
    let (banners, samples) = said(&page(&assert));
    let [(banner, first)] = banners.as_slice() else { panic!("{banners:?}") };
    assert!(*first, "it stands below other things");
    assert!(banner.contains("THIS RECORD DISAGREES WITH ITSELF"), "{banner}");
    assert!(banner.contains("ops_per_s") && banner.contains("prove nothing"), "{banner}");
    assert_eq!(samples.len(), 1);
    assert!(samples[0].starts_with("THIS RECORD DISAGREES WITH ITSELF, in "), "{samples:?}");
    // The figure itself is the one that the samples give.
    let honest = record::read(Path::new(COMMITTED)).unwrap();
    let rate = honest.workloads.iter().find(|w| w.workload == "roof").unwrap().ops_per_s().unwrap();
    let assert = report(&[folder.path()]);
    assert!(page(&assert).contains(&format!("data-value=\"{}\"", Value::from(rate))));
}

#[test]
fn a_record_without_its_samples_says_so_on_top() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path(), |_| (), false);
    let (banners, samples) = said(&page(&report(&[folder.path()])));
    let [(banner, first)] = banners.as_slice() else { panic!("{banners:?}") };
    assert!(*first && banner.contains("IS WITHOUT ITS SAMPLES"), "{banner}");
    assert!(banner.contains("samples.jsonl is not beside it"), "{banner}");
    assert!(samples[0].contains("demonstrate nothing"), "{samples:?}");
}

#[test]
fn a_doubtful_record_beside_a_good_one_is_marked_on_top_and_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path(), doctor, true);
    let assert = report(&[Path::new(AUDIT), folder.path()]).code(9);
    let assert = assert.stderr(contains("disagrees").and(contains(AUDIT).not()));
    let (banners, samples) = said(&page(&assert));
    let [(top, first), (own, later)] = banners.as_slice() else { panic!("{banners:?}") };
    assert!(*first && top.contains("Some of these records"), "{top}");
    assert!(!*later && own.contains("ops_per_s"), "{own}");
    assert!(
        samples[0].contains("samples: agrees") && samples[1].contains("DISAGREES"),
        "{samples:?}"
    );
}
