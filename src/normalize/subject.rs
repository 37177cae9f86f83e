//! What is known of an item, by the names that rule files use.

use super::Truth;

/// Quantities that a rule may compare; anything else is an error in the file.
pub(super) const QUANTITIES: &[&str] = &[
    "tpp",
    "performance_density",
    "dram_bandwidth_gb_per_s",
    "io_bandwidth_gb_per_s",
    "memory_bandwidth_density",
    "app_wt",
    "tops",
    "link_gb_per_s",
    "fp64_pflops",
    "fp32_pflops",
    "volume_ft3",
    "approximated_transistors",
    "export_tpp_share",
    "country_tpp",
    "consignee_year_tpp",
    "training_ops",
    "deployment_tpp",
];

/// Yes-or-no facts.
pub(super) const FACTS: &[&str] = &[
    "data_center",
    "memory_only",
    "co_packaged_with_processor",
    "high_bandwidth_memory",
    "cpu",
    "advanced_node_logic",
    "approved_designer",
    "approved_packaging",
    "commercially_available_us_2026_01_15",
    "exported_from_us",
    "designed_in_d5",
    "system",
    "computer",
    "us_data_center_use",
    "encryption",
];

/// Dated facts.
pub(super) const DATES: &[&str] = &["first_marketed", "export_completed"];

/// What is known of a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// It is at least this.
    pub low: f64,
    /// It is at most this.
    pub high: f64,
}

impl Interval {
    /// Nothing is known of it.
    pub const UNKNOWN: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// Known exactly.
    pub fn point(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// Known to be at least this.
    pub fn at_least(low: f64) -> Self {
        Self { low, high: f64::INFINITY }
    }
}

/// A name of a list, as its place in there: rules are evaluated without comparing text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named(usize);

impl Named {
    /// The place of a name; the error lists the names that there are.
    pub(super) fn find(name: &str, list: &[&str]) -> Result<Self, String> {
        let place = list.iter().position(|known| *known == name);
        place
            .map(Self)
            .ok_or_else(|| format!("{name:?} is not known; there are {}", list.join(", ")))
    }

    /// Name of a quantity.
    pub fn quantity(self) -> &'static str {
        QUANTITIES[self.0]
    }

    /// Name of a fact.
    pub fn fact(self) -> &'static str {
        FACTS[self.0]
    }
}

/// What is known of an item. Everything starts as unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    quantities: [Interval; QUANTITIES.len()],
    facts: [Option<bool>; FACTS.len()],
    dates: [Option<String>; DATES.len()],
}

impl Default for Subject {
    fn default() -> Self {
        Self {
            quantities: [Interval::UNKNOWN; QUANTITIES.len()],
            facts: [None; FACTS.len()],
            dates: [const { None }; DATES.len()],
        }
    }
}

impl Subject {
    /// Sets a quantity; the error lists the names that there are.
    pub fn set(&mut self, name: &str, known: Interval) -> Result<(), String> {
        self.quantities[Named::find(name, QUANTITIES)?.0] = known;
        Ok(())
    }

    /// Sets a fact.
    pub fn set_fact(&mut self, name: &str, holds: bool) -> Result<(), String> {
        self.facts[Named::find(name, FACTS)?.0] = Some(holds);
        Ok(())
    }

    /// Sets a dated fact, an RFC 3339 date or its beginning (`2026-03`, `2026`); these compare as text.
    pub fn set_date(&mut self, name: &str, date: &str) -> Result<(), String> {
        self.dates[Named::find(name, DATES)?.0] = Some(date.to_owned());
        Ok(())
    }

    /// Makes every quantity span what another subject knows of it too.
    pub(super) fn widen(&mut self, other: &Self) {
        for (own, other) in self.quantities.iter_mut().zip(&other.quantities) {
            own.low = own.low.min(other.low);
            own.high = own.high.max(other.high);
        }
    }

    /// The same facts and dates, all quantities unknown.
    #[must_use]
    pub fn facts_only(&self) -> Self {
        Self { quantities: Self::default().quantities, ..self.clone() }
    }

    /// What is known of a quantity, by its name; nothing where there is no such name.
    pub fn known(&self, name: &str) -> Interval {
        Named::find(name, QUANTITIES).map_or(Interval::UNKNOWN, |name| self.quantity(name))
    }

    /// What is known of one quantity.
    pub fn quantity(&self, name: Named) -> Interval {
        self.quantities[name.0]
    }

    /// What is known of a sum of quantities.
    pub fn sum(&self, names: &[Named]) -> Interval {
        names.iter().fold(Interval::point(0.0), |sum, name| {
            let part = self.quantity(*name);
            Interval { low: sum.low + part.low, high: sum.high + part.high }
        })
    }

    /// Whether a fact holds, by its name; unknown where there is no such name.
    pub fn fact_named(&self, name: &str) -> Truth {
        Named::find(name, FACTS).map_or(Truth::Undetermined, |name| self.fact(name))
    }

    /// Whether a fact holds.
    pub fn fact(&self, name: Named) -> Truth {
        Truth::from_known(self.facts[name.0])
    }

    pub(super) fn is_after(&self, date: Named, after: &str) -> Truth {
        // A month or year that the limit lies in leaves open on which side of it the day was.
        let known = self.dates[date.0].as_deref().filter(|date| !after.starts_with(date));
        let same = self.dates[date.0].as_deref() == Some(after);
        Truth::from_known(if same { Some(false) } else { known.map(|date| date > after) })
    }
}
