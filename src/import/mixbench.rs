//! mixbench's CSV inside its text: groups of four columns of the same names, one group for each type, one row for each
//! number of multiply-adds an element. Vector units only; it verifies no result.

use super::draft::{Draft, memory, multiplies, plausible, unused};
use super::format::Format;
use super::text::has_line;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "mixbench",
    made_by: "mixbench-cuda (-hip, -ocl, -sycl) > FILE",
    counts: "the fastest GFLOPS and GIOPS of each type; the fastest GB/sec of each as DRAM, with the array's size as working set",
    kept: "types that the device lacks (inf in every row); runs on the CPU; the theoretical figures of its heading",
    verified: "never",
    versions: "0.03 to 0.04",
    signs: |text| has_line(text, "Experiment ID,") && has_line(text, "Compute iters,"),
    read,
};

/// Elements of the array that every kernel reads.
const ELEMENTS: u64 = 32 << 20;

/// More cells than any version prints.
const MOST_CELLS: usize = 100;

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
    let mut table: Vec<Best> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("mixbench") && line.ends_with(')') {
            finish(&mut table, &mut drafts);
            drafts.push(heading(line));
            plausible(drafts.len())?;
        } else if let (Some(rest), Some(draft)) = (line.strip_prefix("Device:"), drafts.last_mut())
        {
            // OpenCL and SYCL put the maker behind the name.
            let name = rest.trim().rsplit_once('/').map_or(rest.trim(), |(name, _)| name.trim());
            draft.device = (!name.is_empty()).then(|| name.to_owned());
        } else if line.starts_with("Experiment ID,") {
            finish(&mut table, &mut drafts);
            let names = line.split(',').skip(1).filter(|name| !name.trim().is_empty());
            let groups: Option<Vec<Best>> = names.map(Best::of).collect();
            table = groups.ok_or("a group of columns that is not known")?;
        } else if line.starts_with(|c: char| c.is_ascii_digit()) && !table.is_empty() {
            row(line, &mut table);
        }
    }
    finish(&mut table, &mut drafts);
    for draft in drafts.iter_mut().filter(|draft| draft.device.is_none() && draft.cpu.is_none()) {
        draft.cpu = Some("the file names no device, and the CPU's looks the same".into());
    }
    Ok(drafts)
}

/// `mixbench-hip (v0.04)`.
fn heading(line: &str) -> Draft {
    let (program, version) = line.split_once('(').unwrap_or((line, ""));
    let version = version.trim_end_matches(')').trim();
    Draft {
        version: (!version.is_empty()).then(|| version.to_owned()),
        cpu: program.contains("cpu").then(|| "measured on the CPU: mixbench-cpu".into()),
        ..Draft::default()
    }
}

/// The fastest rows of a group of columns, and one of those that hold no rate.
struct Best {
    group: &'static (&'static str, u32, u64),
    multiplies: Option<ExternalFigure>,
    memory: Option<ExternalFigure>,
    none: Option<ExternalFigure>,
}

impl Best {
    fn of(name: &str) -> Option<Self> {
        let group = GROUPS.iter().find(|(known, ..)| name.trim().starts_with(known))?;
        Some(Self { group, multiplies: None, memory: None, none: None })
    }
}

/// Keeps the faster one of two, and of those without a rate the first.
fn keep(
    best: &mut Option<ExternalFigure>,
    none: &mut Option<ExternalFigure>,
    figure: ExternalFigure,
) {
    if !figure.counts {
        none.get_or_insert(figure);
    } else if best.as_ref().is_none_or(|known| figure.rate() > known.rate()) {
        *best = Some(figure);
    }
}

/// Four cells a group: operations for each byte, milliseconds, 1e9 operations and 1e9 bytes a second.
fn row(line: &str, table: &mut [Best]) {
    let cells: Vec<&str> = line.split(',').take(MOST_CELLS).map(str::trim).collect();
    if cells.len() != 1 + 4 * table.len() {
        let why = "a row has other cells than its header: it is cut or damaged";
        table[0].none.get_or_insert_with(|| unused(format!("{} multiply-adds", cells[0]), why));
        return;
    }
    for (best, cells_of) in table.iter_mut().zip(cells[1..].chunks_exact(4)) {
        let (name, bits, bytes) = best.group;
        let label = format!("{name} {} multiply-adds an element", cells[0]);
        let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN) * 1e9;
        let though = "mixbench does not verify results";
        let (ops, rate) = (number(cells_of[2]), number(cells_of[3]));
        keep(
            &mut best.multiplies,
            &mut best.none,
            multiplies(label.clone(), ops, *bits).though(though),
        );
        let mut read = memory(label, rate).though(though).under("read alone");
        read.working_set_bytes = Some(ELEMENTS * bytes);
        keep(&mut best.memory, &mut best.none, read);
    }
}

/// Hands the table to its device.
fn finish(table: &mut Vec<Best>, drafts: &mut Vec<Draft>) {
    if table.is_empty() {
        return;
    }
    if drafts.is_empty() {
        drafts.push(Draft::default());
    }
    if let Some(draft) = drafts.last_mut() {
        for best in table.drain(..) {
            for figure in [best.multiplies, best.memory, best.none].into_iter().flatten() {
                draft.figures.push(figure);
            }
        }
    }
}
