//! `audit`: keys, bundles and signatures; `audit rerun` stands in a file of its own.

use std::path::{Path, PathBuf};

use super::args::{Audit, AuditCommand, Format};
use super::evidence::Checked;
use super::output::{print, say};
use super::test_report;
use super::verify::LARGEST_KEY;
use crate::audit::{self, Outcome};
use crate::conclude::rederive;
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::plan::{Asked, ChallengeFile, Plan};
use crate::record;
use crate::report::{self, Source, TestReport};

/// Does what `tierbench audit` says.
pub(super) fn run(args: &Audit) -> Result<()> {
    match &args.command {
        AuditCommand::Keygen { out } => keygen(out),
        AuditCommand::Pack { record, out, laboratory } => pack(record, laboratory.as_deref(), out),
        AuditCommand::Report(args) => test_report::run(args),
        AuditCommand::Rerun(args) => super::rerun::run(args),
        AuditCommand::Sign { bundle, key } => sign(bundle, key),
        AuditCommand::Challenge { auditor, plan, profile, out } => {
            challenge(auditor, plan.as_deref(), profile.as_deref(), out)
        }
        AuditCommand::Sample { population, n, seed, format } => {
            if n > population {
                let what = format!("--n {n}: the lot has {population} items; take as many at most");
                return Err(Error::Usage(what));
            }
            let sampling = audit::sample(*population, *n, *seed);
            match format {
                Format::Json => print(&report::sampling_json(&sampling)?),
                Format::Text => print(&report::sampling_text(&sampling)),
            }
        }
    }
}

/// A challenge with a nonce of its own; none that is there is replaced.
fn challenge(auditor: &str, plan: Option<&Path>, profile: Option<&str>, out: &Path) -> Result<()> {
    let asked = match (plan, profile) {
        (Some(file), _) => Asked::Plan(Box::new(Plan::read(file)?.record())),
        (None, Some(name)) => Asked::Profile(name.to_owned()),
        (None, None) => Asked::Anything(()),
    };
    let made = ChallengeFile::new(auditor, asked)?;
    let text = serde_json::to_vec_pretty(&made).map_err(|e| Error::Internal(e.to_string()))?;
    if out.exists() {
        let what = format!("{} is there already; name another file", files::name(out));
        return Err(Error::Usage(what));
    }
    files::replace(out, &text).map_err(|source| Error::Output { path: out.to_owned(), source })?;
    say(format_args!("challenge, to be answered by `run --challenge`: {}", files::name(out)));
    Ok(())
}

/// A pair of keys; none that is there is replaced.
fn keygen(out: &Path) -> Result<()> {
    let public_path = public_name(out);
    if out.exists() || public_path.exists() {
        let what =
            format!("{} or its public half is there already; name another file", files::name(out));
        return Err(Error::Usage(what));
    }
    let (private, public) = audit::fresh_key().map_err(Error::Internal)?;
    files::new_secret(out, private.as_bytes())
        .map_err(|source| Error::Output { path: out.to_owned(), source })?;
    files::replace(&public_path, public.as_bytes())
        .map_err(|source| Error::Output { path: public_path.clone(), source })?;
    say(format_args!("private key, for nobody else: {}", files::name(out)));
    say(format_args!("public key, for everybody: {}", files::name(&public_path)));
    Ok(())
}

/// Checks of what lies beside a record.
const BESIDE: [&str; 2] = ["start-records", "attestation"];

/// `KEY.pub.pem` beside `KEY.pem`.
fn public_name(out: &Path) -> PathBuf {
    match out.extension() {
        Some(extension) if extension == "pem" => out.with_extension("pub.pem"),
        _ => PathBuf::from(format!("{}.pub.pem", out.display())),
    }
}

fn pack(path: &Path, laboratory: Option<&Path>, out: &Path) -> Result<()> {
    if out.exists() {
        let what = format!("{} is there already; name another folder", files::name(out));
        return Err(Error::Usage(what));
    }
    let book = Book::load()?;
    let stated = laboratory.map(test_report::read).transpose()?;
    // What disagrees with itself is not packed: nobody should sign it.
    let checked = Checked::agreeing(path, &book)?;
    let stored = record::read(path)?;
    let derived = rederive(&stored, &book)?;
    let now_s = jiff::Timestamp::now().as_second();
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    let mut bytes = audit::of_record(folder, &stored, &book);
    bytes.push(audit::challenge(&stored, None));
    let found =
        audit::verify(&stored, &derived, ("record.json", &checked.sha256), bytes, &book, now_s);
    let (text, laboratory) = stated.unwrap_or_default();
    let printed = TestReport {
        record: &checked.record,
        sha256: &checked.sha256,
        standing: &checked.standing.text(),
        verification: &found,
        signers: &[],
        laboratory: &laboratory,
    };
    let printed = report::test_report(&printed, &book)?;
    let source = Source {
        record: checked.record,
        sha256: checked.sha256,
        standing: checked.standing.text(),
    };
    let mut texts = vec![
        ("verification.json", report::verification_json(&found)?),
        ("report.html", report::html(&[source], &[], &book)?),
        ("test-report.html", printed),
    ];
    texts.extend((!text.is_empty()).then_some((test_report::LABORATORY, text)));
    audit::pack(&stored, &derived.record, path, out, &texts)?;
    say(format_args!("bundle: {}", files::name(out)));
    for missing in stored.without_samples.iter().chain(&stored.without_results) {
        say(format_args!(
            "note: {missing}: what rests on it cannot be checked in the bundle either"
        ));
    }
    let beside = found.checks.iter().filter(|check| BESIDE.contains(&check.id));
    for check in beside.filter(|check| check.why.contains("is not beside it")) {
        say(format_args!("note: {}: {}", check.id, check.why));
    }
    Ok(())
}

fn sign(bundle: &Path, key: &Path) -> Result<()> {
    let fail = |what: String| Error::input(files::name(key), what);
    let private = files::read(key, LARGEST_KEY).map_err(|e| fail(e.to_string()))?;
    let private = String::from_utf8_lossy(&private).into_owned();
    if !audit::is_bundle(bundle) {
        let what =
            "no bundle: `audit pack RECORD --out BUNDLE` makes one, which can then be signed";
        return Err(Error::input(files::name(bundle), what));
    }
    // Nobody vouches for bytes that are not there.
    let listed = audit::of_bytes(bundle, &[]);
    if let Some(check) = listed.iter().find(|c| c.id == "files" && c.state == Outcome::Fail) {
        say(format_args!("files: {}", check.why));
        return Err(Error::CheckFailed(check.id.into()));
    }
    let id = audit::sign(bundle, &private).map_err(|e| match e {
        Error::Usage(what) => fail(format!("{what}; `audit keygen` makes such a pair")),
        other => other,
    })?;
    say(format_args!(
        "signed with the key {}: {}",
        &id[..12],
        files::name(&bundle.join(audit::ENVELOPE))
    ));
    Ok(())
}
