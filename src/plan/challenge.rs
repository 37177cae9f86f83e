//! An auditor's challenge: a nonce that nobody can know beforehand, from which all inputs follow.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Plan;
use crate::digest::{hex, sha256_hex};
use crate::error::{Error, Result};
use crate::files;
use crate::record::{Challenge, PlanRecord};
use crate::shown::clean;
use crate::workload::Workload;

/// A challenge holds a plan at the most.
const LARGEST_FILE: u64 = 1 << 20;
/// Hexadecimal digits of a nonce.
const NONCE_DIGITS: std::ops::RangeInclusive<usize> = 32..=128;
/// Characters of a name.
const LONGEST_NAME: usize = 200;

/// A challenge as a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeFile {
    /// At least 16 random bytes in hexadecimal.
    pub nonce: String,
    /// Who asks.
    pub auditor: String,
    /// When, RFC 3339.
    pub issued_at: String,
    /// A whole plan, whose seed does not matter; the name of a profile; or null, and whoever answers chooses.
    pub plan: Asked,
}

/// What a challenge asks to be run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Asked {
    /// Whatever the other side chooses.
    Anything(()),
    /// A profile, on sizes that fit the adapter.
    Profile(String),
    /// This plan.
    Plan(Box<PlanRecord>),
}

/// The seed that follows from a nonce.
pub fn seed_of(nonce: &str) -> u64 {
    let digest = sha256_hex(format!("tierbench seed\n{}", nonce.to_ascii_lowercase()));
    u64::from_str_radix(&digest[..16], 16).unwrap_or_default() >> 11
}

impl Challenge {
    /// What is wrong with it: the key and the remedy.
    pub(super) fn problem(&self) -> Option<(&'static str, String)> {
        let digits =
            self.nonce.bytes().all(|b| b.is_ascii_hexdigit()) && self.nonce.len().is_multiple_of(2);
        if !digits || !NONCE_DIGITS.contains(&self.nonce.len()) {
            let what =
                "16 to 64 random bytes in hexadecimal are needed, as `openssl rand -hex 32` prints";
            return Some(("nonce", what.into()));
        }
        let name = self.auditor.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || clean(name) != name {
            let what = format!("a name of 1 to {LONGEST_NAME} plain characters is needed");
            return Some(("auditor", what));
        }
        let time = self.issued_at.parse::<jiff::Timestamp>().is_err();
        time.then(|| ("issued_at", "a time as 2026-01-15T12:00:00Z is needed".into()))
    }
}

impl ChallengeFile {
    /// A fresh one.
    pub fn new(auditor: &str, plan: Asked) -> Result<Self> {
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce)
            .map_err(|e| Error::Internal(format!("the system gives no random numbers: {e}")))?;
        let issued_at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let made = Self { nonce: hex(&nonce), auditor: auditor.into(), issued_at, plan };
        made.checked().map_err(|(key, what)| Error::Usage(format!("{key}: {what}")))?;
        Ok(made)
    }

    /// Reads one.
    pub fn read(path: &Path) -> Result<Self> {
        let name = files::name(path);
        let remedy = "; `tierbench audit challenge` makes one";
        let fail = |what: String| Error::input(&name, format!("{what}{remedy}"));
        let bytes = files::read(path, LARGEST_FILE).map_err(|e| fail(e.to_string()))?;
        let value: Value =
            serde_json::from_slice(&bytes).map_err(|e| fail(format!("not JSON: {e}")))?;
        let file: Self = serde_json::from_value(value)
            .map_err(|e| fail(format!("no challenge {{nonce, auditor, issued_at, plan}}: {e}")))?;
        file.checked().map_err(|(key, what)| fail(format!("key `{key}`: {what}")))?;
        Ok(file)
    }

    fn checked(&self) -> Result<(), (String, String)> {
        if let Some((key, what)) = self.challenge().problem() {
            return Err((key.into(), what));
        }
        match &self.plan {
            Asked::Anything(()) => Ok(()),
            Asked::Profile(name) if Plan::profiles().is_ok_and(|all| all.contains(name)) => Ok(()),
            Asked::Profile(name) => Err(("plan".into(), format!("no profile is called {name:?}"))),
            Asked::Plan(plan) if plan.challenge.is_some() => {
                Err(("plan.challenge".into(), "the plan answers a challenge already".into()))
            }
            Asked::Plan(plan) => {
                Plan::of_record(plan).map(drop).map_err(|(key, what)| (format!("plan.{key}"), what))
            }
        }
    }

    /// What of it enters a plan.
    pub fn challenge(&self) -> Challenge {
        Challenge {
            nonce: self.nonce.clone(),
            auditor: self.auditor.clone(),
            issued_at: self.issued_at.clone(),
        }
    }

    /// Whether a plan is an answer to it on an adapter that is a software one or not; the error says in what it is not.
    pub fn is_answered_by(&self, plan: &PlanRecord, software: bool) -> Result<(), String> {
        if plan.challenge.as_ref() != Some(&self.challenge()) {
            return Err(match &plan.challenge {
                None => "it answers no challenge".into(),
                Some(other) => {
                    format!(
                        "it answers another challenge, of {} by {}",
                        other.issued_at, other.auditor
                    )
                }
            });
        }
        match &self.plan {
            Asked::Anything(()) => Ok(()),
            Asked::Profile(name) if plan.profile != *name => {
                Err(format!("the profile {name} was asked for, and {} was run", plan.profile))
            }
            Asked::Profile(name) => follows(name, plan, software)
                .map_err(|what| format!("it is called by the profile's name {name}, and {what}")),
            Asked::Plan(asked) => {
                let due = PlanRecord {
                    seed: plan.seed,
                    challenge: plan.challenge.clone(),
                    ..(**asked).clone()
                };
                let same = due == *plan;
                same.then_some(()).ok_or_else(|| "another plan was run than was asked for".into())
            }
        }
    }
}

/// Whether a plan is that of a profile: all of it but the sizes of streams, which may be smaller where an adapter has not
/// the room.
fn follows(name: &str, plan: &PlanRecord, software: bool) -> Result<(), String> {
    let due = Plan::new(name, Vec::new(), software, Some(plan.seed)).map_err(|e| e.to_string())?;
    let own = due.record();
    let settings = |p: &PlanRecord| {
        (
            p.stop_rule.clone(),
            p.process_starts,
            p.checked_shaders,
            p.zero_inputs,
            p.decision.clone(),
        )
    };
    if settings(&own) != settings(plan) {
        return Err("its stop rule, process starts or inputs are others".into());
    }
    let planned: Result<Vec<Workload>, String> = plan.workloads.iter().map(|w| w.parse()).collect();
    let planned = planned?;
    let same = |(due, own): (&Workload, &Workload)| match (due, own) {
        (
            Workload::Bandwidth { access: a, bytes: due },
            Workload::Bandwidth { access: b, bytes },
        ) => a == b && bytes <= due,
        (due, own) => due == own,
    };
    let all = planned.len() == due.workloads.len() && due.workloads.iter().zip(&planned).all(same);
    all.then_some(()).ok_or_else(|| "its workloads are others".into())
}

impl Plan {
    /// The same in answer to a challenge: under its nonce.
    #[must_use]
    pub fn answering(self, challenge: Challenge) -> Self {
        Self { seed: seed_of(&challenge.nonce), challenge: Some(challenge), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge() -> ChallengeFile {
        ChallengeFile::new("Laboratory A", Asked::Profile("smoke".into())).unwrap()
    }

    #[test]
    fn every_challenge_has_inputs_of_its_own() {
        let (a, b) = (challenge(), challenge());
        assert_ne!(a.nonce, b.nonce);
        assert_ne!(seed_of(&a.nonce), seed_of(&b.nonce));
        assert_eq!(seed_of(&a.nonce), seed_of(&a.nonce.to_uppercase()));
        assert!(seed_of(&a.nonce) < 1 << 53);
    }

    #[test]
    fn what_is_no_challenge_is_refused_by_its_key() {
        let refused = |change: &dyn Fn(&mut ChallengeFile)| {
            let mut file = challenge();
            change(&mut file);
            file.checked().unwrap_err().0
        };
        assert_eq!(refused(&|c| c.nonce = "00".into()), "nonce");
        assert_eq!(refused(&|c| c.nonce = "x".repeat(64)), "nonce");
        assert_eq!(refused(&|c| c.auditor = "\u{202e}A".into()), "auditor");
        assert_eq!(refused(&|c| c.auditor = " ".into()), "auditor");
        assert_eq!(refused(&|c| c.issued_at = "yesterday".into()), "issued_at");
        assert_eq!(refused(&|c| c.plan = Asked::Profile("fast".into())), "plan");
    }

    #[test]
    fn an_answer_is_one_to_this_challenge_and_of_what_it_asks_for() {
        let plan = |name: &str| Plan::new(name, Vec::new(), true, Some(1)).unwrap();
        let asked = challenge();
        let answer = plan("smoke").answering(asked.challenge()).record();
        assert!(asked.is_answered_by(&answer, true).is_ok());
        assert!(asked.is_answered_by(&plan("smoke").record(), true).is_err());
        assert!(challenge().is_answered_by(&answer, true).is_err());
        assert!(
            asked
                .is_answered_by(&plan("quick").answering(asked.challenge()).record(), true)
                .is_err()
        );
        // A profile's name alone is no profile.
        let named = |change: &dyn Fn(&mut PlanRecord)| {
            let mut other = answer.clone();
            change(&mut other);
            asked.is_answered_by(&other, true)
        };
        assert!(named(&|_| ()).is_ok());
        assert!(named(&|p| drop(p.workloads.pop())).is_err());
        assert!(named(&|p| p.zero_inputs = true).is_err());
        assert!(named(&|p| p.process_starts = 2).is_err());
        assert!(named(&|p| p.stop_rule.max_samples = 1).is_err());
        let streams = |p: &mut PlanRecord, bytes: &str| {
            for w in &mut p.workloads {
                *w = w.replace("bandwidth-copy:1048576", &format!("bandwidth-copy:{bytes}"));
            }
        };
        assert!(named(&|p| streams(p, "524288")).is_ok());
        assert!(named(&|p| streams(p, "2097152")).is_err());
        assert!(asked.is_answered_by(&answer, false).is_err());
        let whole = Asked::Plan(Box::new(plan("quick").record()));
        let asked = ChallengeFile { plan: whole, ..asked };
        let answer = plan("quick").answering(asked.challenge());
        assert!(asked.is_answered_by(&answer.record(), true).is_ok());
        let mut fewer = answer;
        fewer.workloads.pop();
        assert!(asked.is_answered_by(&fewer.record(), true).is_err());
    }
}
