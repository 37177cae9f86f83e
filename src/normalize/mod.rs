//! Stage 6: what does it mean in regulated quantities?
//!
//! Chips, tiers and usual efficiencies are data under `data/`; no chip name and no threshold
//! stands in this code.

mod book;
mod chip;
mod data;
mod doubt;
mod equivalents;
mod figures;
mod options;
mod peaks;
mod predicate;
mod quantities;
mod rule;
mod demonstrated;
mod subject;
mod tier;
mod working_set;

pub use book::{Book, ReadUpTo};
pub use chip::{Catalogue, Chip, ChipFile, DataCenter, Disputed, Match, SoldAs};
pub use data::{DataFiles, data_files};
pub use demonstrated::Demonstrated;
pub use doubt::{Doubt, doubts};
pub use equivalents::{Basis, Counted, Equivalents, EquivalentsFile, Supply, equivalents};
pub use figures::{Bits, Figures, Rate, US_MARKET};
pub use options::{Aggregation, AppWeight, Clock, Deviation, DieArea, MicroScaling, Options, Tf32};
pub use predicate::{Clauses, Comparison, Predicate, Truth};
pub use quantities::{declared_quantities, quantities};
pub use rule::{About, Clause, Effect, Rule, Rulebook};
pub use subject::{Interval, Named, Subject};
pub use tier::{Api, Population, Populations, Tiers, tier};
pub(crate) use working_set::is_dram_evidence;
pub use working_set::least_working_set_bytes;

use crate::record::{Conclusion, Quantities, Ratio, Record, Tier};

/// Everything of the conclusion but its findings.
pub fn normalize(record: &Record, book: &Book) -> (Conclusion, Option<Chip>) {
    let found = if record.adapter.software {
        // A software adapter imitates ids and names freely; it is never a chip of the catalogue.
        None
    } else {
        book.catalogue.find(&record.adapter)
    };
    let chip = found.as_ref().map(|m| m.chip.clone());
    let shown = Demonstrated::of_record(record, chip.as_ref());
    let figures = chip.as_ref().map(Figures::of).unwrap_or_default();
    let (quantities, tier) = meaning(&shown, &figures, Options::default(), book);
    let ratios = book
        .tiers
        .references
        .iter()
        .filter_map(|id| book.catalogue.by_id(id))
        .flat_map(|reference| ratios(&quantities, reference))
        .collect();
    let conclusion = Conclusion {
        chip: chip.as_ref().map(|c| c.id.clone()),
        matched_by: found.map(|m| m.matched_by.to_owned()),
        tier,
        quantities,
        ratios,
        peaks: peaks::peaks(record, chip.as_ref()),
        findings: Vec::new(),
    };
    (conclusion, chip)
}

/// Quantities and tiers of what was shown, beside what is declared of the chip.
pub fn meaning(
    shown: &Demonstrated,
    figures: &Figures,
    options: Options,
    book: &Book,
) -> (Quantities, Tier) {
    let quantities = quantities(shown, figures, options);
    let tier = tier(shown, &book.tiers, &book.populations, &quantities);
    (quantities, tier)
}

/// Both quantities that the tiers rest on, against one reference chip's declared figures.
fn ratios(own: &Quantities, reference: &Chip) -> Vec<Ratio> {
    let pairs = [
        ("tpp", &own.tpp, reference.tpp()),
        ("dram_bandwidth_gb_per_s", &own.dram_bandwidth_gb_per_s, reference.dram_gb_per_s()),
    ];
    pairs
        .into_iter()
        .filter_map(|(quantity, own, theirs)| {
            let theirs = theirs?;
            Some(Ratio {
                reference: reference.id.clone(),
                quantity: quantity.into(),
                declared: own.declared.map(|x| x / theirs),
                demonstrated: own.demonstrated.map(|x| x / theirs),
                basis: format!("the reference's declared figure, {theirs}"),
            })
        })
        .collect()
}
