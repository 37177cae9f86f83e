//! Evidence levels: how far the files at hand show, to this program, that the run took place as it says.
//!
//! Five aspects, and a level is reached only where every one of them reaches it. Nothing counts that was not checked
//! here: a signature without a key to hold it against is none, and a certificate that this program does not verify
//! lifts nothing. E3, a witness, is never shown by files.

use std::collections::BTreeSet;

use serde::Serialize;

use super::outcome::{Check, Outcome};
use crate::conclude::Rederived;
use crate::record::Record;
use crate::shown::clean;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Level {
    /// A note: words that anybody can have written.
    E0,
    /// Signed: somebody who is known vouches for words that are complete.
    E1,
    /// Challenged: they answer what the auditor asked beforehand.
    E2,
}

impl Level {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::E0 => "E0",
            Self::E1 => "E1",
            Self::E2 => "E2",
        }
    }
}

/// One aspect of the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AspectLevel {
    /// Its name; names stay.
    pub aspect: &'static str,
    /// The level that these files show of it to this program.
    pub shown: Level,
    /// What the next level lacks, in a sentence.
    pub next: String,
}

/// How the aspects decide together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Each aspect.
    pub aspects: Vec<AspectLevel>,
    /// The least of them.
    pub overall: Level,
    /// Those that are no higher than that.
    pub limited_by: Vec<&'static str>,
}

/// What no file can show, for people.
pub const NEVER_BY_FILES: &str =
    "E3, that somebody was there and saw it, is never shown by files: a witness signs for that";

/// Checks without which the samples are not known to bear out what is said.
const COMPLETE: [&str; 11] = [
    "digest",
    "complete",
    "starts",
    "work",
    "kernel",
    "timer",
    "samples",
    "stopping",
    "summary",
    "verification",
    "tally",
];

/// What the checks, which must be finished, and the record come to.
pub fn levels(stored: &Record, derived: &Rederived, checks: &[Check]) -> Levels {
    let known = Known { stored, derived, checks };
    let aspects = vec![
        known.item(),
        known.code(),
        known.freshness(),
        known.completeness(),
        known.held_back_checks(),
    ];
    let overall = aspects.iter().map(|aspect| aspect.shown).min().unwrap_or(Level::E0);
    let limiting = aspects.iter().filter(|aspect| aspect.shown == overall);
    let limited_by = limiting.map(|aspect| aspect.aspect).collect();
    Levels { aspects, overall, limited_by }
}

/// What there is to go by.
struct Known<'a> {
    stored: &'a Record,
    derived: &'a Rederived,
    checks: &'a [Check],
}

impl Known<'_> {
    fn passed(&self, id: &str) -> bool {
        self.checks.iter().any(|check| check.id == id && check.state == Outcome::Pass)
    }

    /// What each aspect lacks for E1 beside its own things: evidence without fault, and somebody who vouches for it.
    fn signed(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        let failed = self.checks.iter().filter(|check| check.state == Outcome::Fail);
        let failed: Vec<&str> = failed.map(|check| check.id).collect();
        if !failed.is_empty() {
            lacks.push(format!("that no check fails (these did: {})", failed.join(", ")));
        }
        if !(self.passed("signature") && self.passed("files")) {
            lacks.push("a signature that holds under a key which you name (--key)".into());
        }
        lacks
    }

    /// The level, from what E1 and E2 lack. E2 may need what this program never checks.
    fn aspect(&self, aspect: &'static str, first: Vec<String>, second: Second) -> AspectLevel {
        let lacks = [self.signed(), first].concat();
        let (shown, next) = match (lacks.as_slice(), second) {
            ([], Second::Shown) => (Level::E2, format!("{NEVER_BY_FILES}.")),
            ([], Second::Lacks(what)) => (Level::E1, format!("E2 needs {what}.")),
            (lacks, _) => (Level::E0, format!("E1 needs {}.", lacks.join("; "))),
        };
        AspectLevel { aspect, shown, next }
    }

    fn item(&self) -> AspectLevel {
        let mut lacks = Vec::new();
        if self.stored.adapter.software {
            lacks.push("a device: the CPU did the work, and there is no item to identify".into());
        } else {
            lacks.extend(self.item_lacks());
        }
        let told = if self.passed("attestation") {
            "that the certificates of the attestation hold"
        } else {
            "an attestation of the device that answers a challenge, and that its certificates hold"
        };
        let second = format!(
            "{told}, which this program never checks: `nvattest attest --gpu-evidence FILE` does"
        );
        self.aspect("identity of the item", lacks, Second::Lacks(second))
    }

    fn item_lacks(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        let logs = &self.stored.telemetry;
        let adapter = &self.stored.adapter;
        let told = |value: fn(&crate::telemetry::DeviceFacts) -> Option<&String>| {
            logs.iter().any(|log| value(&log.facts).is_some_and(|text| !text.trim().is_empty()))
        };
        let zero = |id: &str| id.chars().all(|c| c == '0');
        if (zero(&adapter.vendor_id) || zero(&adapter.device_id))
            && !told(|facts| facts.pci_id.as_ref())
        {
            lacks.push("the device's PCI ids".to_owned());
        }
        if adapter.driver_info.trim().is_empty() && !told(|facts| facts.driver_version.as_ref()) {
            lacks.push("the version of the driver".into());
        }
        let names: BTreeSet<(Option<&String>, Option<&String>)> =
            logs.iter().map(|log| (log.facts.uuid.as_ref(), log.facts.serial.as_ref())).collect();
        if !(self.every_start_has(logs.len()) && names.len() == 1) || names.contains(&(None, None))
        {
            lacks.push(
                "UUID or serial number in the telemetry of every process start, always the same"
                    .into(),
            );
        }
        if !self.passed("identity") {
            lacks.push("that the check `identity` passes".into());
        }
        lacks.extend(self.notes("identity/"));
        lacks
    }

    fn code(&self) -> AspectLevel {
        let mut lacks = Vec::new();
        if self.stored.tool.binary_sha256.is_none() {
            lacks.push("the digest of the program that ran".into());
        }
        let commit: String = clean(&self.stored.tool.commit).chars().take(40).collect();
        let second = format!(
            "that the program is what commit {commit} builds to, which no check here looks at: build it, or verify the release's provenance (`gh attestation verify`)"
        );
        self.aspect("identity of the code", lacks, Second::Lacks(second))
    }

    fn freshness(&self) -> AspectLevel {
        let mut lacks = Vec::new();
        if self.stored.plan_sha256.is_none() || !self.passed("plan") {
            lacks.push("a plan with its digest, which the run followed".into());
        }
        let second = if self.passed("challenge") {
            Second::Shown
        } else {
            Second::Lacks(
                "that the check `challenge` passes: the auditor's number, given beforehand, is in it"
                    .into(),
            )
        };
        self.aspect("freshness", lacks, second)
    }

    fn completeness(&self) -> AspectLevel {
        let mut lacks = Vec::new();
        if self.stored.without_samples.is_some() {
            lacks.push("the raw samples".into());
        }
        let not: Vec<String> =
            COMPLETE.iter().filter(|id| !self.passed(id)).map(|id| format!("`{id}`")).collect();
        if !not.is_empty() {
            lacks.push(format!("that these checks pass: {}", not.join(", ")));
        }
        let second = if self.passed("result") {
            Second::Shown
        } else {
            Second::Lacks(
                "that the check `result` passes: results that are committed to come out the same when computed again"
                    .into(),
            )
        };
        self.aspect("completeness", lacks, second)
    }

    fn held_back_checks(&self) -> AspectLevel {
        let mut lacks = Vec::new();
        let with = self.stored.telemetry.iter().filter(|log| !log.readings.is_empty()).count();
        if self.stored.adapter.software {
            lacks.push("a device with telemetry: the CPU did the work".into());
        } else if !self.every_start_has(with) {
            lacks.push("readings of the device's telemetry through every process start".into());
        }
        lacks.extend(self.notes("held-back/"));
        lacks.extend(self.notes("telemetry/lost"));
        let second = "that variants of the work and clocks made of known work agree, told as a check of its own: what they show here is signs, which are silent where there is too little to go by";
        self.aspect("held-back checks", lacks, Second::Lacks(second.into()))
    }

    /// Whether so many logs are one for each process start.
    fn every_start_has(&self, logs: usize) -> bool {
        logs >= self.stored.process_seeds.len().max(1)
    }

    /// Notes of a kind that must not be there, of the record as it is derived again and as it was written.
    fn notes(&self, kind: &str) -> Option<String> {
        let all = self.derived.record.notes.iter().chain(&self.stored.notes);
        let ids = all.map(|note| note.id.as_str()).filter(|id| id.starts_with(kind));
        let ids: BTreeSet<_> = ids.map(clean).collect();
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        (!ids.is_empty()).then(|| format!("a run without the sign {}", ids.join(", ")))
    }
}

/// How an aspect stands to E2.
enum Second {
    /// What E2 needs was checked and is so.
    Shown,
    /// This is missing.
    Lacks(String),
}
