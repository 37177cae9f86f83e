//! superbench's `gpu_stream`: a line for each kernel, GPU and block size, in GB/s of bytes read and written. A failed
//! check of the data goes to stderr, and the row is printed all the same.

use std::collections::HashMap;

use super::draft::{Draft, Drafts, memory, no_rate, unused};
use super::format::Format;

pub(super) const FORMAT: Format = Format {
    program: "gpu_stream",
    made_by: "gpu_stream > FILE 2>&1 (superbench)",
    counts: "STREAM_COPY, SCALE, ADD, TRIAD as DRAM",
    kept: "all of a run whose check of the data failed; the share of a peak that it computes from the clock of the moment",
    verified: "never: a passed check prints nothing",
    versions: "superbench 0.12",
    signs: |text| text.lines().any(|line| parts(line).is_some()),
    read,
};

fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts = Drafts::default();
    let mut names: HashMap<u32, &str> = HashMap::new();
    let mut failed = false;
    for line in text.lines().map(str::trim) {
        if let Some((number, rest)) =
            line.strip_prefix("Device ").and_then(|rest| rest.split_once(": \""))
        {
            let name = rest.split('"').next().unwrap_or(rest);
            names.extend(number.parse::<u32>().ok().map(|number| (number, name)));
        } else if line.contains("Memory check failed") {
            failed = true;
        } else if let Some((label, number, bytes, value)) = parts(line) {
            let name = names.get(&number).copied().unwrap_or_default();
            let mut figure = match value.parse::<f64>() {
                Ok(gb_per_s) => memory(label, gb_per_s * 1e9)
                    .though("whether its check of the data passed cannot be seen")
                    .under("mean of its loops"),
                Err(_) => unused(label, no_rate(value)),
            };
            figure.working_set_bytes = bytes;
            drafts.of(name, Some(number))?.figures.push(figure);
        }
    }
    for draft in &mut drafts.0 {
        draft.device = draft.device.take().filter(|name| !name.is_empty());
        for figure in draft.figures.iter_mut().filter(|figure| failed && figure.counts) {
            figure.discounted(
                "a check of the data failed in this run, and the file does not say on which GPU",
            );
        }
    }
    Ok(drafts.0)
}

/// `STREAM_ADD_double_gpu_0_buffer_4294967296_block_256 7407.27 90.42`: label, GPU, bytes of an array, rate.
fn parts(line: &str) -> Option<(&str, u32, Option<u64>, &str)> {
    let mut words = line.split_whitespace();
    let label = words.next().filter(|word| word.starts_with("STREAM_"))?;
    let (_, rest) = label.split_once("_gpu_")?;
    let (number, rest) = rest.split_once("_buffer_")?;
    let bytes = rest.split('_').next().and_then(|text| text.parse().ok());
    Some((label, number.parse().ok()?, bytes, words.next()?))
}
