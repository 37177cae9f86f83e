//! The decision table of docs/verdicts.md, row by row: what is declared and measured of an item, and the word.

use std::collections::BTreeMap;

use tierbench::normalize::{Bits, Book, Demonstrated, Figures, Options, Rate, quantities};
use tierbench::record::{Measured as M, Quantity};
use tierbench::verdict::{Evidence, decide};

/// An item: declared TPP, area and whether it is made for data centers; measured TPP and its relative uncertainty.
struct Item {
    declared: Option<f64>,
    area: Option<f64>,
    data_center: Option<bool>,
    measured: Option<f64>,
    u: f64,
}

const OF_DATA_CENTERS: Item =
    Item { declared: None, area: Some(814.0), data_center: Some(true), measured: None, u: 0.01 };

fn quantity(value: Option<f64>, u: f64) -> Quantity {
    Quantity {
        demonstrated: value,
        demonstrated_lower: value.map(|x| x * (1.0 - u)),
        ..Quantity::default()
    }
}

fn word(book: &Book, item: &Item, software: bool, clause: &str) -> M {
    let (rule, clause) = clause.split_once('/').unwrap();
    let rule = book.rules.rules.iter().find(|r| r.id == rule).unwrap();
    let clause = rule.clause.iter().find(|c| c.id == clause).unwrap();
    // At 16 bits, so that a TPP of 1,600 is 100 TOPS.
    let rate = |tpp: f64| Rate {
        format: "fp16".into(),
        tops: tpp / 16.0,
        bits: Bits::Plain(16.0),
        vector: false,
    };
    let figures = Figures {
        rates: item.declared.map(rate).into_iter().collect(),
        die_mm2: item.area,
        data_center: item.data_center,
        ..Figures::default()
    };
    let shown = Demonstrated {
        tpp: quantity(item.measured, item.u),
        tops: quantity(item.measured.map(|tpp| tpp / 16.0), item.u),
        software,
        ..Demonstrated::default()
    };
    let options = Options::default();
    let declared = Evidence::declared(&figures, options).unwrap();
    let usual = |name: &str| (name.to_owned(), (0.45, "a test".to_owned()));
    let evidence = Evidence {
        quantities: quantities(&shown, &figures, options),
        software,
        usual_low: BTreeMap::from([usual("tpp"), usual("performance_density")]),
        ..declared
    };
    decide(&book.rules, rule, clause, &evidence).measured
}

#[test]
fn windows_reliefs_and_facts_have_words_of_their_own() {
    let book = Book::load().unwrap();
    let fast = Item { declared: Some(15_832.0), measured: Some(8_900.0), ..OF_DATA_CENTERS };
    let slow_run = Item { declared: Some(15_832.0), measured: Some(700.0), ..OF_DATA_CENTERS };
    let lied = Item { declared: Some(2_368.0), measured: Some(9_000.0), ..OF_DATA_CENTERS };
    let inside = Item { declared: Some(2_368.0), measured: Some(2_000.0), ..OF_DATA_CENTERS };
    let card = Item {
        declared: Some(1_900.0),
        data_center: Some(false),
        measured: Some(1_500.0),
        ..OF_DATA_CENTERS
    };
    let unmeasured = Item { declared: Some(2_368.0), ..OF_DATA_CENTERS };
    for (name, item, clause, expected) in [
        // Far above a window from 2,400 to 4,800: it is not below it.
        ("fast", &fast, "us-3a090-2023/b.1", M::AboveWindow),
        ("slow run", &slow_run, "us-3a090-2023/b.1", M::AboveWindowByDeclaration),
        ("fast", &fast, "us-3a090-2023/a.1", M::Exceeds),
        ("slow run", &slow_run, "us-3a090-2023/a.1", M::ExceedsByDeclaration),
        // Faster than declared comes before everything that rests on the declaration.
        ("lied", &lied, "us-3a090-2023/a.1", M::Exceeds),
        ("inside", &inside, "us-3a090-2023/a.1", M::ConsistentWithBelow),
        // The measurement alone takes it out of a relief, whatever the declared facts are.
        ("fast", &fast, "us-3a090-2023/note-2", M::Exceeds),
        ("inside", &inside, "us-3a090-2023/note-2", M::ExceedsByDeclaration),
        ("card", &card, "us-3a090-2023/note-2", M::ConsistentWithBelow),
        // A rate of any bit length bears on a line in TOPS.
        ("fast", &fast, "us-3a991p/p.tops", M::Exceeds),
        ("unmeasured", &unmeasured, "us-3a090-2023/a.1", M::Invalid),
    ] {
        assert_eq!(word(&book, item, false, clause), expected, "{name} under {clause}");
        let software = word(&book, item, true, clause);
        assert!([M::Invalid, M::NotShownToExceed].contains(&software), "{name}: {software:?}");
    }
}

#[test]
fn a_lower_bound_on_density_takes_the_largest_area_that_sources_leave_open() {
    let book = Book::load().unwrap();
    let chip = book.catalogue.by_id("nv-b200").unwrap();
    let figures = Figures::of(chip);
    let shown = Demonstrated { tpp: quantity(Some(8_000.0), 0.0), ..Demonstrated::default() };
    let density = quantities(&shown, &figures, Options::default()).performance_density;
    let [_, largest] = chip.ranges["die_area_mm2"];
    assert!(largest > chip.die_area_mm2.unwrap());
    assert_eq!(density.demonstrated_lower, Some(8_000.0 / largest));
    assert_eq!(density.demonstrated, Some(8_000.0 / chip.die_area_mm2.unwrap()));
}

#[test]
fn the_best_bound_need_not_be_that_of_the_fastest_workload() {
    let merged = Demonstrated { tpp: quantity(Some(640.0), 0.5), ..Demonstrated::default() }
        .merge(Demonstrated { tpp: quantity(Some(608.0), 0.01), ..Demonstrated::default() });
    assert_eq!(merged.tpp.demonstrated, Some(640.0));
    assert_eq!(merged.tpp.demonstrated_lower, Some(608.0 * 0.99));
}

#[test]
fn every_word_stands_in_the_document() {
    let document = std::fs::read_to_string("docs/verdicts.md").unwrap();
    for word in [
        M::Exceeds,
        M::ExceedsConditionally,
        M::ExceedsByDeclaration,
        M::ContradictsDeclaration,
        M::NearLimit,
        M::NotShownToExceed,
        M::ConsistentWithBelow,
        M::SuspiciouslyLow,
        M::AboveWindow,
        M::AboveWindowByDeclaration,
        M::NotApplicable,
        M::Invalid,
    ] {
        let row = format!("| `{}` |", word.as_str());
        assert!(document.contains(&row), "docs/verdicts.md lacks {row}");
    }
}
