//! An import on the page: what another program measured, what of it counts, and where that stands.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::ladder::{self, Ladder};
use super::plot::number;
use crate::error::Result;
use crate::normalize::{Book, Demonstrated, Figures, Options, doubts, meaning};
use crate::record::{DeviceIdentity, External, ExternalFigure, Quantity};
use crate::shown;
use crate::units::{BytesPerS, OpsPerS};

/// An import and the digest of the file that it stood in.
#[derive(Clone, Debug)]
pub struct ImportSource {
    /// The import.
    pub external: External,
    /// SHA-256 of its `external.json`, hexadecimal.
    pub sha256: String,
}

/// Everything that the template of one import reads.
#[derive(Serialize)]
pub(super) struct Part {
    id: String,
    pub(super) name: String,
    pub(super) external: External,
    sha256: String,
    chip: Option<String>,
    doubts: Vec<String>,
    verdict: String,
    identity: Vec<(&'static str, String)>,
    quantities: Vec<Row>,
    proven: Option<String>,
    declared: Option<String>,
    ladders: Vec<Ladder>,
    figures: Vec<FigureRow>,
    reasons: Vec<(String, u64)>,
}

/// One regulated quantity.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    declared: Option<Figure>,
    measured: Option<Figure>,
    lower: Option<Figure>,
    by: Option<String>,
}

/// One figure that counts.
#[derive(Serialize)]
struct FigureRow {
    label: String,
    kind: &'static str,
    rate: Option<Figure>,
    bits: Option<Figure>,
    verified: bool,
    remark: String,
}

pub(super) fn part(place: usize, source: &ImportSource, book: &Book) -> Result<Part> {
    let external: External = shown::cleaned(&source.external)?;
    let chip = book.catalogue.of_external(&external)?;
    let sheet = Sheet::of(place, &external)?;
    let shown = Demonstrated::of_external(&external, chip, &book.catalogue, false);
    let figures = chip.map(Figures::of).unwrap_or_default();
    let (quantities, tier) = meaning(&shown, &figures, Options::default(), book);
    let tier_name = |id: &Option<String>| id.as_ref().map(|id| book.tiers.name(id).to_owned());
    let row = |key: &str, name: &'static str, quantity: &Quantity| {
        let side = |side: &str, value: Option<f64>| {
            let key = sheet.key(&format!("/{key}/{side}"));
            value.map(|value| Figure::by_rule("import", key, value, number(value)))
        };
        Row {
            name,
            declared: side("declared", quantity.declared),
            measured: side("demonstrated", quantity.demonstrated),
            lower: side("demonstrated_lower", quantity.demonstrated_lower),
            by: quantity.demonstrated_by.clone(),
        }
    };
    let counted = external.figures.iter().enumerate().filter(|(_, figure)| figure.counts);
    let number = external.device_number.map_or(String::new(), |number| format!(" #{number}"));
    let name = external.device.clone().unwrap_or_else(|| "device not named".into());
    Ok(Part {
        id: sheet.id(""),
        name: format!("{name}{number}, by {} ({})", external.program, external.file),
        sha256: source.sha256.clone(),
        chip: chip.map(|c| format!("{} {}, grade {}", c.vendor, c.name, c.grade)),
        doubts: doubts(&external, chip, &book.catalogue).into_iter().map(|d| d.text).collect(),
        verdict: verdict(&external, tier_name(&tier.proven)),
        identity: external.identity.as_ref().map(DeviceIdentity::shown).unwrap_or_default(),
        quantities: vec![
            row("tpp", "TPP", &quantities.tpp),
            row(
                "dram_bandwidth_gb_per_s",
                "DRAM bandwidth, GB/s",
                &quantities.dram_bandwidth_gb_per_s,
            ),
            row("io_bandwidth_gb_per_s", "links, GB/s", &quantities.io_bandwidth_gb_per_s),
        ],
        proven: tier_name(&tier.proven),
        declared: tier_name(&tier.declared),
        ladders: ladder::of_import(&sheet, &quantities, &book.catalogue, &book.tiers),
        figures: counted.map(|(at, figure)| figure_row(&sheet, at, figure)).collect(),
        reasons: external.reasons().into_iter().map(|(why, n)| (why.to_owned(), n)).collect(),
        external,
    })
}

fn verdict(external: &External, proven: Option<String>) -> String {
    let counted = external.figures.iter().filter(|figure| figure.counts).count();
    match proven {
        _ if external.identity.is_some() => {
            "This says which chip it is said to be. It holds no rate.".into()
        }
        Some(tier) => format!("If the file is right, what it holds proves {tier}."),
        None if counted == 0 => "Nothing in the file is a lower bound on a regulated quantity.".into(),
        None => "What the file holds proves no tier: its program did not verify it, or it reaches no boundary. That \
                 does not prove that the item lies below one."
            .into(),
    }
}

fn figure_row(sheet: &Sheet, at: usize, figure: &ExternalFigure) -> FigureRow {
    let rate =
        |key: &str, show: fn(f64) -> String| sheet.figure(&format!("/figures/{at}/{key}"), show);
    let bytes = |x: f64| BytesPerS(x).to_string();
    let (kind, rate) = if figure.ops_per_s.is_some() {
        ("multiplies", rate("ops_per_s", |x| OpsPerS(x).to_string()))
    } else if figure.bytes_per_s.is_some() {
        ("DRAM", rate("bytes_per_s", bytes))
    } else {
        ("links", rate("link_bytes_per_s", bytes))
    };
    let remarks = [&figure.conditions, &figure.why].into_iter().flatten();
    FigureRow {
        label: figure.label.clone(),
        kind,
        rate,
        bits: sheet.plain(&format!("/figures/{at}/bit_length")),
        verified: figure.verified,
        remark: remarks.map(String::as_str).collect::<Vec<_>>().join("; "),
    }
}
