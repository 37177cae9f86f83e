//! The bottom line of a classification: the paragraph that governs, and what else holds.

use serde::Serialize;

use crate::normalize::{About, Clause, Effect, Rule, Rulebook};
use crate::record::{Declared, Finding};

/// A clause whose condition holds, and what follows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paragraph {
    /// Rule id.
    pub rule: String,
    /// Clause id.
    pub clause: String,
    /// The same as a lawyer cites it.
    pub cite: String,
    /// What the rule binds with on the day.
    pub force: String,
    /// What follows where the condition holds.
    pub effect: Effect,
    /// What that means, and for whom.
    pub means: Option<String>,
    /// Entries of the control list for what contains the circuit.
    pub as_sold: Option<String>,
}

/// What follows from the declared figures, in short.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    /// The paragraph of the control list that holds and yields to no other, or the note that takes the item out.
    pub governs: Option<Paragraph>,
    /// Whether the control list's own paragraphs are among the rules applied, as of the day.
    pub asked: bool,
    /// Paragraphs of the control list that cannot be decided, those on bare memory left out.
    pub open: Vec<String>,
    /// Everything else that holds.
    pub also: Vec<Paragraph>,
}

impl Answer {
    /// Of the findings of some rules on a day.
    pub fn of(book: &Rulebook, rules: &[&Rule], findings: &[Finding], day: &str) -> Self {
        let asked = rules.iter().any(|rule| rule.governs && rule.is_in_force(day));
        let mut answer = Self { asked, ..Self::default() };
        let declared = |rule: &Rule, clause: &str| {
            findings.iter().find(|f| f.rule == rule.id && f.clause == clause).map(|f| f.declared)
        };
        let clauses = |rule: &&&Rule| rule.governs && rule.is_in_force(day);
        let mut governing = rules.iter().filter(clauses).flat_map(|rule| {
            let holds = move |clause: &&Clause| {
                let yields = |other: &String| declared(rule, other) == Some(Declared::Met);
                declared(rule, &clause.id) == Some(Declared::Met)
                    && clause.effect != Effect::Permits
                    && !clause.yields_to.iter().any(yields)
            };
            rule.clause.iter().filter(holds).map(move |clause| (*rule, clause))
        });
        answer.governs = governing.next().map(|(rule, clause)| paragraph(rule, clause, day));
        for finding in findings {
            let found = book.resolve_in(&finding.rule, &finding.clause);
            let Some((rule, clause)) = found else { continue };
            let governs = rule.governs && rule.is_in_force(day);
            match finding.declared {
                Declared::Met if !governs => answer.also.push(paragraph(rule, clause, day)),
                // A note that is open matters only where a paragraph is open by it.
                Declared::Undetermined
                    if governs
                        && clause.effect == Effect::Controls
                        && clause.about != About::Memory =>
                {
                    answer.open.push(cite(rule, clause));
                }
                _ => {}
            }
        }
        if answer.governs.as_ref().is_some_and(|p| p.effect == Effect::Controls) {
            answer.open.clear();
        }
        answer
    }
}

fn cite(rule: &Rule, clause: &Clause) -> String {
    clause.cite.clone().unwrap_or_else(|| format!("{}/{}", rule.id, clause.id))
}

fn paragraph(rule: &Rule, clause: &Clause, day: &str) -> Paragraph {
    Paragraph {
        rule: rule.id.clone(),
        clause: clause.id.clone(),
        cite: cite(rule, clause),
        force: rule.force_on(day),
        effect: clause.effect,
        means: clause.means.clone(),
        as_sold: clause.as_sold.clone(),
    }
}
