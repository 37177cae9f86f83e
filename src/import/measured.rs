//! Tables like `data/measured.csv`: published figures with their sources, a row each.

use serde::Deserialize;

use super::{Draft, ExternalFigure, rate, unused};

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

/// Bit lengths of the table's types.
pub(crate) const TYPES: &[(&str, u32)] = &[
    ("fp64", 64),
    ("fp32", 32),
    ("tf32", 19),
    ("bf16", 16),
    ("fp16", 16),
    ("fp16 vector", 16),
    ("fp8", 8),
    ("int8", 8),
    ("fp4", 4),
    ("nvfp4", 4),
];

pub(super) fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts: Vec<Draft> = Vec::new();
    for (at, row) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
        let row: Row = row.map_err(|e| e.to_string())?;
        let figure = figure(&row).map_err(|what| format!("row {}: {what}", at + 2))?;
        match drafts.iter_mut().find(|draft| draft.device.as_ref() == Some(&row.chip)) {
            Some(draft) => draft.figures.push(figure),
            None => drafts.push(Draft {
                device: Some(row.chip),
                chip: (!row.chip_id.is_empty()).then_some(row.chip_id),
                figures: vec![figure],
                ..Draft::default()
            }),
        }
    }
    Ok(drafts)
}

fn figure(row: &Row) -> Result<ExternalFigure, String> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let label = [&row.workload, &row.dtype, &row.library].map(String::as_str).join(" ");
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    if row.source.is_empty() {
        return Err(format!(
            "{label}: column `source` is empty; every figure needs where it is from"
        ));
    }
    let kept = ExternalFigure {
        conditions: some(&row.conditions),
        source: some(&row.source),
        ..ExternalFigure::default()
    };
    let without = |why: &str| ExternalFigure {
        conditions: kept.conditions.clone(),
        source: kept.source.clone(),
        ..unused(label.clone(), why)
    };
    let Some(value) = row.value else { return Ok(without("no value")) };
    if row.kind != "measured" {
        return Ok(without(&format!("not measured: {}", row.kind)));
    }
    let known = ExternalFigure {
        counts: true,
        why: Some("published; whether the result was verified is not stated".into()),
        label: label.clone(),
        ..kept.clone()
    };
    match row.unit.as_str() {
        "GB/s" => Ok(ExternalFigure { bytes_per_s: Some(rate(&label, value * 1e9)?), ..known }),
        "TFLOPS" | "TOPS" => {
            let bits = TYPES.iter().find(|(name, _)| *name == row.dtype).map(|(_, bits)| *bits);
            let Some(bits) = bits else { return Ok(without("the type is not stated")) };
            let ops_per_s = Some(rate(&label, value * 1e12)?);
            Ok(ExternalFigure { ops_per_s, bit_length: Some(bits), ..known })
        }
        _ => Ok(without("no throughput")),
    }
}
