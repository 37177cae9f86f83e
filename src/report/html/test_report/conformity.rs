//! Statements of conformity (7.8.6): which results, which dated rule, which decision rule, and at what risk.

use serde::Serialize;

use super::results::NAMES;
use super::wording::plain;
use crate::normalize::Book;
use crate::record::{Declared, Finding, Measured, Record};
use crate::stats::uncertainty::CONFIDENCE;
use crate::units::number;

/// One clause of one rule.
#[derive(Serialize)]
pub(super) struct Row {
    rule: String,
    clause: String,
    /// Title of the rule; nothing where this build does not know it.
    title: Option<String>,
    /// What it asks, in words.
    text: Option<String>,
    /// Since when, and what it binds with.
    force: String,
    citation: String,
    /// The results that the statement is about.
    results: Vec<String>,
    declared: &'static str,
    measured: &'static str,
    why: Vec<String>,
}

/// Clauses that the run or the declared figures bear on, and the names of the others.
pub(super) fn rows(record: &Record, book: &Book) -> (Vec<Row>, Vec<String>) {
    let silent =
        |f: &&Finding| f.measured == Measured::Invalid && f.declared == Declared::Undetermined;
    let all = &record.conclusion.findings;
    let rows = all.iter().filter(|f| !silent(f)).map(|f| row(f, record, book)).collect();
    (rows, all.iter().filter(silent).map(|f| format!("{} {}", f.rule, f.clause)).collect())
}

fn row(f: &Finding, record: &Record, book: &Book) -> Row {
    let known = book.rules.resolve_in(&f.rule, &f.clause);
    let day = record.created.get(..10).unwrap_or_default();
    Row {
        rule: f.rule.clone(),
        clause: f.clause.clone(),
        title: known.map(|(rule, _)| rule.title.clone()),
        text: known.map(|(_, clause)| clause.text.trim().to_owned()),
        force: known.map_or_else(
            || f.status.replace('_', " "),
            |(rule, _)| format!("{}; dated {}", rule.force_on(day), rule.dated),
        ),
        citation: f.citation.clone(),
        results: results(f, record, book),
        declared: f.declared.as_str(),
        measured: f.measured.as_str(),
        why: f.why.iter().map(|why| plain(why)).collect(),
    }
}

/// The measured quantities that a clause, and what it rests on, compares.
fn results(f: &Finding, record: &Record, book: &Book) -> Vec<String> {
    let Some((rule, clause)) = book.rules.resolve_in(&f.rule, &f.clause) else { return Vec::new() };
    let clauses = book.rules.rests_on(rule, clause);
    let comparisons: Vec<_> = clauses.into_iter().flat_map(|c| c.when.comparisons()).collect();
    let compared =
        |key: &str| comparisons.iter().any(|(sum, ..)| sum.iter().any(|n| n.quantity() == key));
    let all = record.conclusion.quantities.by_name();
    let result = |(key, name): (&str, &str)| {
        let q = all.get(key).filter(|_| compared(key))?;
        let by = q.demonstrated_by.as_deref().unwrap_or("a workload that is not named");
        let measured = format!("{name}: x = {} ({by})", number(q.demonstrated?));
        Some(match (q.demonstrated_lower, q.demonstrated_lower_by.as_deref()) {
            (Some(low), Some(other)) if other != by => {
                format!("{measured}, x - U = {} ({other})", number(low))
            }
            (Some(low), _) => format!("{measured}, x - U = {}", number(low)),
            (None, _) => format!("{measured}, U unknown"),
        })
    };
    NAMES.into_iter().filter_map(result).collect()
}

/// A word that stands in this report, when it is said, and how often it is wrong.
#[derive(Serialize)]
pub(super) struct Said {
    word: &'static str,
    when: &'static str,
    risk: String,
}

/// Risk that one bound is wrong, in percent.
pub(super) fn risk_percent() -> String {
    number(100.0 * (1.0 - CONFIDENCE))
}

/// Confidence that so many bounds all hold, in percent: at the worst their risks add up.
pub(super) fn joint_percent(bounds: usize) -> String {
    number(100.0 * (1.0 - bounds as f64 * (1.0 - CONFIDENCE)).max(0.0))
}

/// The measured words that were said, in the order of their strength.
pub(super) fn words(record: &Record) -> Vec<Said> {
    let bound = format!("false in at most {} % of cases, for each bound x - U", risk_percent());
    let none = |text: &str| text.to_owned();
    let all = [
        (Measured::Exceeds, "x - U crosses the limit", bound.clone()),
        (Measured::ContradictsDeclaration, "x - U lies above the declared value D", bound.clone()),
        (Measured::AboveWindow, "x - U lies above the upper end of the clause's window", bound),
        (
            Measured::ExceedsConditionally,
            "x crosses the limit T, and x - U does not",
            none("up to 50 %: it lies within the guard band"),
        ),
        (
            Measured::ExceedsByDeclaration,
            "the maker's figures cross the limit, and no measurement contradicts them",
            none("that of the declaration"),
        ),
        (
            Measured::AboveWindowByDeclaration,
            "the maker's figures lie above the clause's window",
            none("that of the declaration"),
        ),
        (
            Measured::NotApplicable,
            "a declared fact alone takes the item out of the clause",
            none("that of the declaration"),
        ),
        (
            Measured::ConsistentWithBelow,
            "declared below the limit, on hardware whose unit that D is about was measured, x a usual share of the declared value D, no sign of being held back",
            none("not quantified: the word “below” rests on the declaration"),
        ),
        (
            Measured::NearLimit,
            "x + U reaches the limit, and x does not",
            none("no statement: this measurement does not decide it"),
        ),
        (
            Measured::NotShownToExceed,
            "x was measured and neither x nor x + U (where U is known) reaches the limit, and no declared figure decides more: none is there, or the unit that it is about was not measured. On a software adapter it is said whatever was measured",
            none("no statement of conformity: it does not say that the item is below the limit"),
        ),
        (
            Measured::SuspiciouslyLow,
            "declared below the limit, and x is a smaller share of the declared value D than such chips usually reach, or there are signs that the chip was held back",
            none("no statement: the run is no evidence"),
        ),
        (Measured::Invalid, "no verified result bears on the clause", none("no statement")),
    ];
    let said = |word: Measured| record.conclusion.findings.iter().any(|f| f.measured == word);
    let word = |(word, when, risk): (Measured, _, _)| Said { word: word.as_str(), when, risk };
    all.into_iter().filter(|(word, ..)| said(*word)).map(word).collect()
}
