//! clpeak's JSON, format 2: one row for each test, metric and device. clpeak takes the best of several
//! runs and verifies no result.

use serde::Deserialize;

use super::{Draft, ExternalFigure, rate, unused};

#[derive(Deserialize)]
struct File {
    format_version: u32,
    clpeak_version: Option<String>,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    backend: String,
    device: String,
    #[serde(default)]
    driver: String,
    category: String,
    test: String,
    metric: String,
    unit: String,
    value: Option<f64>,
    reason: Option<String>,
}

/// Tests whose name says what the multiply takes.
const PLAIN: &[(&str, u32)] = &[
    ("double_precision_compute", 64),
    ("single_precision_compute", 32),
    ("half_precision_compute", 16),
    ("mixed_precision_compute", 16),
    ("bfloat16_compute", 16),
    ("integer_compute", 32),
    ("integer_compute_short", 16),
    ("integer_compute_char", 8),
    ("integer_compute_int8_dp", 8),
];

/// Families of matrix tests; the type stands in the metric or the test.
const MATRIX: &[&str] = &[
    "wmma",
    "mfma",
    "coopmat",
    "joint_matrix",
    "simdgroup_matrix",
    "gemm",
    "cublas",
    "mps",
    "onemkl",
];

/// Types by the words that name them; the first that occurs decides, so narrow ones stand first.
const TYPES: &[(&str, u32)] = &[
    ("fp4", 4),
    ("mxf4", 4),
    ("nvf4", 4),
    ("int4", 4),
    ("fp8", 8),
    ("int8", 8),
    ("tf32", 19),
    ("bf16", 16),
    ("fp16", 16),
    ("fp32", 32),
    ("sgemm", 32),
    ("fp64", 64),
    ("dgemm", 64),
];

pub(super) fn read(text: &str) -> Result<Vec<Draft>, String> {
    let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
    if file.format_version != 2 {
        return Err(format!("key `format_version`: {} is unknown, 2 is", file.format_version));
    }
    let mut drafts: Vec<Draft> = Vec::new();
    for entry in file.entries {
        let at = drafts.iter().position(|d| d.device.as_ref() == Some(&entry.device));
        let at = at.unwrap_or_else(|| {
            drafts.push(Draft {
                device: Some(entry.device.clone()),
                driver: (!entry.driver.is_empty()).then(|| entry.driver.clone()),
                version: file.clpeak_version.clone(),
                ..Draft::default()
            });
            drafts.len() - 1
        });
        drafts[at].figures.push(figure(&entry)?);
    }
    Ok(drafts)
}

fn figure(entry: &Entry) -> Result<ExternalFigure, String> {
    let label = format!("{} {} {}", entry.backend, entry.test, entry.metric);
    let Some(value) = entry.value else {
        let reason = entry.reason.as_deref().unwrap_or("no value");
        return Ok(unused(label, &format!("not measured: {reason}")));
    };
    let per_s = match entry.unit.as_str() {
        "gflops" | "gops" | "gbps" => 1e9,
        "tflops" | "tops" => 1e12,
        _ => return Ok(unused(label, "no throughput")),
    };
    if entry.backend == "CPU" {
        return Ok(unused(label, "measured on the CPU"));
    }
    let value = rate(&label, value * per_s)?;
    let name = format!("{} {}", entry.test, entry.metric).to_lowercase();
    let why = Some("clpeak does not verify results".to_owned());
    let known = ExternalFigure { label, counts: true, why, ..ExternalFigure::default() };
    if entry.category == "bandwidth" {
        if entry.test != "global_memory_bandwidth" {
            return Ok(unused(known.label, "not DRAM bandwidth"));
        }
        return Ok(ExternalFigure { bytes_per_s: Some(value), ..known });
    }
    if name.contains("sparse") || name.contains("smfmac") {
        return Ok(unused(known.label, "2:4 sparsity: not a dense rate"));
    }
    let plain = PLAIN.iter().find(|(test, _)| *test == entry.test).map(|(_, bits)| *bits);
    let is_matrix = MATRIX.iter().any(|family| entry.test.contains(family));
    let matrix = TYPES.iter().find(|(word, _)| name.contains(word)).map(|(_, bits)| *bits);
    match plain.or(matrix.filter(|_| is_matrix)) {
        Some(bits) => {
            Ok(ExternalFigure { ops_per_s: Some(value), bit_length: Some(bits), ..known })
        }
        None => Ok(unused(known.label, "no multiply-adds of a known type")),
    }
}
