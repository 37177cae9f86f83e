//! What the folder of a record shows: its bytes, who signed them, its plan, its rules, and what lies beside it.

use std::path::Path;

use super::outcome::{Check, MOST_NAMED, fail, none, pass};
use super::rules::rules;
use super::{beside, bundle};
use crate::conclude::Rederived;
use crate::digest::sha256_hex;
use crate::files;
use crate::normalize::Book;
use crate::record::Record;
use crate::shown::clean;
use crate::units::counted;

/// What can be said of a record outside a bundle about its bytes and what lies in its `folder`.
pub fn of_record(folder: &Path, stored: &Record, book: &Book) -> Vec<Check> {
    vec![
        none("signature", "a record alone carries none: its bundle does"),
        beside::starts(folder, stored, book),
        beside::attestation(folder, stored),
    ]
}

/// What can be said of a bundle: its bytes, its plan, the rules in it, the records of its process starts, and what the
/// device said of itself.
pub fn of_bundle(
    bundle: &Path,
    stored: &Record,
    derived: &Rederived,
    keys: &[String],
    book: &Book,
) -> Vec<Check> {
    let mut checks = of_bytes(bundle, keys);
    checks.extend([
        plan_file(bundle, stored),
        rules(bundle, derived),
        beside::starts(bundle, stored, book),
        beside::attestation(bundle, stored),
    ]);
    checks
}

/// What can be said of a bundle's bytes alone: whether its files are those that it lists, and who signed the list. `keys`
/// are public keys in PEM, each of which must have signed.
pub fn of_bytes(bundle: &Path, keys: &[String]) -> Vec<Check> {
    let files = match bundle::files_that_differ(bundle) {
        Ok((count, wrong)) if wrong.is_empty() => {
            let why = format!(
                "{count} files, each by its digest, and no other one; pages and verification.json are the packer's \
                 words, which nobody derives again here"
            );
            pass("files", why)
        }
        Ok((_, wrong)) => {
            let named = wrong.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join("; ");
            fail("files", format!("{} not as listed: {named}", counted(wrong.len(), "file")))
        }
        Err(what) => fail("files", what),
    };
    let all = || {
        let ids = bundle::hints(bundle).unwrap_or_default();
        let shown: Vec<String> = ids.iter().take(MOST_NAMED).map(|id| clean(id).into()).collect();
        format!("{} in all: {}", counted(ids.len(), "signature"), shown.join(", "))
    };
    let signed = match bundle::signatures(bundle, keys) {
        Err(what) => fail("signature", what),
        Ok(None) if keys.is_empty() => none("signature", "nobody signed it"),
        Ok(None) => fail("signature", "nobody signed it, and a key was given"),
        Ok(Some(_)) if keys.is_empty() => none(
            "signature",
            format!("--key PUB.pem says by whom it shall be signed: it has {}", all()),
        ),
        Ok(Some(found)) => {
            if let Some((id, _)) = found.iter().find(|(_, holds)| !holds) {
                fail("signature", format!("the key {} has not signed it", &id[..12]))
            } else {
                let ids: Vec<&str> = found.iter().map(|(id, _)| &id[..12]).collect();
                pass("signature", format!("holds for the keys {} ({})", ids.join(", "), all()))
            }
        }
    };
    vec![files, signed]
}

/// A plan has some kilobytes.
const LARGEST_PLAN: u64 = 1 << 20;

/// The plan as a file is what the record's digest is of.
fn plan_file(bundle: &Path, stored: &Record) -> Check {
    let bytes = files::read(&bundle.join("plan.json"), LARGEST_PLAN);
    if let Some(what) = bundle::predicate_differs(bundle, stored) {
        return fail("plan-file", what);
    }
    match (bytes, &stored.plan_sha256) {
        (Ok(bytes), Some(digest)) if sha256_hex(&bytes) == *digest => {
            pass("plan-file", "plan.json is what the record's digest is of")
        }
        (Ok(_), _) => fail("plan-file", "plan.json is not what the record's digest is of"),
        (Err(_), Some(_)) => fail("plan-file", "plan.json is not there"),
        (Err(_), None) => none("plan-file", "a record of a time before there were plans"),
    }
}
