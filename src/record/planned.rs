//! What a run was to do, as its record keeps it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Challenge;
use crate::digest::sha256_hex;
use crate::measure::StopRule;

/// What a run shall do and how its figures are judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanRecord {
    /// `tierbench.plan/1`.
    pub schema: String,
    /// Name of the profile, or `custom`.
    pub profile: String,
    /// Workloads in their text form.
    pub workloads: Vec<String>,
    /// When the sampling of each ends.
    pub stop_rule: StopRule,
    /// All inputs follow from it.
    pub seed: u64,
    /// Compile with wgpu's run-time checks.
    pub checked_shaders: bool,
    /// All inputs are zeros.
    #[serde(default)]
    pub zero_inputs: bool,
    /// How often the whole list is run in a process of its own.
    pub process_starts: u32,
    /// How a figure is held against a limit.
    pub decision: DecisionRule,
    /// What an auditor asked for; absent where nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
}

/// How a figure is held against a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionRule {
    /// Share of lower bounds that hold, one-sided.
    pub confidence: f64,
    /// Width of the guard band: `U`, the expanded uncertainty.
    pub guard_band: String,
    /// Where the words are defined.
    pub table: String,
}

impl PlanRecord {
    /// Its canonical JSON (RFC 8785).
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json_canonicalizer::to_vec(self)
    }

    /// SHA-256 of its canonical JSON.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        Ok(sha256_hex(self.canonical()?))
    }
}
