//! From measured lower bounds and catalogue figures to the regulated quantities.

use super::{Chip, Shown};
use crate::record::{Quantities, Quantity, WorkloadRecord};
use crate::workload::ElementType;

/// Both sides of every quantity.
pub fn quantities(shown: &Shown, chip: Option<&Chip>) -> Quantities {
    let area = chip.and_then(|c| c.die_area_mm2);
    let per_area = |value: Option<f64>| Some(value? / area?);
    Quantities {
        performance_density: Quantity {
            declared: chip.and_then(Chip::performance_density),
            demonstrated: per_area(shown.tpp.demonstrated),
            demonstrated_lower: per_area(shown.tpp.demonstrated_lower),
            demonstrated_by: shown.tpp.demonstrated_by.clone().filter(|_| area.is_some()),
        },
        tpp: Quantity { declared: chip.and_then(Chip::tpp), ..shown.tpp.clone() },
        dram_bandwidth_gb_per_s: Quantity {
            declared: chip.and_then(Chip::dram_gb_per_s),
            ..shown.dram_gb_per_s.clone()
        },
        io_bandwidth_gb_per_s: Quantity {
            declared: chip.and_then(Chip::io_gb_per_s),
            ..Quantity::default()
        },
        app_wt: Quantity::default(),
    }
}

impl WorkloadRecord {
    /// Workload, type and shape on one line; the type of the sums where there is a choice and it is
    /// not f32.
    pub fn label(&self) -> String {
        let sums = self.accumulate.filter(|sums| {
            self.workload == "matmul" && *sums != ElementType::F32 && self.input_type.is_some()
        });
        let sums = sums.map_or(String::new(), |sums| format!("/{}", sums.name()));
        let input = self.input_type.map(|input| format!("{}{sums}", input.name()));
        let parts = [Some(self.workload.clone()), input, Some(self.shape.clone())];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|p| !p.is_empty()).collect();
        parts.join(" ")
    }
}
