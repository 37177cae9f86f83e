//! Classification: every clause of the chosen rules on one item, under named options and a date.

use serde::Serialize;

use super::{Answer, Evidence, decide};
use crate::error::{Error, Result};
use crate::names::unknown;
use crate::normalize::{Book, Figures, Options, Rule, Rulebook, SoldAs, Truth};
use crate::record::{Declared, Finding, Quantities, Tier};

/// The `schema` key of a classification.
pub const CLASSIFICATION_SCHEMA: &str = "tierbench.classification/1";

/// What is classified.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Item {
    /// `chip`, `figures` or `record`.
    pub kind: String,
    /// Catalogue id, or the record's.
    pub id: Option<String>,
    /// Name for people.
    pub name: String,
    /// Grade of the catalogue's figures.
    pub grade: Option<String>,
    /// What is sold, by the catalogue.
    pub sold_as: Option<SoldAs>,
    /// What was said by hand in place of the catalogue's figures.
    pub overrides: Vec<String>,
    /// Programs whose results were imported: this one measured none of them.
    pub external: Vec<String>,
    /// What speaks against figures of other programs; those prove nothing.
    pub doubts: Vec<String>,
}

/// A rule of which no clause stands among the findings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unevaluated {
    /// Rule id.
    pub rule: String,
    /// What it is about.
    pub title: String,
    /// What it binds with on the day.
    pub force: String,
}

/// Another reading under which a clause comes out differently.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disagreement {
    /// Rule id.
    pub rule: String,
    /// Clause id.
    pub clause: String,
    /// `OPTION=READING`.
    pub option: String,
    /// What the clause is then.
    pub declared: Declared,
}

/// Every clause on one item.
#[derive(Clone, Debug)]
pub struct Classification {
    /// Day whose rules were applied.
    pub as_of: String,
    /// The item.
    pub subject: Item,
    /// The readings in use.
    pub options: Options,
    /// Readings under which something changes, one point at a time.
    pub disagreements: Vec<Disagreement>,
    /// Readings that a figure is missing for.
    pub undecided_options: Vec<String>,
    /// The regulated quantities.
    pub quantities: Quantities,
    /// Display tier.
    pub tier: Tier,
    /// What follows, in short.
    pub answer: Answer,
    /// Rules that were applied and have no clause: no figure decides, they are to be read.
    pub to_be_read: Vec<Unevaluated>,
    /// Rules that were left out: bills, drafts, foreign law, and what has no effect on the day.
    pub left_out: Vec<Unevaluated>,
    /// One entry per rule and clause.
    pub findings: Vec<Finding>,
}

impl Rulebook {
    /// The rules to apply: those named, else all that exist on the day, else those in effect on it, whatever their form.
    pub fn select(&self, day: &str, named: &[String], all: bool) -> Result<Vec<&Rule>> {
        if let Some(first) = self.rules.iter().map(|rule| rule.dated.as_str()).min()
            && day < first
        {
            return Err(Error::Usage(format!(
                "--as-of {day}: the first rule is of {first}; take that day or a later one"
            )));
        }
        for id in named {
            if !self.rules.iter().any(|rule| rule.id == *id) {
                let ids = self.rules.iter().map(|rule| rule.id.as_str());
                return Err(Error::Usage(unknown(
                    "rule",
                    id,
                    ids,
                    "`tierbench data rules` lists all",
                )));
            }
        }
        let chosen = |rule: &&Rule| {
            if !named.is_empty() {
                named.contains(&rule.id)
            } else if all {
                rule.dated.as_str() <= day
            } else {
                rule.is_in_effect(day)
            }
        };
        Ok(self.rules.iter().filter(chosen).collect())
    }

    /// Truth of every clause of `rules` for declared figures: the core of a classification, without
    /// any text. Clauses come in the order of the files.
    pub fn truths<'a>(
        &'a self,
        rules: &'a [&'a Rule],
        figures: &Figures,
        options: Options,
    ) -> Result<impl Iterator<Item = (&'a Rule, &'a str, Truth)>> {
        let subject = figures.subject(options).map_err(Error::Usage)?;
        Ok(rules.iter().flat_map(move |rule| {
            let subject = subject.clone();
            rule.clause.iter().map(move |clause| {
                (*rule, clause.id.as_str(), self.evaluate(rule, clause, &subject))
            })
        }))
    }
}

/// Classifies declared figures, beside the evidence of a record where there is one.
pub fn classify(
    book: &Book,
    rules: &[&Rule],
    subject: Item,
    figures: &Figures,
    options: Options,
    as_of: &str,
    measured: Option<(&Evidence, &Tier)>,
) -> Result<Classification> {
    let declared_only = Evidence::declared(figures, options)?;
    let evidence = measured.map_or(&declared_only, |(evidence, _)| evidence);
    let findings: Vec<Finding> = rules
        .iter()
        .flat_map(|rule| rule.clause.iter().map(move |clause| (rule, clause)))
        .map(|(rule, clause)| {
            let status = rule.status_on(as_of).to_owned();
            Finding { status, ..decide(&book.rules, rule, clause, evidence) }
        })
        .collect();
    let unevaluated = |rule: &Rule| Unevaluated {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        force: rule.force_on(as_of),
    };
    let to_be_read =
        rules.iter().filter(|r| r.clause.is_empty()).map(|rule| unevaluated(rule)).collect();
    let left_out = book.rules.rules.iter().filter(|r| !rules.iter().any(|c| c.id == r.id));
    let left_out = left_out.map(unevaluated).collect();
    let answer = Answer::of(&book.rules, rules, &findings, as_of);
    let mut disagreements = Vec::new();
    let mut undecided_options = Vec::new();
    for deviation in options.deviations() {
        let unknown = |options: Options| figures.tpp(options).is_none();
        let no_area = |options: Options| figures.die_area_mm2(options).is_none();
        let other = deviation.options;
        if (unknown(other) && !unknown(options)) || (no_area(other) && !no_area(options)) {
            undecided_options.push(deviation.to_string());
            continue;
        }
        let truths = book.rules.truths(rules, figures, other)?;
        for ((rule, clause, truth), finding) in truths.zip(&findings) {
            let declared = truth.into();
            if declared != finding.declared {
                disagreements.push(Disagreement {
                    rule: rule.id.clone(),
                    clause: clause.to_owned(),
                    option: deviation.to_string(),
                    declared,
                });
            }
        }
    }
    let quantities = evidence.quantities.clone();
    let tier = match measured {
        Some((_, tier)) => tier.clone(),
        None => book.tiers.by_declaration(&quantities),
    };
    Ok(Classification {
        as_of: as_of.to_owned(),
        subject,
        options,
        disagreements,
        undecided_options,
        quantities,
        tier,
        answer,
        to_be_read,
        left_out,
        findings,
    })
}
