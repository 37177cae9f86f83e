//! Several files as one input: a line of U+001C and a name before each.
//!
//! Digests, their counts and the build can stand as `@` words, for which what is right is put in when the files are
//! written: so a change of the samples is not refused at the first digest, and an input is as good for the next build.

use std::path::Path;

use base64ct::{Base64, Encoding};
use serde_json::Value;
use tierbench::audit::{ENVELOPE, STATEMENT};
use tierbench::digest::sha256_hex;
use tierbench::record::{PlanRecord, SAMPLES, Tool};

/// What stands before the name of a file.
const MARK: u8 = 0x1c;
/// A bundle's public key.
pub(crate) const KEY: &str = "key.pub.pem";
/// The files that an input may hold, each after those whose digests are in it. Others are dropped.
const NAMES: [&str; 8] = [
    SAMPLES,
    "data/rules/us-foundry-2026-04.toml",
    "plan.json",
    "record.json",
    "external.json",
    KEY,
    STATEMENT,
    ENVELOPE,
];

/// The files of an input, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parts(pub(crate) Vec<(String, Vec<u8>)>);

impl Parts {
    /// Takes an input apart; a name that stands twice has its first text.
    pub(crate) fn of(input: &[u8]) -> Self {
        let mut parts = Self::default();
        for part in input.split(|byte| *byte == MARK).skip(1) {
            let end = part.iter().position(|byte| *byte == b'\n').unwrap_or(part.len());
            let name = String::from_utf8_lossy(&part[..end]).into_owned();
            if NAMES.contains(&name.as_str()) && parts.get(&name).is_none() {
                parts.0.push((name, part.get(end + 1..).unwrap_or_default().to_vec()));
            }
        }
        parts
    }

    /// The input that these files are.
    pub(crate) fn joined(&self) -> Vec<u8> {
        let part = |(name, text): &(String, Vec<u8>)| {
            [&[MARK], name.as_bytes(), b"\n", text.as_slice()].concat()
        };
        self.0.iter().flat_map(part).collect()
    }

    /// The text of a file.
    pub(crate) fn get(&self, name: &str) -> Option<&Vec<u8>> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, text)| text)
    }

    /// Makes `folder` hold these files and no others, with what is right in place of `@` words, and gives them back so.
    /// A key is no part of a bundle: it is given back alone.
    pub(crate) fn write(&self, folder: &Path) -> Parts {
        let mut settled = Parts::default();
        for name in NAMES {
            let path = folder.join(name);
            match self.get(name) {
                Some(text) => {
                    let text = settle(name, text, &settled, self);
                    if name != KEY {
                        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                        std::fs::write(&path, &text).unwrap();
                    }
                    settled.0.push((name.into(), text));
                }
                None => drop(std::fs::remove_file(&path)),
            }
        }
        settled
    }
}

/// A file with its `@` words replaced.
fn settle(name: &str, text: &[u8], settled: &Parts, all: &Parts) -> Vec<u8> {
    if !text.contains(&b'@') {
        return text.to_vec();
    }
    let empty = Vec::new();
    let of = |name: &str| settled.get(name).unwrap_or(&empty);
    if name == "plan.json" && text == b"@plan" {
        return plan_of(all.get("record.json").unwrap_or(&empty)).unwrap_or_default();
    }
    let Ok(mut text) = String::from_utf8(text.to_vec()) else { return text.to_vec() };
    let this = Tool::this();
    let mut put = |word: &str, right: &dyn Fn() -> String| {
        if text.contains(word) {
            text = text.replace(word, &right());
        }
    };
    put("@commit", &|| this.commit.clone());
    put("@version", &|| this.version.clone());
    let lines = || (of(SAMPLES).split(|byte| *byte == b'\n').count() - 1).to_string();
    put("\"@lines\"", &lines);
    put("@statement", &|| Base64::encode_string(of(STATEMENT)));
    for name in NAMES {
        put(&format!("@sha256:{name}"), &|| sha256_hex(of(name)));
    }
    text.into_bytes()
}

/// The plan of a record as canonical JSON.
fn plan_of(record: &[u8]) -> Option<Vec<u8>> {
    let mut record: Value = serde_json::from_slice(record).ok()?;
    let plan: PlanRecord = serde_json::from_value(record.get_mut("plan")?.take()).ok()?;
    plan.canonical().ok()
}
