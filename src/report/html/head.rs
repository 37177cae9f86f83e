//! What was measured, and what may be said about it in one sentence.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::plot::number;
use crate::normalize::{Catalogue, Tiers};
use crate::record::{Measured, Record};
use crate::units::significant;

/// Rows of names and figures.
#[derive(Serialize)]
pub(super) struct Quantity {
    name: &'static str,
    declared: Option<Figure>,
    demonstrated: Option<Figure>,
    lower: Option<Figure>,
    by: Option<String>,
    /// The workload of the lower bound, where it is another one.
    lower_by: Option<String>,
    references: Vec<Option<Figure>>,
}

/// Name of each quantity on the page, by its name in records.
pub(super) const QUANTITIES: [(&str, &str); 3] = [
    ("tpp", "TPP"),
    ("performance_density", "TPP per mm²"),
    ("dram_bandwidth_gb_per_s", "DRAM bandwidth, GB/s"),
];

pub(super) fn quantities(sheet: &Sheet, record: &Record, tiers: &Tiers) -> Vec<Quantity> {
    let all = record.conclusion.quantities.by_name();
    let row = |(key, name)| {
        let at = |side: &str| sheet.figure(&format!("/conclusion/quantities/{key}/{side}"), number);
        let reference = |id: &String| {
            let same = |r: &&crate::record::Ratio| r.reference == *id && r.quantity == key;
            let place = record.conclusion.ratios.iter().position(|r| same(&r))?;
            sheet.figure(&format!("/conclusion/ratios/{place}/demonstrated"), |x| {
                format!("{} ×", significant(x))
            })
        };
        Quantity {
            name,
            declared: at("declared"),
            demonstrated: at("demonstrated"),
            lower: at("demonstrated_lower"),
            by: all.get(key).and_then(|q| q.demonstrated_by.clone()),
            lower_by: all.get(key).and_then(|q| {
                let other = q.demonstrated_lower_by != q.demonstrated_by;
                q.demonstrated_lower_by.clone().filter(|_| other)
            }),
            references: tiers.references.iter().map(reference).collect(),
        }
    };
    QUANTITIES.into_iter().map(row).collect()
}

/// Names of the reference chips, in the order of the columns.
pub(super) fn references(catalogue: &Catalogue, tiers: &Tiers) -> Vec<String> {
    let name = |id: &String| catalogue.by_id(id).map_or(id.clone(), |chip| chip.name.clone());
    tiers.references.iter().map(name).collect()
}

/// The tier, three ways, in the names of people.
#[derive(Serialize)]
pub(super) struct TierNames {
    proven: Option<String>,
    estimated: Option<String>,
    basis: Option<String>,
    declared: Option<String>,
    why: Vec<String>,
}

pub(super) fn tier(record: &Record, tiers: &Tiers) -> TierNames {
    let tier = &record.conclusion.tier;
    let name = |id: &String| tiers.name(id).to_owned();
    let estimated = tier.estimated.as_ref().map(|e| match &e.high {
        Some(high) if *high == e.low => name(high),
        Some(high) => format!("{} to {}", name(&e.low), name(high)),
        None => format!("{} or above", name(&e.low)),
    });
    TierNames {
        proven: tier.proven.as_ref().map(name),
        estimated,
        basis: tier.estimated.as_ref().map(|e| e.basis.clone()),
        declared: tier.declared.as_ref().map(name),
        why: tier.why.clone(),
    }
}

/// What may be said, in one sentence. Stronger findings come first.
pub(super) fn verdict(record: &Record, tiers: &Tiers) -> String {
    let with = |word: Measured| {
        let found = record.conclusion.findings.iter().filter(move |f| f.measured == word);
        found.map(|f| format!("{} {}", f.rule, f.clause)).collect::<Vec<_>>()
    };
    let name = |id: &Option<String>| id.as_deref().map(|id| tiers.name(id).to_owned());
    let tier = &record.conclusion.tier;
    if record.workloads.iter().all(|w| w.verified().is_none()) {
        return "Nothing was verified in this run, so it says nothing about the item.".into();
    }
    if record.adapter.software {
        return "The CPU did the work: this run tests kernels and harness and says nothing about \
                any GPU."
            .into();
    }
    let exceeded = with(Measured::Exceeds);
    let contradicted = with(Measured::ContradictsDeclaration);
    let declared = name(&tier.declared);
    if !contradicted.is_empty() {
        return "The item is faster than its maker's figures, uncertainty included: the \
                declaration is wrong."
            .into();
    }
    if !exceeded.is_empty() {
        let shown = exceeded.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = exceeded.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let proven = name(&tier.proven).map_or(String::new(), |t| format!(" It proves {t}."));
        return format!(
            "The measurement alone, uncertainty included, shows that the item crosses the line of \
             {shown}{more}.{proven}"
        );
    }
    let reached = name(&tier.proven).map_or_else(
        || {
            "The measurement alone reaches no tier boundary, which does not prove that the item \
             lies below one"
                .to_owned()
        },
        |proven| format!("The measurement alone proves {proven}"),
    );
    match declared {
        Some(declared) => format!("{reached}; by its maker's figures the item is {declared}."),
        None => format!("{reached}; no figures of its maker are known here."),
    }
}
