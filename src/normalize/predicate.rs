//! Conditions over regulated quantities, as data, in three-valued logic.
//!
//! A quantity is known as an interval: a declared figure is a point, a measured one reaches from
//! itself upwards without end. A comparison is met or not met when that holds for the whole
//! interval, else undetermined; `all`, `any` and `not` follow Kleene. So a measurement can show
//! `at_least` and refute `below`, and can do nothing else: the lower bound lives here, once.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Subject;
use super::subject::{DATES, FACTS, Named, QUANTITIES};

/// Kleene's three values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// Holds.
    Met,
    /// Does not hold.
    NotMet,
    /// What is known does not decide it.
    Undetermined,
}

impl Truth {
    /// Of a fact that may be unknown.
    pub fn from_known(known: Option<bool>) -> Self {
        match known {
            Some(true) => Self::Met,
            Some(false) => Self::NotMet,
            None => Self::Undetermined,
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Met => Self::NotMet,
            Self::NotMet => Self::Met,
            Self::Undetermined => Self::Undetermined,
        }
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "Raw")]
#[schemars(with = "Raw")]
pub enum Predicate {
    /// Every part holds.
    All(Vec<Predicate>),
    /// At least one part holds.
    Any(Vec<Predicate>),
    /// The part does not hold.
    Not(Box<Predicate>),
    /// The sum of quantities against a limit.
    Compare {
        /// Names of the quantities that are added.
        sum: Vec<Named>,
        /// How they compare.
        comparison: Comparison,
        /// With what.
        limit: f64,
    },
    /// A fact is so.
    Fact(Named),
    /// A fact is so unless the contrary is known.
    Presumed(Named),
    /// A date lies after another.
    After(Named, String),
    /// Another clause holds: `clause` of the same rule, or `rule/clause`.
    Clause(String),
}

/// Literal comparison, evaluated unrounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Comparison {
    /// As written in mathematics.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    /// Whether a value compares so with a limit.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::AtLeast => value >= limit,
            Self::Above => value > limit,
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
        }
    }
}

/// The table as it stands in a file; exactly one kind of condition may be in it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Raw {
    all: Option<Vec<Predicate>>,
    any: Option<Vec<Predicate>>,
    not: Option<Box<Predicate>>,
    quantity: Option<String>,
    sum: Option<Vec<String>>,
    at_least: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
    at_most: Option<f64>,
    fact: Option<String>,
    #[serde(default)]
    presumed: bool,
    date: Option<String>,
    after: Option<String>,
    clause: Option<String>,
}

impl TryFrom<Raw> for Predicate {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let limits: Vec<(Comparison, f64)> = [
            (Comparison::AtLeast, raw.at_least),
            (Comparison::Above, raw.above),
            (Comparison::Below, raw.below),
            (Comparison::AtMost, raw.at_most),
        ]
        .into_iter()
        .filter_map(|(comparison, limit)| Some((comparison, limit?)))
        .collect();
        let compared = match (raw.quantity, raw.sum) {
            (None, None) => None,
            (Some(one), None) => Some(vec![one]),
            (None, Some(sum)) => Some(sum),
            (Some(_), Some(_)) => return Err("`quantity` and `sum` exclude each other".into()),
        };
        let mut kinds = Vec::new();
        kinds.extend(raw.all.map(Self::All));
        kinds.extend(raw.any.map(Self::Any));
        kinds.extend(raw.not.map(Self::Not));
        if let Some(fact) = raw.fact {
            let fact = Named::find(&fact, FACTS)?;
            kinds.push(if raw.presumed { Self::Presumed(fact) } else { Self::Fact(fact) });
        } else if raw.presumed {
            return Err("`presumed` needs `fact`".into());
        }
        kinds.extend(raw.clause.map(Self::Clause));
        match (raw.date, raw.after) {
            (None, None) => {}
            (Some(date), Some(after)) => {
                kinds.push(Self::After(Named::find(&date, DATES)?, after));
            }
            _ => return Err("`date` and `after` go together".into()),
        }
        match compared {
            None if !limits.is_empty() => return Err("a limit needs `quantity` or `sum`".into()),
            None => {}
            Some(_) if limits.is_empty() => {
                return Err("`quantity` needs at_least, above, below or at_most".into());
            }
            Some(sum) => {
                let sum: Result<Vec<Named>, String> =
                    sum.iter().map(|name| Named::find(name, QUANTITIES)).collect();
                let sum = sum?;
                let compare =
                    |(comparison, limit)| Self::Compare { sum: sum.clone(), comparison, limit };
                let mut parts: Vec<_> = limits.into_iter().map(compare).collect();
                kinds.push(if parts.len() == 1 { parts.remove(0) } else { Self::All(parts) });
            }
        }
        match kinds.len() {
            1 => Ok(kinds.remove(0)),
            0 => Err("a condition is empty".into()),
            _ => Err("a condition has several kinds; nest them in `all` or `any`".into()),
        }
    }
}

/// Truth of other clauses, by the name a condition uses.
pub type Clauses<'a> = dyn Fn(&str) -> Truth + 'a;

impl Predicate {
    /// Whether it holds for what is known.
    pub fn evaluate(&self, subject: &Subject, clauses: &Clauses<'_>) -> Truth {
        let all = |parts: &[Self]| {
            parts.iter().map(|part| part.evaluate(subject, clauses)).fold(Truth::Met, and)
        };
        match self {
            Self::All(parts) => all(parts),
            Self::Any(parts) => {
                let parts = parts.iter().map(|part| !part.evaluate(subject, clauses));
                !parts.fold(Truth::Met, and)
            }
            Self::Not(part) => !part.evaluate(subject, clauses),
            Self::Compare { sum, comparison, limit } => {
                let interval = subject.sum(sum);
                let low = comparison.holds(interval.low, *limit);
                let high = comparison.holds(interval.high, *limit);
                match (low, high) {
                    (true, true) => Truth::Met,
                    (false, false) => Truth::NotMet,
                    _ => Truth::Undetermined,
                }
            }
            Self::Fact(fact) => subject.fact(*fact),
            Self::Presumed(fact) => match subject.fact(*fact) {
                Truth::NotMet => Truth::NotMet,
                Truth::Met | Truth::Undetermined => Truth::Met,
            },
            Self::After(date, after) => subject.is_after(*date, after),
            Self::Clause(clause) => clauses(clause),
        }
    }

    /// Every comparison in it, in order.
    pub fn comparisons(&self) -> Vec<(&[Named], Comparison, f64)> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::comparisons).collect()
            }
            Self::Not(part) => part.comparisons(),
            Self::Compare { sum, comparison, limit } => vec![(sum, *comparison, *limit)],
            Self::Fact(_) | Self::Presumed(_) | Self::After(..) | Self::Clause(_) => Vec::new(),
        }
    }

    /// Every fact in it, in order, and whether it is presumed.
    pub fn facts(&self) -> Vec<(Named, bool)> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::facts).collect(),
            Self::Not(part) => part.facts(),
            Self::Fact(fact) => vec![(*fact, false)],
            Self::Presumed(fact) => vec![(*fact, true)],
            Self::Compare { .. } | Self::After(..) | Self::Clause(_) => Vec::new(),
        }
    }

    /// Every other clause that it refers to.
    pub fn clauses(&self) -> Vec<&String> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::clauses).collect(),
            Self::Not(part) => part.clauses(),
            Self::Clause(clause) => vec![clause],
            Self::Compare { .. } | Self::Fact(_) | Self::Presumed(_) | Self::After(..) => {
                Vec::new()
            }
        }
    }
}

fn and(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::NotMet, _) | (_, Truth::NotMet) => Truth::NotMet,
        (Truth::Met, Truth::Met) => Truth::Met,
        _ => Truth::Undetermined,
    }
}
