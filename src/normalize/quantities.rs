//! From measured rates and catalogue figures to the regulated quantities.

use super::Chip;
use crate::record::{Quantities, Quantity, Record, WorkloadRecord};
use crate::units::{BytesPerS, OpsPerS, Tpp, gb_per_s_from_bytes_per_s, tpp_from_ops_per_s};

/// Both sides of every quantity. Only verified workloads count; the fastest shows the most.
pub fn quantities(record: &Record, chip: Option<&Chip>) -> Quantities {
    let tpp = best(record, |w| {
        let Tpp(tpp) = tpp_from_ops_per_s(OpsPerS(w.ops_per_s()?), w.work.bit_length?);
        Some(tpp)
    });
    let area = chip.and_then(|c| c.die_area_mm2);
    let per_area = |value: Option<f64>| Some(value? / area?);
    Quantities {
        performance_density: Quantity {
            declared: chip.and_then(Chip::performance_density),
            demonstrated: per_area(tpp.demonstrated),
            demonstrated_lower: per_area(tpp.demonstrated_lower),
            demonstrated_by: tpp.demonstrated_by.clone().filter(|_| area.is_some()),
        },
        tpp: Quantity { declared: chip.and_then(Chip::tpp), ..tpp },
        dram_bandwidth_gb_per_s: Quantity {
            declared: chip.and_then(Chip::dram_gb_per_s),
            ..demonstrated_memory(record)
        },
        io_bandwidth_gb_per_s: Quantity {
            declared: chip.and_then(Chip::io_gb_per_s),
            ..Quantity::default()
        },
        app_wt: Quantity::default(),
    }
}

/// The fastest verified streaming workload.
pub fn demonstrated_memory(record: &Record) -> Quantity {
    best(record, |w| {
        let streams = w.workload.starts_with("bandwidth-");
        w.bytes_per_s().filter(|_| streams).map(|rate| gb_per_s_from_bytes_per_s(BytesPerS(rate)))
    })
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

impl WorkloadRecord {
    /// Workload, type and shape on one line.
    pub fn label(&self) -> String {
        let input = self.input_type.map(|t| format!("{t:?}").to_lowercase());
        let parts = [Some(self.workload.clone()), input, Some(self.shape.clone())];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|p| !p.is_empty()).collect();
        parts.join(" ")
    }
}
