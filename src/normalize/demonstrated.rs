//! What measurements show of an item, whoever made them.

use super::doubt::{doubt, identity_doubt};
use super::working_set::is_dram_evidence;
use super::{Catalogue, Chip};
use crate::record::{External, ExternalFigure, Quantity, Record, WorkloadRecord};
use crate::units::{BytesPerS, OpsPerS, Tpp, gb_per_s_from_bytes_per_s, tpp_from_ops_per_s};
use crate::workload::Unit;

/// Lower bounds that were measured. Only the demonstrated sides are filled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demonstrated {
    /// Total processing performance.
    pub tpp: Quantity,
    /// Tera-operations per second, whatever the bit length.
    pub tops: Quantity,
    /// Total DRAM bandwidth.
    pub dram_gb_per_s: Quantity,
    /// Aggregate bidirectional transfer rate to other chips.
    pub io_gb_per_s: Quantity,
    /// What speaks against figures of other programs; such a figure proves nothing.
    pub doubts: Vec<String>,
    /// The CPU did the work.
    pub software: bool,
    /// There are signs that the chip was held back.
    pub held_back: bool,
    /// PCI vendor id of the adapter; empty where nobody tells.
    pub vendor_id: String,
    /// The fastest kind of unit that was measured and verified; null where another program measured
    /// and does not say.
    pub unit: Option<Unit>,
}

impl Demonstrated {
    /// From a run of ours on a chip, where the catalogue knows it. Only verified workloads count, and only what the
    /// samples at hand bear out.
    pub fn of_record(record: &Record, chip: Option<&Chip>) -> Self {
        let zeros = record.plan.as_ref().is_some_and(|plan| plan.zero_inputs);
        if zeros || record.without_samples.is_some() {
            // Zeros cost less power and flatter a chip: such a run is an experiment, no evidence. Nor is a summary
            // that nobody can draw again.
            return Self {
                software: record.adapter.software,
                vendor_id: record.adapter.vendor_id.clone(),
                ..Self::default()
            };
        }
        let matrix =
            record.workloads.iter().any(|w| w.unit == Unit::Matrix && w.verified().is_some());
        let device_type = record.adapter.device_type.as_str();
        Self {
            tpp: best(record, |w| {
                let Tpp(tpp) = tpp_from_ops_per_s(OpsPerS(w.ops_per_s()?), w.work.bit_length?);
                Some(tpp)
            }),
            tops: best(record, |w| Some(w.ops_per_s()? / 1e12)),
            dram_gb_per_s: best(record, |w| {
                let rate = w.bytes_per_s().filter(|_| is_dram_evidence(w, chip, device_type))?;
                Some(gb_per_s_from_bytes_per_s(BytesPerS(rate)))
            }),
            io_gb_per_s: Quantity::default(),
            doubts: Vec::new(),
            software: record.adapter.software,
            held_back: record.is_held_back(),
            vendor_id: record.adapter.vendor_id.clone(),
            unit: Some(if matrix { Unit::Matrix } else { Unit::Vector }),
        }
    }

    /// From another program's results on a chip, where the catalogue knows it. A figure above the declared peak
    /// counts only where the declaration is said to be what is wrong.
    pub fn of_external(
        external: &External,
        chip: Option<&Chip>,
        catalogue: &Catalogue,
        declaration_is_wrong: bool,
    ) -> Self {
        // Nothing that stands under a wrong name says anything of the item.
        let contradicted = identity_doubt(external, catalogue);
        let counted =
            external.figures.iter().filter(|figure| figure.counts && contradicted.is_none());
        let mut doubts: Vec<String> = contradicted.iter().map(|doubt| doubt.text.clone()).collect();
        let mut figures = Vec::new();
        for figure in counted {
            match doubt(figure, chip, catalogue) {
                Some(doubt) if doubt.impossible || !declaration_is_wrong => doubts.push(doubt.text),
                _ => figures.push(figure),
            }
        }
        let best = |value: fn(&ExternalFigure) -> Option<f64>| {
            let each = figures.iter().filter_map(|figure| {
                let by = format!("{} (external): {}", external.program, figure.label);
                Some(one(value(figure)?, External::lower_share(figure), by))
            });
            each.fold(Quantity::default(), higher)
        };
        Self {
            tpp: best(|figure| {
                let Tpp(tpp) = tpp_from_ops_per_s(OpsPerS(figure.ops_per_s?), figure.bit_length?);
                Some(tpp)
            }),
            tops: best(|figure| Some(figure.ops_per_s? / 1e12)),
            dram_gb_per_s: best(|figure| in_gb(figure.bytes_per_s)),
            io_gb_per_s: best(|figure| in_gb(figure.link_bytes_per_s)),
            doubts,
            software: false,
            held_back: false,
            vendor_id: String::new(),
            unit: None,
        }
    }

    /// Both on the same item: every lower bound holds, so the higher one counts.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            tpp: higher(self.tpp, other.tpp),
            tops: higher(self.tops, other.tops),
            dram_gb_per_s: higher(self.dram_gb_per_s, other.dram_gb_per_s),
            io_gb_per_s: higher(self.io_gb_per_s, other.io_gb_per_s),
            doubts: [self.doubts, other.doubts].concat(),
            software: self.software || other.software,
            held_back: self.held_back || other.held_back,
            vendor_id: if self.vendor_id.is_empty() { other.vendor_id } else { self.vendor_id },
            unit: match (self.unit, other.unit) {
                (Some(Unit::Matrix), _) | (_, Some(Unit::Matrix)) => Some(Unit::Matrix),
                (unit, other) => unit.or(other),
            },
        }
    }
}

/// The highest measured value, and by itself the highest lower bound: a slower workload can prove more.
fn higher(a: Quantity, b: Quantity) -> Quantity {
    let (fastest, other) = if b.demonstrated > a.demonstrated { (b, a) } else { (a, b) };
    if other.demonstrated_lower > fastest.demonstrated_lower {
        Quantity {
            demonstrated_lower: other.demonstrated_lower,
            demonstrated_lower_by: other.demonstrated_lower_by,
            ..fastest
        }
    } else {
        fastest
    }
}

/// A figure by itself.
fn one(value: f64, share: Option<f64>, by: String) -> Quantity {
    Quantity {
        declared: None,
        demonstrated: Some(value),
        demonstrated_lower: share.map(|share| value * share),
        demonstrated_lower_by: share.map(|_| by.clone()),
        demonstrated_by: Some(by),
    }
}

fn best(record: &Record, value: impl Fn(&WorkloadRecord) -> Option<f64>) -> Quantity {
    let each = record.workloads.iter();
    let each = each.filter_map(|w| Some(one(value(w)?, w.slow_end_share(), w.label())));
    each.fold(Quantity::default(), higher)
}

fn in_gb(bytes_per_s: Option<f64>) -> Option<f64> {
    bytes_per_s.map(BytesPerS).map(gb_per_s_from_bytes_per_s)
}
