//! Everything that is data: chips, rules, tiers and usual shares, parsed once and passed down.

use super::{Catalogue, Populations, Rulebook, Tiers};
use crate::error::Result;

/// The data files of this build, checked.
pub struct Book {
    /// `data/chips/*.toml`.
    pub catalogue: Catalogue,
    /// `data/rules/*.toml`.
    pub rules: Rulebook,
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
            tiers: Tiers::load()?,
            populations: Populations::load()?,
        })
    }
}
