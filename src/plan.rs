//! What a run shall do: validated before anything is touched.

mod bounds;
mod challenge;
mod read;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::adapter::{Capability, DeviceError};
use crate::error::{Error, Result};
use crate::measure::StopRule;
use crate::record::{Challenge, DecisionRule, PlanRecord};
use crate::stats::uncertainty::CONFIDENCE;
use crate::workload::{self, Workload, inputs};

pub use challenge::{Asked, ChallengeFile, seed_of};

/// A validated plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the profile, or `custom`.
    pub profile: String,
    /// What to run, in order.
    pub workloads: Vec<Workload>,
    /// When the sampling of each ends.
    pub stop_rule: StopRule,
    /// All inputs follow from it; below 2^53, so that every JSON reader keeps it exact.
    pub seed: u64,
    /// Compile with wgpu's run-time checks.
    pub checked_shaders: bool,
    /// All inputs are zeros, to show what power the inputs cost.
    pub zero_inputs: bool,
    /// How often the whole list is run in a process of its own; 1 for a run in this very process.
    pub process_starts: u32,
    /// What an auditor asked for.
    pub challenge: Option<Challenge>,
    /// Sizes of the profile that this adapter does not take, and what is run instead; in words.
    pub shrunk: Vec<String>,
}

/// One entry of `data/profiles.toml`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    #[expect(dead_code, reason = "for readers of the file")]
    about: String,
    /// Process starts; 1 when absent.
    #[serde(default = "one")]
    process_starts: u32,
    stop: StopRule,
    software: Vec<String>,
    hardware: Vec<String>,
}

fn one() -> u32 {
    1
}

/// Stands for the name of a profile where workloads were given instead.
const CUSTOM: &str = "custom";
const PROFILES_FILE: &str = "data/profiles.toml";
const PROFILES: &str = include_str!("../data/profiles.toml");

fn profiles() -> Result<BTreeMap<String, Profile>> {
    toml::from_str(PROFILES).map_err(|e| Error::input(PROFILES_FILE, e.to_string()))
}

impl Plan {
    /// The plan of a profile, for a software or a hardware adapter; with workloads given, those
    /// replace the profile's list.
    pub fn new(
        profile: &str,
        workloads: Vec<Workload>,
        software: bool,
        seed: Option<u64>,
    ) -> Result<Self> {
        let mut profiles = profiles()?;
        let names: Vec<String> = profiles.keys().cloned().collect();
        let Some(found) = profiles.remove(profile) else {
            return Err(Error::Usage(format!(
                "no profile is called {profile:?}; there are {}",
                names.join(", ")
            )));
        };
        let seed = seed.unwrap_or_else(fresh_seed);
        if seed >= 1 << 53 {
            return Err(Error::Usage(format!("--seed {seed}: take a number below 2^53")));
        }
        let custom = !workloads.is_empty();
        let listed = if software { found.software } else { found.hardware };
        let listed: std::result::Result<Vec<Workload>, String> =
            listed.iter().map(|text| text.parse()).collect();
        let listed =
            listed.map_err(|what| Error::input(PROFILES_FILE, format!("{profile}: {what}")))?;
        Ok(Self {
            profile: if custom { CUSTOM.into() } else { profile.to_owned() },
            workloads: if custom { workloads } else { listed },
            stop_rule: found.stop,
            seed,
            checked_shaders: false,
            zero_inputs: false,
            process_starts: found.process_starts,
            challenge: None,
            shrunk: Vec::new(),
        })
    }

    /// Makes the bandwidth sizes of a profile, which are wishes, what the limits of an adapter allow. Sizes that
    /// somebody asked for stay.
    #[must_use]
    pub fn fitted(mut self, adapter: &Capability) -> Self {
        let most = workload::largest_bandwidth(adapter);
        let limit = adapter.max_storage_bytes();
        self.shrink(|_, bytes| {
            (bytes > most && most > 0)
                .then(|| (most, format!("the adapter allows {limit} bytes in one buffer")))
        });
        self
    }

    /// Halves, once, the bandwidth sizes of a profile that do not fit the device's memory. `allocate` tries.
    pub fn fit_memory(&mut self, mut allocate: impl FnMut(&Workload) -> Result<(), DeviceError>) {
        self.shrink(|workload, bytes| match allocate(workload) {
            Err(DeviceError::OutOfMemory(_)) => {
                Some((workload::whole_tiles(bytes / 2), "the device is out of memory".to_owned()))
            }
            _ => None,
        });
    }

    fn shrink(&mut self, mut to: impl FnMut(&Workload, u64) -> Option<(u64, String)>) {
        if self.profile == CUSTOM {
            return;
        }
        for workload in &mut self.workloads {
            let Workload::Bandwidth { access, bytes } = *workload else { continue };
            if let Some((smaller, why)) = to(workload, bytes) {
                *workload = Workload::Bandwidth { access, bytes: smaller };
                let name = workload.name();
                self.shrunk.push(format!("{name}: {smaller} instead of {bytes} bytes, {why}"));
            }
        }
    }

    /// As it stands in a record, with the decision rule.
    pub fn record(&self) -> PlanRecord {
        PlanRecord {
            schema: PLAN_SCHEMA.into(),
            profile: self.profile.clone(),
            workloads: self.workloads.iter().map(ToString::to_string).collect(),
            stop_rule: self.stop_rule.clone(),
            seed: self.seed,
            checked_shaders: self.checked_shaders,
            zero_inputs: self.zero_inputs,
            process_starts: self.process_starts,
            decision: DecisionRule {
                confidence: CONFIDENCE,
                guard_band: "U".into(),
                table: "docs/verdicts.md".into(),
            },
            challenge: self.challenge.clone(),
        }
    }

    /// What process start number `process` does: all of the work under a seed and in an order of its own.
    #[must_use]
    pub fn start(&self, process: u32) -> Self {
        let seed = process_seed(self.seed, process);
        let mut plan = Self { seed, process_starts: 1, ..self.clone() };
        plan.shuffle();
        plan
    }

    /// Names of the profiles, as `data/profiles.toml` has them.
    pub fn profiles() -> Result<Vec<String>> {
        Ok(profiles()?.into_keys().collect())
    }

    /// Another order for each seed, so that no workload always runs on what the one before it left behind.
    fn shuffle(&mut self) {
        let key = |at: usize| inputs::words(self.seed, TAG_ORDER, at as u64)[0];
        let mut order: Vec<usize> = (0..self.workloads.len()).collect();
        order.sort_by_key(|at| key(*at));
        self.workloads = order.into_iter().map(|at| self.workloads[at]).collect();
    }
}

const PLAN_SCHEMA: &str = "tierbench.plan/1";
/// Random streams of the order of workloads and of the seeds of process starts.
const TAG_ORDER: u32 = 201;
const TAG_PROCESS: u32 = 202;

/// Seed of a process start.
pub fn process_seed(seed: u64, process: u32) -> u64 {
    let [low, high, ..] = inputs::words(seed, TAG_PROCESS, u64::from(process));
    (u64::from(high) << 32 | u64::from(low)) >> 11
}

/// A new seed for every run, so that no result can be prepared.
fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    // RandomState is seeded by the operating system.
    RandomState::new().build_hasher().finish() >> 11
}
