//! From measured lower bounds and declared figures to the regulated quantities.

use super::{Demonstrated, Figures, Options};
use crate::record::{Quantities, Quantity};

/// Both sides of every quantity, under a reading of the rules.
pub fn quantities(shown: &Demonstrated, figures: &Figures, options: Options) -> Quantities {
    let declared = declared_quantities(figures, options);
    let with = |measured: &Quantity, own: &Quantity| Quantity {
        declared: own.declared,
        ..measured.clone()
    };
    Quantities {
        performance_density: with(
            &density(&shown.tpp, figures, options),
            &declared.performance_density,
        ),
        tpp: with(&shown.tpp, &declared.tpp),
        dram_bandwidth_gb_per_s: with(&shown.dram_gb_per_s, &declared.dram_bandwidth_gb_per_s),
        tops: with(&shown.tops, &declared.tops),
        io_bandwidth_gb_per_s: with(&shown.io_gb_per_s, &declared.io_bandwidth_gb_per_s),
        app_wt: declared.app_wt,
    }
}

/// Declared quantities of figures under options; nothing is demonstrated.
pub fn declared_quantities(figures: &Figures, options: Options) -> Quantities {
    let declared = |name: &str, value: Option<f64>| Quantity {
        declared: figures.given(name).or(value),
        ..Quantity::default()
    };
    Quantities {
        tpp: declared("tpp", figures.tpp(options)),
        // Over a part of the area a density is no figure, but a bound from above.
        performance_density: declared(
            "performance_density",
            figures.performance_density(options).filter(|_| !figures.area_is_partial(options)),
        ),
        dram_bandwidth_gb_per_s: declared("dram_bandwidth_gb_per_s", figures.dram_gb_per_s),
        io_bandwidth_gb_per_s: declared("io_bandwidth_gb_per_s", figures.io_gb_per_s),
        app_wt: declared("app_wt", figures.app_wt(options)),
        tops: declared("tops", figures.tops(options)),
    }
}

/// Measured TPP over an area that is always declared: over the stated one for the value, and over the largest that
/// the sources leave open for the lower bound.
fn density(tpp: &Quantity, figures: &Figures, options: Options) -> Quantity {
    let (Some(area), Some(largest)) =
        (figures.die_area_mm2(options), figures.largest_die_area_mm2(options))
    else {
        return Quantity::default();
    };
    Quantity {
        declared: None,
        demonstrated: tpp.demonstrated.map(|tpp| tpp / area),
        demonstrated_lower: tpp.demonstrated_lower.map(|tpp| tpp / largest),
        demonstrated_by: tpp.demonstrated_by.clone(),
        demonstrated_lower_by: tpp.demonstrated_lower_by.clone(),
    }
}
