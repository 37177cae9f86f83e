//! What a run shall do: validated before anything is touched.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::measure::StopRule;
use crate::workload::Workload;

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
}

/// One entry of `data/profiles.toml`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    #[expect(dead_code, reason = "for readers of the file")]
    about: String,
    stop: StopRule,
    software: Vec<String>,
    hardware: Vec<String>,
}

const PROFILES: &str = include_str!("../data/profiles.toml");

impl Plan {
    /// The plan of a profile, for a software or a hardware adapter; with workloads given, those
    /// replace the profile's list.
    pub fn new(
        profile: &str,
        workloads: Vec<Workload>,
        software: bool,
        seed: Option<u64>,
    ) -> Result<Self> {
        let file = "data/profiles.toml";
        let mut profiles: BTreeMap<String, Profile> =
            toml::from_str(PROFILES).map_err(|e| Error::input(file, e.to_string()))?;
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
        let listed = listed.map_err(|what| Error::input(file, format!("{profile}: {what}")))?;
        Ok(Self {
            profile: if custom { "custom".into() } else { profile.to_owned() },
            workloads: if custom { workloads } else { listed },
            stop_rule: found.stop,
            seed,
            checked_shaders: false,
        })
    }
}

/// A new seed for every run, so that no result can be prepared.
fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    // RandomState is seeded by the operating system.
    RandomState::new().build_hasher().finish() >> 11
}
