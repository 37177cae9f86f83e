//! Display tiers: proven, estimated, declared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Demonstrated, Interval, Predicate, Subject, Truth, data};
use crate::error::Result;
use crate::record::{EstimatedTier, Quantities, Quantity, Tier};
use crate::workload::Unit;

/// `data/tiers.toml`.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// Date of the lines.
    pub as_of: String,
    /// Catalogue ids of the chips that figures are set against.
    pub references: Vec<String>,
    /// From low to high.
    pub tier: Vec<TierRow>,
}

/// One tier.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierRow {
    /// Stable name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What reaches it; the lowest tier has no condition.
    #[serde(skip_serializing)]
    pub reached_when: Option<Predicate>,
}

/// `data/efficiency.toml`: what share of its declared peak a unit usually reaches.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Populations {
    population: Vec<Population>,
}

/// One row of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// `vector`, `matrix` or `memory`.
    pub unit: String,
    /// `native`, `portable` or `any`.
    pub api: String,
    /// Vendor as catalogue ids begin with, or `any`.
    pub vendor: String,
    /// Lowest share seen.
    pub low: f64,
    /// Middle of them.
    pub median: f64,
    /// Highest share seen.
    pub high: f64,
    /// How many figures.
    pub figures: usize,
    /// Of how many chips.
    pub chips: usize,
    /// Chip of the lowest one.
    pub lowest: String,
}

impl Population {
    /// Where it is from, for people.
    pub fn basis(&self) -> String {
        let any = |text: &str, what: &str| {
            if text == "any" { String::new() } else { format!(", {what} {text}") }
        };
        format!(
            "{} figures of {} chips in data/measured.csv{}{}; the lowest is of {}",
            self.figures,
            self.chips,
            any(&self.api, "API"),
            any(&self.vendor, "vendor"),
            self.lowest
        )
    }
}

/// Whose code measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// The vendor's own libraries.
    Native,
    /// Vulkan, Metal, Direct3D, WebGPU: ours.
    Portable,
}

/// Vendor by its PCI id, as catalogue ids begin.
const VENDORS: &[(&str, &str)] =
    &[("10de", "nv"), ("1002", "amd"), ("8086", "intel"), ("106b", "apple"), ("19e5", "hw")];

impl Tiers {
    /// Reads the file.
    pub fn load() -> Result<Self> {
        data::load("tiers.toml")
    }

    /// The last tier whose condition is met for what is known.
    fn reached(&self, subject: &Subject) -> Option<&TierRow> {
        self.tier.iter().rfind(|row| {
            let met = |p: &Predicate| p.evaluate(subject, &|_| Truth::Undetermined) == Truth::Met;
            row.reached_when.as_ref().is_some_and(met)
        })
    }

    /// Tier of the declared figures; unknown without a declared TPP.
    fn declared(&self, quantities: &Quantities) -> Option<String> {
        quantities.tpp.declared?;
        let stated = subject(quantities, |q| q.declared.map(Interval::point));
        self.reached(&stated).or(self.tier.first()).map(|row| row.id.clone())
    }

    /// Tier of an item that was not measured.
    pub fn by_declaration(&self, quantities: &Quantities) -> Tier {
        let why = vec!["proven, estimated: nothing was measured".to_owned()];
        Tier { declared: self.declared(quantities), why, ..Tier::default() }
    }

    /// Name for people of a tier id.
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.tier.iter().find(|row| row.id == id).map_or(id, |row| &row.name)
    }
}

impl Populations {
    /// Reads the file.
    pub fn load() -> Result<Self> {
        data::load("efficiency.toml")
    }

    /// The narrowest row for a unit, an API and a PCI vendor id.
    pub fn of(&self, unit: &str, api: Api, vendor_id: &str) -> Option<&Population> {
        let api = if api == Api::Native { "native" } else { "portable" };
        let vendor =
            VENDORS.iter().find(|(id, _)| *id == vendor_id).map_or("any", |(_, name)| name);
        let row = |api: &str, vendor: &str| {
            self.population.iter().find(|p| p.unit == unit && p.api == api && p.vendor == vendor)
        };
        row(api, vendor).or_else(|| row(api, "any")).or_else(|| row("any", "any"))
    }
}

/// The three answers. The lowest tier is never "proven": nothing is needed to reach it.
pub fn tier(
    shown: &Demonstrated,
    tiers: &Tiers,
    populations: &Populations,
    quantities: &Quantities,
) -> Tier {
    let mut why = Vec::new();
    let proven = subject(quantities, |q| q.demonstrated_lower.map(Interval::at_least));
    let proven = tiers.reached(&proven).map(|row| row.id.clone()).filter(|_| !shown.software);
    if shown.software {
        why.push("proven: a software adapter says nothing about a GPU".into());
    } else if proven.is_none() {
        why.push("proven: the measured lower bounds reach no tier boundary; that proves nothing about the chip being below one".into());
    }
    let declared = tiers.declared(quantities);
    if declared.is_none() {
        why.push(
            "declared: the adapter matches no chip with a declared rate in the catalogue".into(),
        );
    }
    let estimated = match estimate(shown, tiers, populations, quantities) {
        Ok(estimated) => Some(estimated),
        Err(reason) => {
            why.push(format!("estimated: {reason}"));
            None
        }
    };
    Tier { proven, estimated, declared, why }
}

fn estimate(
    shown: &Demonstrated,
    tiers: &Tiers,
    populations: &Populations,
    quantities: &Quantities,
) -> Result<EstimatedTier, String> {
    if shown.software {
        return Err("a software adapter says nothing about a GPU".into());
    }
    let measured = quantities.tpp.demonstrated.ok_or("no verified rate")?;
    let unit = shown.unit.ok_or("another program measured, on a unit that is not stated")?;
    let matrix = unit == Unit::Matrix;
    let unit = if matrix { "matrix" } else { "vector" };
    let row = populations
        .of(unit, Api::Portable, &shown.vendor_id)
        .ok_or("no efficiency is known for this unit")?;
    let at = |tpp: f64| {
        let memory = &quantities.dram_bandwidth_gb_per_s;
        let guess = Quantities {
            tpp: Quantity { declared: Some(tpp), ..Quantity::default() },
            dram_bandwidth_gb_per_s: Quantity {
                demonstrated: memory.demonstrated,
                ..Quantity::default()
            },
            ..Quantities::default()
        };
        let subject = subject(&guess, |q| {
            q.declared.map(Interval::point).or(q.demonstrated.map(Interval::at_least))
        });
        tiers.reached(&subject).or(tiers.tier.first()).map(|row| row.id.clone()).unwrap_or_default()
    };
    Ok(EstimatedTier {
        low: at(measured / row.high),
        // Vector units say nothing about how much faster the matrix units are.
        high: matrix.then(|| at(measured / row.low)),
        tpp_low: Some(measured / row.high),
        tpp_high: matrix.then_some(measured / row.low),
        basis: format!(
            "TPP from {:.0} at {} of the {unit} peak to {} ({})",
            measured / row.high,
            row.high,
            if matrix {
                format!("{:.0} at {}", measured / row.low, row.low)
            } else {
                "an unknown end: the matrix units were not measured".into()
            },
            row.basis()
        ),
    })
}

fn subject(
    quantities: &Quantities,
    known: impl Fn(&crate::record::Quantity) -> Option<Interval>,
) -> Subject {
    let mut subject = Subject::default();
    for (name, quantity) in quantities.by_name() {
        if let Some(interval) = known(quantity) {
            // Names of quantities are names that rules know: a test holds both against each other.
            let _ = subject.set(name, interval);
        }
    }
    subject
}
