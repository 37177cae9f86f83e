//! The decision: from evidence and a clause to the words that may be said.

use super::{Clause, Effect, Rule, Rulebook};
use crate::normalize::{Chip, Interval, Populations, Subject, Truth};
use crate::record::{Declared, Finding, Measured, Quantities, Quantity, Record};
use crate::units::significant;
use crate::workload::Unit;

/// What is known of an item, from both sides.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Declared and demonstrated figures.
    pub quantities: Quantities,
    /// Facts that hold for both sides.
    pub facts: std::collections::BTreeMap<String, bool>,
    /// The CPU did the work.
    pub software: bool,
    /// For each quantity name: lowest share of its declared peak that such runs usually reach, when
    /// the unit that the declaration is about was measured at all.
    pub usual_low: std::collections::BTreeMap<String, f64>,
}

impl Evidence {
    /// Gathers the evidence of a record.
    pub fn of(
        record: &Record,
        quantities: &Quantities,
        chip: Option<&Chip>,
        populations: &Populations,
    ) -> Self {
        let facts = chip.map(|c| ("data_center".to_owned(), c.is_for_data_centers()));
        let matrix = record.workloads.iter().any(|w| w.unit == Unit::Matrix && w.summary.is_some());
        let low = |unit| populations.of(unit).map(|row| row.low);
        // A declared TPP is about the matrix units; vector units alone do not cover it.
        let compute = if matrix { low("matrix") } else { None };
        let usual_low = [
            ("tpp", compute),
            ("performance_density", compute),
            ("dram_bandwidth_gb_per_s", low("memory")),
        ];
        Self {
            quantities: quantities.clone(),
            facts: facts.into_iter().collect(),
            software: record.adapter.software,
            usual_low: usual_low
                .into_iter()
                .filter_map(|(name, low)| Some((name.to_owned(), low?)))
                .collect(),
        }
    }

    fn subject(&self, known: impl Fn(&Quantity) -> Option<Interval>) -> Subject {
        let quantities = self.quantities.by_name();
        let quantities = quantities
            .into_iter()
            .filter_map(|(name, quantity)| Some((name.to_owned(), known(quantity)?)));
        Subject {
            quantities: quantities.collect(),
            facts: self.facts.clone(),
            ..Subject::default()
        }
    }
}

/// What one clause of one rule says about the evidence.
pub fn decide(rules: &Rulebook, rule: &Rule, clause: &Clause, evidence: &Evidence) -> Finding {
    let stated = evidence.subject(|q| q.declared.map(Interval::point));
    let declared = rules.evaluate(rule, clause, &stated);
    Finding {
        rule: rule.id.clone(),
        clause: clause.id.clone(),
        status: rule.status.clone(),
        declared: match declared {
            Truth::Met => Declared::Met,
            Truth::NotMet => Declared::NotMet,
            Truth::Undetermined => Declared::Undetermined,
        },
        measured: measured(rules, rule, clause, evidence),
        why: explain(rules, rule, clause, evidence, &stated),
        citation: rule.citation.clone(),
    }
}

/// The decision table; each arm needs what the ones above it lack.
fn measured(rules: &Rulebook, rule: &Rule, clause: &Clause, evidence: &Evidence) -> Measured {
    // The line of a control is crossed when its condition holds; that of a relief, when it fails.
    let crossed = |subject: &Subject| {
        let holds = rules.evaluate(rule, clause, subject);
        if clause.effect == Effect::Controls { holds } else { !holds }
    };
    let shown = |value: fn(&Quantity) -> Option<f64>| {
        evidence.subject(move |q| value(q).map(Interval::at_least))
    };
    let by_name = evidence.quantities.by_name();
    let comparisons = clause.when.comparisons();
    let concerned: Vec<(&str, &Quantity)> = by_name
        .into_iter()
        .filter(|(name, _)| comparisons.iter().any(|(sum, ..)| sum.iter().any(|n| n == name)))
        .collect();
    if concerned.iter().all(|(_, q)| q.demonstrated.is_none()) {
        return Measured::Invalid;
    }
    let contradicted = concerned
        .iter()
        .any(|(_, q)| matches!((q.demonstrated_lower, q.declared), (Some(x), Some(d)) if x > d));
    let stated = crossed(&evidence.subject(|q| q.declared.map(Interval::point)));
    let covered = concerned.iter().all(|(name, q)| {
        q.demonstrated.is_some() && q.declared.is_some() && evidence.usual_low.contains_key(*name)
    });
    let low = concerned.iter().any(|(name, q)| {
        let usual = evidence.usual_low.get(*name);
        matches!((q.demonstrated, q.declared, usual), (Some(x), Some(d), Some(low)) if x / d < *low)
    });
    if crossed(&shown(|q| q.demonstrated_lower)) == Truth::Met {
        Measured::Exceeds
    } else if contradicted {
        Measured::ContradictsDeclaration
    } else if crossed(&shown(|q| q.demonstrated)) == Truth::Met {
        Measured::ExceedsConditionally
    } else if stated == Truth::Met {
        Measured::ExceedsByDeclaration
    } else if crossed(&shown(upper)) == Truth::Met {
        Measured::NearLimit
    } else if evidence.software || stated == Truth::Undetermined {
        Measured::NotShownToExceed
    } else if low {
        Measured::SuspiciouslyLow
    } else if covered {
        Measured::ConsistentWithBelow
    } else {
        Measured::NotShownToExceed
    }
}

/// The measured value plus its uncertainty, taken as wide upwards as downwards.
fn upper(q: &Quantity) -> Option<f64> {
    let value = q.demonstrated?;
    Some(2.0 * value - q.demonstrated_lower?)
}

/// The arithmetic behind a finding, one line for each comparison.
fn explain(
    rules: &Rulebook,
    rule: &Rule,
    clause: &Clause,
    evidence: &Evidence,
    stated: &Subject,
) -> Vec<String> {
    let shown = evidence.subject(|q| q.demonstrated_lower.map(Interval::at_least));
    let mut why: Vec<String> = clause
        .when
        .comparisons()
        .into_iter()
        .map(|(names, comparison, limit)| {
            let figure = |subject: &Subject, prefix: &str, unknown: &str| {
                let low = subject.sum(names).low;
                if low.is_finite() {
                    format!("{prefix}{}", significant(low))
                } else {
                    unknown.into()
                }
            };
            format!(
                "{} {} {limit}: declared {}, measured {}",
                names.join(" + "),
                comparison.sign(),
                figure(stated, "", "unknown"),
                figure(&shown, "at least ", "nothing"),
            )
        })
        .collect();
    for other in &clause.yields_to {
        let found = rule.clause.iter().find(|c| c.id == *other);
        if found.is_some_and(|c| rules.evaluate(rule, c, stated) == Truth::Met) {
            why.push(format!("{other} holds and takes precedence"));
        }
    }
    if evidence.software {
        why.push("a software adapter: the CPU was measured, no GPU".into());
    }
    why
}
