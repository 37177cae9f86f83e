//! The rule book: `data/rules/*.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DataFiles, Predicate, Subject, Truth};
use crate::error::{Error, Result};

/// One dated rule set.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
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
    /// Day of publication, announcement or introduction, RFC 3339.
    pub dated: String,
    /// First day on which it holds; absent for what never took effect.
    pub effective: Option<String>,
    /// First day on which it no longer holds.
    pub superseded: Option<String>,
    /// First day on which compliance is required, where that is later than `effective`.
    pub complied_from: Option<String>,
    /// Whether it is the paragraph of the control list itself, which an answer begins with.
    #[serde(default)]
    pub governs: bool,
    /// `in_force`, `superseded`, `codified_not_enforced`, `non_public_letter`,
    /// `policy_statement`, `guidance`, `bill`, `reported_draft` or `foreign`.
    pub status: String,
    /// Destinations and parties.
    pub scope: Vec<String>,
    /// Grade of the evidence for the text: P, M, S, I or U.
    pub evidence: String,
    /// What nobody of this project has read or checked.
    #[serde(default)]
    pub not_verified: Vec<String>,
    /// Rule sets of the same name replace each other: their spans must not overlap.
    pub series: Option<String>,
    /// What else a reader must know.
    pub note: Option<String>,
    /// Its clauses, in order of precedence; none where there is nothing to compare.
    #[serde(default)]
    pub clause: Vec<Clause>,
}

/// One condition of a rule and what follows when it holds.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Paragraph, as it is cited.
    pub id: String,
    /// The same as a lawyer cites it.
    pub cite: Option<String>,
    /// What follows.
    pub effect: Effect,
    /// The condition in words.
    pub text: String,
    /// What follows where the condition holds, and for whom.
    pub means: Option<String>,
    /// Entries of the control list for what contains the circuit.
    pub as_sold: Option<String>,
    /// What the condition is about.
    #[serde(default)]
    pub about: About,
    /// Clauses of the same rule that take precedence when they hold too.
    #[serde(default)]
    pub yields_to: Vec<String>,
    /// The condition; in words in `text`.
    #[serde(skip_serializing)]
    pub when: Predicate,
}

/// What follows when a clause's condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The item is controlled: its line is crossed when the condition holds.
    Controls,
    /// The item is relieved: its line is crossed when the condition fails.
    Permits,
    /// The item is outside the rule: its line is crossed when the condition fails.
    Excludes,
}

impl Effect {
    /// As files and answers have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Controls => "controls",
            Self::Permits => "permits",
            Self::Excludes => "excludes",
        }
    }
}

/// What a condition is about. One about more than a chip is not decided for a chip alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The integrated circuit, or what holds it.
    #[default]
    Item,
    /// Bare memory.
    Memory,
    /// A supercomputer or the like.
    System,
    /// A digital computer.
    Computer,
    /// Software or technology for one.
    Software,
}

impl About {
    /// The fact that says that an item is of that kind, and its name for people.
    fn kind(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Item | Self::Memory => None,
            Self::System => Some(("system", "a system")),
            Self::Computer => Some(("computer", "a computer")),
            Self::Software => Some(("computer", "software or technology for a computer")),
        }
    }

    /// Words for what else a condition is about than a chip alone; none where it can be decided.
    pub fn other_than(self, subject: &Subject) -> Option<&'static str> {
        let (fact, words) = self.kind()?;
        (subject.fact_named(fact) == Truth::NotMet).then_some(words)
    }
}

const GRADES: &[&str] = &["P", "M", "S", "I", "U"];

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
    "guidance",
    "bill",
    "reported_draft",
    "foreign",
];

impl Rulebook {
    /// Reads and checks all files of this build.
    pub fn load() -> Result<Self> {
        Self::of(&DataFiles::built_in())
    }

    /// Reads and checks the files of `data/rules/`.
    pub(super) fn of(files: &DataFiles) -> Result<Self> {
        let mut rules: Vec<Rule> = Vec::new();
        for (path, text) in files.folder("rules") {
            let rule = Rule::parse(path, text)?;
            let fail = |what: String| Err(Error::input(path, what));
            if !path.ends_with(&format!("/{}.toml", rule.id)) {
                return fail(format!("key `id`: {:?} is not the file's name", rule.id));
            }
            if let Some(other) = rules.iter().find(|other| other.overlaps(&rule)) {
                return fail(format!(
                    "key `effective`: the span overlaps that of {}, which it replaces",
                    other.id
                ));
            }
            rules.push(rule);
        }
        let book = Self { rules };
        for rule in &book.rules {
            for clause in &rule.clause {
                let names = clause.when.clauses().into_iter().chain(&clause.yields_to);
                if let Some(name) = names.into_iter().find(|n| book.resolve(rule, n).is_none()) {
                    let path = format!("data/rules/{}.toml", rule.id);
                    let what = format!("clause {}: there is no clause {name}", clause.id);
                    return Err(Error::input(path, what));
                }
            }
        }
        Ok(book)
    }

    /// Rules in force on a day.
    pub fn in_force<'a>(&'a self, day: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.is_in_force(day))
    }

    /// A clause and all others that its condition refers to.
    pub fn rests_on<'a>(&'a self, rule: &'a Rule, clause: &'a Clause) -> Vec<&'a Clause> {
        let mut all = vec![clause];
        for name in clause.when.clauses() {
            let found = self.resolve(rule, name);
            all.extend(found.into_iter().flat_map(|(r, c)| self.rests_on(r, c)));
        }
        all
    }

    /// Whether a clause holds for a subject, other clauses included. An unknown name or a circle
    /// cannot be decided; `Rule::parse` admits neither inside one rule.
    pub fn evaluate(&self, rule: &Rule, clause: &Clause, subject: &Subject) -> Truth {
        if clause.about.other_than(subject).is_some() {
            return Truth::Undetermined;
        }
        clause.when.evaluate(subject, &|name| {
            let found = self.resolve(rule, name);
            found.map_or(Truth::Undetermined, |(r, c)| self.evaluate(r, c, subject))
        })
    }

    /// A clause by the ids of a finding.
    pub fn resolve_in(&self, rule: &str, clause: &str) -> Option<(&Rule, &Clause)> {
        let rule = self.rules.iter().find(|known| known.id == rule)?;
        Some((rule, rule.clause.iter().find(|known| known.id == clause)?))
    }

    /// The clause that a condition means: `clause` of the same rule, or `rule/clause`.
    pub fn resolve<'a>(&'a self, rule: &'a Rule, name: &str) -> Option<(&'a Rule, &'a Clause)> {
        let (rule, clause) = match name.split_once('/') {
            Some((other, clause)) => (self.rules.iter().find(|r| r.id == other)?, clause),
            None => (rule, name),
        };
        Some((rule, rule.clause.iter().find(|c| c.id == clause)?))
    }
}

impl Rule {
    /// Whether it was law on a day: what was superseded later still held before.
    pub fn is_in_force(&self, day: &str) -> bool {
        ["in_force", "superseded"].contains(&self.status.as_str()) && self.spans(day)
    }

    /// Whether it had any effect on a day in its own country, whatever its form: letters, guidance and policy too.
    pub fn is_in_effect(&self, day: &str) -> bool {
        !["bill", "reported_draft", "foreign"].contains(&self.status.as_str()) && self.spans(day)
    }

    fn spans(&self, day: &str) -> bool {
        self.effective.as_deref().is_some_and(|from| from <= day)
            && self.superseded.as_deref().is_none_or(|end| day < end)
    }

    /// Whether two versions of the same rule claim the same day.
    fn overlaps(&self, other: &Self) -> bool {
        let same = self.series.is_some() && self.series == other.series;
        let (Some(a), Some(b)) = (&self.effective, &other.effective) else { return false };
        let ends_by =
            |rule: &Self, day: &str| rule.superseded.as_deref().is_some_and(|end| end <= day);
        same && !ends_by(self, b) && !ends_by(other, a)
    }

    /// Its status on a day: before and after its span what the day makes of it.
    pub fn status_on(&self, day: &str) -> &str {
        if self.is_in_force(day) {
            "in_force"
        } else if self.effective.as_deref().is_some_and(|from| day < from) {
            "not_yet_in_effect"
        } else if self.superseded.as_deref().is_some_and(|end| end <= day) {
            "superseded"
        } else {
            &self.status
        }
    }

    /// What it binds with on a day, for people.
    pub fn force_on(&self, day: &str) -> String {
        let dated = |date: &Option<String>| date.clone().unwrap_or_default();
        match self.status_on(day) {
            "in_force" if self.complied_from.as_deref().is_some_and(|from| day < from) => {
                format!("in force, compliance from {}", dated(&self.complied_from))
            }
            "in_force" => format!("in force since {}", dated(&self.effective)),
            "not_yet_in_effect" => format!("not yet in effect, from {}", dated(&self.effective)),
            "superseded" => format!("superseded on {}", dated(&self.superseded)),
            "codified_not_enforced" => "codified, not enforced".into(),
            "non_public_letter" => "letter, binds its addressees only".into(),
            "policy_statement" => "policy statement, no regulation".into(),
            "guidance" => "guidance: how the agency reads a rule".into(),
            "bill" => "bill, no law".into(),
            "reported_draft" => "draft known from the press".into(),
            other => other.into(),
        }
    }

    /// Parses one file and checks what its types cannot say.
    pub fn parse(path: &str, text: &str) -> Result<Self> {
        let rule: Self = toml::from_str(text).map_err(|e| Error::input(path, e.to_string()))?;
        let fail = |what: String| Err(Error::input(path, what));
        if !STATUSES.contains(&rule.status.as_str()) {
            return fail(format!("key `status`: {:?} is none of {STATUSES:?}", rule.status));
        }
        if !GRADES.contains(&rule.evidence.as_str()) {
            return fail(format!("key `evidence`: {:?} is none of {GRADES:?}", rule.evidence));
        }
        for (key, text) in [("citation", &rule.citation), ("url", &rule.url)] {
            if text.trim().is_empty() {
                return fail(format!("key `{key}` is empty; every rule needs its source"));
            }
        }
        let effective = rule.effective.as_ref();
        if effective.zip(rule.superseded.as_ref()).is_some_and(|(from, until)| until <= from) {
            return fail("key `superseded` lies before `effective`".into());
        }
        if effective.is_none() && ["in_force", "superseded"].contains(&rule.status.as_str()) {
            return fail(format!("status {:?} needs the key `effective`", rule.status));
        }
        let dates = std::iter::once(&rule.dated).chain(effective).chain(&rule.superseded);
        for date in dates.chain(&rule.complied_from) {
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
