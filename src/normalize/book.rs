//! Everything that is data: chips, rules, tiers and usual shares, parsed once and passed down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Catalogue, DataFiles, Populations, Rulebook, Tiers};
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

/// The data files, checked.
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
    /// Reads and checks the files of this build.
    pub fn load() -> Result<Self> {
        Self::of(&DataFiles::built_in())
    }

    /// Reads and checks these files; an error names the file and the key.
    pub fn of(files: &DataFiles) -> Result<Self> {
        Ok(Self {
            catalogue: Catalogue::of(files)?,
            rules: Rulebook::of(files)?,
            read_up_to: files.one("rulebook.toml")?,
            tiers: files.one("tiers.toml")?,
            populations: files.one("efficiency.toml")?,
        })
    }
}
