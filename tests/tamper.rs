//! One change at a time to a real bundle: every file, every leaf of its JSON. What nobody can see is listed by name.
#![expect(clippy::print_stdout, reason = "the count is what whoever runs it wants to see")]

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;
use serde_json::{Map, Value};
use tierbench::audit::{Outcome, challenge, of_bundle, of_bytes, verify};
use tierbench::conclude::rederive;
use tierbench::digest::sha256_hex;
use tierbench::normalize::Book;
use tierbench::plan::ChallengeFile;
use tierbench::record::{Document, document};

#[path = "common/evidence.rs"]
mod evidence;

use evidence::{Evidence, files};

/// The files of a record, as a forger has them.
#[derive(Clone)]
struct Texts {
    head: Value,
    samples: Vec<Value>,
    results: Vec<Value>,
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn joined(lines: &[Value]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

impl Texts {
    fn of(folder: &Path) -> Self {
        let head = std::fs::read(folder.join("record.json")).unwrap();
        Self {
            head: serde_json::from_slice(&head).unwrap(),
            samples: lines(&folder.join("samples.jsonl")),
            results: lines(&folder.join("results.jsonl")),
        }
    }

    /// Whether anybody sees that something is wrong, when the digests have been made good and nothing is signed.
    fn is_seen(&mut self, folder: &Path, asked: &ChallengeFile, book: &Book) -> bool {
        let (samples, results) = (joined(&self.samples), joined(&self.results));
        for (key, text) in [("samples", &samples), ("results", &results)] {
            if let Some(attached) = self.head.get_mut(key)
                && attached["sha256"] == "mended"
            {
                attached["sha256"] = sha256_hex(text).into();
            }
        }
        let beside = |name: &str| {
            Ok(Some(if name == "samples.jsonl" { samples.clone() } else { results.clone() }))
        };
        let bytes = self.head.to_string().into_bytes();
        let Ok(Document::Run(record)) = document("record.json", &bytes, beside) else {
            return true;
        };
        let Ok(derived) = rederive(&record, book) else { return true };
        if !derived.problems.is_empty() {
            return true;
        }
        let mut checks = of_bundle(folder, &record, &derived, &[], book);
        // The list of files is made anew by whoever changes one.
        checks.retain(|check| check.id != "files");
        checks.push(challenge(&record, Some(asked)));
        let now_s = jiff::Timestamp::now().as_second();
        let found = verify(&record, &derived, ("a", "b"), checks, book, now_s);
        let failed = found.checks.iter().filter(|check| check.state == Outcome::Fail);
        failed.count() > 0
    }
}

/// Every leaf of a value, by its path.
fn leaves(value: &Value, path: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(keys) => {
            keys.iter().for_each(|(key, value)| leaves(value, &format!("{path}/{key}"), all));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, v)| leaves(v, &format!("{path}/{at}"), all));
        }
        _ => all.push(path.to_owned()),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Null => 1.into(),
        Value::Bool(b) => (!b).into(),
        Value::Number(n) => match (n.as_u64(), n.as_f64()) {
            (Some(whole), _) => (whole + 1 + whole / 2).into(),
            (None, Some(x)) => (x * 1.5 + 1e-3).into(),
            _ => 1.into(),
        },
        Value::String(text) => {
            let mut bytes = text.clone().into_bytes();
            match bytes.iter_mut().find(|byte| byte.is_ascii_alphanumeric()) {
                Some(byte) => *byte = if *byte == b'1' { b'2' } else { b'1' },
                None => bytes.push(b'1'),
            }
            String::from_utf8_lossy(&bytes).into_owned().into()
        }
        Value::Array(_) | Value::Object(_) => Value::Object(Map::new()),
    }
}

/// A path without its numbers and without the names of a map's entries.
fn kind(path: &str) -> String {
    let parts = path.split('/').filter(|part| part.parse::<usize>().is_err());
    let kind = parts.collect::<Vec<_>>().join("/");
    for map in ["/parameters", "/environment/variables", "/environment/driver_files"] {
        if let Some(at) = kind.find(map) {
            return kind[..at + map.len()].to_owned();
        }
    }
    kind
}

#[test]
fn every_leaf_of_a_bundle_that_is_changed_is_seen_or_is_listed_here() {
    let evidence = Evidence::new().packed();
    let folder = evidence.bundle();
    let book = Book::load().unwrap();
    let asked = ChallengeFile::read(evidence.path("challenge.json").as_ref()).unwrap();
    let own = Texts::of(&folder);
    assert!(!own.clone().is_seen(&folder, &asked, &book), "the bundle itself is not in order");

    let mut all: Vec<(usize, String)> = Vec::new();
    let sources = |texts: &Texts| {
        [texts.head.clone(), texts.samples.clone().into(), texts.results.clone().into()]
    };
    for (file, value) in sources(&own).iter().enumerate() {
        let mut paths = Vec::new();
        leaves(value, "", &mut paths);
        // Lines are alike: some of each kind.
        let every = [1, 23, 41][file];
        all.extend(paths.into_iter().step_by(every).map(|path| (file, path)));
    }
    let missed: Vec<(usize, String)> = all
        .par_iter()
        .filter(|(file, path)| {
            let mut texts = own.clone();
            let mut values = sources(&texts);
            let leaf = values[*file].pointer_mut(path).unwrap();
            *leaf = other(leaf);
            let [head, samples, results] = values;
            texts.head = head;
            texts.samples = samples.as_array().unwrap().clone();
            texts.results = results.as_array().unwrap().clone();
            for (at, key) in ["", "samples", "results"].iter().enumerate() {
                if at == *file && at > 0 {
                    texts.head[*key]["sha256"] = "mended".into();
                }
            }
            !texts.is_seen(&folder, &asked, &book)
        })
        .cloned()
        .collect();
    let name = |(file, path): &(usize, String)| {
        format!("{}{}", ["record.json", "samples.jsonl", "results.jsonl"][*file], kind(path))
    };
    let kinds: BTreeSet<String> = missed.iter().map(name).collect();
    println!(
        "{} leaves changed, {} seen, {} not",
        all.len(),
        all.len() - missed.len(),
        missed.len()
    );
    let listed: BTreeSet<String> = UNSEEN.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    assert_eq!(kinds, listed, "left: what nobody saw; right: what is listed for that");
    assert!(all.len() > 1000, "only {} leaves", all.len());
}

/// What can be changed in an unsigned bundle without anybody seeing it, and why nobody can.
const UNSEEN: [(&str, &str); 4] = [
    (
        "record.json/attestation/command",
        "the answers count, whoever was asked; its maker's program checks who that was",
    ),
    (
        "record.json/concluded_by/binary_sha256",
        "figures and words are drawn again here, whoever drew them before",
    ),
    (
        "record.json/concluded_by/commit",
        "the same: words of another build are told as not assessable, never as passed",
    ),
    ("record.json/concluded_by/version", "the same"),
];

#[test]
fn every_file_of_a_signed_bundle_that_is_changed_is_seen() {
    let evidence = Evidence::new().packed();
    let keys = [std::fs::read_to_string(evidence.path("lab.pub.pem")).unwrap()];
    let failed = || {
        let checks = of_bytes(&evidence.bundle(), &keys);
        checks.iter().any(|check| check.state == Outcome::Fail)
    };
    assert!(!failed());
    let all = files(&evidence.bundle());
    for file in &all {
        let bytes = std::fs::read(file).unwrap();
        for place in [0, bytes.len() / 3, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            std::fs::write(file, changed).unwrap();
            assert!(failed(), "{} at {place}", file.display());
        }
        std::fs::write(file, &bytes).unwrap();
    }
    println!("{} bytes changed in {} files, all of them seen", 3 * all.len(), all.len());
    assert!(all.len() > 80 && !failed());
}

#[test]
fn what_this_build_always_writes_cannot_be_left_out() {
    let evidence = Evidence::new().packed();
    let folder = evidence.bundle();
    let book = Book::load().unwrap();
    let asked = ChallengeFile::read(evidence.path("challenge.json").as_ref()).unwrap();
    let own = Texts::of(&folder);
    let without = |what: &str, change: &dyn Fn(&mut Texts)| {
        let mut texts = own.clone();
        change(&mut texts);
        let seen = texts.is_seen(&folder, &asked, &book);
        assert!(seen, "nobody misses {what}");
    };
    let take = |value: &mut Value, key: &str| drop(value.as_object_mut().unwrap().remove(key));
    without("the results", &|texts| take(&mut texts.head, "results"));
    without("the starts' own records", &|texts| take(&mut texts.head, "starts"));
    without("the challenge", &|texts| take(&mut texts.head["plan"], "challenge"));
    without("the tallies", &|texts| {
        for line in &mut texts.samples {
            if line["sample"].is_object() {
                take(&mut line["sample"], "tally");
            }
        }
        texts.head["samples"]["sha256"] = "mended".into();
    });
    for (kind, lines) in [("samples", own.samples.len()), ("results", own.results.len())] {
        for at in [0, lines / 2, lines - 1] {
            without(kind, &|texts| {
                let all = if kind == "samples" { &mut texts.samples } else { &mut texts.results };
                all.remove(at);
                texts.head[kind]["sha256"] = "mended".into();
                texts.head[kind]["lines"] = (lines - 1).into();
            });
        }
    }
}
