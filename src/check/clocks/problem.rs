//! What a clock did wrong: which clock, and what.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::measure::Clock;

/// What a clock or the known work did wrong. In JSON it is one text: the clock, a colon, what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Problem {
    /// Whose it is; `None` where it is the known work itself.
    pub clock: Option<Clock>,
    /// What was seen, with the figures.
    pub what: String,
}

const NAMES: [(Option<Clock>, &str); 3] =
    [(Some(Clock::Gpu), "GPU clock"), (Some(Clock::Host), "host clock"), (None, "known work")];

impl Problem {
    pub(super) fn of(clock: Clock, what: impl Into<String>) -> Self {
        Self { clock: Some(clock), what: what.into() }
    }

    pub(super) fn of_work(what: impl Into<String>) -> Self {
        Self { clock: None, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(clock, _)| *clock == self.clock).map(|(_, name)| *name);
        write!(f, "{}: {}", name.unwrap_or("known work"), self.what)
    }
}

impl From<Problem> for String {
    fn from(problem: Problem) -> Self {
        problem.to_string()
    }
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        let named = NAMES.iter().find_map(|(clock, name)| {
            Some((*clock, text.strip_prefix(name)?.strip_prefix(": ")?.to_owned()))
        });
        match named {
            Some((clock, what)) => Self { clock, what },
            None => Self { clock: None, what: text },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_text_in_json_and_comes_back_as_it_was() {
        for (clock, name) in NAMES {
            let problem = Problem { clock, what: "R2: 0.9".into() };
            let json = serde_json::to_string(&problem).unwrap();
            assert_eq!(json, format!("\"{name}: R2: 0.9\""));
            assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
        }
    }
}
