//! The HTML report: one file that needs nothing else, and whose every figure is the record's.

mod whole;

use assert_cmd::Command;
use predicates::str::contains;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Value, json};
use tierbench::normalize::Book;
use tierbench::report::{self, Source};

const COMMITTED: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core/record.json";

fn tierbench() -> Command {
    Command::cargo_bin("tierbench").unwrap()
}

fn committed() -> Value {
    whole::read(COMMITTED)
}

/// A record as a GPU with matrix units might give it: a second size, a failure, a missing interval.
fn made_up() -> Value {
    let mut record = committed();
    record["id"] = json!("made-up");
    for (key, value) in [
        ("name", json!("NVIDIA H200")),
        ("device_type", json!("discrete-gpu")),
        ("vendor_id", json!("10de")),
        ("device_id", json!("2335")),
        ("software", json!(false)),
    ] {
        record["adapter"][key] = value;
    }
    let workloads = record["workloads"].as_array_mut().unwrap();
    let matmul = workloads.iter().find(|w| w["workload"] == "matmul").unwrap().clone();
    let mut larger = matmul.clone();
    larger["shape"] = json!("1024x1024x1024");
    larger["work"]["ops"] = json!(2_147_483_648u64);
    larger["summary"]["ci95_ns"] = Value::Null;
    let mut failed = matmul;
    failed["shape"] = json!("2048x2048x2048");
    failed["state"] = json!("failed");
    failed["reason"] = json!("the device was lost");
    failed["summary"] = Value::Null;
    failed["verification"]["passed"] = json!(false);
    failed["verification"]["max_error"] = Value::Null;
    workloads.extend([larger, failed]);
    let conclusion = &mut record["conclusion"];
    conclusion["chip"] = json!("nv-h200-sxm");
    conclusion["matched_by"] = json!("pci-id");
    conclusion["quantities"]["tpp"] = json!({"declared": 15832.0, "demonstrated": 9000.5,
        "demonstrated_lower": 8900.25, "demonstrated_by": "roof-matrix f16 1024"});
    conclusion["tier"] = json!({"proven": "h200-class", "declared": "h200-class", "why": [],
        "estimated": {"low": "h200-class", "high": "h200-class", "basis": "usual shares",
            "tpp_low": 9000.5, "tpp_high": 20000.5}});
    conclusion["findings"][0]["measured"] = json!("exceeds");
    record
}

/// The page about records as they are given: nothing in them is drawn again.
fn page(records: &[Value]) -> String {
    let source = |value| Source {
        record: whole::record(value),
        sha256: "00".repeat(32),
        standing: String::new(),
    };
    let sources: Vec<Source> = records.iter().map(source).collect();
    report::html(&sources, &[], &Book::load().unwrap()).unwrap()
}

/// The templates keep to the part of HTML that is XML too, so that this parser is enough.
fn parse(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap_or_else(|e| panic!("not well-formed: {e}"))
}

fn elements<'a>(document: &'a Document<'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(Node::is_element)
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter_map(|n| if n.is_text() { n.text() } else { None }).collect()
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let page = page(&[committed(), made_up()]);
    let document = parse(&page);
    let mut links = 0;
    for node in elements(&document) {
        let tag = node.tag_name().name();
        assert!(!["script", "img", "iframe", "object", "embed"].contains(&tag), "<{tag}>");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on"), "{name} runs a script");
            assert!(!["src", "srcset", "action", "xlink:href"].contains(&name), "{name}={value}");
            if name == "href" {
                links += 1;
                let inside = value.starts_with('#') || (tag == "link" && value == "data:,");
                assert!(inside || (tag == "a" && value.starts_with("https://")), "{tag} {value}");
            }
        }
    }
    assert!(links > 20);
    let style = text(elements(&document).find(|n| n.has_tag_name("style")).unwrap());
    for loading in ["url(", "@import", "@font-face", "http"] {
        assert!(!style.contains(loading), "the style sheet has {loading}");
    }
}

#[test]
fn every_section_is_there_with_a_heading_and_a_word_for_newcomers() {
    for (records, expected) in [(vec![committed()], 1), (vec![made_up(), committed()], 2)] {
        let page = page(&records);
        let document = parse(&page);
        let sections: Vec<Node> =
            elements(&document).filter(|n| n.has_tag_name("section")).collect();
        for name in [
            "what",
            "ladders",
            "roofline",
            "rates",
            "shares",
            "sizes",
            "rules",
            "checks",
            "environment",
        ] {
            let own =
                |n: &&Node| n.attribute("id").is_some_and(|id| id.ends_with(&format!("-{name}")));
            let found: Vec<&Node> = sections.iter().filter(own).collect();
            assert_eq!(found.len(), expected, "{name}");
            for section in found {
                let children: Vec<Node> = section.children().filter(Node::is_element).collect();
                assert!(children[0].has_tag_name("h3"), "{name}");
                assert!(children[1].has_tag_name("p"), "{name} does not say what it is");
            }
        }
        let compare = sections.iter().find(|n| n.attribute("id") == Some("compare"));
        assert_eq!(compare.is_some(), expected > 1);
        assert!(compare.is_none_or(|n| text(*n).contains("FAILED")), "a failure is not shown");
        let banners = elements(&document).filter(|n| n.attribute("class") == Some("banner"));
        assert_eq!(banners.count(), expected, "software is labelled on top and at its record");
    }
}

#[test]
fn ids_are_unique_and_every_reference_leads_somewhere() {
    let page = page(&[made_up(), committed(), committed()]);
    let document = parse(&page);
    let mut ids: Vec<&str> = elements(&document).filter_map(|n| n.attribute("id")).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice");
    for node in elements(&document) {
        let link = node.attribute("href").and_then(|href| href.strip_prefix('#'));
        let labels = node.attribute("aria-labelledby").unwrap_or_default().split(' ');
        for id in labels.filter(|id| !id.is_empty()).chain(link) {
            assert!(ids.contains(&id), "nothing has the id {id}");
        }
    }
}

#[test]
fn every_word_of_a_finding_is_explained() {
    // The record's own schema knows them all.
    let schema = std::fs::read_to_string("schemas/record-v2.schema.json").unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let words = |name: &str| -> Vec<Value> {
        let all = schema["$defs"][name]["oneOf"].as_array().unwrap().iter();
        all.map(|word| word["const"].clone()).collect()
    };
    let mut record = committed();
    let finding = record["conclusion"]["findings"][0].clone();
    let (declared, measured) = (words("Declared"), words("Measured"));
    assert_eq!((declared.len(), measured.len()), (3, 12));
    let findings = measured.into_iter().zip(declared.iter().cycle()).map(|(word, side)| {
        let mut finding = finding.clone();
        (finding["measured"], finding["declared"]) = (word, side.clone());
        finding
    });
    record["conclusion"]["findings"] = findings.collect();
    let page = page(&[record]);
    let document = parse(&page);
    let linked: std::collections::BTreeSet<&str> = elements(&document)
        .filter(|n| n.attribute("class").is_some_and(|class| class.starts_with("word ")))
        .map(|n| n.attribute("href").unwrap().trim_start_matches('#'))
        .collect();
    assert_eq!(linked.len(), 15);
    for id in linked {
        let word = elements(&document).find(|n| n.attribute("id") == Some(id));
        let word = word.unwrap_or_else(|| panic!("{id} is not explained"));
        assert_eq!(format!("word-{}", text(word)), id);
        assert!(text(word.next_sibling_element().unwrap()).len() > 15, "{id}");
    }
}

#[test]
fn every_picture_says_what_it_shows_and_has_a_table() {
    let page = page(&[made_up()]);
    let document = parse(&page);
    let mut pictures = 0;
    for svg in elements(&document).filter(|n| n.has_tag_name("svg")) {
        if svg.attribute("aria-hidden") == Some("true") {
            continue;
        }
        pictures += 1;
        assert_eq!(svg.attribute("role"), Some("img"));
        let inside: Vec<Node> = svg.children().filter(Node::is_element).collect();
        assert!(inside[0].has_tag_name("title") && !text(inside[0]).is_empty());
        assert!(inside[1].has_tag_name("desc") && !text(inside[1]).is_empty());
        let section = svg.ancestors().find(|n| n.has_tag_name("section")).unwrap();
        let figure = svg.ancestors().find(|n| n.has_tag_name("figure")).unwrap();
        let table = |n: Node| n.descendants().any(|n| n.has_tag_name("table"));
        assert!(table(figure) || table(section), "{} has no table", text(inside[0]));
        let drawn = svg.descendants().flat_map(|n| n.attributes());
        for place in
            drawn.filter(|a| ["x", "y", "cx", "cy", "x1", "y2", "points"].contains(&a.name()))
        {
            assert!(!place.value().contains("NaN") && !place.value().contains("inf"));
        }
    }
    assert!(pictures > 15, "only {pictures} pictures");
}

#[test]
fn names_from_outside_are_text_and_never_markup() {
    let hostile = "<script>alert('1')</script>\" onload=\"x&amp;";
    let mut record = committed();
    record["adapter"]["name"] = json!(hostile);
    record["adapter"]["driver_info"] = json!(hostile);
    record["id"] = json!(hostile);
    record["profile"] = json!(hostile);
    record["notes"][0]["text"] = json!(hostile);
    record["environment"]["variables"][hostile] = json!(hostile);
    for at in [1, 9] {
        record["workloads"][at]["workload"] = json!(hostile);
        record["workloads"][at]["shape"] = json!(hostile);
        record["workloads"][at]["kernel"] = json!(hostile);
    }
    record["conclusion"]["findings"][0]["why"][0] = json!(hostile);
    record["conclusion"]["findings"][0]["rule"] = json!(hostile);
    let page = page(&[record.clone(), record]);
    assert!(!page.contains("<script"));
    let document = parse(&page);
    let title = elements(&document).find(|n| n.has_tag_name("title")).unwrap();
    assert!(text(title).contains(hostile));
    let loads = elements(&document).flat_map(|n| n.attributes()).any(|a| a.name() == "onload");
    assert!(!loads);
}

#[test]
fn a_record_without_anything_measured_still_gives_a_page() {
    let mut record = committed();
    record["workloads"] = json!([]);
    record["conclusion"]["findings"] = json!([]);
    record["conclusion"]["ratios"] = json!([]);
    for (_, quantity) in record["conclusion"]["quantities"].as_object_mut().unwrap() {
        *quantity = json!({"declared": null, "demonstrated": null, "demonstrated_lower": null,
            "demonstrated_by": null});
    }
    let page = page(&[record]);
    parse(&page);
    assert!(page.contains("Nothing was verified in this run"));
}

#[test]
fn several_records_and_a_file_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let mut command = tierbench();
    command.args(["report", COMMITTED, COMMITTED, "--html"]).arg(&file);
    command.assert().success().stdout("").stderr(contains("report.html"));
    assert!(std::fs::read_to_string(&file).unwrap().contains("Side by side"));
    let nowhere = folder.path().join("no/such/folder.html");
    let mut command = tierbench();
    command.args(["report", COMMITTED, "--html"]).arg(nowhere);
    command.assert().code(8).stderr(contains("- for stdout"));
    tierbench().arg("report").assert().code(2);
    tierbench().args(["report", COMMITTED, COMMITTED]).assert().success();
}

#[test]
fn the_same_record_gives_the_same_page() {
    assert_eq!(page(&[made_up()]), page(&[made_up()]));
}
