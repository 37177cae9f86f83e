//! Conditions over regulated quantities, as data, in three-valued logic.
//!
//! A quantity is known as an interval: a declared figure is a point, a measured one reaches from
//! itself upwards without end. A comparison is met or not met when that holds for the whole
//! interval, else undetermined; `all`, `any` and `not` follow Kleene. So a measurement can show
//! `at_least` and refute `below`, and can do nothing else: the lower bound lives here, once.

use std::collections::BTreeMap;

use serde::Deserialize;

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

/// What is known of a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// It is at least this.
    pub low: f64,
    /// It is at most this.
    pub high: f64,
}

impl Interval {
    /// Nothing is known of it.
    pub const UNKNOWN: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// Known exactly.
    pub fn point(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// Known to be at least this.
    pub fn at_least(low: f64) -> Self {
        Self { low, high: f64::INFINITY }
    }
}

/// What is known of an item. Absent entries are unknown.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Quantities by the name that rules use.
    pub quantities: BTreeMap<String, Interval>,
    /// Yes-or-no facts.
    pub facts: BTreeMap<String, bool>,
    /// Dated facts, RFC 3339 dates, which compare as text.
    pub dates: BTreeMap<String, String>,
}

/// Names that a rule may use; anything else is an error in the file.
const QUANTITIES: &[&str] = &[
    "tpp",
    "performance_density",
    "dram_bandwidth_gb_per_s",
    "io_bandwidth_gb_per_s",
    "memory_bandwidth_density",
    "app_wt",
    "tops",
    "link_gb_per_s",
    "fp64_pflops",
    "fp32_pflops",
    "volume_ft3",
    "approximated_transistors",
    "export_tpp_share",
    "country_tpp",
    "consignee_year_tpp",
    "training_ops",
];
const FACTS: &[&str] = &[
    "data_center",
    "memory_only",
    "co_packaged_with_processor",
    "high_bandwidth_memory",
    "commercially_available_in_us",
    "cpu",
    "shares_memory",
];
const DATES: &[&str] = &["first_marketed"];

/// A condition.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Raw")]
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
        sum: Vec<String>,
        /// How they compare.
        comparison: Comparison,
        /// With what.
        limit: f64,
    },
    /// A fact is so.
    Fact(String),
    /// A date lies after another.
    After(String, String),
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

    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::AtLeast => value >= limit,
            Self::Above => value > limit,
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
        }
    }
}

/// The table as it stands in a file; exactly one kind of condition may be in it.
#[derive(Deserialize)]
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
        kinds.extend(raw.fact.map(Self::Fact));
        kinds.extend(raw.clause.map(Self::Clause));
        match (raw.date, raw.after) {
            (None, None) => {}
            (Some(date), Some(after)) => kinds.push(Self::After(date, after)),
            _ => return Err("`date` and `after` go together".into()),
        }
        match compared {
            None if !limits.is_empty() => return Err("a limit needs `quantity` or `sum`".into()),
            None => {}
            Some(_) if limits.is_empty() => {
                return Err("`quantity` needs at_least, above, below or at_most".into());
            }
            Some(sum) => {
                let compare =
                    |(comparison, limit)| Self::Compare { sum: sum.clone(), comparison, limit };
                let mut parts: Vec<_> = limits.into_iter().map(compare).collect();
                kinds.push(if parts.len() == 1 { parts.remove(0) } else { Self::All(parts) });
            }
        }
        match kinds.len() {
            1 => kinds.remove(0).with_known_names(),
            0 => Err("a condition is empty".into()),
            _ => Err("a condition has several kinds; nest them in `all` or `any`".into()),
        }
    }
}

/// Truth of other clauses, by the name a condition uses.
pub type Clauses<'a> = dyn Fn(&str) -> Truth + 'a;

impl Predicate {
    fn with_known_names(self) -> Result<Self, String> {
        let (names, known): (Vec<&String>, &[&str]) = match &self {
            Self::Compare { sum, .. } => (sum.iter().collect(), QUANTITIES),
            Self::Fact(fact) => (vec![fact], FACTS),
            Self::After(date, _) => (vec![date], DATES),
            _ => (Vec::new(), &[]),
        };
        match names.into_iter().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(format!("{name:?} is not known; there are {}", known.join(", "))),
            None => Ok(self),
        }
    }

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
            Self::Fact(fact) => decided(subject.facts.get(fact).copied()),
            Self::After(date, after) => decided(subject.dates.get(date).map(|date| date > after)),
            Self::Clause(clause) => clauses(clause),
        }
    }

    /// Every comparison in it, in order.
    pub fn comparisons(&self) -> Vec<(&[String], Comparison, f64)> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::comparisons).collect()
            }
            Self::Not(part) => part.comparisons(),
            Self::Compare { sum, comparison, limit } => vec![(sum, *comparison, *limit)],
            Self::Fact(_) | Self::After(..) | Self::Clause(_) => Vec::new(),
        }
    }
}

impl Predicate {
    /// Every other clause that it refers to.
    pub fn clauses(&self) -> Vec<&String> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::clauses).collect(),
            Self::Not(part) => part.clauses(),
            Self::Clause(clause) => vec![clause],
            Self::Compare { .. } | Self::Fact(_) | Self::After(..) => Vec::new(),
        }
    }
}

impl Subject {
    /// What is known of a sum of quantities.
    pub fn sum(&self, names: &[String]) -> Interval {
        names.iter().fold(Interval::point(0.0), |sum, name| {
            let part = self.quantities.get(name).copied().unwrap_or(Interval::UNKNOWN);
            Interval { low: sum.low + part.low, high: sum.high + part.high }
        })
    }
}

fn decided(answer: Option<bool>) -> Truth {
    match answer {
        Some(true) => Truth::Met,
        Some(false) => Truth::NotMet,
        None => Truth::Undetermined,
    }
}

fn and(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::NotMet, _) | (_, Truth::NotMet) => Truth::NotMet,
        (Truth::Met, Truth::Met) => Truth::Met,
        _ => Truth::Undetermined,
    }
}
