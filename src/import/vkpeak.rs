//! vkpeak's text: a line for each type and kind of unit, through Vulkan. It prints no version and verifies no result.

use super::draft::{Draft, multiplies, plausible, unused};
use super::format::Format;
use super::types::bit_length;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "vkpeak",
    made_by: "vkpeak 0 > FILE 2>&1 (the device's name goes to stderr)",
    counts: "scalar, vec4, dot product and matrix rates of a named type",
    kept: "0.00, which stands for unsupported and failed; 64-bit integers; bf16-dotprod; copies, whose buffers may stay in a cache",
    verified: "never",
    versions: "20230730 to 20260527",
    signs: |text| text.lines().filter(|line| rate(line).is_some()).count() >= 2,
    read,
};

/// What stands behind the type.
const KINDS: &[&str] = &["scalar", "vec4", "matrix", "dotprod", "h2h", "h2d", "d2h", "d2d"];
const NAMELESS: &str =
    "the file names no device, and a software adapter's looks the same: run it with 2>&1";

fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts: Vec<Draft> = Vec::new();
    for line in text.lines() {
        let Some((name, value)) =
            line.split_once('=').map(|(name, value)| (name.trim(), value.trim()))
        else {
            continue;
        };
        match name {
            "device" => {
                let number =
                    drafts.iter().filter(|d| d.device.as_deref() == Some(value)).count() as u32;
                drafts.push(Draft { number: (number > 0).then_some(number), ..Draft::of(value) });
            }
            "driver" => {
                if let Some(draft) = drafts.last_mut() {
                    draft.driver = Some(value.to_owned());
                }
            }
            _ => {
                if let Some((value, unit)) = rate(line) {
                    if drafts.is_empty() {
                        drafts.push(Draft::default());
                    }
                    if let Some(draft) = drafts.last_mut() {
                        draft.figures.push(figure(name, value, unit));
                    }
                }
            }
        }
        plausible(drafts.len())?;
    }
    for draft in drafts.iter_mut().filter(|draft| draft.device.is_none()) {
        for figure in draft.figures.iter_mut().filter(|figure| figure.counts) {
            figure.discounted(NAMELESS);
        }
    }
    Ok(drafts)
}

/// `fp16-matrix  = 101485.35 GFLOPS`.
fn rate(line: &str) -> Option<(f64, &str)> {
    let (name, rest) = line.split_once(" = ")?;
    let mut words = rest.split_whitespace();
    let (value, unit) = (words.next()?, words.next()?);
    let kind = name.trim().split_once('-').map(|(_, kind)| kind);
    let known = kind.is_some_and(|kind| KINDS.contains(&kind))
        && ["GFLOPS", "GIOPS", "GBPS"].contains(&unit)
        && words.next().is_none();
    Some((value.parse().ok().filter(|_| known)?, unit))
}

fn figure(name: &str, value: f64, unit: &str) -> ExternalFigure {
    if unit == "GBPS" {
        return unused(name, "a copy whose buffer is not stated may stay in a cache");
    }
    if value == 0.0 {
        return unused(name, "0.00 is no rate: vkpeak prints it for what is unsupported or failed");
    }
    if name == "bf16-dotprod" {
        return unused(name, "seven operations a dot product, counted as eight");
    }
    let kind = name.split('-').next().unwrap_or_default();
    if kind == "int64" {
        return unused(name, "64-bit integers, whose products GPUs make of several");
    }
    match bit_length(kind) {
        Some(bits) => multiplies(name, value * 1e9, bits).though("vkpeak does not verify results"),
        None => unused(name, "a type that is not known"),
    }
}
