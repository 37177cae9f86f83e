//! What a comparison must not come out as.

use std::fmt;
use std::str::FromStr;

use super::{Comparison, Row, Word};
use crate::record::State;
use crate::units::significant;

/// One condition of `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gate {
    /// A workload is `slower`; with a percentage, its interval's high end is slower by more than that.
    Slower(Option<f64>),
    /// A workload of the new run failed or is not verified, or the base measured it and the new run
    /// did not.
    Unverified,
}

impl FromStr for Gate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "slower" => Ok(Self::Slower(None)),
            None if text == "unverified" => Ok(Self::Unverified),
            Some(("slower", percent)) => percent
                .trim_end_matches('%')
                .parse()
                .ok()
                .filter(|percent| (0.0..100.0).contains(percent))
                .map(|percent| Self::Slower(Some(percent)))
                .ok_or(format!("{percent:?} is no percentage from 0 to below 100")),
            _ => Err("the conditions are slower, slower:PERCENT and unverified".into()),
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slower(None) => f.write_str("slower"),
            Self::Slower(Some(percent)) => write!(f, "slower:{percent}"),
            Self::Unverified => f.write_str("unverified"),
        }
    }
}

impl Gate {
    /// What of a workload meets the condition.
    fn finding(self, row: &Row) -> Option<String> {
        match self {
            Self::Slower(percent) => {
                // Under a load of other programs nothing can be said.
                let ratio = row.ratio.filter(|_| row.why.is_none())?;
                let met = match percent {
                    None => row.word == Some(Word::Slower),
                    Some(percent) => ratio.high < 1.0 - percent / 100.0,
                };
                let [value, low, high] = [ratio.value, ratio.low, ratio.high].map(significant);
                met.then(|| format!("{value} of the base rate ({low} to {high})"))
            }
            Self::Unverified => {
                let measured = row.base.as_ref().is_some_and(|base| base.verified);
                let met = match &row.new {
                    None => measured,
                    Some(new) if new.verified => false,
                    Some(new) => measured || new.state != State::Unsupported,
                };
                met.then(|| row.why.clone().unwrap_or("not verified".into()))
            }
        }
    }
}

/// Everything that meets a condition, one line each.
pub fn regressions(comparison: &Comparison, gates: &[Gate]) -> Vec<String> {
    let mut lines = Vec::new();
    for against in &comparison.comparisons {
        for row in &against.workloads {
            for finding in gates.iter().filter_map(|gate| gate.finding(row)) {
                let line = format!("{}: {}: {finding}", against.new.file, row.label);
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
    }
    lines
}
