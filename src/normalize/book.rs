//! Everything that is data: chips, rules, tiers and usual shares, parsed once and passed down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Catalogue, Populations, Rulebook, Tiers, data};
use crate::error::Result;

/// How far the rule book goes.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadUpTo {
    /// Last day up to which changes of the law were looked for, RFC 3339.
    pub read_up_to: String,
    /// What a reader must know of that.
    pub note: String,
}

/// The data files of this build, checked.
pub struct Book {
    /// `data/chips/*.toml`.
    pub catalogue: Catalogue,
    /// `data/rules/*.toml`.
    pub rules: Rulebook,
    /// `data/rulebook.toml`.
    pub read_up_to: ReadUpTo,
    /// `data/tiers.toml`.
    pub tiers: Tiers,
    /// `data/efficiency.toml`.
    pub populations: Populations,
}

impl Book {
    /// Reads and checks all of them.
    pub fn load() -> Result<Self> {
        Ok(Self {
            catalogue: Catalogue::load()?,
            rules: Rulebook::load()?,
            read_up_to: data::load("rulebook.toml")?,
            tiers: Tiers::load()?,
            populations: Populations::load()?,
        })
    }
}
