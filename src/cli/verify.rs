//! `verify`: does a record follow from its own samples, plan and rules?

use std::path::{Path, PathBuf};

use super::args::{Verify, VerifyFormat};
use super::output::print;
use crate::audit;
use crate::conclude::{Rederived, rederive};
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::plan::ChallengeFile;
use crate::record::{self, Document};
use crate::report;

/// A record or a bundle that was read once, derived again and checked.
pub(super) struct Verified {
    /// Its figures, drawn again.
    pub(super) derived: Rederived,
    /// The checks.
    pub(super) found: audit::Verification,
    /// SHA-256 of `record.json`.
    pub(super) sha256: String,
}

impl Verified {
    /// Checks a record, or a bundle that the keys in these files must have signed, as the answer to a challenge if
    /// there is one.
    pub(super) fn open(
        path: &Path,
        key_files: &[PathBuf],
        asked: Option<&ChallengeFile>,
        book: &Book,
    ) -> Result<Self> {
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
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        let mut bytes = if audit::is_bundle(path) {
            audit::of_bundle(path, &stored, &derived, &keys(key_files)?, book)
        } else if key_files.is_empty() {
            audit::of_record(folder, &stored, book)
        } else {
            let what = "it is no bundle, so nobody can have signed it: `audit pack` makes one";
            return Err(Error::input(name, what));
        };
        bytes.push(audit::challenge(&stored, asked));
        let found = audit::verify(&stored, &derived, (&name, &sha256), bytes, book, now_s);
        Ok(Self { derived, found, sha256 })
    }
}

/// The error that failed checks end in, with their names.
pub(super) fn failure(found: &audit::Verification) -> Result<()> {
    let failed = found.checks.iter().filter(|check| check.state == audit::Outcome::Fail);
    let failed: Vec<&str> = failed.map(|check| check.id).collect();
    if failed.is_empty() { Ok(()) } else { Err(Error::CheckFailed(failed.join(", "))) }
}

/// Does what `tierbench verify` says.
pub(super) fn run(args: &Verify) -> Result<()> {
    let book = Book::load()?;
    let asked = args.challenge.as_deref().map(ChallengeFile::read).transpose()?;
    let verified = Verified::open(&args.record, &args.key, asked.as_ref(), &book)?;
    let found = &verified.found;
    match args.format {
        VerifyFormat::Text => print(&report::verification_text(found)),
        VerifyFormat::Json => print(&report::verification_json(found)?),
        VerifyFormat::Junit => print(&report::verification_junit(found)?),
    }?;
    failure(found)
}

/// Public keys in PEM.
pub(super) fn keys(paths: &[PathBuf]) -> Result<Vec<String>> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|e| Error::input(files::name(path), e.to_string()))
    };
    paths.iter().map(read).collect()
}
