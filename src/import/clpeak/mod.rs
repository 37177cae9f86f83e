//! clpeak, in all its forms: JSON 2 and 3, XML and CSV of 2, text and XML of 1. One row for each test, metric and
//! device. clpeak takes the best of several runs and verifies no result.

mod json2;
mod json3;
mod table;
mod text;
mod xml;

use std::collections::{HashMap, HashSet};

use super::draft::{Drafts, memory, multiplies, no_rate, shortened, unused};
use super::format::Format;
use super::software;
use super::text::{has_key, has_line};
use super::types::bit_length_within;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "clpeak",
    made_by: "clpeak --json-file FILE, --xml-file, --csv-file, `-o FILE` since 3.0, or what it prints",
    counts: "vector, matrix and library rates of a stated type; global_memory_bandwidth as DRAM",
    kept: "2:4 sparsity; mixed_precision and bfloat16 compute (fp32 inside); what is no multiply-add; other memories",
    verified: "never",
    versions: "1.1.2, 2.0.9 to 2.1.2, 3.0.0",
    signs: |text| form(text).is_some(),
    read: |text| {
        let read = form(text).ok_or("neither its JSON, XML, CSV nor text")?;
        let mut devices = Devices::default();
        read(text, &mut devices)?;
        Ok(devices.drafts.0)
    },
};

type Read = fn(&str, &mut Devices) -> Result<(), String>;

/// The reader of a file's form, by what only clpeak writes.
fn form(text: &str) -> Option<Read> {
    if has_key(text, "clpeak_version") && has_key(text, "format_version") {
        return Some(if has_key(text, "entries") { json2::read } else { json3::read });
    }
    if text.contains(table::HEADER) {
        return Some(table::read);
    }
    if text.contains("<clpeak ") {
        return Some(xml::read);
    }
    let device = text.lines().any(text::is_device);
    (device && has_line(text, "Driver version ")).then_some(text::read)
}

/// The devices of a file.
#[derive(Default)]
struct Devices {
    drafts: Drafts,
    version: Option<String>,
    /// What was measured already, by digest.
    seen: HashSet<u64>,
    /// Which card of a backend and name it is now.
    cards: HashMap<(String, String), u32>,
}

/// Where a figure was measured.
#[derive(Clone, Default)]
struct Place {
    backend: String,
    platform: String,
    device: String,
    number: Option<u32>,
    driver: String,
    /// clpeak 3 says what kind of device it is.
    kind: String,
}

/// One figure, as every form has it.
#[derive(Default)]
struct Seen<'a> {
    category: &'a str,
    test: &'a str,
    metric: &'a str,
    /// Unit as written.
    unit: &'a str,
    /// What one of the unit is in SI, where the file says so itself.
    scale: Option<f64>,
    value: Option<f64>,
    /// Why there is no value.
    reason: &'a str,
}

impl Devices {
    /// Another run in the same file: what it measures again is the same card.
    fn begin_run(&mut self, version: Option<String>) {
        self.version = version;
        self.seen.clear();
        self.cards.clear();
    }

    fn add(&mut self, place: &Place, seen: &Seen) -> Result<(), String> {
        let seen = &Seen { test: shortened(seen.test), metric: shortened(seen.metric), ..*seen };
        let number = place.number.or_else(|| self.card(place, seen));
        let draft = self.drafts.of(&place.device, number)?;
        draft.version.clone_from(&self.version);
        if draft.driver.is_none() && !place.driver.is_empty() {
            draft.driver = Some(place.driver.clone());
        }
        if draft.cpu.is_none() && (place.kind == "cpu" || place.backend == "CPU") {
            draft.cpu = Some("measured on the CPU: the file says so".into());
        }
        if draft.cpu.is_none() {
            draft.cpu = software::cpu(&place.device, &place.platform);
        }
        draft.figures.push(figure(&place.backend, seen));
        Ok(())
    }

    /// Format 2 and the XML of 1 give equal cards no number: what is measured for the second time is another one's.
    fn card(&mut self, place: &Place, seen: &Seen) -> Option<u32> {
        let card = self.cards.entry((place.backend.clone(), place.device.clone())).or_default();
        let key = |card: u32| {
            let parts = [&place.backend, &place.device, seen.category, seen.test, seen.metric];
            format!("{card} {}", parts.map(String::from).join("\n"))
        };
        if !self.seen.insert(digest(&key(*card))) {
            *card += 1;
            self.seen.insert(digest(&key(*card)));
        }
        (*card > 0).then_some(*card)
    }
}

/// What stands for a long text.
fn digest(text: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(text, &mut hasher);
    std::hash::Hasher::finish(&hasher)
}

/// Tests whose name says what the multiply takes.
const PLAIN: &[(&str, u32)] = &[
    ("double_precision_compute", 64),
    ("single_precision_compute", 32),
    ("half_precision_compute", 16),
    ("integer_compute", 32),
    ("integer_compute_short", 16),
    ("integer_compute_char", 8),
    ("integer_compute_int8_dp", 8),
];

/// Tests that read narrow numbers and multiply them in fp32.
const FP32_INSIDE: &[&str] = &["mixed_precision_compute", "bfloat16_compute"];

/// Words of families of matrix tests; the type stands in the metric or the test.
const MATRIX: &[&str] = &[
    "wmma",
    "mma.sync",
    "mfma",
    "coopmat",
    "cooperative",
    "joint",
    "simdgroup",
    "gemm",
    "blas",
    "onemkl",
];

/// Runtimes whose kernels multiply in types that they do not state.
const RUNTIMES: &[&str] = &["onnx", "litert", "coreml"];

fn figure(backend: &str, seen: &Seen) -> ExternalFigure {
    let label = format!("{backend} {} {}", seen.test, seen.metric).trim().to_owned();
    let Some(value) = seen.value else {
        return unused(label, format!("not measured: {}", seen.reason));
    };
    let Some(scale) = seen.scale.or_else(|| scale(seen.unit)) else {
        return unused(label, "no throughput");
    };
    let per_s = value * scale;
    let name = format!("{} {}", seen.test, seen.metric).to_lowercase();
    let memory_test = name.contains("bandwidth");
    if memory_test && seen.test != "global_memory_bandwidth" {
        return unused(label, "not DRAM bandwidth");
    }
    if !(per_s.is_finite() && per_s > 0.0) {
        return unused(label, no_rate(&value.to_string()));
    }
    if memory_test {
        return memory(label, per_s).though("clpeak does not verify results");
    }
    if ["sparse", "smfmac", "2:4", "structured"].iter().any(|word| name.contains(word)) {
        return unused(label, "2:4 sparsity: not a dense rate");
    }
    if FP32_INSIDE.contains(&seen.test) {
        return unused(label, "its loop multiplies in fp32, as single_precision_compute does");
    }
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let plain = PLAIN.iter().find(|(test, _)| *test == seen.test).map(|(_, bits)| *bits);
    // A test's title, in text, names the type of the sums too.
    let is_id = !seen.test.contains(' ');
    let typed = || if is_id { bit_length_within(&name) } else { bit_length_within(seen.metric) };
    let is_matrix = has(MATRIX) && !has(RUNTIMES);
    match plain.or_else(|| typed().filter(|_| is_matrix)) {
        Some(bits) => multiplies(label, per_s, bits).though("clpeak does not verify results"),
        None => unused(label, "no multiply-adds of a stated type"),
    }
}

/// What one of a unit is, where it is one of a throughput. clpeak 3 writes SI without a prefix; a prefix there comes
/// with a scale.
fn scale(unit: &str) -> Option<f64> {
    let unit = unit.to_lowercase();
    match unit.as_str() {
        "flops" | "ops" | "b/s" => Some(1.0),
        "gflops" | "gops" | "giops" | "gbps" | "gb/s" => Some(1e9),
        "tflops" | "tops" | "tbps" | "tb/s" => Some(1e12),
        "pflops" | "pops" => Some(1e15),
        _ => None,
    }
}
