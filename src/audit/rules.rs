//! The words of a bundle, drawn again by the rules that lie in it, and what today's would say otherwise.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::bundle;
use super::outcome::{Check, fail, named, none, pass};
use crate::conclude::{Rederived, conclude, difference};
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::{Book, DataFiles};
use crate::record::{Conclusion, Finding, Record, Tool};

/// The conclusion by the data files of the bundle.
pub(super) const VERDICT: &str = "verdict.json";
const VERDICT_SCHEMA: &str = "tierbench.verdict/1";
const LARGEST_BYTES: u64 = 16 << 20;

/// What a record comes to by the data files beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    schema: String,
    /// The program that drew it.
    by: Tool,
    conclusion: Conclusion,
}

/// The text of `verdict.json`; the record has been derived again by this build.
pub(super) fn verdict(derived: &Record) -> Result<Vec<u8>> {
    let verdict = Verdict {
        schema: VERDICT_SCHEMA.into(),
        by: Tool::this(),
        conclusion: derived.conclusion.clone(),
    };
    serde_json::to_vec_pretty(&verdict).map_err(|e| Error::Internal(e.to_string()))
}

/// Findings by the rules in the bundle are those that it states; and what differs by those of this build.
pub(super) fn rules(folder: &Path, derived: &Rederived) -> Check {
    const ID: &str = "rules";
    let own = match bundle::data_files(folder) {
        Ok(files) => DataFiles::of(files),
        Err(what) => return fail(ID, what),
    };
    let mut by_own = derived.record.clone();
    match Book::of(&own) {
        Err(e) => return fail(ID, e.to_string()),
        Ok(book) => {
            if let Err(e) = conclude(&mut by_own, &book) {
                return fail(ID, e.to_string());
            }
        }
    }
    let stated: Verdict = match files::read(&folder.join(VERDICT), LARGEST_BYTES) {
        Err(e) => return fail(ID, format!("{VERDICT}: {e}")),
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Err(e) => return fail(ID, format!("{VERDICT}: {e}")),
            Ok(stated) => stated,
        },
    };
    match difference("conclusion", &stated.conclusion, &by_own.conclusion) {
        Some(what) if stated.by.is_this_build() => {
            return fail(ID, format!("{VERDICT} is not what its rules come to: {what}"));
        }
        Some(_) => {
            let what =
                format!("{VERDICT} was drawn by another build, and comes out otherwise here");
            return none(ID, what);
        }
        None => {}
    }
    let files = own.all().len();
    if own.all() == DataFiles::built_in().all() {
        return pass(
            ID,
            format!("{VERDICT} follows by the {files} data files in it, those of this build"),
        );
    }
    let now = &derived.record.conclusion.findings;
    match named(&changed(&by_own.conclusion.findings, now)) {
        None => pass(
            ID,
            format!(
                "{VERDICT} follows by the {files} data files in it; those of this build differ and find the same"
            ),
        ),
        Some(what) => pass(
            ID,
            format!(
                "{VERDICT} follows by the {files} data files in it; by those of this build: {what}"
            ),
        ),
    }
}

/// Findings that are others by another book.
fn changed(then: &[Finding], now: &[Finding]) -> Vec<String> {
    let name = |f: &Finding| format!("{} {}", f.rule, f.clause);
    let of = |f: &Finding| {
        let other = now.iter().find(|n| (&n.rule, &n.clause) == (&f.rule, &f.clause));
        match other {
            None => Some(format!("{} is no rule any more", name(f))),
            Some(other) if (other.measured, other.declared) != (f.measured, f.declared) => {
                Some(format!("{} comes out otherwise", name(f)))
            }
            Some(_) => None,
        }
    };
    let new =
        now.iter().filter(|n| !then.iter().any(|f| (&f.rule, &f.clause) == (&n.rule, &n.clause)));
    then.iter().filter_map(of).chain(new.map(|n| format!("{} is new", name(n)))).collect()
}
