//! How a check ended, and in which words.

use serde::Serialize;

use crate::shown::clean;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// What it looks at follows.
    Pass,
    /// Something does not.
    Fail,
    /// It cannot be told, and `why` says why.
    NotAssessable,
}

impl Outcome {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotAssessable => "not-assessable",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name; names stay.
    pub id: &'static str,
    /// How it ended.
    pub state: Outcome,
    /// What was found, or what is missing for it.
    pub why: String,
}

/// Problems of one check that are named.
pub(super) const MOST_NAMED: usize = 3;

pub(super) fn pass(id: &'static str, why: impl Into<String>) -> Check {
    Check { id, state: Outcome::Pass, why: why.into() }
}

pub(super) fn fail(id: &'static str, why: impl Into<String>) -> Check {
    Check { id, state: Outcome::Fail, why: clean(&why.into()).into_owned() }
}

pub(super) fn none(id: &'static str, why: impl Into<String>) -> Check {
    Check { id, state: Outcome::NotAssessable, why: why.into() }
}

/// The first few of several problems, and how many more there are; `None` where there are none.
pub(super) fn named(all: &[String]) -> Option<String> {
    let more = all.len().checked_sub(MOST_NAMED).filter(|more| *more > 0);
    let more = more.map_or(String::new(), |more| format!("; and {more} more"));
    let shown = all.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    (!all.is_empty()).then(|| format!("{shown}{more}"))
}
