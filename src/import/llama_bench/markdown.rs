//! llama-bench's Markdown, the form that is pasted. Sizes are rounded; the GPU stands in the lines of the log before it.

use super::{Each, Test};
use crate::import::draft::plausible;

/// Far more cells than a table has.
const MOST_CELLS: usize = 100;

fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').take(MOST_CELLS).map(str::trim).collect()
}

pub(super) fn is_header(line: &str) -> bool {
    let cells = cells(line);
    cells.len() < MOST_CELLS
        && ["model", "size", "params", "backend", "test", "t/s"]
            .iter()
            .all(|name| cells.contains(name))
}

pub(super) fn read(text: &str, each: Each) -> Result<(), String> {
    let mut header: Vec<&str> = Vec::new();
    let mut gpus: Vec<&str> = Vec::new();
    let mut joined = String::new();
    let build =
        text.lines().find_map(|line| line.trim().strip_prefix("build: ")).map(str::to_owned);
    for line in text.lines() {
        if is_header(line) {
            header = cells(line);
        } else if let Some(rest) = line.trim().strip_prefix("Device ") {
            let name = rest
                .split_once(": ")
                .map(|(_, rest)| rest.split(", compute").next().unwrap_or(rest));
            gpus.extend(name);
            plausible(gpus.len())?;
            joined = gpus.join(", ");
        } else if line.starts_with('|') && !line.contains("---") && !header.is_empty() {
            let cells = cells(line);
            let get = |name: &str| {
                let at = header.iter().position(|column| *column == name)?;
                cells.get(at).copied()
            };
            let (n_prompt, n_gen, n_depth) = counts(get("test").unwrap_or_default());
            let rate = get("t/s").and_then(|text| text.split_whitespace().next()?.parse().ok());
            // The decimals that were cut may have been rounded up.
            let size = get("size").and_then(|text| quantity(text, 0.005));
            each(&Test {
                build: build.clone(),
                gpus: joined.clone(),
                backends: get("backend").unwrap_or_default().into(),
                model: get("model").unwrap_or_default().into(),
                size_bytes: size.unwrap_or(f64::NAN),
                params: get("params").and_then(|text| quantity(text, 0.0)).unwrap_or(f64::NAN),
                n_prompt,
                n_gen,
                n_depth,
                gpu_layers: get("ngl").map_or(-1, |text| text.parse().unwrap_or_default()),
                split: get("sm").unwrap_or("layer").into(),
                elsewhere: ["n_cpu_moe", "nkvo", "ot", "embd", "fitt"]
                    .iter()
                    .any(|name| get(name).is_some())
                    || get("dev") == Some("none"),
                tokens_per_s: rate.unwrap_or(f64::NAN),
            })?;
        }
    }
    Ok(())
}

/// `pp512`, `tg128 @ d4096`, `pp512+tg128`: tokens of the prompt, generated, and before both.
fn counts(test: &str) -> (u64, u64, u64) {
    let mut counts = (0, 0, 0);
    for part in test.split(['+', '@']).map(str::trim) {
        let number = |prefix: &str| part.strip_prefix(prefix).and_then(|n| n.parse().ok());
        if let Some(n) = number("pp") {
            counts.0 = n;
        } else if let Some(n) = number("tg") {
            counts.1 = n;
        } else if let Some(n) = number("d") {
            counts.2 = n;
        }
    }
    counts
}

/// `4.58 GiB`, `8.03 B`; less what rounding may have added.
fn quantity(text: &str, rounded_up: f64) -> Option<f64> {
    let (value, unit) = text.split_once(' ')?;
    let one = match unit.trim() {
        "GiB" => 1_073_741_824.0,
        "MiB" => 1_048_576.0,
        "B" => 1e9,
        "M" => 1e6,
        _ => return None,
    };
    Some((value.parse::<f64>().ok()? - rounded_up) * one)
}
