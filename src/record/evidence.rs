//! What a record says of where it came from: its process starts' own records, and what the device said of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::digest::sha256_hex;

/// The record of one process start, beside the merged one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRecord {
    /// Number of the process start.
    pub process: u32,
    /// Its record, within the folder of the merged one.
    pub file: String,
    /// SHA-256 of that file, which holds those of its samples and results.
    pub sha256: String,
}

/// What an external command said of the device, before the run and behind it. Its output is kept as it is: this
/// program checks no certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The command, word by word; `{nonce}` stands for the nonce.
    pub command: Vec<String>,
    /// Before the first dispatch, on a nonce that follows from the digest of the plan.
    pub before: Statement,
    /// Behind the last one, on a nonce that follows from that and from the digests of samples and results; null where
    /// the command failed then.
    pub after: Option<Statement>,
}

/// Largest answer that is kept or read, in bytes.
pub const LARGEST_ANSWER: u64 = 16 << 20;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What it was asked to hold, in hexadecimal.
    pub nonce: String,
    /// File with its standard output, in the folder of the record.
    pub file: String,
    /// SHA-256 of that file.
    pub sha256: String,
}

/// An auditor's challenge, as it enters the plan and so its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// At least 16 random bytes in hexadecimal; the seed of all inputs follows from it.
    pub nonce: String,
    /// Who asked.
    pub auditor: String,
    /// When, RFC 3339.
    pub issued_at: String,
}

impl Record {
    /// What a device is asked to hold in its answers: before the run, which follows from the plan, and behind it, which
    /// follows from what was measured as well.
    pub fn attestation_nonces(&self) -> [String; 2] {
        let plan = self.plan_sha256.as_deref().unwrap_or_default();
        let samples = &self.samples.sha256;
        let results = self.results.as_ref().map_or("", |file| file.sha256.as_str());
        [
            sha256_hex(format!("tierbench attestation before\n{plan}")),
            sha256_hex(format!("tierbench attestation after\n{plan}\n{samples}\n{results}")),
        ]
    }
}
