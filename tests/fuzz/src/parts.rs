//! Several files as one input: a line of U+001C and a name before each.
//!
//! Digests, their counts, the build and much that follows from the rest can stand as `@` words, for which what is right
//! is put in when the files are written: settle.rs says which there are.

use std::path::Path;

use tierbench::audit::{ENVELOPE, STATEMENT};
use tierbench::normalize::{Book, DataFiles};
use tierbench::record::{RESULTS, SAMPLES};

use crate::settle::Settling;

/// What stands before the name of a file.
const MARK: u8 = 0x1c;
/// A bundle's public key.
pub(crate) const KEY: &str = "key.pub.pem";
/// What the auditor asked for.
pub(crate) const CHALLENGE: &str = "challenge.json";
/// What the laboratory states.
pub(crate) const LABORATORY: &str = "laboratory.toml";
/// Stands for every data file of this build that is no part itself.
pub(crate) const DATA: &str = "data";
/// The files that an input may hold, each after those whose digests are in it. Others are dropped.
pub(crate) const NAMES: [&str; 24] = [
    "start-0/samples.jsonl",
    "start-0/results.jsonl",
    "start-0/record.json",
    "start-1/samples.jsonl",
    "start-1/results.jsonl",
    "start-1/record.json",
    SAMPLES,
    RESULTS,
    "plan.json",
    "attest/before.out",
    "attest/after.out",
    "data/rules/us-foundry-2026-04.toml",
    "data/rules/strange.toml",
    "data/rulebook.toml",
    "data/tiers.toml",
    DATA,
    LABORATORY,
    CHALLENGE,
    "record.json",
    "external.json",
    "verdict.json",
    KEY,
    STATEMENT,
    ENVELOPE,
];
/// Parts that are given beside a bundle, or are no file.
const NO_FILES: [&str; 3] = [KEY, CHALLENGE, DATA];

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

    /// The files of a bundle that its statement lists.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &(String, Vec<u8>)> {
        let other = [STATEMENT, ENVELOPE];
        self.0
            .iter()
            .filter(move |(name, _)| ![&NO_FILES[..], &other].concat().contains(&name.as_str()))
    }

    /// Makes `folder` hold these files and no others, with what is right in place of `@` words, and gives them back so.
    /// A key and a challenge are no part of a bundle: they are given back alone.
    pub(crate) fn write(&self, folder: &Path, book: &Book) -> Parts {
        let mut settled = Parts::default();
        if self.get(DATA).is_none() {
            drop(std::fs::remove_dir_all(folder.join(DATA)));
        }
        for name in NAMES {
            let path = folder.join(name);
            match self.get(name) {
                Some(_) if name == DATA => {
                    let files = DataFiles::built_in();
                    let missing = files.all().iter().filter(|(name, _)| self.get(name).is_none());
                    for (name, text) in missing {
                        put(&folder.join(name), text.as_bytes(), true);
                        settled.0.push((name.clone(), text.clone().into_bytes()));
                    }
                }
                Some(text) => {
                    let text = Settling { settled: &settled, all: self, book }.text(name, text);
                    if !NO_FILES.contains(&name) {
                        put(&path, &text, false);
                    }
                    settled.0.push((name.into(), text));
                }
                None => drop(std::fs::remove_file(&path)),
            }
        }
        settled
    }
}

/// Writes a file; `once` leaves one alone that is there.
fn put(path: &Path, text: &[u8], once: bool) {
    if !(once && path.exists()) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}
