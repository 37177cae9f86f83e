//! Verified keys, and whose they are by what the laboratory states.

use serde::Serialize;

use crate::audit::{LaboratoryFile, Outcome, Verification};

/// A key whose signature was verified.
#[derive(Serialize)]
pub(super) struct Signer {
    id: String,
    of: &'static str,
}

/// A key that is stated for somebody.
#[derive(Serialize)]
pub(super) struct Stated {
    key: Option<String>,
    bad: bool,
    remark: &'static str,
}

/// Every verified key with its owner.
pub(super) fn signers(ids: &[String], stated: &LaboratoryFile) -> Vec<Signer> {
    let is = |key: &Option<String>, id: &str| key.as_ref().is_some_and(|key| id.starts_with(key));
    let of = |id: &String| {
        if is(&stated.laboratory.key, id) {
            "the laboratory’s, as stated"
        } else if is(&stated.witness.key, id) {
            "the witness’s, as stated"
        } else {
            "whose it is, is not stated"
        }
    };
    ids.iter().map(|id| Signer { id: id.clone(), of: of(id) }).collect()
}

/// Whether a stated key is among those that were verified.
pub(super) fn stated(key: Option<&String>, ids: &[String], found: &Verification) -> Stated {
    let Some(key) = key else { return Stated { key: None, bad: false, remark: "" } };
    let signature = found.checks.iter().find(|check| check.id == "signature");
    let denied = signature.is_some_and(|check| {
        check.state == Outcome::Fail && key.get(..12).is_some_and(|key| check.why.contains(key))
    });
    let (bad, remark) = if ids.iter().any(|id| id.starts_with(key)) {
        (false, "its signature was verified")
    } else if denied {
        (true, "THIS KEY HAS NOT SIGNED")
    } else if ids.is_empty() {
        (false, "no signature of it was verified when this report was made")
    } else {
        (true, "NOT AMONG THE KEYS WHOSE SIGNATURES WERE VERIFIED")
    };
    Stated { key: Some(key.clone()), bad, remark }
}

/// What is said where no key is listed.
pub(super) fn none(found: &Verification, failed: &str) -> String {
    match found.checks.iter().find(|check| check.id == "signature") {
        Some(check) if check.state == Outcome::Pass => format!(
            "The signature over the bundle’s list of files holds, but other checks failed ({failed}): what was signed is not what is here, so no key is listed."
        ),
        Some(check) => {
            format!("No digital signature was verified when this report was made: {}.", check.why)
        }
        None => "No digital signature was verified when this report was made.".into(),
    }
}
