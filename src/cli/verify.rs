//! `verify`: does a record follow from its own samples, plan and rules?

use std::path::{Path, PathBuf};

use super::args::{Verify, VerifyFormat};
use super::output::print;
use crate::audit::{self, Verification};
use crate::conclude::{Rederived, rederive};
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::record::{self, Document};
use crate::report;

/// A record that was derived again and checked.
pub(super) struct Verified {
    pub(super) derived: Rederived,
    /// SHA-256 of `record.json`.
    pub(super) sha256: String,
    pub(super) found: Verification,
}

/// Reads and checks a record or a bundle; `key` are files of public keys that must have signed it.
pub(super) fn verified(path: &Path, key: &[PathBuf], book: &Book) -> Result<Verified> {
    let name = files::name(path);
    let (document, sha256) = record::open(path)?;
    let stored = match document {
        Document::Run(record) => *record,
        Document::Import(_) => {
            let what = "an import of another program's results: there is nothing in it to derive again from";
            return Err(Error::input(name, what));
        }
    };
    let derived = rederive(&stored, book)?;
    let now_s = jiff::Timestamp::now().as_second();
    let bytes = if audit::is_bundle(path) {
        audit::of_bundle(path, &stored, &keys(key)?)
    } else if key.is_empty() {
        audit::of_record()
    } else {
        let what = "it is no bundle, so nobody can have signed it: `audit pack` makes one";
        return Err(Error::input(name, what));
    };
    let found = audit::verify(&stored, &derived, (&name, &sha256), bytes, book, now_s);
    Ok(Verified { derived, sha256, found })
}

/// The error that failed checks end in.
pub(super) fn outcome(found: &Verification) -> Result<()> {
    let failed = found.checks.iter().filter(|check| check.state == audit::Outcome::Fail);
    let failed: Vec<&str> = failed.map(|check| check.id).collect();
    if failed.is_empty() { Ok(()) } else { Err(Error::CheckFailed(failed.join(", "))) }
}

/// Does what `tierbench verify` says.
pub(super) fn run(args: &Verify) -> Result<()> {
    let book = Book::load()?;
    let found = verified(&args.record, &args.key, &book)?.found;
    match args.format {
        VerifyFormat::Text => print(&report::verification_text(&found)),
        VerifyFormat::Json => print(&report::verification_json(&found)?),
        VerifyFormat::Junit => print(&report::verification_junit(&found)?),
    }?;
    outcome(&found)
}

/// Public keys in PEM.
pub(super) fn keys(paths: &[PathBuf]) -> Result<Vec<String>> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|e| Error::input(files::name(path), e.to_string()))
    };
    paths.iter().map(read).collect()
}
