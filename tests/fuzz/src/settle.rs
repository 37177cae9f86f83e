//! What stands for an `@` word, so that a change of the samples is not refused at the first digest, and an input is as
//! good for the next build.
//!
//! | word | what is right |
//! |---|---|
//! | `@commit`, `@version` | this build |
//! | `@sha256:NAME`, `"@lines:NAME"` | of a part before this one |
//! | `@plan` | the record's plan as canonical JSON |
//! | `@plan-sha256` | the digest of the plan in this file |
//! | `@before`, `@after` | the nonces that a device is asked on |
//! | `"@kernel"` | in a workload: the kernel that this build makes of its shape |
//! | `"@root"` | in a commitment: the root that its leaves lead to, with their paths |
//! | `"@conclusion"` | what the record comes to |
//! | `@statement`, `"@subjects"` | of a bundle |

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use tierbench::adapter::Capability;
use tierbench::audit::STATEMENT;
use tierbench::conclude::conclude;
use tierbench::digest::sha256_hex;
use tierbench::normalize::Book;
use tierbench::record::{
    Conclusion, Document, PlanRecord, RESULTS, SAMPLES, Tool, WorkloadRecord, document,
};

use crate::parts::{NAMES, Parts};

/// Levels of a tree, at the most.
const DEEPEST: usize = 40;

/// The parts that have their right words, and those as they came.
pub(crate) struct Settling<'a> {
    pub(crate) settled: &'a Parts,
    pub(crate) all: &'a Parts,
    pub(crate) book: &'a Book,
}

impl Settling<'_> {
    fn of(&self, name: &str) -> &[u8] {
        self.settled.get(name).map_or(&[], Vec::as_slice)
    }

    /// A file with its `@` words replaced.
    pub(crate) fn text(&self, name: &str, text: &[u8]) -> Vec<u8> {
        if !text.contains(&b'@') {
            return text.to_vec();
        }
        if name == "plan.json" && text == b"@plan" {
            let record = self.all.get("record.json").map_or(&[][..], Vec::as_slice);
            return plan_of(record).unwrap_or_default();
        }
        if name.ends_with(RESULTS) {
            let line = |line: &[u8]| sealed(line).unwrap_or_else(|| line.to_vec());
            return text.split_inclusive(|b| *b == b'\n').flat_map(line).collect();
        }
        let Ok(mut text) = String::from_utf8(text.to_vec()) else { return text.to_vec() };
        if text.contains("\"@kernel\"") {
            text = with_kernels(&text).unwrap_or(text);
        }
        text = self.plain_words(text);
        if text.contains("\"@conclusion\"") {
            let conclusion = match name {
                "verdict.json" => conclusion_in(self.of("record.json")),
                _ => self.conclusion_of(name, &text),
            };
            let conclusion = conclusion.unwrap_or_default().to_string();
            text = text.replacen("\"@conclusion\"", &conclusion, 1);
        }
        text.into_bytes()
    }

    fn plain_words(&self, mut text: String) -> String {
        let this = Tool::this();
        let mut put = |word: &str, right: &dyn Fn(&str) -> String| {
            if text.contains(word) {
                text = text.replace(word, &right(&text));
            }
        };
        put("@commit", &|_| this.commit.clone());
        put("@version", &|_| this.version.clone());
        put("@plan-sha256", &|text| sha256_hex(plan_of(text.as_bytes()).unwrap_or_default()));
        put("@before", &|_| self.nonces()[0].clone());
        put("@after", &|_| self.nonces()[1].clone());
        put("@statement", &|_| Base64::encode_string(self.of(STATEMENT)));
        put("\"@subjects\"", &|_| {
            let subject = |(name, text): &(String, Vec<u8>)| json!({"name": name, "digest": {"sha256": sha256_hex(text)}});
            Value::Array(self.settled.listed().map(subject).collect()).to_string()
        });
        let lines = |name: &str| (self.of(name).split(|b| *b == b'\n').count() - 1).to_string();
        put("\"@lines\"", &|_| lines(SAMPLES));
        for name in NAMES {
            put(&format!("@sha256:{name}"), &|_| sha256_hex(self.of(name)));
            put(&format!("\"@lines:{name}\""), &|_| lines(name));
        }
        text
    }

    /// As [`Record::attestation_nonces`](tierbench::record::Record::attestation_nonces) has them.
    fn nonces(&self) -> [String; 2] {
        let sha256 = |name| self.settled.get(name).map_or(String::new(), sha256_hex);
        let [plan, samples, results] = ["plan.json", SAMPLES, RESULTS].map(sha256);
        [
            sha256_hex(format!("tierbench attestation before\n{plan}")),
            sha256_hex(format!("tierbench attestation after\n{plan}\n{samples}\n{results}")),
        ]
    }

    /// What a record comes to by the rules of this build.
    fn conclusion_of(&self, name: &str, text: &str) -> Option<Value> {
        let blank = serde_json::to_string(&Conclusion::default()).ok()?;
        let text = text.replacen("\"@conclusion\"", &blank, 1);
        let folder = name.strip_suffix("record.json")?;
        let beside = |file: &str| Ok(self.settled.get(&format!("{folder}{file}")).cloned());
        let Ok(Document::Run(mut record)) = document(name, text.as_bytes(), beside) else {
            return None;
        };
        conclude(&mut record, self.book).ok()?;
        serde_json::to_value(&record.conclusion).ok()
    }
}

/// The plan of a record as canonical JSON.
fn plan_of(record: &[u8]) -> Option<Vec<u8>> {
    let mut record: Value = serde_json::from_slice(record).ok()?;
    let plan: PlanRecord = serde_json::from_value(record.get_mut("plan")?.take()).ok()?;
    plan.canonical().ok()
}

fn conclusion_in(record: &[u8]) -> Option<Value> {
    let mut record: Value = serde_json::from_slice(record).ok()?;
    Some(record.get_mut("conclusion")?.take())
}

/// Workloads whose kernel is the one that they name, or the first that computes them, as this build writes it.
fn with_kernels(text: &str) -> Option<String> {
    let mut record: Value = serde_json::from_str(text).ok()?;
    let capability: Capability = serde_json::from_value(record.get("capability")?.clone()).ok()?;
    for w in record.get_mut("workloads")?.as_array_mut()? {
        if w.get("kernel_sha256").is_none_or(|word| word != "@kernel") {
            continue;
        }
        let Ok(typed) = serde_json::from_value::<WorkloadRecord>(w.clone()) else { continue };
        let Some(workload) = typed.parsed() else { continue };
        let jobs = workload.candidates(&capability).unwrap_or_default();
        let named = jobs.iter().find(|job| Some(job.kernel) == typed.kernel.as_deref());
        let Some(job) = named.or(jobs.first()) else { continue };
        let parameters: BTreeMap<&str, u64> = job.parameters.iter().copied().collect();
        w["kernel"] = job.kernel.into();
        w["parameters"] = json!(parameters);
        w["kernel_sha256"] = job.sha256().into();
    }
    Some(record.to_string())
}

/// A commitment whose root and paths follow from the leaves that it shows; what is not shown is hashed as it says.
fn sealed(line: &[u8]) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(line).ok()?;
    let result = value.get_mut("result").filter(|result| result["root_sha256"] == "@root")?;
    let opened = result.get_mut("opened")?.as_array_mut()?;
    let mut level: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    for leaf in opened.iter() {
        let data = Base64::decode_vec(leaf["data"].as_str()?).ok()?;
        level.insert(leaf["leaf"].as_u64()?, hash(&[&[0], data.as_slice()]));
    }
    let depth = opened.iter().filter_map(|leaf| leaf["path"].as_array()).map(Vec::len).max();
    for at in 0..depth.unwrap_or(0).min(DEEPEST) {
        for leaf in opened.iter_mut() {
            let neighbour = (leaf["leaf"].as_u64()? >> at) ^ 1;
            let Some(step) = leaf["path"].get_mut(at) else { continue };
            match level.get(&neighbour) {
                Some(known) => *step = hexadecimal(known).into(),
                None => drop(level.insert(neighbour, bytes(step.as_str()?)?)),
            }
        }
        let even = |(place, own): (&u64, &Vec<u8>)| match (place & 1, level.get(&(place ^ 1))) {
            (0, Some(odd)) => Some((place / 2, hash(&[&[1], own, odd]))),
            (0, None) => Some((place / 2, own.clone())),
            _ => None,
        };
        level = level.iter().filter_map(even).collect();
    }
    let root = level.values().next()?;
    result["root_sha256"] = hexadecimal(root).into();
    let end: &[u8] = if line.ends_with(b"\n") { b"\n" } else { b"" };
    Some([serde_json::to_vec(&value).ok()?.as_slice(), end].concat())
}

fn hash(parts: &[&[u8]]) -> Vec<u8> {
    bytes(&sha256_hex(parts.concat())).unwrap_or_default()
}

fn hexadecimal(bytes: &[u8]) -> String {
    tierbench::digest::hex(bytes)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    tierbench::digest::from_hex::<32>(hex).map(Vec::from)
}
