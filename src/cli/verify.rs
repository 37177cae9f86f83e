//! `verify`: does a record follow from its own samples, plan and rules?

use std::path::{Path, PathBuf};

use super::args::{Verify, VerifyFormat};
use super::output::print;
use crate::audit;
use crate::conclude::rederive;
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::plan::ChallengeFile;
use crate::record::{self, Document};
use crate::report;

/// Does what `tierbench verify` says.
pub(super) fn run(args: &Verify) -> Result<()> {
    let book = Book::load()?;
    let name = files::name(&args.record);
    let (document, sha256) = record::open(&args.record)?;
    let stored = match document {
        Document::Run(record) => record,
        Document::Import(_) => {
            let what = "an import of another program's results: there is nothing in it to derive again from";
            return Err(Error::input(name, what));
        }
    };
    let derived = rederive(&stored, &book)?;
    let now_s = jiff::Timestamp::now().as_second();
    let folder = if args.record.is_dir() {
        &*args.record
    } else {
        args.record.parent().unwrap_or(Path::new(""))
    };
    let asked = args.challenge.as_deref().map(ChallengeFile::read).transpose()?;
    let mut bytes = if audit::is_bundle(&args.record) {
        audit::of_bundle(&args.record, &stored, &derived, &keys(&args.key)?, &book)
    } else if args.key.is_empty() {
        audit::of_record(folder, &stored, &book)
    } else {
        let what = "it is no bundle, so nobody can have signed it: `audit pack` makes one";
        return Err(Error::input(name, what));
    };
    bytes.push(audit::challenge(&stored, asked.as_ref()));
    let found = audit::verify(&stored, &derived, (&name, &sha256), bytes, &book, now_s);
    match args.format {
        VerifyFormat::Text => print(&report::verification_text(&found)),
        VerifyFormat::Json => print(&report::verification_json(&found)?),
        VerifyFormat::Junit => print(&report::verification_junit(&found)?),
    }?;
    let failed = found.checks.iter().filter(|check| check.state == audit::Outcome::Fail);
    let failed: Vec<&str> = failed.map(|check| check.id).collect();
    if failed.is_empty() { Ok(()) } else { Err(Error::CheckFailed(failed.join(", "))) }
}

/// Public keys in PEM.
fn keys(paths: &[PathBuf]) -> Result<Vec<String>> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|e| Error::input(files::name(path), e.to_string()))
    };
    paths.iter().map(read).collect()
}
