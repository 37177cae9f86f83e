//! Whether a record is the answer to a challenge.

use super::outcome::{Check, fail, none, pass};
use crate::plan::{ChallengeFile, seed_of};
use crate::record::Record;

/// Seconds by which the clock of the machine may be behind the auditor's.
const BEHIND_S: i64 = 300;

/// Holds the record's challenge against itself, and against that of the auditor if it is at hand.
pub fn challenge(stored: &Record, asked: Option<&ChallengeFile>) -> Check {
    const ID: &str = "challenge";
    let Some(plan) = &stored.plan else {
        return match asked {
            None => none(ID, "a record of a time before there were plans"),
            Some(_) => fail(ID, "it has no plan, so it answers no challenge"),
        };
    };
    if let Some(Err(what)) = asked.map(|asked| asked.is_answered_by(plan, stored.adapter.software))
    {
        return fail(ID, what);
    }
    let Some(own) = &plan.challenge else {
        return none(ID, "it answers no challenge: it may have been measured at any time");
    };
    if plan.seed != seed_of(&own.nonce) {
        return fail(ID, "its seed does not follow from the nonce");
    }
    let second = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
    let (Some(issued), Some(begun)) = (second(&own.issued_at), second(&stored.created)) else {
        return fail(ID, "a time of it is none");
    };
    if begun + BEHIND_S < issued {
        return fail(ID, "it was begun before the challenge was issued");
    }
    let whose = format!("the challenge of {}, by {}", own.issued_at, own.auditor);
    match asked {
        None => {
            none(ID, format!("it answers {whose}; --challenge FILE says whether that is yours"))
        }
        Some(_) => {
            pass(ID, format!("it answers {whose}: seed, plan and digest follow from the nonce"))
        }
    }
}
