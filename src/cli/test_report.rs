//! `audit report`: a laboratory's test report, to be printed.

use std::path::Path;

use super::args;
use super::evidence::Checked;
use super::inputs;
use super::output::{print, print_exactly, say};
use super::verify::{Verified, failure, keys};
use crate::audit::{
    self, LABORATORY_TEMPLATE, LARGEST_LABORATORY_BYTES, LaboratoryFile, Outcome, Verification,
};
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::plan::ChallengeFile;
use crate::report::{self, TestReport};

/// The laboratory's file in a bundle.
pub(super) const LABORATORY: &str = "laboratory.toml";

/// Does what `tierbench audit report` says. A record that fails a check still gets its report, which says so on top; one
/// that disagrees with itself gets none.
pub(super) fn run(args: &args::TestReport) -> Result<()> {
    if args.laboratory_template {
        return print_exactly(LABORATORY_TEMPLATE.as_bytes());
    }
    let (Some(path), Some(out)) = (&args.record, &args.out) else {
        return Err(Error::Usage("name a record and the --out file of its report".into()));
    };
    let to_stdout = out == Path::new("-");
    if !to_stdout {
        keep_apart(path, args.laboratory.as_deref(), out)?;
    }
    let book = Book::load()?;
    let own = path.join(LABORATORY);
    let file = args.laboratory.as_deref();
    let file = file.or((audit::is_bundle(path) && own.exists()).then_some(own.as_path()));
    let (_, laboratory) = file.map(read).transpose()?.unwrap_or_default();
    let asked = args.challenge.as_deref().map(ChallengeFile::read).transpose()?;
    let Verified { derived, sha256, found } =
        Verified::open(path, &args.key, asked.as_ref(), &book)?;
    let signers = signers(path, &found, &keys(&args.key)?)?;
    let checked =
        Checked { path: path.clone(), sha256, record: derived.record, standing: derived.standing };
    if let Some(error) = checked.disagreement() {
        return Err(error);
    }
    let printed = TestReport {
        record: &checked.record,
        sha256: &checked.sha256,
        standing: &checked.standing.text(),
        verification: &found,
        signers: &signers,
        laboratory: &laboratory,
    };
    let text = report::test_report(&printed, &book)?;
    if to_stdout {
        print(&text)?;
    } else {
        report::replace_file(out, &text)?;
        say(format_args!("test report: {}", files::name(out)));
    }
    failure(&found)
}

/// Neither the evidence nor the laboratory's file is replaced, and no file gets into a bundle that its list does not have.
fn keep_apart(path: &Path, laboratory: Option<&Path>, out: &Path) -> Result<()> {
    let taken: Vec<_> =
        [Some(path), laboratory].into_iter().flatten().map(Path::to_owned).collect();
    inputs::keep_apart(&taken, &[&out.to_owned()])?;
    let folder = out.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    if let (Ok(folder), Ok(bundle)) = (folder.canonicalize(), path.canonicalize())
        && audit::is_bundle(path)
        && folder.starts_with(bundle)
    {
        let what = "it would lie in the bundle, whose list does not have it";
        return Err(Error::Usage(format!("{}: {what}; name another folder", files::name(out))));
    }
    Ok(())
}

/// The text of a laboratory's file and what it states.
pub(super) fn read(path: &Path) -> Result<(String, LaboratoryFile)> {
    let name = files::name(path);
    let bytes = files::read(path, LARGEST_LABORATORY_BYTES)
        .map_err(|e| Error::input(&name, e.to_string()))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::input(&name, "it is no UTF-8 text; write it as TOML"))?;
    let stated = LaboratoryFile::parse(&name, &text)?;
    Ok((text, stated))
}

/// Ids of the keys that signed what is there, where both was checked and holds.
fn signers(path: &Path, found: &Verification, keys: &[String]) -> Result<Vec<String>> {
    let passed =
        |id: &str| found.checks.iter().any(|check| check.id == id && check.state == Outcome::Pass);
    if !(passed("files") && passed("signature")) {
        return Ok(Vec::new());
    }
    let all =
        audit::signatures(path, keys).map_err(|what| Error::input(files::name(path), what))?;
    Ok(all.into_iter().flatten().filter(|(_, holds)| *holds).map(|(id, _)| id).collect())
}
