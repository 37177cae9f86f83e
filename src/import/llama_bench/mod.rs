//! llama-bench's JSON, JSON lines, CSV and Markdown. For each token that a dense model generates, its weights are read
//! from memory once, so model size times rate says something of DRAM. The table of token embeddings is not read as a
//! whole, and the file does not say how large it is: the figure may be too high by its share. The type of the
//! multiplies is not stated, so there is no TPP in it.

mod markdown;
mod rows;

use super::draft::{Drafts, memory, unused};
use super::format::Format;
use super::table::cells;
use super::text::has_key;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "llama-bench",
    made_by: "llama-bench -o json (jsonl, csv, md) > FILE",
    counts: "token generation (tg, no depth) x model_size as DRAM, of dense models on one kind of GPU",
    kept: "prompt processing, whose type is not stated; mixtures of experts; models that are partly on the CPU; several GPUs at work at once",
    verified: "never",
    versions: "b5163 to b10357",
    signs: |text| form(text).is_some(),
    read: |text| {
        let mut drafts = Drafts::default();
        form(text).ok_or("neither JSON, CSV nor Markdown")?(text, &mut |test| {
            let (device, figure) = test.figure();
            let draft = drafts.of(&device, None)?;
            draft.version.clone_from(&test.build);
            draft.figures.push(figure);
            Ok(())
        })?;
        for draft in &mut drafts.0 {
            draft.device = draft.device.take().filter(|name| !name.is_empty());
        }
        Ok(drafts.0)
    },
};

type Each<'a> = &'a mut dyn FnMut(&Test) -> Result<(), String>;

type Read = fn(&str, Each) -> Result<(), String>;

fn form(text: &str) -> Option<Read> {
    let keys = ["model_type", "model_size", "n_gen", "avg_ts"];
    if text.contains("build_commit,build_number,") {
        Some(rows::csv)
    } else if has_key(text, "build_commit") && keys.iter().all(|key| has_key(text, key)) {
        Some(rows::json)
    } else if text.lines().any(markdown::is_header) {
        Some(markdown::read)
    } else {
        None
    }
}

/// One test of a model.
#[derive(Debug, Default)]
struct Test {
    build: Option<String>,
    /// All GPUs that are visible, joined by commas.
    gpus: String,
    backends: String,
    model: String,
    size_bytes: f64,
    params: f64,
    n_prompt: u64,
    n_gen: u64,
    n_depth: u64,
    gpu_layers: i64,
    split: String,
    /// Tensors that were kept elsewhere by a flag.
    elsewhere: bool,
    tokens_per_s: f64,
}

/// Architectures whose every weight takes part in every token; others hide mixtures of experts behind such names.
const DENSE: &[&str] = &[
    "llama",
    "qwen2",
    "qwen3",
    "gemma",
    "gemma2",
    "gemma3",
    "phi2",
    "phi3",
    "falcon",
    "starcoder2",
    "stablelm",
    "command-r",
    "olmo2",
    "glm4",
    "granite",
    "mistral3",
];

/// Layers that stand for all of them: the default of newer builds, and of older ones.
const ALL_LAYERS: [i64; 3] = [-1, 99, 999];

impl Test {
    /// Name of the device, empty where there is none, and the figure.
    fn figure(&self) -> (String, ExternalFigure) {
        let mut gpus: Vec<&str> = cells(&self.gpus).filter(|name| !name.is_empty()).collect();
        let several = gpus.len();
        gpus.dedup();
        let device = if gpus.len() == 1 { gpus[0].to_owned() } else { String::new() };
        let label = format!("{} {}", self.model, self.name());
        let parallel = several > 1 && !["layer", "none"].contains(&self.split.as_str());
        let backends: Vec<&str> = self.backends.split(',').map(str::trim).collect();
        let on_cpu = backends.iter().all(|name| ["", "CPU", "BLAS", "ZenDNN"].contains(name));
        let why = if on_cpu {
            Some("measured on the CPU: no other backend is named".into())
        } else if backends.contains(&"RPC") {
            Some("a part ran on another machine".into())
        } else if self.n_prompt > 0 {
            Some("prompt processing: the type of the multiplies is not stated".into())
        } else if self.n_depth > 0 {
            Some("at a depth: generation reads the model and more".into())
        } else if gpus.len() > 1 || parallel {
            Some("several GPUs: what each of them read is not stated".into())
        } else if self.elsewhere {
            Some("a flag keeps a part of it elsewhere, or makes another test of it".into())
        } else if !ALL_LAYERS.contains(&self.gpu_layers) {
            Some(format!("a part of the model is not on the GPU ({} layers are)", self.gpu_layers))
        } else {
            self.not_dense()
        };
        if let Some(why) = why {
            return (device, unused(label, why));
        }
        let mut figure = memory(label, self.size_bytes * self.tokens_per_s)
            .though(
                "may be too high by the table of token embeddings, which is not read as a whole",
            )
            .under("model size x tokens per second");
        if figure.counts {
            figure.relative_uncertainty = Some(self.embedding_share());
            figure.working_set_bytes = Some(self.size_bytes as u64);
        }
        (device, figure)
    }

    fn name(&self) -> String {
        let depth = if self.n_depth > 0 { format!(" @ d{}", self.n_depth) } else { String::new() };
        match (self.n_prompt, self.n_gen) {
            (prompt, 0) => format!("pp{prompt}{depth}"),
            (0, tokens) => format!("tg{tokens}{depth}"),
            (prompt, tokens) => format!("pp{prompt}+tg{tokens}{depth}"),
        }
    }

    /// Why not every weight may take part in every token: `llama 8B`, but not `llama 8x7B`, `qwen3moe 30B.A3B`, `?B`.
    fn not_dense(&self) -> Option<String> {
        let mut words = self.model.split_whitespace();
        let (arch, size) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let plain = size.strip_suffix(['B', 'M']).is_some_and(|n| n.parse::<f64>().is_ok());
        let dense = DENSE.contains(&arch) && plain && !self.model.contains("MoE");
        (!dense).then(|| {
            "not on the list of dense models: it may read a part of itself, as a mixture of experts does".into()
        })
    }

    /// Largest usual share of the embeddings in a model of this size.
    fn embedding_share(&self) -> f64 {
        if self.params >= 7e9 {
            0.10
        } else if self.params >= 3e9 {
            0.12
        } else {
            0.25
        }
    }
}
