//! A folder that an auditor receives: the record as its bytes, everything that its words rest on, and a list of all
//! files by digest, which is what is signed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::dsse::Envelope;
use super::rules;
use crate::digest::sha256_hex;
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::DataFiles;
use crate::record::{RESULTS, Record, SAMPLES, Tool};

/// The statement, and its envelope once it is signed: the only files that it does not list.
pub const STATEMENT: &str = "statement.json";
/// The envelope with the signatures.
pub const ENVELOPE: &str = "statement.dsse.json";
/// Largest file of a bundle that is read.
const LARGEST_BYTES: u64 = 64 << 20;
/// Largest statement or envelope that is read: some hundred bytes for each file.
const LARGEST_STATEMENT: u64 = 4 << 20;
/// All files of a bundle together.
const LARGEST_BUNDLE_BYTES: u64 = 512 << 20;
/// Largest data file that is read.
const LARGEST_DATA_FILE: u64 = 1 << 20;
/// A time stamp of the plan.
const TIME_STAMP: &str = "plan.tsr";
/// More files than a bundle has.
const MOST_FILES: usize = 1_000;

/// An in-toto statement (v1): which files, by digest, and what they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: BTreeMap<String, String>,
}

/// What the statement says of the files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Predicate {
    record: String,
    plan_sha256: Option<String>,
    packed_by: Tool,
    scope: String,
}

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE: &str = "urn:tierbench:bundle:1";
/// What every statement says that a list of files can say.
pub const SCOPE: &str =
    "the results relate only to the items tested; that they were measured is what the signers say";

/// Packs a record that was read from `source` into the new folder `out`: its files byte for byte, its plan, the records of
/// its process starts, the data files that its words rest on with the words, and more texts by name. `derived` is the
/// record as this build draws it again.
pub fn pack(
    record: &Record,
    derived: &Record,
    source: &Path,
    out: &Path,
    texts: &[(&str, String)],
) -> Result<()> {
    let fail = |source| Error::Output { path: out.to_owned(), source };
    std::fs::create_dir(out).map_err(fail)?;
    let folder = if source.is_dir() { source } else { source.parent().unwrap_or(Path::new("")) };
    let head = if source.is_dir() { source.join("record.json") } else { source.to_owned() };
    let mut all: Vec<(String, Vec<u8>)> = vec![("record.json".into(), read(&head)?)];
    for name in names_beside(record, folder) {
        let bytes = read(&folder.join(&name))?;
        all.push((name, bytes));
    }
    if let Some(plan) = &record.plan {
        let bytes = plan
            .canonical()
            .map_err(|e| Error::Internal(format!("a plan that is no JSON: {e}")))?;
        all.push(("plan.json".into(), bytes));
    }
    let data = DataFiles::built_in();
    all.extend(data.all().iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())));
    all.push((rules::VERDICT.into(), rules::verdict(derived)?));
    all.extend(texts.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into_bytes())));
    all.sort();
    let subject = all.iter().map(|(name, bytes)| Subject {
        name: name.clone(),
        digest: BTreeMap::from([("sha256".into(), sha256_hex(bytes))]),
    });
    let statement = Statement {
        kind: STATEMENT_TYPE.into(),
        subject: subject.collect(),
        predicate_type: PREDICATE_TYPE.into(),
        predicate: Predicate {
            record: record.id.clone(),
            plan_sha256: record.plan_sha256.clone(),
            packed_by: Tool::this(),
            scope: SCOPE.into(),
        },
    };
    let text = serde_json::to_vec(&statement).map_err(|e| Error::Internal(e.to_string()))?;
    all.push((STATEMENT.into(), text));
    for (name, bytes) in all {
        let path = out.join(name);
        let fail = |source| Error::Output { path: path.clone(), source };
        std::fs::create_dir_all(path.parent().unwrap_or(out)).map_err(fail)?;
        files::replace(&path, &bytes).map_err(fail)?;
    }
    Ok(())
}

/// Files beside a record that belong to it.
fn names_beside(record: &Record, folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    if record.without_samples.is_none() && !record.from_schema_1 {
        names.push(SAMPLES.to_owned());
    }
    if record.results.is_some() && record.without_results.is_none() {
        names.push(RESULTS.to_owned());
    }
    for start in &record.starts {
        let part =
            ["record.json", SAMPLES, RESULTS].map(|f| format!("start-{}/{f}", start.process));
        names.extend(part);
    }
    let answers =
        record.attestation.iter().flat_map(|a| std::iter::once(&a.before).chain(&a.after));
    names.extend(answers.map(|answer| answer.file.clone()));
    // A time stamp of the plan (RFC 3161), made elsewhere.
    names.push(TIME_STAMP.to_owned());
    names.retain(|name| is_plain(name) && folder.join(name).is_file());
    names
}

/// A name that leads to a file within the folder.
fn is_plain(name: &str) -> bool {
    name.split('/').all(|part| !["", ".", ".."].contains(&part)) && !name.contains(['\\', ':'])
}

/// The data files of a bundle.
pub(super) fn data_files(bundle: &Path) -> Result<BTreeMap<String, String>, String> {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    walk(bundle, Path::new("data"), &mut found, &mut wrong)?;
    if let Some(what) = wrong.first() {
        return Err(what.clone());
    }
    let mut files = BTreeMap::new();
    for name in
        found.into_iter().filter(|name| Path::new(name).extension().is_some_and(|e| e == "toml"))
    {
        let bytes = files::read(&bundle.join(&name), LARGEST_DATA_FILE)
            .map_err(|e| format!("{name}: {e}"))?;
        let text = String::from_utf8(bytes).map_err(|_| format!("{name} is no UTF-8"))?;
        files.insert(name, text);
    }
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    files::read(path, LARGEST_BYTES).map_err(|e| Error::input(files::name(path), e.to_string()))
}

/// Signs a bundle's list of files with a key in PEM; gives the key's id. Other signatures stay.
pub fn sign(bundle: &Path, private_pem: &str) -> Result<String> {
    let statement = read(&bundle.join(STATEMENT))?;
    let path = bundle.join(ENVELOPE);
    let mut envelope = if path.exists() {
        let known =
            envelope(&read(&path)?).map_err(|what| Error::input(files::name(&path), what))?;
        let own = known.statement().map_err(|what| Error::input(files::name(&path), what))?;
        if own != statement {
            let what = "it signs another list of files than the bundle's: pack the record again";
            return Err(Error::input(files::name(&path), what));
        }
        known
    } else {
        Envelope::of(&statement)
    };
    let id = envelope.sign(private_pem).map_err(Error::Usage)?;
    let text = serde_json::to_vec(&envelope).map_err(|e| Error::Internal(e.to_string()))?;
    files::replace(&path, &text).map_err(|source| Error::Output { path, source })?;
    Ok(id)
}

fn envelope(bytes: &[u8]) -> Result<Envelope, String> {
    let envelope: Envelope =
        serde_json::from_slice(bytes).map_err(|e| format!("no DSSE envelope: {e}"))?;
    if envelope.signatures.len() > MOST_SIGNATURES {
        return Err(format!(
            "{} signatures; {MOST_SIGNATURES} are the most",
            envelope.signatures.len()
        ));
    }
    Ok(envelope)
}

/// More signers than any evidence has.
const MOST_SIGNATURES: usize = 64;

/// Whether a folder is a bundle.
pub fn is_bundle(folder: &Path) -> bool {
    folder.join(STATEMENT).exists() || folder.join(ENVELOPE).exists()
}

/// What of a bundle's files is not as its statement says: the list is empty where all is. Nothing follows a link, and no
/// name leads out of the folder.
pub(super) fn files_that_differ(bundle: &Path) -> Result<(usize, Vec<String>), String> {
    let text = files::read(&bundle.join(STATEMENT), LARGEST_STATEMENT)
        .map_err(|e| format!("{STATEMENT}: {e}"))?;
    let statement: Statement =
        serde_json::from_slice(&text).map_err(|e| format!("{STATEMENT} is none: {e}"))?;
    if (statement.kind.as_str(), statement.predicate_type.as_str())
        != (STATEMENT_TYPE, PREDICATE_TYPE)
    {
        return Err(format!("{STATEMENT} is a statement of another kind"));
    }
    if statement.subject.len() > MOST_FILES {
        return Err(format!("{} files are listed; no bundle has so many", statement.subject.len()));
    }
    let mut left = LARGEST_BUNDLE_BYTES;
    let mut listed = BTreeMap::new();
    let mut wrong = Vec::new();
    for subject in &statement.subject {
        let plain = is_plain(&subject.name);
        let digest = subject.digest.get("sha256").filter(|_| subject.digest.len() == 1);
        match (plain, digest) {
            (true, Some(digest)) if listed.insert(subject.name.clone(), digest).is_none() => {}
            _ => wrong.push(format!(
                "{:?} is listed twice, without its SHA-256, or is no name",
                subject.name
            )),
        }
    }
    let mut found = Vec::new();
    walk(bundle, Path::new(""), &mut found, &mut wrong)?;
    let count = found.len();
    for name in found {
        match listed.remove(&name) {
            Some(digest) => match files::read(&bundle.join(&name), LARGEST_BYTES.min(left)) {
                Ok(bytes) => {
                    left -= bytes.len() as u64;
                    if sha256_hex(&bytes) != *digest {
                        wrong.push(format!("{name} is not the file that is listed"));
                    }
                }
                Err(e) => wrong.push(format!("{name}: {e}")),
            },
            None => wrong.push(format!("{name} is not listed")),
        }
    }
    wrong.extend(listed.keys().map(|name| format!("{name} is listed and not there")));
    Ok((count, wrong))
}

fn walk(
    bundle: &Path,
    within: &Path,
    found: &mut Vec<String>,
    wrong: &mut Vec<String>,
) -> Result<(), String> {
    let folder = bundle.join(within);
    let entries =
        std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", files::name(&folder)))?;
    for entry in entries {
        let entry = entry.map_err(|e| e.to_string())?;
        let path: PathBuf = within.join(entry.file_name());
        let Some(name) = path.to_str().map(|name| name.replace(std::path::MAIN_SEPARATOR, "/"))
        else {
            wrong.push("a name that is no UTF-8".into());
            continue;
        };
        let kind = entry.file_type().map_err(|e| e.to_string())?;
        if found.len() > MOST_FILES {
            return Err(format!("more than {MOST_FILES} files: no bundle has so many"));
        }
        if kind.is_dir() {
            if path.components().count() > 4 {
                return Err(format!("{name}: no bundle has such deep folders"));
            }
            walk(bundle, &path, found, wrong)?;
        } else if !kind.is_file() {
            wrong.push(format!("{name} is no plain file"));
        } else if ![STATEMENT, ENVELOPE].contains(&name.as_str()) {
            found.push(name);
        }
    }
    Ok(())
}

/// What the statement says of the record that is not the record's.
pub(super) fn predicate_differs(bundle: &Path, stored: &Record) -> Option<String> {
    let text = files::read(&bundle.join(STATEMENT), LARGEST_STATEMENT).ok()?;
    let said = serde_json::from_slice::<Statement>(&text).ok()?.predicate;
    let same =
        (said.record == stored.id, said.plan_sha256 == stored.plan_sha256, said.scope == SCOPE);
    (same != (true, true, true)).then(|| {
        format!("{STATEMENT} names another record or plan, or claims more than a list does")
    })
}

/// What the signatures call their keys, shortened: a hint, no proof.
pub(super) fn hints(bundle: &Path) -> Option<Vec<String>> {
    let bytes = files::read(&bundle.join(ENVELOPE), LARGEST_STATEMENT).ok()?;
    let envelope = envelope(&bytes).ok()?;
    let short = |signed: &super::dsse::Signed| signed.keyid.chars().take(12).collect();
    Some(envelope.signatures.iter().map(short).collect())
}

/// Whether the envelope signs the bundle's own statement, and for each key its id and whether it signed.
pub fn signatures(bundle: &Path, keys: &[String]) -> Result<Option<Vec<(String, bool)>>, String> {
    let path = bundle.join(ENVELOPE);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = files::read(&path, LARGEST_STATEMENT).map_err(|e| format!("{ENVELOPE}: {e}"))?;
    let envelope = envelope(&bytes).map_err(|what| format!("{ENVELOPE}: {what}"))?;
    let statement = files::read(&bundle.join(STATEMENT), LARGEST_STATEMENT)
        .map_err(|e| format!("{STATEMENT}: {e}"))?;
    if envelope.statement().map_err(|what| format!("{ENVELOPE}: {what}"))? != statement {
        return Err(format!("{ENVELOPE} signs another statement than {STATEMENT}"));
    }
    let each = keys.iter().map(|key| envelope.is_signed_by(key));
    Ok(Some(each.collect::<Result<_, _>>()?))
}
