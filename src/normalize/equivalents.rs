//! Compute equivalents: many chips counted in units of one, and the model of two supplies.
//!
//! Every result names its basis. Bases disagree by a factor of more than one and a half, because chips
//! differ most in their narrowest format; there is no neutral one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::figures::{Bits, Figures};
use super::options::Options;
use super::{Chip, data};
use crate::error::Result;

/// What chips are counted by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Basis {
    /// Total processing performance, whatever format decides it.
    Tpp,
    /// TPP at one bit length only.
    TppAt(f64),
    /// DRAM bandwidth.
    Dram,
}

impl std::str::FromStr for Basis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "tpp" => Ok(Self::Tpp),
            "dram" => Ok(Self::Dram),
            _ => {
                let bits = text.strip_prefix("tpp:").and_then(|bits| bits.parse::<f64>().ok());
                let bits = bits.filter(|bits| bits.is_finite() && *bits > 0.0);
                bits.map(Self::TppAt).ok_or_else(|| {
                    format!("{text:?} is no basis; there are tpp, tpp:BITS (as tpp:8) and dram")
                })
            }
        }
    }
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tpp => write!(f, "TPP"),
            Self::TppAt(bits) => write!(f, "TPP at {bits} bit"),
            Self::Dram => write!(f, "DRAM bandwidth"),
        }
    }
}

impl Basis {
    /// What one chip counts; `None` where the figure is not declared.
    pub fn of(self, chip: &Chip) -> Option<f64> {
        let figures = Figures::of(chip);
        let options = Options::default();
        match self {
            Self::Tpp => figures.tpp(options),
            Self::Dram => figures.dram_gb_per_s,
            Self::TppAt(bits) => {
                let same = |rate: &&super::figures::Rate| {
                    rate.bits.length(options) == bits && !matches!(rate.bits, Bits::Tf32)
                };
                let tops = figures.rates.iter().filter(same).map(|rate| rate.tops);
                tops.reduce(f64::max).map(|tops| tops * bits)
            }
        }
    }
}

/// A list of chips in units of one reference chip.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Equivalents {
    /// Catalogue id of the unit.
    pub reference: String,
    /// How many of the unit come to the same; null where a figure is not declared.
    pub count: Option<f64>,
}

/// So many of one thing, which counts `each` on the basis in use.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counted {
    /// Catalogue id, or `figure`.
    pub item: String,
    /// What one of it counts; null where the figure is not declared.
    pub each: Option<f64>,
    /// How many.
    pub count: f64,
}

/// Counts `items` in units of every reference.
pub fn equivalents(items: &[Counted], references: &[&Chip], basis: Basis) -> Vec<Equivalents> {
    let total: Option<f64> = items.iter().map(|item| Some(item.each? * item.count)).sum();
    let count = |reference: &&Chip| Equivalents {
        reference: reference.id.clone(),
        count: total.zip(basis.of(reference)).map(|(total, one)| total / one),
    };
    references.iter().map(count).collect()
}

/// Two supplies in one unit: `(P_us - d E) / (C_dom + s + E)`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Supply {
    /// Production for the one side.
    pub p_us: f64,
    /// Exports to the other side.
    pub e: f64,
    /// Share of the exports that the one side lacks then, 0 to 1.
    pub d: f64,
    /// Domestic production of the other side.
    pub c_dom: f64,
    /// Smuggled to the other side.
    pub s: f64,
}

impl Supply {
    /// How many times the other side's compute the one side has. The error names the input that is wrong.
    pub fn advantage(&self) -> Result<f64, String> {
        let inputs = [
            ("p_us", self.p_us),
            ("e", self.e),
            ("d", self.d),
            ("c_dom", self.c_dom),
            ("s", self.s),
        ];
        if let Some((name, value)) = inputs.iter().find(|(_, x)| !x.is_finite() || *x < 0.0) {
            return Err(format!("{name} = {value}: take a number of at least 0"));
        }
        if self.d > 1.0 {
            return Err(format!("d = {}: a share lies between 0 and 1", self.d));
        }
        let other = self.c_dom + self.s + self.e;
        if other == 0.0 {
            return Err("c_dom, s and e are all 0: there is nothing to divide by".into());
        }
        Ok((self.p_us - self.d * self.e) / other)
    }
}

/// `data/equivalents.toml`: the reference chips and the published analyses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EquivalentsFile {
    /// Catalogue ids that are counted in.
    pub references: Vec<String>,
    /// Published analyses, each with what is known of its inputs.
    pub scenario: Vec<serde_json::Map<String, serde_json::Value>>,
}

impl EquivalentsFile {
    /// Reads the file.
    pub fn load() -> Result<Self> {
        data::load("equivalents.toml")
    }
}
