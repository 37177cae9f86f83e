//! The test report: every point that a laboratory's report must have, nothing made up, and nothing of a stranger's in
//! its markup.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::str::contains;
use roxmltree::{Document, ParsingOptions};
use tierbench::audit::{LaboratoryFile, of_record, sample, verify};
use tierbench::conclude::rederive;
use tierbench::normalize::Book;
use tierbench::record::{self, Record};
use tierbench::report::{TestReport, test_report};
use tierbench::telemetry::{DeviceFacts, Log};

const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";
/// 2026-11-25.
const NOW_S: i64 = 1_795_600_000;

const FULL: &str = r#"
[laboratory]
name = "Laboratory <of> 1"
address = "Street 2\nTown 3"
contact = "Contact 21"
key = "0123456789ab"
accreditation = "Body 4, no. 5"
[activity]
place = "Room 6"
received = 2026-11-20
sampled = "2026-11-19"
performed = "2026-11-24"
issued = 2026-11-25
conditions = "Conditions 22"
deviations = ["Deviation 7"]
[customer]
name = "Customer 8"
address = "Street 9"
[item]
description = "Card 10"
condition = "Condition 11"
serial = "Serial12"
[authorised_by]
name = "Head 13"
function = "Function 14"
[witness]
name = "Witness 15"
function = "Function 16"
organisation = "Agency 17"
key = "ba9876543210"
[sampling]
population = 1000
n = 60
seed = 7
item_number = 9
how_chosen = "Choice 18"
[[external]]
provider = "Provider 19"
results = "Result 20"
"#;

fn tierbench(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("tierbench").unwrap().args(arguments).assert()
}

/// The report of the committed audit, changed, under a laboratory's file.
fn page(laboratory: &str, change: impl FnOnce(&mut Record)) -> String {
    let book = Book::load().unwrap();
    let mut stored = record::read(Path::new(AUDIT)).unwrap();
    change(&mut stored);
    let derived = rederive(&stored, &book).unwrap();
    let found = verify(
        &stored,
        &derived,
        ("a", "b"),
        of_record(AUDIT.as_ref(), &stored, &book),
        &book,
        NOW_S,
    );
    let report = TestReport {
        record: &derived.record,
        sha256: &"ab".repeat(32),
        standing: &derived.standing.text(),
        verification: &found,
        signers: &[],
        laboratory: &LaboratoryFile::parse("LAB.toml", laboratory).unwrap(),
    };
    test_report(&report, &book).unwrap()
}

/// The text of the section with this id, white space made single.
fn section(page: &str, id: &str) -> String {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(page, options).unwrap();
    let found = document
        .descendants()
        .find(|node| node.attribute("aria-labelledby") == Some(id) && node.has_tag_name("section"));
    let found = found.unwrap_or_else(|| panic!("no section {id}"));
    let texts = found.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text());
    texts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_letter_is_there_in_its_order() {
    let page = page("", |_| ());
    let mut last = 0;
    for letter in 'a'..='p' {
        let text = section(&page, &letter.to_string());
        assert!(text.starts_with(&format!("{letter}) ")) && text.len() > 10, "{letter}: {text}");
        let at = page.find(&format!("<span class=\"letter\">{letter})</span>")).unwrap();
        assert!(at > last, "{letter} stands before another one");
        last = at;
    }
    for (letter, words) in [
        ("d", vec!["20261124T143105Z-llvmpipe-llvm-19-ebb7", "abababab"]),
        (
            "f",
            vec![
                "tierbench 0.1.0",
                "0d394e4e9842",
                "9095e1248cdd",
                "97.5 %, one-sided",
                "docs/verdicts.md",
            ],
        ),
        ("g", vec!["llvmpipe", "SOFTWARE ADAPTER", "10005:0000"]),
        ("i", vec!["2026-11-24T14:31:05Z"]),
        ("l", vec!["The results relate only to the items tested."]),
        ("m", vec!["140.1 GFLOP/s", "16.5 %", "1.965", "117 GFLOP/s", "5 / 267", "process-starts"]),
        ("n", vec!["the CPU did the work", "VK_DRIVER_FILES", "memory/fits-cache"]),
    ] {
        let text = section(&page, letter);
        for word in words {
            assert!(text.contains(word), "{letter} lacks {word}: {text}");
        }
    }
    assert!(page.contains("— End of test report 20261124T143105Z-llvmpipe-llvm-19-ebb7 —"));
    assert!(page.contains("counter(page) \" of \" counter(pages)"));
}

#[test]
fn what_nobody_states_is_said_not_to_be() {
    let page = page("", |_| ());
    for letter in ["b", "c", "e", "g", "h", "i", "j", "k", "n", "o", "p"] {
        let text = section(&page, letter);
        assert!(text.contains("not stated"), "{letter}: {text}");
    }
    assert!(page.contains("This is no accredited report"));
    assert!(section(&page, "signatures").contains("No digital signature was verified"));
    // A blank one is none.
    let blank = self::page("[customer]\nname = \" \\n \"", |_| ());
    assert!(section(&blank, "e").contains("Name not stated"));
}

#[test]
fn what_the_laboratory_states_stands_where_it_belongs() {
    let page = page(FULL, |_| ());
    for (letter, words) in [
        ("b", vec!["Laboratory <of> 1", "Street 2 Town 3", "Contact 21", "Body 4, no. 5"]),
        ("c", vec!["Room 6"]),
        ("e", vec!["Customer 8", "Street 9"]),
        ("g", vec!["Card 10", "Condition 11", "Serial12", "the driver tells none"]),
        ("h", vec!["2026-11-20", "2026-11-19"]),
        ("i", vec!["2026-11-24", "2026-11-24T14:31:05Z", "Conditions 22"]),
        ("j", vec!["2026-11-25"]),
        (
            "k",
            vec![
                "Choice 18",
                "9, which is among those drawn",
                "95 % confidence: had 48 or more items of the lot (4.80 %) been bad, at least one of them",
            ],
        ),
        ("n", vec!["Deviation 7"]),
        ("o", vec!["Head 13", "Function 14"]),
        ("p", vec!["Provider 19", "Result 20"]),
        ("signatures", vec!["Witness 15", "Agency 17", "Place and date"]),
    ] {
        let text = section(&page, letter);
        for word in words {
            assert!(text.contains(word), "{letter} lacks {word}: {text}");
        }
        let absent = text.contains("not stated") && letter != "i";
        assert!(!absent, "{letter}: {text}");
    }
    assert!(!page.contains("no accredited report") && page.contains("Body 4, no. 5"));
    // Another serial number than the driver's cannot be overlooked.
    let told = |serial: &str| {
        let facts = DeviceFacts { serial: Some(serial.into()), ..DeviceFacts::default() };
        let log = Log { facts, ..Log::default() };
        let page = self::page(FULL, |r| r.telemetry = vec![log]);
        section(&page, "g")
    };
    assert!(told("Other99").contains("THE DRIVER TELLS ANOTHER ONE: Other99"));
    assert!(told("Serial12").contains("the same as the driver tells"));
}

#[test]
fn statements_of_conformity_name_results_rule_decision_and_risk() {
    let page = page("", |_| ());
    let text = section(&page, "m");
    for word in [
        "Statements of conformity (7.8.6)",
        "The decision rule is that of f)",
        "wrong in at most 2.5 %",
        // Every workload but the empty dispatch bounds a rate.
        "Of the 15 bounds of this report all hold together with a confidence of at least 1 − 15 × 2.5 % = 62.5 %",
        "us-3a090-2023 a.1",
        "in force since 2023-11-17; dated 2023-10-25",
        "TPP (TOPS × bit length): x = 4.482 (roof f32 16384), x - U = 3.743",
        "not-shown-to-exceed",
        "undetermined",
        "it does not say that the item is below the limit",
        "No word of this table states that an item lies below a limit by measurement",
    ] {
        assert!(text.contains(word), "{word:?} is missing: {text}");
    }
    // What a word means stands alone, and names are those of paper.
    for absent in ["of the above", "±", "tpp unknown", "performance_density", "`", "_2026_01_15"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    for word in ["neither x nor x + U", "TPP (TOPS × bit length) unknown, < 4,800"] {
        assert!(text.contains(word), "{word:?} is missing: {text}");
    }
    let annex = section(&page, "annex");
    for word in ["x + U >= T", "exceeds-conditionally", "Reliefs.", "Windows.", "Precedence."] {
        assert!(annex.contains(word), "{word:?} is missing: {annex}");
    }
    // Declared and measured words have a column each.
    assert!(text.contains("declared figures measurement"), "{text}");
}

#[test]
fn deviations_are_those_that_the_record_shows() {
    let deviations = |change: fn(&mut Record)| section(&page("", change), "n");
    let none = deviations(|_| ());
    for absent in ["zeros", "run-time checks", "Process starts", "are missing", "Not verified"] {
        assert!(!none.contains(absent), "{absent}: {none}");
    }
    let found = deviations(|r| {
        r.profile = "custom".into();
        let plan = r.plan.as_mut().unwrap();
        plan.process_starts = 1;
        plan.zero_inputs = true;
        r.environment.checked_shaders = true;
        r.tool.commit = "abc-dirty".into();
        r.workloads.remove(1);
        r.workloads[3].verification.as_mut().unwrap().passed = false;
    });
    for word in [
        "not those of the profile audit",
        "Process starts: 1, and the method has 5",
        "All inputs were zeros",
        "with run-time checks",
        "abc-dirty",
        "missing: roof:f32:16384",
        "Not verified and so without a result",
    ] {
        assert!(found.contains(word), "{word:?} is missing: {found}");
    }
}

#[test]
fn nothing_of_a_stranger_gets_into_the_markup() {
    let hostile =
        "</style><script>alert(1)</script>\"; } * { display: none } \u{202e}\u{1b}[2J<img src=x>";
    let laboratory = format!(
        "[laboratory]\nname = {0:?}\naddress = {0:?}\n[activity]\ndeviations = [{0:?}]\n[item]\nserial = {0:?}",
        hostile.replace(['\u{202e}', '\u{1b}'], "")
    );
    let page = page(&laboratory, |r| {
        let text = || hostile.to_owned();
        (r.id, r.created, r.profile) = (text(), text(), text());
        (r.adapter.name, r.adapter.driver) = (text(), text());
        r.environment.variables.insert(text(), text());
        r.workloads[2].shape = text();
        r.conclusion.findings.clear();
        let facts = DeviceFacts { serial: Some(text()), ..DeviceFacts::default() };
        r.telemetry = vec![Log { facts, ..Log::default() }];
    });
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'));
    assert!(!page.contains('\u{1b}') && page.contains("\\u{202e}"));
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&page, options).unwrap();
    for attribute in document.descendants().flat_map(|node| node.attributes()) {
        let asks = match attribute.name() {
            "src" | "srcset" | "action" | "data" | "style" => true,
            "href" => !["data:,"].contains(&attribute.value()),
            name => name.starts_with("on"),
        };
        assert!(!asks, "{}={}", attribute.name(), attribute.value());
    }
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    for asked in ["http", "@import", "url(", "display: none", "src="] {
        assert!(!style.contains(asked), "the style has {asked}");
    }
    // It is still one tree of elements.
    assert!(section(&page, "d").contains("alert(1)"));
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.name(name)
    }
}

#[test]
fn a_wrong_key_is_refused_with_file_key_and_remedy() {
    let files = Files::new();
    let out = files.name("report.html");
    for (text, key) in [
        ("[customer]\nnmae = \"x\"", "nmae"),
        ("[customers]\nname = \"x\"", "customers"),
        ("[activity]\nissued = \"soon\"", "activity.issued"),
    ] {
        let lab = files.write("LAB.toml", text);
        let refused = tierbench(&["audit", "report", AUDIT, "--laboratory", &lab, "--out", &out]);
        refused
            .code(9)
            .stderr(contains("LAB.toml"))
            .stderr(contains(key))
            .stderr(contains("--laboratory-template"));
        let bundle = files.name("bundle");
        tierbench(&["audit", "pack", AUDIT, "--laboratory", &lab, "--out", &bundle]).code(9);
        assert!(!files.path("bundle").exists());
    }
    assert!(!files.path("report.html").exists());
}

#[test]
fn items_that_do_not_follow_from_their_seed_are_refused() {
    let files = Files::new();
    let items = sample(10, 3, 7).items;
    let other = (1..=10).find(|item| !items.contains(item)).unwrap();
    let lot = format!("[sampling]\npopulation = 10\nn = 3\nseed = 7\nitem_number = {other}\n");
    let lab = files.write("LAB.toml", &lot);
    let out = files.name("report.html");
    let refused = tierbench(&["audit", "report", AUDIT, "--laboratory", &lab, "--out", &out]);
    refused.code(9).stderr(contains("sampling.item_number")).stderr(contains("seed 7 draws"));
}

#[test]
fn a_bundle_has_the_report_and_its_keys_are_named_once_they_are_verified() {
    let files = Files::new();
    let [key, public, bundle] = ["lab.pem", "lab.pub.pem", "bundle"].map(|name| files.name(name));
    let lab = files.write("stated.toml", FULL);
    tierbench(&["audit", "keygen", "--out", &key]).success();
    tierbench(&["audit", "pack", AUDIT, "--laboratory", &lab, "--out", &bundle]).success();
    let packed = std::fs::read_to_string(files.path("bundle/test-report.html")).unwrap();
    assert!(packed.contains("Customer 8") && packed.contains("No digital signature was verified"));
    assert_eq!(std::fs::read_to_string(files.path("bundle/laboratory.toml")).unwrap(), FULL);
    tierbench(&["audit", "sign", &bundle, "--key", &key]).success();
    tierbench(&["verify", &bundle, "--key", &public]).success();
    // The bundle's own file is what the laboratory states.
    let out = files.name("report.html");
    tierbench(&["audit", "report", &bundle, "--key", &public, "--out", &out]).success();
    let page = std::fs::read_to_string(&out).unwrap();
    assert!(section(&page, "e").contains("Customer 8"));
    let signed = section(&page, "signatures");
    assert!(signed.contains("their signatures were verified") && signed.contains("Ed25519"));
    // Nothing is put into a bundle, whose list would not have it, and no evidence is replaced.
    let inside = files.name("bundle/mine.html");
    tierbench(&["audit", "report", &bundle, "--out", &inside]).code(2).stderr(contains("bundle"));
    let lost = files.name("stated.toml");
    tierbench(&["audit", "report", &bundle, "--laboratory", &lab, "--out", &lost]).code(2);
    // A bundle that was changed still gets a page, which says so on top.
    std::fs::write(files.path("bundle/report.html"), "other").unwrap();
    let changed = tierbench(&["audit", "report", &bundle, "--key", &public, "--out", &out]);
    changed.code(11).stderr(contains("files"));
    let page = std::fs::read_to_string(&out).unwrap();
    let signed = section(&page, "signatures");
    assert!(page.contains("CHECKS FAILED") && !signed.contains("Ed25519"));
    assert!(signed.contains("holds, but other checks failed (files)"), "{signed}");
    assert!(!signed.contains("No digital signature"), "{signed}");
}

#[test]
fn a_record_that_disagrees_with_itself_gets_no_report_and_the_template_is_printed() {
    let files = Files::new();
    for file in ["record.json", "samples.jsonl"] {
        std::fs::copy(Path::new(AUDIT).join(file), files.path(file)).unwrap();
    }
    let head = std::fs::read_to_string(files.path("record.json")).unwrap();
    let edited = head.replacen("\"process_starts\": 5", "\"process_starts\": 6", 1);
    assert_ne!(head, edited);
    files.write("record.json", &edited);
    let out = files.name("report.html");
    let folder = files.0.path().display().to_string();
    let refused = tierbench(&["audit", "report", &folder, "--out", &out]);
    refused.code(9).stderr(contains("disagrees with itself"));
    assert!(!files.path("report.html").exists());
    tierbench(&["audit", "report", "--laboratory-template"]).success().stdout(contains("[item]"));
}
