//! llama-bench's JSON, JSON lines and CSV: the same fields by name.

use serde::Deserialize;

use super::{Each, Test};
use crate::import::table::{Quotes, rows};
use crate::import::text::{number, objects};

#[derive(Deserialize)]
struct Record {
    build_commit: Option<String>,
    build_number: Option<u64>,
    #[serde(default)]
    gpu_info: String,
    #[serde(default)]
    backends: String,
    model_type: String,
    #[serde(deserialize_with = "number")]
    model_size: f64,
    #[serde(deserialize_with = "number")]
    model_n_params: f64,
    #[serde(default)]
    n_prompt: u64,
    #[serde(default)]
    n_gen: u64,
    #[serde(default)]
    n_depth: u64,
    n_gpu_layers: Option<i64>,
    #[serde(default)]
    devices: String,
    #[serde(default)]
    embeddings: bool,
    #[serde(default, deserialize_with = "number")]
    fit_target: f64,
    #[serde(default)]
    n_cpu_moe: u64,
    #[serde(default)]
    split_mode: String,
    #[serde(default)]
    no_kv_offload: bool,
    #[serde(default)]
    tensor_buft_overrides: Option<String>,
    #[serde(deserialize_with = "number")]
    avg_ts: f64,
}

impl Record {
    fn test(self) -> Test {
        let build = match (self.build_commit, self.build_number) {
            (Some(commit), Some(number)) => Some(format!("b{number} ({commit})")),
            (commit, _) => commit,
        };
        let overrides =
            self.tensor_buft_overrides.is_some_and(|text| !["", "none"].contains(&text.as_str()));
        Test {
            build,
            gpus: self.gpu_info,
            backends: self.backends,
            model: self.model_type,
            size_bytes: self.model_size,
            params: self.model_n_params,
            n_prompt: self.n_prompt,
            n_gen: self.n_gen,
            n_depth: self.n_depth,
            gpu_layers: self.n_gpu_layers.unwrap_or_default(),
            split: self.split_mode,
            elsewhere: overrides
                || self.no_kv_offload
                || self.n_cpu_moe > 0
                || self.embeddings
                || self.fit_target > 0.0
                || self.devices == "none",
            tokens_per_s: self.avg_ts,
        }
    }
}

/// A list, or one object a line; of a run that broke off, what it wrote before.
pub(super) fn json(text: &str, each: Each) -> Result<(), String> {
    objects(text, |record: Record| each(&record.test()))
}

pub(super) fn csv(text: &str, each: Each) -> Result<(), String> {
    rows(text, "build_commit,build_number,", Quotes::Double, |row| {
        let whole = |name: &str| row.text(name).parse().unwrap_or_default();
        let yes = |name: &str| ["1", "true"].contains(&row.text(name));
        let cut = row.cut().is_some();
        each(&Test {
            build: row.cell("build_number").map(|n| format!("b{n} ({})", row.text("build_commit"))),
            gpus: row.text("gpu_info").into(),
            backends: row.text("backends").into(),
            model: row.text("model_type").into(),
            size_bytes: row.number("model_size"),
            params: row.number("model_n_params"),
            n_prompt: whole("n_prompt"),
            n_gen: whole("n_gen"),
            n_depth: whole("n_depth"),
            gpu_layers: row.text("n_gpu_layers").parse().unwrap_or_default(),
            split: row.text("split_mode").into(),
            elsewhere: !["", "none"].contains(&row.text("tensor_buft_overrides"))
                || yes("no_kv_offload")
                || whole("n_cpu_moe") > 0
                || yes("embeddings")
                || whole("fit_target") > 0
                || row.text("devices") == "none",
            // A row that was cut may have lost digits.
            tokens_per_s: if cut { f64::NAN } else { row.number("avg_ts") },
        })
    })
}
