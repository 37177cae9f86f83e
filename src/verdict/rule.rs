//! The rule book: `data/rules/*.toml`.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::normalize::{Predicate, Subject, Truth, data_files};

/// One dated rule set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable name, lower case.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// Where it stands.
    pub citation: String,
    /// Address of the official text.
    pub url: String,
    /// First day, RFC 3339.
    pub effective: String,
    /// First day on which it no longer holds.
    pub superseded: Option<String>,
    /// `in_force`, `superseded`, `codified_not_enforced`, `non_public_letter`,
    /// `policy_statement`, `bill`, `reported_draft` or `foreign`.
    pub status: String,
    /// Destinations and parties.
    pub scope: Vec<String>,
    /// Grade of the evidence for the text: P, M, S, I or U.
    pub evidence: String,
    /// What nobody of this project has read or checked.
    #[serde(default)]
    pub not_verified: Vec<String>,
    /// Its clauses, in order of precedence.
    pub clause: Vec<Clause>,
}

/// One condition of a rule and what follows when it holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Paragraph, as it is cited.
    pub id: String,
    /// What follows.
    pub effect: Effect,
    /// The condition in words.
    pub text: String,
    /// Clauses of the same rule that take precedence when they hold too.
    #[serde(default)]
    pub yields_to: Vec<String>,
    /// The condition.
    pub when: Predicate,
}

/// What follows when a clause's condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The item is controlled: its line is crossed when the condition holds.
    Controls,
    /// The item is relieved: its line is crossed when the condition fails.
    Permits,
    /// The item is outside the rule: its line is crossed when the condition fails.
    Excludes,
}

/// All rules.
pub struct Rulebook {
    /// In the order of the files.
    pub rules: Vec<Rule>,
}

const STATUSES: &[&str] = &[
    "in_force",
    "superseded",
    "codified_not_enforced",
    "non_public_letter",
    "policy_statement",
    "bill",
    "reported_draft",
    "foreign",
];

impl Rulebook {
    /// Reads and checks all files.
    pub fn load() -> Result<Self> {
        let rules: Result<Vec<Rule>> =
            data_files("rules").iter().map(|(path, text)| Rule::parse(path, text)).collect();
        Ok(Self { rules: rules? })
    }

    /// Rules in force on a day.
    pub fn in_force<'a>(&'a self, day: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| {
            rule.status == "in_force"
                && rule.effective.as_str() <= day
                && rule.superseded.as_deref().is_none_or(|end| day < end)
        })
    }

    /// Whether a clause holds for a subject, other clauses included. An unknown name or a circle
    /// cannot be decided; `Rule::parse` admits neither inside one rule.
    pub fn evaluate(&self, rule: &Rule, clause: &Clause, subject: &Subject) -> Truth {
        clause.when.evaluate(subject, &|name| {
            let (rule, clause) = match name.split_once('/') {
                Some((other, clause)) => (self.rules.iter().find(|r| r.id == other), clause),
                None => (Some(rule), name),
            };
            let found = rule.and_then(|r| Some((r, r.clause.iter().find(|c| c.id == clause)?)));
            found.map_or(Truth::Undetermined, |(r, c)| self.evaluate(r, c, subject))
        })
    }
}

impl Rule {
    /// Parses one file and checks what its types cannot say.
    pub fn parse(path: &str, text: &str) -> Result<Self> {
        let rule: Self = toml::from_str(text).map_err(|e| Error::input(path, e.to_string()))?;
        let fail = |what: String| Err(Error::input(path, what));
        if !STATUSES.contains(&rule.status.as_str()) {
            return fail(format!("key `status`: {:?} is none of {STATUSES:?}", rule.status));
        }
        for date in std::iter::once(&rule.effective).chain(&rule.superseded) {
            if date.parse::<jiff::civil::Date>().is_err() {
                return fail(format!("{date:?} is no date; write YYYY-MM-DD"));
            }
        }
        for (at, clause) in rule.clause.iter().enumerate() {
            let earlier = &rule.clause[..at];
            for name in clause.when.clauses().into_iter().chain(clause.yields_to.iter()) {
                if !name.contains('/') && !earlier.iter().any(|c| c.id == *name) {
                    return fail(format!(
                        "clause {}: no earlier clause is called {name}",
                        clause.id
                    ));
                }
            }
        }
        Ok(rule)
    }
}
