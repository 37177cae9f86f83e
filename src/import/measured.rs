//! Tables like `data/measured.csv`: published figures with their sources, a row each.

use serde::Deserialize;

use super::draft::{Draft, Drafts, memory, multiplies, unused};
use super::format::Format;
use super::types::bit_length_within;
use crate::record::ExternalFigure;

#[derive(Deserialize)]
struct Row {
    chip_id: String,
    chip: String,
    kind: String,
    workload: String,
    dtype: String,
    value: Option<f64>,
    unit: String,
    library: String,
    conditions: String,
    source: String,
}

pub(super) const FORMAT: Format = Format {
    program: "measured-csv",
    made_by: "a table with the columns of data/measured.csv",
    counts: "rows of kind `measured` with a type and a source",
    kept: "rows without a value, of another kind, or whose type or unit is unknown",
    verified: "not stated, so never",
    versions: "data/measured.csv",
    signs: |text| {
        text.lines().next().is_some_and(|line| line.starts_with("chip_id,chip,kind,workload"))
    },
    read,
};

fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts = Drafts::default();
    for (at, row) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
        let row: Row = row.map_err(|e| e.to_string())?;
        let figure = figure(&row).map_err(|what| format!("row {}: {what}", at + 2))?;
        let draft = drafts.of(&row.chip, None)?;
        draft.chip = (!row.chip_id.is_empty()).then_some(row.chip_id);
        draft.figures.push(figure);
    }
    Ok(drafts.0)
}

fn figure(row: &Row) -> Result<ExternalFigure, String> {
    let label = [&row.workload, &row.dtype, &row.library].map(String::as_str).join(" ");
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    if row.source.is_empty() {
        return Err(format!(
            "{label}: column `source` is empty; every figure needs where it is from"
        ));
    }
    let figure = match (row.value, row.unit.as_str(), bit_length_within(&row.dtype)) {
        (None, ..) => unused(label, "no value"),
        _ if row.kind != "measured" => unused(label, format!("not measured: {}", row.kind)),
        (Some(value), "GB/s", _) => memory(label, value * 1e9),
        (_, "TFLOPS" | "TOPS", None) => unused(label, "the type is not stated"),
        (Some(value), "TFLOPS" | "TOPS", Some(bits)) => multiplies(label, value * 1e12, bits),
        _ => unused(label, "no throughput"),
    };
    Ok(ExternalFigure {
        conditions: (!row.conditions.is_empty()).then(|| row.conditions.clone()),
        source: Some(row.source.clone()),
        ..figure.though("published; whether the result was verified is not stated")
    })
}
