//! What follows from the measurements: the part of a record that later stages fill in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a run means and what may be said about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conclusion {
    /// Catalogue id of the chip, when the adapter matched one.
    pub chip: Option<String>,
    /// How it matched: `pci-id` or `name`.
    pub matched_by: Option<String>,
    /// The regulated quantities.
    pub quantities: Quantities,
    /// Ratios to the reference chips.
    pub ratios: Vec<Ratio>,
    /// Declared, derived and measured peaks side by side.
    #[serde(default)]
    pub peaks: Vec<Peak>,
    /// Display tier, three ways.
    pub tier: Tier,
    /// One entry per rule and clause.
    pub findings: Vec<Finding>,
}

/// The regulated quantities, each declared and demonstrated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantities {
    /// Total processing performance: TOPS times bit length, dense.
    pub tpp: Quantity,
    /// TPP per square millimetre of applicable die area; the area is always declared.
    pub performance_density: Quantity,
    /// Total DRAM bandwidth.
    pub dram_bandwidth_gb_per_s: Quantity,
    /// Aggregate bidirectional transfer rate to other chips.
    pub io_bandwidth_gb_per_s: Quantity,
    /// Adjusted peak performance in weighted teraflops.
    pub app_wt: Quantity,
    /// Tera-operations per second, dense, whatever the bit length.
    #[serde(default)]
    pub tops: Quantity,
}

/// One quantity from both sides. Null means unknown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// What the maker claims.
    pub declared: Option<f64>,
    /// What was measured: a lower bound on the true value.
    pub demonstrated: Option<f64>,
    /// The largest of the measured values less their uncertainty. Each such bound holds with the plan's confidence;
    /// of N bounds all hold together with at least 1 - N (1 - confidence).
    pub demonstrated_lower: Option<f64>,
    /// The workload that showed it.
    pub demonstrated_by: Option<String>,
    /// The workload that showed the measured value less its uncertainty: not always the fastest one.
    #[serde(default)]
    pub demonstrated_lower_by: Option<String>,
}

/// How the adapter compares with a reference chip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ratio {
    /// Catalogue id of the reference.
    pub reference: String,
    /// Quantity that is compared.
    pub quantity: String,
    /// Declared by declared.
    pub declared: Option<f64>,
    /// Demonstrated by the reference's declared figure: a lower bound of the declared ratio.
    pub demonstrated: Option<f64>,
    /// What the reference's side of the ratio is.
    pub basis: String,
}

/// Three figures for one peak, per second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Peak {
    /// What the peak is of.
    pub what: String,
    /// What the maker states.
    pub declared: Option<f64>,
    /// What the device's own clocks and widths come to.
    pub derived: Option<f64>,
    /// How that was derived.
    pub derived_how: Option<String>,
    /// The best that was measured and verified.
    pub measured: Option<f64>,
    /// Expanded uncertainty of it, as a share.
    pub measured_uncertainty: Option<f64>,
    /// Pairs that differ by more than rounding and uncertainty admit.
    pub disagreements: Vec<String>,
}

/// Display tier, three ways. Null means that no tier boundary is reached or nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tier {
    /// Proven to reach, by measurement alone.
    pub proven: Option<String>,
    /// Estimated from the measured rate and the usual efficiency.
    pub estimated: Option<EstimatedTier>,
    /// By the maker's figures.
    pub declared: Option<String>,
    /// Why an entry is null.
    pub why: Vec<String>,
}

/// An interval of tiers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EstimatedTier {
    /// Lowest tier of the interval.
    pub low: String,
    /// Highest tier; null when the measurement sets no upper end.
    pub high: Option<String>,
    /// Peak TPP at the highest usual share of it; null in records of version 0.1.0.
    #[serde(default)]
    pub tpp_low: Option<f64>,
    /// Peak TPP at the lowest usual share; null when the measurement sets no upper end.
    #[serde(default)]
    pub tpp_high: Option<f64>,
    /// What the estimate rests on.
    pub basis: String,
}

/// What one clause of one rule says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Rule id.
    pub rule: String,
    /// Clause id.
    pub clause: String,
    /// Status of the rule: `in_force` and others.
    pub status: String,
    /// By the declared figures.
    pub declared: Declared,
    /// By the measurement; see `docs/verdicts.md`.
    pub measured: Measured,
    /// The arithmetic behind both.
    pub why: Vec<String>,
    /// Where the rule stands.
    pub citation: String,
}

/// A clause under the declared figures.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Declared {
    /// The condition of the clause holds.
    Met,
    /// It does not.
    NotMet,
    /// A figure that it needs is not declared.
    Undetermined,
}

impl Declared {
    /// The code as it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::Undetermined => "undetermined",
        }
    }
}

/// What the measurement allows to say about a clause's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// Measured above the limit, uncertainty included: the item exceeds it.
    Exceeds,
    /// Measured above the limit, but within the uncertainty of it.
    ExceedsConditionally,
    /// Declared above the limit; the measurement does not contradict that.
    ExceedsByDeclaration,
    /// Faster than declared: the declaration is wrong.
    ContradictsDeclaration,
    /// Just below the limit, within the uncertainty: not decided.
    NearLimit,
    /// No evidence of exceeding. This is not a statement that the item is below.
    NotShownToExceed,
    /// Declared below the limit, and the measurement is consistent with the declaration.
    ConsistentWithBelow,
    /// Slower than such chips usually are: the run is no evidence.
    SuspiciouslyLow,
    /// Measured above the upper end of the clause's window: the clause cannot hold, a stricter one may.
    AboveWindow,
    /// Declared above the upper end of the clause's window; the measurement does not contradict that.
    AboveWindowByDeclaration,
    /// A declared fact alone takes the item out of the clause.
    NotApplicable,
    /// Nothing verified that bears on this clause.
    Invalid,
}

impl Measured {
    /// The code as it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exceeds => "exceeds",
            Self::ExceedsConditionally => "exceeds-conditionally",
            Self::ExceedsByDeclaration => "exceeds-by-declaration",
            Self::ContradictsDeclaration => "contradicts-declaration",
            Self::NearLimit => "near-limit",
            Self::NotShownToExceed => "not-shown-to-exceed",
            Self::ConsistentWithBelow => "consistent-with-below",
            Self::SuspiciouslyLow => "suspiciously-low",
            Self::AboveWindow => "above-window",
            Self::AboveWindowByDeclaration => "above-window-by-declaration",
            Self::NotApplicable => "not-applicable",
            Self::Invalid => "invalid",
        }
    }
}

impl Quantities {
    /// Every quantity by the name that rules use.
    pub fn by_name(&self) -> BTreeMap<&'static str, &Quantity> {
        BTreeMap::from([
            ("tpp", &self.tpp),
            ("performance_density", &self.performance_density),
            ("dram_bandwidth_gb_per_s", &self.dram_bandwidth_gb_per_s),
            ("io_bandwidth_gb_per_s", &self.io_bandwidth_gb_per_s),
            ("app_wt", &self.app_wt),
            ("tops", &self.tops),
        ])
    }
}
