//! The rule engine against worked examples of the rules and figures of real chips.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tierbench::normalize::{
    Bits, Catalogue, Figures, Interval, Options, Rate, Rule, Rulebook, Subject, Truth,
};
use tierbench::record::{Measured, Quantities, Quantity};
use tierbench::verdict::{Evidence, decide};

fn subject(tpp: f64, density: Option<f64>, data_center: bool) -> Subject {
    let mut subject = Subject::default();
    subject.set("tpp", Interval::point(tpp)).unwrap();
    if let Some(density) = density {
        subject.set("performance_density", Interval::point(density)).unwrap();
    }
    subject.set_fact("data_center", data_center).unwrap();
    subject
}

/// Clauses that are met, in order.
fn met(rule: &str, subject: &Subject) -> Vec<String> {
    let rules = Rulebook::load().unwrap();
    let rule = rules.rules.iter().find(|r| r.id == rule).unwrap();
    let holds = |c: &&tierbench::normalize::Clause| rules.evaluate(rule, c, subject) == Truth::Met;
    rule.clause.iter().filter(holds).map(|c| c.id.clone()).collect()
}

#[test]
fn limits_of_3a090_are_literal() {
    let cases: &[(f64, f64, bool, &[&str])] = &[
        (4800.0, 1.0, true, &["a.1"]),
        (4799.0, 5.0, false, &["note-2"]),
        (4799.0, 4799.0 / 814.0, true, &["b.1", "b.2"]),
        (4799.0, 4799.0 / 800.0, true, &["a.2"]),
        (1599.99, 160.0, true, &[]),
        (1600.0, 5.92, true, &["a.2"]),
        (1600.0, 3.2, true, &["b.2"]),
        (2400.0, 1.6, true, &["b.1"]),
        (2399.9, 3.19, true, &[]),
        (6128.0, 4.23, true, &["a.1", "b.2"]),
    ];
    for (tpp, density, data_center, expected) in cases {
        let found = met("us-3a090-2023", &subject(*tpp, Some(*density), *data_center));
        assert_eq!(found, *expected, "TPP {tpp}, density {density}, data center {data_center}");
    }
}

#[test]
fn the_review_box_is_strict_on_both_sides() {
    for (tpp, dram, eligible) in [
        (21000.0, 1.0, false),
        (20999.99, 6500.0, false),
        (20919.2, 6000.0, true),
        (15832.0, 4800.0, true),
    ] {
        let mut subject = subject(tpp, None, true);
        subject.set("dram_bandwidth_gb_per_s", Interval::point(dram)).unwrap();
        assert_eq!(!met("us-cn-review-2026", &subject).is_empty(), eligible, "{tpp}, {dram}");
    }
}

#[test]
fn declared_figures_of_the_catalogue_give_the_published_answers() {
    let catalogue = Catalogue::load().unwrap();
    assert_eq!(catalogue.chips.len(), 271);
    for (id, tpp) in [
        ("nv-h20", 2368.0),
        ("nv-h200-sxm", 15832.0),
        // The highest product: 835.5 x 16. Tables often print the 8-bit one, below.
        ("nv-h200-nvl", 13368.0),
        ("nv-b200", 36000.0),
        ("nv-rtx4090", 5284.8),
        ("amd-mi325x", 20919.2),
    ] {
        let found = catalogue.by_id(id).unwrap().tpp().unwrap();
        assert!((found - tpp).abs() < 0.5, "{id}: {found}, published {tpp}");
    }
    let by_8_bit = catalogue.by_id("nv-h200-nvl").unwrap().dense_tops["fp8"] * 8.0;
    assert!((by_8_bit - 13364.0).abs() < 0.5, "{by_8_bit}");
    // Not in the catalogue's figures: no die area means no density, not zero.
    let without = catalogue.chips.iter().find(|c| c.die_area_mm2.is_none() && c.tpp().is_some());
    assert_eq!(without.unwrap().performance_density(), None);
}

#[test]
fn a_rule_that_names_an_unknown_quantity_or_clause_is_refused_with_its_file() {
    let good = std::fs::read_to_string("data/rules/us-cn-review-2026.toml").unwrap();
    assert!(Rule::parse("rule.toml", &good).is_ok());
    for (from, to, expected) in [
        ("quantity = \"tpp\"", "quantity = \"flops\"", "\"flops\" is not known"),
        ("quantity = \"tpp\", below = 21000", "clause = \"nowhere\"", "no earlier clause"),
        ("below = 21000", "beneath = 21000", "beneath"),
        ("\"in_force\"", "\"maybe\"", "key `status`"),
        ("\"2026-01-15\"\n", "\"January\"\n", "no date"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        let error = Rule::parse("rule.toml", &bad).unwrap_err();
        assert_eq!(error.exit_code(), 9);
        let text = error.to_string();
        assert!(text.contains("rule.toml") && text.contains(expected), "{text}");
    }
}

/// What the decision table says of clause a.1 of 3A090 (TPP of 4,800) for hardware, unless `software`.
fn measured(
    tpp: f64,
    relative_uncertainty: f64,
    declared: Option<f64>,
    software: bool,
) -> Measured {
    measured_with(tpp, relative_uncertainty, declared, software, false)
}

fn measured_with(
    tpp: f64,
    relative_uncertainty: f64,
    declared: Option<f64>,
    software: bool,
    held_back: bool,
) -> Measured {
    let mut stated = Subject::default();
    stated.set_fact("data_center", true).unwrap();
    if let Some(declared) = declared {
        stated.set("tpp", Interval::point(declared)).unwrap();
    }
    let evidence = Evidence {
        data_center_source: None,
        unverified: false,
        quantities: Quantities {
            tpp: Quantity {
                declared,
                demonstrated: Some(tpp),
                demonstrated_lower: Some(tpp * (1.0 - relative_uncertainty)),
                ..Quantity::default()
            },
            ..Quantities::default()
        },
        declared: stated,
        tpp_arithmetic: None,
        software,
        held_back,
        usual_low: BTreeMap::from([("tpp".into(), (0.45, "a test".into()))]),
    };
    let rules = Rulebook::load().unwrap();
    let rule = rules.rules.iter().find(|r| r.id == "us-3a090-2023").unwrap();
    let clause = rule.clause.iter().find(|c| c.id == "a.1").unwrap();
    decide(&rules, rule, clause, &evidence).measured
}

#[test]
fn every_word_of_the_decision_table_has_its_case() {
    use Measured as M;
    for (tpp, u, declared, software, expected) in [
        (5000.0, 0.01, None, false, M::Exceeds),
        (4810.0, 0.01, None, false, M::ExceedsConditionally),
        (3000.0, 0.01, Some(5000.0), false, M::ExceedsByDeclaration),
        (3000.0, 0.01, Some(2368.0), false, M::ContradictsDeclaration),
        (4790.0, 0.01, None, false, M::NearLimit),
        (3000.0, 0.01, None, false, M::NotShownToExceed),
        (2200.0, 0.01, Some(2368.0), false, M::ConsistentWithBelow),
        (2200.0, 0.01, Some(2368.0), true, M::NotShownToExceed),
        (500.0, 0.01, Some(2368.0), false, M::SuspiciouslyLow),
    ] {
        assert_eq!(measured(tpp, u, declared, software), expected, "{tpp} {u} {declared:?}");
    }
    assert_eq!(measured_with(2200.0, 0.01, Some(2368.0), false, true), M::SuspiciouslyLow);
    assert_eq!(measured_with(5000.0, 0.01, Some(2368.0), false, true), M::Exceeds);
}

/// Strength of a word as evidence that the item is at or above the limit.
fn strength(word: Measured) -> u8 {
    match word {
        Measured::Exceeds => 5,
        Measured::ContradictsDeclaration => 4,
        Measured::ExceedsConditionally => 3,
        Measured::ExceedsByDeclaration => 2,
        Measured::NearLimit => 1,
        Measured::NotShownToExceed
        | Measured::ConsistentWithBelow
        | Measured::SuspiciouslyLow
        | Measured::AboveWindow
        | Measured::AboveWindowByDeclaration
        | Measured::NotApplicable
        | Measured::Invalid => 0,
    }
}

proptest! {
    #[test]
    fn more_speed_never_weakens(
        tpp in 100.0f64..9000.0, more in 1.0f64..3.0, u in 0.0f64..0.3, declared in proptest::option::of(100.0f64..9000.0),
        held_back: bool,
    ) {
        let word = |tpp| measured_with(tpp, u, declared, false, held_back);
        prop_assert!(strength(word(tpp * more)) >= strength(word(tpp)), "{:?} to {:?}", word(tpp), word(tpp * more));
    }

    #[test]
    fn more_uncertainty_never_strengthens_a_proof(
        tpp in 100.0f64..9000.0, u in 0.0f64..0.3, more in 0.0f64..0.3, declared in proptest::option::of(100.0f64..9000.0),
    ) {
        let (sure, unsure) = (measured(tpp, u, declared, false), measured(tpp, u + more, declared, false));
        for proof in [Measured::Exceeds, Measured::ContradictsDeclaration] {
            if sure != proof && sure != Measured::Exceeds {
                prop_assert_ne!(unsure, proof);
            }
        }
    }

    #[test]
    fn software_and_held_back_runs_are_never_consistent_with_below(
        tpp in 100.0f64..9000.0, declared in 100.0f64..9000.0, software: bool,
    ) {
        let word = measured_with(tpp, 0.01, Some(declared), software, !software);
        prop_assert_ne!(word, Measured::ConsistentWithBelow);
    }

    #[test]
    fn below_is_never_said_without_a_declaration(tpp in 1.0f64..9000.0, u in 0.0f64..0.3) {
        let word = measured(tpp, u, None, false);
        prop_assert!(word != Measured::ConsistentWithBelow && word != Measured::SuspiciouslyLow);
    }
}

#[test]
fn every_quantity_of_a_record_is_one_that_rules_know() {
    let mut subject = Subject::default();
    for name in Quantities::default().by_name().keys() {
        assert!(subject.set(name, Interval::UNKNOWN).is_ok(), "{name}");
    }
    assert!(subject.set("speed", Interval::UNKNOWN).unwrap_err().contains("tpp"));
}

fn figures(tops: f64, die: f64, dram: f64) -> Figures {
    let rate = |bits: f64, tops| Rate {
        format: format!("{bits} bit"),
        tops,
        bits: Bits::Plain(bits),
        vector: false,
    };
    Figures {
        rates: vec![rate(16.0, tops), rate(8.0, tops * 2.1), rate(4.0, tops * 3.0)],
        die_mm2: Some(die),
        dram_gb_per_s: Some(dram),
        io_gb_per_s: Some(dram / 4.0),
        fp64_tflops: Some(tops / 10.0),
        data_center: Some(true),
        ..Figures::default()
    }
}

/// Truth of every clause of every rule.
fn truths(figures: &Figures) -> Vec<(String, Truth)> {
    let book = Rulebook::load().unwrap();
    let rules: Vec<&Rule> = book.rules.iter().collect();
    let options = Options::default();
    let truths = book.truths(&rules, figures, options).unwrap();
    truths.map(|(rule, clause, truth)| (format!("{} {clause}", rule.id), truth)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn raising_a_figure_never_unmeets_a_limit_from_below(
        tops in 10.0f64..5000.0, die in 50.0f64..2000.0, dram in 50.0f64..9000.0, more in 1.0f64..4.0,
    ) {
        let before = truths(&figures(tops, die, dram));
        let after = truths(&figures(tops * more, die, dram * more));
        let one_sided = [
            "us-3a090-2023 a.1", "us-3a090-2023 a.2", "us-3a991p p.tops", "us-3a991p p.io",
            "us-letter-2025-04 letter.dram", "us-letter-2025-04 letter.io", "us-letter-2025-04 letter.sum",
            "us-app-4a003 app",
        ];
        for ((name, then), (_, now)) in before.iter().zip(&after) {
            if one_sided.contains(&name.as_str()) && *then == Truth::Met {
                prop_assert_eq!(*now, Truth::Met, "{}", name);
            }
        }
    }

    #[test]
    fn the_order_of_formats_does_not_matter(tops in 10.0f64..5000.0, die in 50.0f64..2000.0) {
        let forward = figures(tops, die, 3000.0);
        let mut backward = forward.clone();
        backward.rates.reverse();
        prop_assert_eq!(truths(&forward), truths(&backward));
    }

    #[test]
    fn taking_a_figure_away_never_turns_an_answer_round(
        tops in 10.0f64..5000.0, die in 50.0f64..2000.0, dram in 50.0f64..9000.0, which in 0usize..6,
    ) {
        let known = figures(tops, die, dram);
        let mut less = known.clone();
        match which {
            0 => less.rates.clear(),
            1 => less.die_mm2 = None,
            2 => less.dram_gb_per_s = None,
            3 => less.io_gb_per_s = None,
            4 => less.fp64_tflops = None,
            _ => less.data_center = None,
        }
        for ((name, then), (_, now)) in truths(&known).iter().zip(truths(&less)) {
            prop_assert!(now == Truth::Undetermined || now == *then, "{}: {:?} to {:?}", name, then, now);
        }
    }
}

#[test]
fn every_rule_is_cited_dated_graded_and_says_what_was_not_verified() {
    let book = Rulebook::load().unwrap();
    assert_eq!(book.rules.len(), std::fs::read_dir("data/rules").unwrap().count() - 1);
    for rule in &book.rules {
        assert!(!rule.scope.is_empty() && !rule.title.is_empty(), "{}", rule.id);
        assert!(rule.url.starts_with("http"), "{}: {}", rule.id, rule.url);
        let sure = rule.evidence == "P" && rule.not_verified.is_empty();
        assert!(sure || !rule.not_verified.is_empty() || rule.note.is_some(), "{}", rule.id);
        assert!(!rule.clause.is_empty() || rule.note.is_some(), "{} says nothing", rule.id);
    }
    // Two versions of 3A090 hand over on one day.
    let in_force =
        |day| book.in_force(day).filter(|r| r.series.as_deref() == Some("us-3a090")).count();
    assert_eq!(in_force("2023-11-16"), 1);
    assert_eq!(in_force("2023-11-17"), 1);
}
