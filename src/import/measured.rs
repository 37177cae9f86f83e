//! Tables like `data/measured.csv`: published figures with their sources, a row each.

use super::draft::{Draft, memory, multiplies, no_rate, plausible, unused};
use super::format::Format;
use super::table::{Quotes, Row, rows};
use super::types::bit_length_within;
use crate::record::ExternalFigure;

const HEADER: &str = "chip_id,chip,kind,workload,dtype,value,unit";

pub(super) const FORMAT: Format = Format {
    program: "measured-csv",
    made_by: "a table with the columns of data/measured.csv",
    counts: "rows of kind `measured` with a type and a source",
    kept: "rows without a value or a source, of another kind, sparse, not of DRAM, or whose type or unit is unknown",
    verified: "not stated, so never",
    versions: "data/measured.csv",
    signs: |text| text.lines().any(|line| line.starts_with(HEADER)),
    read,
};

/// Units, and what one is a second.
const UNITS: &[(&str, f64)] = &[
    ("GB/s", 1e9),
    ("TB/s", 1e12),
    ("GFLOPS", 1e9),
    ("GOPS", 1e9),
    ("TFLOPS", 1e12),
    ("TOPS", 1e12),
    ("PFLOPS", 1e15),
    ("POPS", 1e15),
];

/// Words of a workload whose bytes do not come from DRAM.
const NOT_DRAM: &[&str] = &[
    "l1",
    "l2",
    "l3",
    "cache",
    "shared",
    "lds",
    "texture",
    "host",
    "pcie",
    "nvlink",
    "link",
    "xgmi",
    "p2p",
    "peer",
    "allreduce",
    "reduce",
];

fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts: Vec<Draft> = Vec::new();
    rows(text, HEADER, Quotes::Double, |row| {
        let (chip, name) = (row.cell("chip_id"), row.cell("chip"));
        let same = |draft: &Draft| draft.chip.as_deref() == chip && draft.device.as_deref() == name;
        let place = drafts.iter().position(same).unwrap_or(drafts.len());
        if place == drafts.len() {
            plausible(place + 1)?;
            drafts.push(Draft {
                device: name.map(str::to_owned),
                chip: chip.map(str::to_owned),
                ..Draft::default()
            });
        }
        drafts[place].figures.push(figure(row));
        Ok(())
    })?;
    Ok(drafts)
}

fn figure(row: &Row) -> ExternalFigure {
    let label = ["workload", "dtype", "library"].map(|name| row.text(name)).join(" ");
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    let figure =
        judged(row, label).though("published; whether the result was verified is not stated");
    ExternalFigure {
        conditions: row.cell("conditions").map(str::to_owned),
        source: row.cell("source").map(str::to_owned),
        ..figure
    }
}

fn judged(row: &Row, label: String) -> ExternalFigure {
    let named = ["workload", "dtype"].map(|name| row.text(name).to_lowercase()).join(" ");
    let words: Vec<&str> = named.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let sparse =
        ["sparse", "sparsity", "2:4", "structured"].iter().any(|word| named.contains(word));
    let unit = UNITS.iter().find(|(unit, _)| *unit == row.text("unit"));
    if let Some(why) = row.cut() {
        return unused(label, why);
    }
    if row.cell("source").is_none() {
        return unused(label, "column `source` is empty: every figure needs where it is from");
    }
    let Some(text) = row.cell("value") else { return unused(label, "no value") };
    if row.text("kind") != "measured" {
        return unused(label, format!("not measured: {}", row.text("kind")));
    }
    let (Ok(value), Some((unit, scale))) = (text.parse::<f64>(), unit) else {
        return unused(label, if unit.is_some() { no_rate(text) } else { "no throughput".into() });
    };
    let per_s = value * scale;
    if unit.ends_with("B/s") {
        if words.iter().any(|word| NOT_DRAM.contains(word)) {
            return unused(label, "not DRAM bandwidth");
        }
        return memory(label, per_s);
    }
    if sparse {
        return unused(label, "2:4 sparsity: not a dense rate");
    }
    match bit_length_within(row.text("dtype")) {
        Some(bits) => multiplies(label, per_s, bits),
        None => unused(label, "the type is not stated"),
    }
}
