//! The test report against what a laboratory states: its number, its keys, what clashes with the record, and how figures
//! without a bound are told.

use std::path::Path;

use tierbench::audit::{LABORATORY_TEMPLATE, LaboratoryFile, Outcome, of_record, verify};
use tierbench::conclude::rederive;
use tierbench::normalize::Book;
use tierbench::record::{self, Record, State};
use tierbench::report::{TestReport, test_report};

const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";
/// 2026-11-25.
const NOW_S: i64 = 1_795_600_000;

/// The report of the committed audit, changed before or after its figures are drawn, under a laboratory's file.
fn page(laboratory: &str, signers: &[String], change: impl FnOnce(&mut Record)) -> String {
    let book = Book::load().unwrap();
    let stored = record::read(Path::new(AUDIT)).unwrap();
    let mut derived = rederive(&stored, &book).unwrap();
    let bytes = of_record(AUDIT.as_ref(), &stored, &book);
    let mut found = verify(&stored, &derived, ("a", "b"), bytes, &book, NOW_S);
    if let Some(signature) = found.checks.iter_mut().find(|check| check.id == "signature") {
        signature.state = if signers.is_empty() { Outcome::Fail } else { Outcome::Pass };
        signature.why = "the key 0123456789ab has not signed it".into();
    }
    change(&mut derived.record);
    let report = TestReport {
        record: &derived.record,
        sha256: &"ab".repeat(32),
        standing: &derived.standing.text(),
        verification: &found,
        signers,
        laboratory: &LaboratoryFile::parse("LAB.toml", laboratory).unwrap(),
    };
    test_report(&report, &book).unwrap()
}

/// The text from the heading with this id to the end of its section, white space made single.
fn section(page: &str, id: &str) -> String {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(page, options).unwrap();
    let found = document
        .descendants()
        .find(|node| node.attribute("aria-labelledby") == Some(id) && node.has_tag_name("section"));
    let found = found.unwrap_or_else(|| panic!("no section {id}"));
    let texts = found.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text());
    texts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_template_with_everything_stated_makes_a_report() {
    let stated: String = LABORATORY_TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(key) if !key.starts_with(' ') => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let page = page(&stated, &[], |_| ());
    assert!(section(&page, "b").contains("laboratory@example.org"));
    assert!(section(&page, "i").contains("room air 21 to 23 degrees Celsius"));
    let named = section(&page, "d");
    assert!(named.contains("2026-0117-B") && named.contains("2026-0117-A"), "{named}");
    assert!(named.contains("20261124T143105Z-llvmpipe-llvm-19-ebb7"), "{named}");
    assert!(page.contains("— End of test report 2026-0117-B —"));
    assert!(page.contains("\"Test report \" \"2026-0117-B\""), "the margin has another number");
}

#[test]
fn keys_are_tied_to_roles_and_one_that_did_not_sign_is_told() {
    let [lab, witness, other] = ["0a", "1b", "2c"].map(|digits| digits.repeat(32));
    let stated = format!("[laboratory]\nkey = {lab:?}\n[witness]\nkey = \"{}\"", &witness[..12]);
    let signed = |signers: &[&String]| {
        let signers: Vec<String> = signers.iter().map(|id| (*id).clone()).collect();
        section(&page(&stated, &signers, |_| ()), "signatures")
    };
    let both = signed(&[&lab, &witness]);
    assert!(both.contains(&format!("{lab} (the laboratory’s, as stated)")), "{both}");
    assert!(both.contains(&format!("{witness} (the witness’s, as stated)")), "{both}");
    assert!(!both.contains("NOT AMONG") && both.matches("was verified").count() == 2, "{both}");
    let one = signed(&[&lab, &other]);
    assert!(
        one.contains("NOT AMONG THE KEYS") && one.contains("whose it is, is not stated"),
        "{one}"
    );
    let none = signed(&[]);
    assert!(none.contains("no signature of it was verified"), "{none}");
    let denied = page("[laboratory]\nkey = \"0123456789ab\"", &[], |_| ());
    assert!(section(&denied, "signatures").contains("THIS KEY HAS NOT SIGNED"));
}

#[test]
fn statements_that_the_record_contradicts_are_told() {
    let told =
        |laboratory: &str, change: fn(&mut Record)| section(&page(laboratory, &[], change), "n");
    let head = "statements and the record differ";
    // The day before and the day after are somewhere else on Earth, at 14:31 UTC only the latter.
    for day in ["2026-11-24", "2026-11-25", "2026-11-20/2026-11-24"] {
        let text = told(&format!("[activity]\nperformed = {day:?}"), |_| ());
        assert!(!text.contains(head), "{day}: {text}");
    }
    for (stated, words) in [
        ("performed = \"2026-11-20\"", "the test was performed on 2026-11-20"),
        ("performed = \"2026-11-26/2026-11-27\"", "performed on 2026-11-26/2026-11-27"),
        ("received = \"2026-11-27\"", "the item was received on 2026-11-27"),
        ("issued = \"2026-11-01\"", "the report was issued on 2026-11-01"),
    ] {
        let text = told(&format!("[activity]\n{stated}"), |_| ());
        assert!(text.contains(head) && text.contains(words), "{stated}: {text}");
        assert!(text.contains("2026-11-24T14:31:05Z"), "{text}");
    }
    let card = "[item]\ndescription = \"NVIDIA H100 PCIe, 80 GB\"";
    let text = told(card, |_| ());
    assert!(text.contains("by a CPU (llvmpipe") && text.contains("and not by the item"), "{text}");
    let on = |name: &'static str| {
        move |r: &mut Record| {
            r.adapter.software = false;
            r.adapter.name = name.into();
        }
    };
    let other = section(&page(card, &[], on("NVIDIA H200")), "n");
    assert!(
        other.contains("which names H100") && other.contains("adapter is NVIDIA H200"),
        "{other}"
    );
    let same = section(&page(card, &[], on("NVIDIA H100 80GB HBM3")), "n");
    assert!(!same.contains(head), "{same}");
    let plain = "[item]\ndescription = \"one accelerator card, SXM5, 80GB\"";
    assert!(!section(&page(plain, &[], on("NVIDIA H200")), "n").contains(head));
}

#[test]
fn what_has_no_bound_or_no_arithmetic_says_so() {
    let page = page("", &[], |r| {
        let wide = r.workloads.iter_mut().find(|w| w.label() == "roof f32 16384").unwrap();
        wide.summary.as_mut().unwrap().uncertainty.as_mut().unwrap().expanded = 1.25;
        let last = r.workloads.last_mut().unwrap();
        last.state = State::Unsupported;
        last.reason = Some("it needs `shader-f16`".into());
    });
    let text = section(&page, "m");
    assert!(
        text.contains("125.0 %") && text.contains("no lower bound: U is 100 % or more"),
        "{text}"
    );
    assert!(!text.contains('`') && page.contains("it needs <code>shader-f16</code>"), "{text}");
    assert!(!page.contains('±') || !section(&page, "brief").contains('±'));
    assert!(text.contains("empty - yes"), "{text}");
    assert!(text.contains("bandwidth-copy 67108864 - yes"), "{text}");
    assert!(text.contains("1024 matrix yes"), "the unit of roof-matrix: {text}");
    let brief = section(&page, "brief");
    assert!(brief.contains("Verified 15 verified, 1 unsupported"), "{brief}");
}

#[test]
fn the_page_keeps_signatures_together_and_can_be_read_on_a_narrow_screen() {
    let page = page("", &[], |_| ());
    assert!(page.contains("<section class=\"together\" aria-labelledby=\"signatures\">"));
    assert!(page.contains(".signatures, .together, .end"));
    let narrow = page.split("@media screen and (max-width: 560px)").nth(1).unwrap();
    assert!(narrow.contains("attr(data-label)") && narrow.contains("move it sideways"));
    for label in ["unit", "rate x", "U", "k", "starts / samples", "clock"] {
        assert!(page.contains(&format!("data-label=\"{label}\"")), "{label}");
    }
}
