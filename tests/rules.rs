//! The rule engine against worked examples of the rules and figures of real chips.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tierbench::normalize::{Catalogue, Interval, Subject, Truth};
use tierbench::record::{Measured, Quantities, Quantity};
use tierbench::verdict::{Evidence, Rule, Rulebook, decide};

fn subject(tpp: f64, density: Option<f64>, data_center: bool) -> Subject {
    let mut subject = Subject::default();
    subject.quantities.insert("tpp".into(), Interval::point(tpp));
    if let Some(density) = density {
        subject.quantities.insert("performance_density".into(), Interval::point(density));
    }
    subject.facts.insert("data_center".into(), data_center);
    subject
}

/// Clauses that are met, in order.
fn met(rule: &str, subject: &Subject) -> Vec<String> {
    let rules = Rulebook::load().unwrap();
    let rule = rules.rules.iter().find(|r| r.id == rule).unwrap();
    let holds = |c: &&tierbench::verdict::Clause| rules.evaluate(rule, c, subject) == Truth::Met;
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
        subject.quantities.insert("dram_bandwidth_gb_per_s".into(), Interval::point(dram));
        assert_eq!(!met("us-cn-review-2026", &subject).is_empty(), eligible, "{tpp}, {dram}");
    }
}

#[test]
fn declared_figures_of_the_catalogue_give_the_published_answers() {
    let catalogue = Catalogue::load().unwrap();
    assert_eq!(catalogue.chips.len(), 149);
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

fn measured(
    tpp: f64,
    relative_uncertainty: f64,
    declared: Option<f64>,
    software: bool,
) -> Measured {
    let evidence = Evidence {
        quantities: Quantities {
            tpp: Quantity {
                declared,
                demonstrated: Some(tpp),
                demonstrated_lower: Some(tpp * (1.0 - relative_uncertainty)),
                demonstrated_by: None,
            },
            ..Quantities::default()
        },
        facts: BTreeMap::from([("data_center".into(), true)]),
        software,
        usual_low: BTreeMap::from([("tpp".into(), 0.45)]),
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
}

proptest! {
    #[test]
    fn a_faster_run_never_loses_its_proof(tpp in 100.0f64..9000.0, more in 1.0f64..3.0, u in 0.0f64..0.2) {
        if measured(tpp, u, None, false) == Measured::Exceeds {
            prop_assert_eq!(measured(tpp * more, u, None, false), Measured::Exceeds);
        }
    }

    #[test]
    fn more_uncertainty_never_makes_a_proof(tpp in 100.0f64..9000.0, u in 0.0f64..0.2, more in 0.0f64..0.2) {
        if measured(tpp, u, None, false) != Measured::Exceeds {
            prop_assert_ne!(measured(tpp, u + more, None, false), Measured::Exceeds);
        }
    }

    #[test]
    fn software_is_never_consistent_with_below(tpp in 100.0f64..9000.0, declared in 100.0f64..9000.0) {
        prop_assert_ne!(measured(tpp, 0.01, Some(declared), true), Measured::ConsistentWithBelow);
    }
}
