//! What measurements show of an item, whoever made them.

use crate::record::{External, ExternalFigure, Quantity, Record, WorkloadRecord};
use crate::units::{BytesPerS, OpsPerS, Tpp, gb_per_s_from_bytes_per_s, tpp_from_ops_per_s};
use crate::workload::Unit;

/// Lower bounds that were measured. Only the demonstrated sides are filled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Total processing performance.
    pub tpp: Quantity,
    /// Total DRAM bandwidth.
    pub dram_gb_per_s: Quantity,
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

impl Shown {
    /// From a run of ours. Only verified workloads count; the fastest shows the most.
    pub fn of_record(record: &Record) -> Self {
        if record.plan.as_ref().is_some_and(|plan| plan.zero_inputs) {
            // Zeros cost less power and flatter a chip: such a run is an experiment, no evidence.
            return Self { software: record.adapter.software, ..Self::default() };
        }
        let matrix =
            record.workloads.iter().any(|w| w.unit == Unit::Matrix && w.verified().is_some());
        Self {
            tpp: best(record, |w| {
                let Tpp(tpp) = tpp_from_ops_per_s(OpsPerS(w.ops_per_s()?), w.work.bit_length?);
                Some(tpp)
            }),
            dram_gb_per_s: best(record, |w| {
                let rate = w.bytes_per_s().filter(|_| w.workload.starts_with("bandwidth-"))?;
                Some(gb_per_s_from_bytes_per_s(BytesPerS(rate)))
            }),
            software: record.adapter.software,
            held_back: record.is_held_back(),
            vendor_id: record.adapter.vendor_id.clone(),
            unit: Some(if matrix { Unit::Matrix } else { Unit::Vector }),
        }
    }

    /// From another program's results.
    pub fn of_external(external: &External) -> Self {
        let tpp = |figure: &ExternalFigure| {
            let Tpp(tpp) = tpp_from_ops_per_s(OpsPerS(figure.ops_per_s?), figure.bit_length?);
            Some(tpp)
        };
        let memory = |figure: &ExternalFigure| {
            figure.bytes_per_s.map(BytesPerS).map(gb_per_s_from_bytes_per_s)
        };
        Self {
            tpp: best_of_others(external, tpp),
            dram_gb_per_s: best_of_others(external, memory),
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
            dram_gb_per_s: higher(self.dram_gb_per_s, other.dram_gb_per_s),
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

fn higher(a: Quantity, b: Quantity) -> Quantity {
    let lower = [a.demonstrated_lower, b.demonstrated_lower].into_iter().flatten().reduce(f64::max);
    let best = if b.demonstrated > a.demonstrated { b } else { a };
    Quantity { demonstrated_lower: lower, ..best }
}

fn best(record: &Record, value: impl Fn(&WorkloadRecord) -> Option<f64>) -> Quantity {
    let measured = record.workloads.iter().filter_map(|w| Some((value(w)?, w)));
    let Some((most, workload)) = measured.max_by(|(a, _), (b, _)| a.total_cmp(b)) else {
        return Quantity::default();
    };
    Quantity {
        declared: None,
        demonstrated: Some(most),
        demonstrated_lower: workload.slow_end_share().map(|share| most * share),
        demonstrated_by: Some(workload.label()),
    }
}

fn best_of_others(external: &External, value: impl Fn(&ExternalFigure) -> Option<f64>) -> Quantity {
    let one = |figure: &ExternalFigure| {
        let value = value(figure).filter(|_| figure.counts)?;
        let by = format!("{} (external): {}", external.program, figure.label);
        Some(Quantity {
            declared: None,
            demonstrated: Some(value),
            demonstrated_lower: External::lower_share(figure).map(|share| value * share),
            demonstrated_by: Some(by),
        })
    };
    external.figures.iter().filter_map(one).fold(Quantity::default(), higher)
}
