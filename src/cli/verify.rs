//! `verify`: does a record follow from its own samples, plan and rules?

use std::path::{Path, PathBuf};

use super::args::{Verify, VerifyFormat};
use super::output::print;
use crate::audit::{self, Outcome};
use crate::conclude::{Rederived, rederive};
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::plan::ChallengeFile;
use crate::record::{self, Document, RESULTS, SAMPLES};
use crate::report;

/// A key in PEM has some hundred bytes.
pub(super) const LARGEST_KEY: u64 = 1 << 16;

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
        match Self::read(path, key_files, asked, book)? {
            Read::Checked(verified) => Ok(*verified),
            Read::Unreadable(found) => {
                let failed = found.checks.iter().rfind(|check| check.state == Outcome::Fail);
                let why = failed.map_or("it cannot be read", |check| check.why.as_str());
                Err(Error::input(files::name(path), why))
            }
        }
    }

    /// The same, with the checks that can be made where the record cannot be read.
    fn read(
        path: &Path,
        key_files: &[PathBuf],
        asked: Option<&ChallengeFile>,
        book: &Book,
    ) -> Result<Read> {
        let name = files::name(path);
        let keys = keys(key_files)?;
        let (document, sha256) = match record::open(path) {
            Ok(read) => read,
            Err(error) => return unreadable(path, &name, &keys, error),
        };
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
            audit::of_bundle(path, &stored, &derived, &keys, book)
        } else if key_files.is_empty() {
            audit::of_record(folder, &stored, book)
        } else {
            let what = "it is no bundle, so nobody can have signed it: `audit pack` makes one";
            return Err(Error::input(name, what));
        };
        bytes.push(audit::challenge(&stored, asked));
        let found = audit::verify(&stored, &derived, (&name, &sha256), bytes, book, now_s);
        Ok(Read::Checked(Box::new(Self { derived, found, sha256 })))
    }
}

/// A record that was checked, or the checks that could be made without it.
enum Read {
    Checked(Box<Verified>),
    Unreadable(audit::Verification),
}

/// A bundle says of each file what it should be, and a record of those beside it: that it is another one is a failed
/// check. A file that is no record at all is an error.
fn unreadable(path: &Path, name: &str, keys: &[String], error: Error) -> Result<Read> {
    let beside = |file: &str| [SAMPLES, RESULTS].iter().any(|own| file.ends_with(own));
    let (bytes, failed) = match &error {
        Error::Input { file, .. } if audit::is_bundle(path) => {
            let failed = if beside(file) { "digest" } else { "schema" };
            (audit::of_bytes(path, keys), failed)
        }
        Error::Input { file, .. } if beside(file) => (Vec::new(), "digest"),
        _ => return Err(error),
    };
    Ok(Read::Unreadable(audit::unreadable(name, bytes, failed, &error.to_string())))
}

/// The error that failed checks end in, with their names.
pub(super) fn failure(found: &audit::Verification) -> Result<()> {
    let failed = found.checks.iter().filter(|check| check.state == Outcome::Fail);
    let failed: Vec<&str> = failed.map(|check| check.id).collect();
    if failed.is_empty() { Ok(()) } else { Err(Error::CheckFailed(failed.join(", "))) }
}

/// Does what `tierbench verify` says.
pub(super) fn run(args: &Verify) -> Result<()> {
    let book = Book::load()?;
    let asked = args.challenge.as_deref().map(ChallengeFile::read).transpose()?;
    let read = Verified::read(&args.record, &args.key, asked.as_ref(), &book)?;
    let found = match &read {
        Read::Checked(verified) => &verified.found,
        Read::Unreadable(found) => found,
    };
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
        let fail = |what: String| Error::input(files::name(path), what);
        let bytes = files::read(path, LARGEST_KEY).map_err(|e| fail(e.to_string()))?;
        let pem = String::from_utf8_lossy(&bytes).into_owned();
        audit::public_key_id(&pem)
            .map_err(|what| fail(format!("{what}; --key takes the KEY.pub.pem of who signed")))?;
        Ok(pem)
    };
    paths.iter().map(read).collect()
}
