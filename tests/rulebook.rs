//! The rule book and the catalogue as `classify` shows them: what is in effect, what it means, what it rests on.

use std::collections::BTreeSet;

use assert_cmd::Command;
use serde_json::Value;
use tierbench::normalize::{Book, DataCenter};

fn text(flags: &str) -> String {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    let done = command.arg("classify").args(flags.split(' ')).assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn json(flags: &str) -> Value {
    serde_json::from_str(&text(&format!("{flags} --format json"))).unwrap()
}

fn finding<'a>(answer: &'a Value, rule: &str, clause: &str) -> &'a Value {
    let findings = answer["findings"].as_array().unwrap();
    let found = findings.iter().find(|f| f["rule"] == rule && f["clause"] == clause);
    found.unwrap_or_else(|| panic!("{rule} {clause} is not there"))
}

#[test]
fn what_is_made_for_data_centers_is_never_cleared_by_note_2() {
    let book = Book::load().unwrap();
    for chip in &book.catalogue.chips {
        let asic = chip.segment.contains("datacenter") || chip.segment.contains("asic");
        assert!(!asic || chip.data_center != DataCenter::Known(false), "{}", chip.id);
    }
    let answer = json("--chip google-v5e --as-of 2026-06-01");
    assert_eq!(finding(&answer, "us-3a090-2023", "note-2")["declared"], "not-met");
    assert_eq!(finding(&answer, "us-3a090-2023", "a.2")["declared"], "met");
}

#[test]
fn every_rule_set_is_on_the_page_that_says_what_was_read() {
    let page = std::fs::read_to_string("docs/rulebook.md").unwrap();
    let named: BTreeSet<&str> = page
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| std::path::Path::new(&format!("data/rules/{word}.toml")).exists())
        .collect();
    let book = Book::load().unwrap();
    let ids: BTreeSet<&str> = book.rules.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(named, ids);
    for rule in &book.rules.rules {
        for clause in &rule.clause {
            assert!(clause.cite.is_some() && clause.means.is_some(), "{} {}", rule.id, clause.id);
        }
    }
}

#[test]
fn letters_and_rules_without_clauses_are_shown_and_what_is_left_out_is_named() {
    let answer = json("--chip nv-h20 --as-of 2026-06-01");
    assert_eq!(finding(&answer, "us-letter-2025-04", "letter.dram")["declared"], "met");
    let ids = |key: &str| -> Vec<String> {
        let all = answer[key].as_array().unwrap().iter();
        all.map(|other| other["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert!(ids("to_be_read").contains(&"us-guid-2026-05-31".into()));
    assert!(ids("left_out").contains(&"bill-gain".into()));
    let page = text("--chip nv-h20 --as-of 2026-06-01");
    assert!(page.contains("letter, binds its addressees only"), "{page}");
    assert!(page.contains("no legal advice") && page.contains("read up to"), "{page}");
}

#[test]
fn a_day_decides_what_a_rule_is_called() {
    let status = |day: &str| {
        let answer = json(&format!("--chip nv-h100-sxm --rule us-3a090-2023 --as-of {day}"));
        finding(&answer, "us-3a090-2023", "a.1")["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (status("2023-10-30"), status("2023-11-17")),
        ("not_yet_in_effect".into(), "in_force".into())
    );
    let page = text("--chip nv-h100-sxm --rule us-3a090-2022 --as-of 2024-01-01");
    assert!(page.contains("superseded on 2023-11-17"), "{page}");
    let page = text("--chip nv-h100-sxm --as-of 2999-01-01");
    assert!(page.contains("WARNING: 2999-01-01 is later"), "{page}");
}

#[test]
fn an_answer_names_the_paragraph_its_meaning_and_what_it_rests_on() {
    let answer = json("--chip nv-h200-sxm --as-of 2026-06-01");
    let governs = &answer["answer"]["governs"];
    assert_eq!((&governs["clause"], &governs["effect"]), (&"a.1".into(), &"controls".into()));
    assert!(governs["means"].as_str().unwrap().contains("presumption of denial"));
    for finding in answer["findings"].as_array().unwrap() {
        for key in ["effect", "text", "effective", "superseded", "scope", "url", "evidence"] {
            assert!(finding.get(key).is_some(), "{key} of {finding}");
        }
    }
    let why = finding(&answer, "us-3a090-2023", "a.1")["why"].to_string();
    assert!(why.contains("data_center: yes (") && why.contains("http"), "{why}");
}

#[test]
fn figures_by_hand_replace_those_of_a_chip_and_are_named() {
    let answer = json("--chip nv-rtx5090d --data-center yes --as-of 2026-06-01");
    assert_eq!(finding(&answer, "us-3a090-2023", "a.2")["declared"], "met");
    assert_eq!(answer["subject"]["overrides"][0], "--data-center yes");
    let page = text("--chip nv-h200-sxm --fact data_center=no --as-of 2026-06-01");
    assert!(page.contains("data_center: no (said by hand)"), "{page}");
    // In all that the sources leave open, too.
    let answer = json("--chip nv-r200 --tops 8=100 --as-of 2026-06-01");
    assert_eq!(finding(&answer, "us-3a090-2023", "a.1")["declared"], "not-met");
}

#[test]
fn no_dram_is_a_fact_and_a_part_of_an_area_bounds_a_density_from_above() {
    let answer =
        json("--tops 8=750 --die-mm2 725 --dram-gb-per-s 0 --data-center yes --as-of 2026-06-01");
    assert_eq!(finding(&answer, "us-cn-review-2026", "eligible")["declared"], "met");
    let answer = json("--chip amd-mi300x --as-of 2026-06-01");
    assert_eq!(answer["quantities"]["performance_density"]["declared"], Value::Null);
    assert_eq!(finding(&answer, "us-3a090-2023", "a.2")["declared"], "undetermined");
    assert!(text("--chip amd-mi300x --as-of 2026-06-01").contains("at most"));
    // A rate that is known as a lower bound meets a limit that it reaches and refutes none.
    let answer = json("--chip amd-mi308x --as-of 2026-06-01");
    assert_eq!(finding(&answer, "us-3a090-2023", "a.1")["declared"], "undetermined");
}

#[test]
fn one_chip_is_no_computer_and_the_answer_says_how_many_would_be() {
    let answer = json("--chip nv-h200-sxm --as-of 2026-06-01");
    let found = finding(&answer, "us-supercomp", "supercomputer");
    assert_eq!(found["declared"], "undetermined");
    let why = found["why"].to_string();
    assert!(why.contains("about a system") && why.contains("1,493 such chips"), "{why}");
}

#[test]
fn a_review_is_for_what_is_controlled_and_was_on_sale() {
    for chip in ["nv-l20", "hw-910c", "apple-m3ultra"] {
        let answer = json(&format!("--chip {chip} --as-of 2026-06-01"));
        assert_eq!(
            finding(&answer, "us-cn-review-2026", "eligible")["declared"],
            "not-met",
            "{chip}"
        );
    }
    let answer = json("--tops 8=750 --dram-gb-per-s 0 --data-center yes --as-of 2026-06-01");
    let why = finding(&answer, "us-cn-review-2026", "eligible")["why"].to_string();
    assert!(why.contains("presumed yes"), "{why}");
}

#[test]
fn what_was_first_marketed_later_was_not_on_sale() {
    for flags in ["--chip nv-h200-sxm", "--tops 8=700 --dram-gb-per-s 3000 --data-center yes"] {
        let answer = json(&format!("{flags} --first-marketed 2027-01-01 --as-of 2027-02-01"));
        for clause in ["eligible", "us-market"] {
            let found = finding(&answer, "us-cn-review-2026", clause);
            assert_eq!(found["declared"], "not-met", "{flags} {clause}");
        }
    }
}

#[test]
fn an_answer_without_the_control_list_says_so() {
    let page = text("--chip nv-h200-sxm --rule us-tariff232-2026 --as-of 2026-06-01");
    assert!(page.contains("not among the rules applied"), "{page}");
    let page = text("--chip nv-a100-sxm4-80 --as-of 2022-10-10");
    assert!(page.contains("not among the rules applied"), "{page}");
    // Note 2 is open for this card, and no paragraph depends on it.
    let page = text("--chip intel-b60 --as-of 2026-06-01");
    assert!(page.contains("no paragraph of 3A090"), "{page}");
    let page = text("--chip nv-h20 --as-of 2026-06-01");
    assert!(
        page.contains("also hold") && page.contains("letter, binds its addressees only)"),
        "{page}"
    );
}

#[test]
fn a_quantity_by_hand_is_shown_and_a_sum_is_not_called_a_product() {
    let answer = json("--quantity tpp=5000 --data-center yes --as-of 2026-06-01");
    assert_eq!(answer["quantities"]["tpp"]["declared"], 5000.0);
    let page = text("--chip nv-h20 --aggregation sum --as-of 2026-06-01");
    assert!(page.contains("3,776 under these readings"), "{page}");
    assert!(text("--chip aws-trn1 --as-of 2026-06-01").contains("TPP 3,610 to"), "the whole span");
}

#[test]
fn the_highest_product_counts_whatever_its_bit_length() {
    let answer = json("--chip amd-mi355x --as-of 2026-06-01");
    let tpp = answer["quantities"]["tpp"]["declared"].as_f64().unwrap();
    assert!((tpp - 10_066.3 * 6.0).abs() < 0.1, "MXFP6 at the rate of MXFP4: {tpp}");
}

#[test]
fn no_rule_is_there_before_its_first_day_nor_missing_on_it() {
    let there = |day: &str, rule: &str| {
        let answer = json(&format!("--chip nv-rtx4090 --as-of {day}"));
        answer["findings"].as_array().unwrap().iter().any(|f| f["rule"] == rule)
    };
    for (rule, first) in [
        ("us-supercomp", ["2022-10-20", "2022-10-21"]),
        ("us-3a991p", ["2022-10-20", "2022-10-21"]),
        ("us-3a090-2023-nac", ["2023-11-16", "2023-11-17"]),
        ("us-3a090-2024-04", ["2024-04-03", "2024-04-04"]),
        ("us-letter-2025-04", ["2025-04-08", "2025-04-09"]),
        ("us-gp10-2025-05", ["2025-05-12", "2025-05-13"]),
        ("us-cn-review-2026", ["2026-01-14", "2026-01-15"]),
    ] {
        assert_eq!(first.map(|day| there(day, rule)), [false, true], "{rule}");
    }
    assert!(!there("2024-04-04", "us-3a090-2023-nac"), "its successor replaces it");
}

#[test]
fn a_circuit_of_a_designer_in_d5_is_presumed_to_break_the_rules() {
    let answer = json("--chip hw-910c --as-of 2026-06-01");
    assert_eq!(finding(&answer, "us-gp10-2025-05", "presumption")["declared"], "met");
    let answer = json("--chip nv-h200-sxm --as-of 2026-06-01");
    assert_eq!(finding(&answer, "us-gp10-2025-05", "presumption")["declared"], "not-met");
}
