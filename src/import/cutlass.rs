//! The CSV of `cutlass_profiler`. Operations are counted here from m, n and k, because the tool counts
//! sparse products as dense ones; so only dense matrix products count. Its disposition `passed` means that
//! the result was compared with a reference. It prints the mean time and no spread.

use super::{Draft, ExternalFigure, rate, unused};

/// The tool states no spread; SPEC MPI2007 tolerates 5 % between runs of the same thing.
const ASSUMED_UNCERTAINTY: f64 = 0.05;

const TYPES: &[(&str, u32)] = &[
    ("f64", 64),
    ("tf32", 19),
    ("f16", 16),
    ("bf16", 16),
    ("fe4m3", 8),
    ("fe5m2", 8),
    ("e4m3", 8),
    ("e5m2", 8),
    ("s8", 8),
    ("u8", 8),
    ("s4", 4),
    ("u4", 4),
];

pub(super) fn read(text: &str) -> Result<Vec<Draft>, String> {
    // The table can stand at the end of the printed output.
    let from = text.find("Problem,Provider").ok_or("no line begins with `Problem,Provider`")?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&text.as_bytes()[from..]);
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let mut figures = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| e.to_string())?;
        let cell = |name: &str| {
            let at = header.iter().position(|h| h == name)?;
            row.get(at).filter(|text| !text.is_empty())
        };
        if cell("Operation").is_none() {
            continue;
        }
        figures.push(figure(&cell)?);
    }
    Ok(vec![Draft { figures, ..Draft::default() }])
}

fn figure<'a>(cell: &impl Fn(&str) -> Option<&'a str>) -> Result<ExternalFigure, String> {
    let text = |name: &str| cell(name).unwrap_or_default();
    let shape = ["m", "n", "k"].map(text).join("x");
    let label = format!("{} {shape}", text("Operation"));
    if text("OperationKind") != "gemm" {
        return Ok(unused(label, "not a dense matrix product"));
    }
    let disposition = text("Disposition");
    if text("Status") != "success" || !["passed", "not_verified"].contains(&disposition) {
        return Ok(unused(label, &format!("not measured or wrong: {disposition}")));
    }
    let number = |name: &str| {
        let value = text(name).parse::<f64>();
        value.map_err(|_| format!("{label}: column `{name}` holds {:?}, no number", text(name)))
    };
    let Some(bits) = bit_length(cell) else {
        return Ok(unused(label, "the type of the multiply's inputs is not stated"));
    };
    let batch = if cell("batch_count").is_some() { number("batch_count")? } else { 1.0 };
    let ops = 2.0 * number("m")? * number("n")? * number("k")? * batch;
    let runtime_ms = number("Runtime")?;
    let ops_per_s = rate(&label, ops / runtime_ms * 1e3)?;
    let verified = disposition == "passed";
    Ok(ExternalFigure {
        bit_length: Some(bits),
        ops_per_s: Some(ops_per_s),
        relative_uncertainty: Some(ASSUMED_UNCERTAINTY),
        verified,
        counts: true,
        why: (!verified).then(|| "run without verification".to_owned()),
        conditions: Some(format!("{} {}", text("Provider"), text("op_class"))),
        label,
        ..ExternalFigure::default()
    })
}

/// f32 operands on matrix units are rounded first; only the kernel's name tells to what.
fn bit_length<'a>(cell: &impl Fn(&str) -> Option<&'a str>) -> Option<u32> {
    let element = cell("A")?.split(':').next()?;
    if element != "f32" {
        return TYPES.iter().find(|(name, _)| *name == element).map(|(_, bits)| *bits);
    }
    let operation = cell("Operation")?;
    match cell("op_class")? {
        "simt" => Some(32),
        _ if operation.contains("tf32gemm") => Some(19),
        _ if operation.contains("f16gemm") => Some(16),
        _ => None,
    }
}
