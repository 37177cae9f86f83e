//! mixbench's CSV inside its text: groups of four columns of the same names, one group for each type, one row for each
//! number of multiply-adds an element. Vector units only; it verifies no result.

use super::draft::{Draft, memory, multiplies, no_rate, unused};
use super::format::Format;
use super::text::has_line;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "mixbench",
    made_by: "mixbench-cuda (-hip, -ocl, -sycl) > FILE",
    counts: "GFLOPS and GIOPS of each type; GB/sec as DRAM, with the array's size as working set",
    kept: "types that the device lacks (inf in every row); runs on the CPU; the theoretical figures of its heading",
    verified: "never",
    versions: "0.03 to 0.04",
    signs: |text| has_line(text, "Experiment ID,") && has_line(text, "Compute iters,"),
    read,
};

/// Elements of the array that every kernel reads.
const ELEMENTS: u64 = 32 << 20;

/// Beginnings of groups, their bit lengths and the bytes of an element.
const GROUPS: &[(&str, u32, u64)] = &[
    ("Single", 32, 4),
    ("Packed Single", 32, 8),
    ("Double", 64, 8),
    ("Half", 16, 4),
    ("Integer", 32, 4),
];

fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut groups: Vec<&(&str, u32, u64)> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("mixbench") && line.ends_with(')') {
            let (program, version) = line.split_once('(').unwrap_or((line, ""));
            let version = version.trim_end_matches(')').trim();
            let mut draft = Draft {
                version: (!version.is_empty()).then(|| version.to_owned()),
                ..Draft::default()
            };
            if program.contains("cpu") {
                draft.cpu = Some("measured on the CPU: mixbench-cpu".into());
            }
            drafts.push(draft);
            groups.clear();
        } else if let (Some(rest), Some(draft)) = (line.strip_prefix("Device:"), drafts.last_mut())
        {
            // OpenCL and SYCL put the maker behind the name.
            let name = rest.trim().rsplit_once('/').map_or(rest.trim(), |(name, _)| name.trim());
            draft.device = (!name.is_empty()).then(|| name.to_owned());
        } else if line.starts_with("Experiment ID,") {
            groups = line
                .split(',')
                .skip(1)
                .filter(|name| !name.trim().is_empty())
                .map(group)
                .collect::<Option<_>>()
                .ok_or("a group of columns that is not known")?;
        } else if line.starts_with(|c: char| c.is_ascii_digit()) && !groups.is_empty() {
            if drafts.is_empty() {
                drafts.push(Draft::default());
            }
            if let Some(draft) = drafts.last_mut() {
                for figure in row(line, &groups) {
                    draft.figures.push(figure);
                }
            }
        }
        if drafts.len() > super::draft::MOST_DEVICES {
            return Err("more devices than any machine has".into());
        }
    }
    Ok(drafts)
}

fn group(name: &str) -> Option<&'static (&'static str, u32, u64)> {
    GROUPS.iter().find(|(known, ..)| name.trim().starts_with(known))
}

/// Four cells a group: operations for each byte, milliseconds, 1e9 operations and 1e9 bytes a second.
fn row(line: &str, groups: &[&(&str, u32, u64)]) -> Vec<ExternalFigure> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    if cells.len() != 1 + 4 * groups.len() {
        let label = format!("{} multiply-adds", cells[0]);
        return vec![unused(
            label,
            "the row has other cells than its header: it is cut or damaged",
        )];
    }
    let mut figures = Vec::new();
    for ((name, bits, bytes), cells_of) in groups.iter().zip(cells[1..].chunks_exact(4)) {
        let label = format!("{name} {} multiply-adds an element", cells[0]);
        let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
        let (ops, rate) = (number(cells_of[2]), number(cells_of[3]));
        if !ops.is_finite() || ops <= 0.0 {
            figures.push(unused(label, no_rate(cells_of[2])));
            continue;
        }
        figures.push(
            multiplies(label.clone(), ops * 1e9, *bits).though("mixbench does not verify results"),
        );
        let mut read = memory(label, rate * 1e9)
            .though("mixbench does not verify results")
            .under("read alone");
        read.working_set_bytes = Some(ELEMENTS * bytes);
        figures.push(read);
    }
    figures
}
