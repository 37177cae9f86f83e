//! The log of mamf-finder.py (ml-engineering): the best of many shapes of one matrix product. Rates are means over
//! the iterations of a shape; the fastest single iteration is none that was kept up. It verifies no result.

use std::collections::HashSet;

use super::draft::{Draft, Drafts, clip, multiplies, unused};
use super::format::Format;
use super::text::has_line;
use super::types::bit_length;

pub(super) const FORMAT: Format = Format {
    program: "mamf-finder",
    made_by: "mamf-finder.py --output_file=FILE, or what it prints",
    counts: "the mean of each shape, of bfloat16, float16 and float8",
    kept: "medians and fastest iterations; float32, of which it does not say whether TF32 was on",
    verified: "never",
    versions: "2024-05 to 2026-07",
    signs: |text| has_line(text, "** Dtype:") && text.contains("TFLOPS"),
    read,
};

fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts = Drafts::default();
    let mut run = Draft::default();
    let mut dtype = String::new();
    // The summary says the best once more.
    let mut known = HashSet::new();
    // A progress line ends with a carriage return.
    for line in text.split(['\r', '\n']).map(|line| line.trim_start_matches("\u{1b}[K").trim()) {
        if let Some(name) = line.strip_prefix("** Dtype:") {
            // A run begins: the device stands behind it.
            drafts.merge(vec![std::mem::take(&mut run)])?;
            known.clear();
            name.trim().clone_into(&mut dtype);
            clip(&mut dtype);
        } else if line.contains("DeviceProperties(name='") {
            run.device = line.split('\'').nth(1).map(str::to_owned);
        } else if let Some(version) =
            line.trim_start_matches("- ").strip_prefix("benchmark version:")
        {
            run.version = Some(version.trim().to_owned());
        } else if let Some((value, shape)) = mean(line)
            && known.insert((shape, value.to_bits()))
        {
            let label = format!("{dtype} {shape}").trim().to_owned();
            let figure = match bit_length(&dtype) {
                Some(32) => unused(label, "float32: the log does not say whether TF32 was on"),
                Some(bits) => multiplies(label, value * 1e12, bits)
                    .though("mamf-finder does not verify results")
                    .under("mean of a shape's iterations"),
                None => unused(label, "a type that is not known"),
            };
            run.figures.push(figure);
        }
    }
    drafts.merge(vec![run])?;
    drafts.0.retain(|draft| !draft.figures.is_empty());
    if drafts.0.is_empty() {
        return Err("the file holds no result: no line has a mean and a shape".into());
    }
    Ok(drafts.0)
}

/// The mean and the shape in a line of progress (`3 | 748.9(mean) ... @ 2048x4096x4096 | best: ...`, in older logs
/// `3 | 766.8 TFLOPS @ ...`) or of the summary (`mean: 748.9 TFLOPS @ ...`, `The best outcome was 766.8TFLOPS @ ...`).
fn mean(line: &str) -> Option<(f64, &str)> {
    let summary = line.strip_prefix("mean:").or(line.strip_prefix("The best outcome was "));
    let own = match summary {
        Some(rest) => rest,
        None => line.split('|').nth(1).filter(|_| line.contains("best:"))?,
    };
    let (rates, shape) = own.split_once('@')?;
    let word = rates.split_whitespace().next()?;
    // Between 2024-12 and 2025-01 the fastest came first.
    let word = match rates.split_whitespace().find(|word| word.ends_with("(mean)")) {
        Some(mean) => mean.trim_end_matches("(mean)"),
        None if rates.contains('(') => return None,
        None => word.trim_end_matches("TFLOPS"),
    };
    let shape = shape.split_whitespace().next().filter(|shape| shape.contains('x'))?;
    Some((word.parse().ok()?, shape))
}
