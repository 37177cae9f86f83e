//! The decision: from evidence and a clause to the words that may be said.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::normalize::{
    Api, Clause, Comparison, Demonstrated, Effect, Figures, Interval, Options, Populations, Rule,
    Rulebook, Subject, Truth, declared_quantities, quantities,
};
use crate::record::{Declared, Finding, Measured, Quantities, Quantity};
use crate::units::{grouped, significant};
use crate::workload::Unit;

/// What is known of an item, from both sides.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Declared and demonstrated figures.
    pub quantities: Quantities,
    /// Everything declared, as rules see it. Its facts hold for both sides.
    pub declared: Subject,
    /// What the fact of being made for data centers rests on.
    pub data_center_source: Option<String>,
    /// The declared figures are rumours.
    pub unverified: bool,
    /// How the declared TPP comes about.
    pub tpp_arithmetic: Option<String>,
    /// The CPU did the work.
    pub software: bool,
    /// There are signs that the chip was held back.
    pub held_back: bool,
    /// For each quantity name: lowest share of its declared peak that such runs usually reach, when
    /// the unit that the declaration is about was measured at all.
    /// With where that is from.
    pub usual_low: BTreeMap<String, (f64, String)>,
}

impl Evidence {
    /// Gathers the evidence of what was measured.
    pub fn of(
        shown: &Demonstrated,
        figures: &Figures,
        options: Options,
        populations: &Populations,
    ) -> Result<Self> {
        let row = |unit| populations.of(unit, Api::Portable, &shown.vendor_id);
        let low = |unit| row(unit).map(|row| (row.low, row.basis()));
        // A declared TPP is about the matrix units; vector units alone do not cover it.
        let compute = if shown.unit == Some(Unit::Matrix) { low("matrix") } else { None };
        let memory = if shown.unit.is_some() { low("memory") } else { None };
        let usual_low = [
            ("tpp", compute.clone()),
            ("performance_density", compute),
            ("dram_bandwidth_gb_per_s", memory),
        ];
        let declared = Self::declared(figures, options)?;
        Ok(Self {
            quantities: quantities(shown, figures, options),
            software: shown.software,
            held_back: shown.held_back,
            usual_low: usual_low
                .into_iter()
                .filter_map(|(name, low)| Some((name.to_owned(), low?)))
                .collect(),
            ..declared
        })
    }

    /// The evidence of an item that was not measured.
    pub fn declared(figures: &Figures, options: Options) -> Result<Self> {
        let arithmetic = figures.decisive(options, None).map(|rate| {
            format!("{} TOPS x {} bit", grouped(rate.tops), grouped(rate.bits.length(options)))
        });
        let plain = options == Options::default();
        Ok(Self {
            quantities: declared_quantities(figures, options),
            declared: figures.subject(options).map_err(Error::Usage)?,
            data_center_source: figures.data_center_source.clone(),
            unverified: figures.unverified,
            tpp_arithmetic: arithmetic.filter(|_| plain),
            software: false,
            held_back: false,
            usual_low: BTreeMap::new(),
        })
    }

    /// The quantities that a clause, and what it rests on, compares.
    fn concerned(
        &self,
        rules: &Rulebook,
        rule: &Rule,
        clause: &Clause,
    ) -> Vec<(&'static str, &Quantity)> {
        let clauses = rules.rests_on(rule, clause);
        let comparisons: Vec<_> = clauses.into_iter().flat_map(|c| c.when.comparisons()).collect();
        let compared = |name: &str| {
            comparisons.iter().any(|(sum, ..)| sum.iter().any(|n| n.quantity() == name))
        };
        self.quantities.by_name().into_iter().filter(|(name, _)| compared(name)).collect()
    }

    /// Something of each quantity, with the declared facts.
    fn with_facts(&self, known: impl Fn(&Quantity) -> Option<Interval>) -> Subject {
        self.add(self.declared.facts_only(), known)
    }

    /// Something of each quantity, and nothing else.
    fn without_facts(&self, known: impl Fn(&Quantity) -> Option<Interval>) -> Subject {
        self.add(Subject::default(), known)
    }

    fn add(&self, mut subject: Subject, known: impl Fn(&Quantity) -> Option<Interval>) -> Subject {
        for (name, quantity) in self.quantities.by_name() {
            if let Some(interval) = known(quantity) {
                // Names of quantities are names that rules know: a test holds both against each other.
                let _ = subject.set(name, interval);
            }
        }
        subject
    }
}

/// What one clause of one rule says about the evidence.
pub fn decide(rules: &Rulebook, rule: &Rule, clause: &Clause, evidence: &Evidence) -> Finding {
    let declared = rules.evaluate(rule, clause, &evidence.declared);
    Finding {
        rule: rule.id.clone(),
        clause: clause.id.clone(),
        status: rule.status.clone(),
        declared: declared.into(),
        measured: measured(rules, rule, clause, evidence),
        why: explain(rules, rule, clause, evidence),
        citation: rule.citation.clone(),
    }
}

/// The decision table; each arm needs what the ones above it lack.
fn measured(rules: &Rulebook, rule: &Rule, clause: &Clause, evidence: &Evidence) -> Measured {
    let evaluate = |subject: &Subject| rules.evaluate(rule, clause, subject);
    // The line of a control is crossed when its condition holds; that of a relief, when it fails.
    let controls = clause.effect == Effect::Controls;
    let crossed = |subject: &Subject| {
        let holds = evaluate(subject);
        (if controls { holds } else { !holds }) == Truth::Met
    };
    // A control whose condition fails however much faster the item is: it lies above the clause's window.
    let above = |subject: &Subject| controls && evaluate(subject) == Truth::NotMet;
    let at_least = |value: fn(&Quantity) -> Option<f64>| {
        evidence.with_facts(move |q| value(q).map(Interval::at_least))
    };
    let facts = evidence.declared.facts_only();
    let concerned = evidence.concerned(rules, rule, clause);
    if concerned.iter().all(|(_, q)| q.demonstrated.is_none()) {
        return Measured::Invalid;
    }
    if evidence.software {
        return Measured::NotShownToExceed;
    }
    let contradicted = concerned
        .iter()
        .any(|(_, q)| matches!((q.demonstrated_lower, q.declared), (Some(x), Some(d)) if x > d));
    let covered = concerned.iter().all(|(name, q)| {
        q.demonstrated.is_some() && q.declared.is_some() && evidence.usual_low.contains_key(*name)
    });
    let low = concerned.iter().any(|(name, q)| {
        let usual = evidence.usual_low.get(*name).map(|(low, _)| *low);
        matches!((q.demonstrated, q.declared, usual), (Some(x), Some(d), Some(low)) if x / d < low)
    });
    let lower = at_least(|q| q.demonstrated_lower);
    if crossed(&evidence.without_facts(|q| q.demonstrated_lower.map(Interval::at_least))) {
        // By the measurement alone, whatever is declared.
        Measured::Exceeds
    } else if crossed(&facts) {
        // Decided by a declared fact; no measurement bears on it.
        Measured::ExceedsByDeclaration
    } else if above(&facts) {
        Measured::NotApplicable
    } else if crossed(&lower) {
        Measured::Exceeds
    } else if contradicted {
        Measured::ContradictsDeclaration
    } else if above(&lower) {
        Measured::AboveWindow
    } else if crossed(&at_least(|q| q.demonstrated)) {
        Measured::ExceedsConditionally
    } else if crossed(&evidence.declared) {
        Measured::ExceedsByDeclaration
    } else if above(&at_least(|q| q.declared)) {
        Measured::AboveWindowByDeclaration
    } else if crossed(&at_least(upper)) {
        Measured::NearLimit
    } else if evaluate(&evidence.declared) == Truth::Undetermined {
        Measured::NotShownToExceed
    } else if low || evidence.held_back {
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

/// The arithmetic behind a finding, one line for each comparison, and what else decides it.
fn explain(rules: &Rulebook, rule: &Rule, clause: &Clause, evidence: &Evidence) -> Vec<String> {
    let shown = evidence.with_facts(|q| q.demonstrated_lower.map(Interval::at_least));
    let unsure = evidence.with_facts(|q| q.demonstrated.map(Interval::at_least));
    let mut why: Vec<String> = clause
        .when
        .comparisons()
        .into_iter()
        .map(|(names, comparison, limit)| {
            let (span, shown) = (evidence.declared.sum(names), shown.sum(names).low);
            let unsure = unsure.sum(names).low;
            let low = span.low;
            let names: Vec<&str> = names.iter().map(|name| name.quantity()).collect();
            let arithmetic = evidence.tpp_arithmetic.as_ref().filter(|_| names == ["tpp"]);
            let arithmetic = arithmetic.map_or(String::new(), |text| format!("{text} = "));
            let declared = if low.is_finite() && span.high.is_finite() && low < span.high {
                format!("{} to {} (open), {}", grouped(low), grouped(span.high), comparison.sign())
            } else if low.is_finite() {
                let holds = if comparison.holds(low, limit) { "" } else { "not " };
                format!("{arithmetic}{}, {holds}{}", grouped(low), comparison.sign())
            } else {
                format!("unknown, {}", comparison.sign())
            };
            let measured = if shown.is_finite() {
                format!(" (measured at least {})", significant(shown))
            } else if unsure.is_finite() {
                format!(" (measured {}, uncertainty unknown)", significant(unsure))
            } else {
                String::new()
            };
            format!("{} {declared} {}{measured}", names.join(" + "), grouped(limit))
        })
        .collect();
    for name in clause.when.clauses() {
        let found = rules.resolve(rule, name);
        let word = match found.map(|(r, c)| rules.evaluate(r, c, &evidence.declared)) {
            Some(Truth::Met) => "holds",
            Some(Truth::NotMet) => "does not hold",
            _ => "is undetermined",
        };
        why.push(format!("{name} {word}"));
    }
    why.extend(facts(rules, rule, clause, evidence));
    for other in &clause.yields_to {
        let found = rule.clause.iter().find(|c| c.id == *other);
        if found.is_some_and(|c| rules.evaluate(rule, c, &evidence.declared) == Truth::Met) {
            why.push(format!("{other} holds and takes precedence"));
        }
    }
    for (name, (low, basis)) in &evidence.usual_low {
        let quantities = evidence.quantities.by_name();
        let Some(q) = quantities.get(name.as_str()) else { continue };
        let bears = clause
            .when
            .comparisons()
            .iter()
            .any(|(sum, ..)| sum.iter().any(|n| n.quantity() == name));
        if let (Some(x), Some(d), true) = (q.demonstrated, q.declared, bears) {
            why.push(format!(
                "{name}: measured {:.0} % of declared, usual from {:.0} % on ({basis})",
                100.0 * x / d,
                100.0 * low
            ));
        }
    }
    if evidence.unverified {
        why.push("the declared figures are unverified (grade U)".into());
    }
    if evidence.held_back {
        why.push("signs that the chip was held back: see the notes `held-back/...`".into());
    }
    if evidence.software {
        why.push("a software adapter: the CPU was measured, no GPU".into());
    }
    why
}

/// How a reason begins that says what else than a chip a clause is about.
pub const ABOUT: &str = "it is about ";

/// The facts that a clause and what it refers to rest on, and what it is about besides a chip.
fn facts(rules: &Rulebook, rule: &Rule, clause: &Clause, evidence: &Evidence) -> Vec<String> {
    let mut why = Vec::new();
    let clauses = rules.rests_on(rule, clause);
    for (fact, presumed) in clauses.iter().flat_map(|clause| clause.when.facts()) {
        let name = fact.fact();
        let word = match evidence.declared.fact(fact) {
            Truth::Met => "yes",
            Truth::NotMet => "no",
            Truth::Undetermined if presumed => "not stated, presumed yes",
            Truth::Undetermined => "not stated",
        };
        let source = evidence.data_center_source.as_ref().filter(|_| name == "data_center");
        let source = source.map_or(String::new(), |source| format!(" ({source})"));
        let line = format!("{name}: {word}{source}");
        if !why.contains(&line) {
            why.push(line);
        }
    }
    if let Some(other) = clause.about.other_than(&evidence.declared) {
        why.push(format!("{ABOUT}{other}, and this is one chip"));
        for (sum, comparison, limit) in clause.when.comparisons() {
            let one = evidence.declared.sum(sum).low;
            let lower = matches!(comparison, Comparison::AtLeast | Comparison::Above);
            if lower && one > 0.0 && one < limit {
                let names: Vec<&str> = sum.iter().map(|name| name.quantity()).collect();
                why.push(format!(
                    "{} such chips come to {} {}",
                    grouped((limit / one).ceil()),
                    names.join(" + "),
                    grouped(limit)
                ));
            }
        }
    }
    why
}

impl From<Truth> for Declared {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Met => Self::Met,
            Truth::NotMet => Self::NotMet,
            Truth::Undetermined => Self::Undetermined,
        }
    }
}
