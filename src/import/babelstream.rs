//! `BabelStream`'s text and CSV. Rates are counted bytes by the fastest run of each kernel. It compares its arrays with
//! what they should hold and says so only when that fails.

use super::draft::{Draft, Drafts, memory, no_rate, unused};
use super::format::Format;
use super::text::has_line;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "babelstream",
    made_by: "cuda-stream (hip-, ocl-, sycl-) > FILE 2>&1, with --csv or without",
    counts: "Copy, Mul, Add, Triad, Dot, Nstream as DRAM",
    kept: "all of a run whose validation failed; phases Init and Read; runs that name no GPU (OpenMP and others)",
    verified: "never: a passed validation prints nothing",
    versions: "4.0, 5.0",
    signs: |text| {
        has_line(text, "BabelStream") && has_line(text, "Implementation:")
            || text.contains(CSV)
            || has_line(text, "Function    M")
    },
    read,
};

const CSV: &str = "function,num_times,n_elements,sizeof,max_";
const KERNELS: &[&str] = &["Copy", "Mul", "Add", "Triad", "Dot", "Nstream"];
/// More cells than its CSV has.
const MOST_CELLS: usize = 100;
/// Width of the first column of the printed table, and of the second: a long rate touches the next one.
const WIDTH: usize = 12;

fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut drafts = Drafts::default();
    let mut run = Draft::default();
    let mut state = State::default();
    for line in text.lines().map(str::trim_end) {
        let name = device(line);
        // A run begins with its name, and as CSV with its device.
        if line == "BabelStream" || name.is_some() && !run.figures.is_empty() {
            drafts.merge(vec![finish(&mut run, &mut state)])?;
        }
        if let Some(name) = name {
            run.device = Some(name.to_owned());
        } else if let Some(version) = line.strip_prefix("Version:") {
            run.version = Some(version.trim().to_owned());
        } else if let Some(driver) = line.strip_prefix("Driver:") {
            run.driver = Some(driver.trim().to_owned());
        } else if line.contains("alidation") && line.to_lowercase().contains("failed") {
            state.failed = true;
        } else if let Some(figure) = state.line(line) {
            run.figures.push(figure);
        }
    }
    drafts.merge(vec![finish(&mut run, &mut state)])?;
    drafts.0.retain(|draft| !draft.figures.is_empty());
    if drafts.0.is_empty() {
        return Err("no row of a kernel".into());
    }
    Ok(drafts.0)
}

/// The end of a run: whether its figures count is known now.
fn finish(run: &mut Draft, state: &mut State) -> Draft {
    let mut run = std::mem::take(run);
    let why = if std::mem::take(state).failed {
        "the run's validation failed: its results are wrong"
    } else if run.device.is_none() {
        "the file names no device: the CPU runs it too"
    } else {
        return run;
    };
    run.figures.iter_mut().filter(|figure| figure.counts).for_each(|f| f.discounted(why));
    run
}

/// `Using CUDA device NAME`, and `CUDA Device 0: "NAME" ...` of later builds.
fn device(line: &str) -> Option<&str> {
    let words = line.strip_prefix("Using ").and_then(|rest| rest.split_once(" device "));
    let quoted = || line.split_once("Device ")?.1.split_once(": \"")?.1.split('"').next();
    words.map(|(_, name)| name.trim()).or_else(quoted)
}

#[derive(Default)]
struct State {
    failed: bool,
    unit: Option<f64>,
    columns: Vec<String>,
    total_bytes: Option<u64>,
}

impl State {
    fn line(&mut self, line: &str) -> Option<ExternalFigure> {
        if let Some(rest) = line.strip_prefix("Total size:") {
            self.total_bytes = size(rest);
        } else if let Some(rest) = line.strip_prefix("Function ") {
            self.unit =
                rest.split_whitespace().next().and_then(|unit| bytes_of(unit.split('/').next()?));
            self.columns.clear();
        } else if line.contains(CSV) {
            self.columns =
                line.split(',').take(MOST_CELLS).map(|name| name.trim().to_lowercase()).collect();
            let rate = self
                .columns
                .iter()
                .find_map(|name| name.strip_prefix("max_")?.strip_suffix("_per_sec"));
            self.unit = rate.and_then(bytes_of);
        } else {
            return self.row(line);
        }
        None
    }

    fn row(&self, line: &str) -> Option<ExternalFigure> {
        let kernel = KERNELS.iter().find(|kernel| line.starts_with(**kernel))?;
        let (text, bytes) = if self.columns.is_empty() {
            let cell = line.get(WIDTH..)?;
            let glued = cell.get(..WIDTH).filter(|cell| !cell.contains(' '));
            (glued.or_else(|| cell.split_whitespace().next())?, self.total_bytes)
        } else {
            let cells: Vec<&str> = line.split(',').take(MOST_CELLS).map(str::trim).collect();
            let cell = |part: &str| {
                let at = self.columns.iter().position(|name| name.starts_with(part))?;
                cells.get(at).copied()
            };
            if cells.len() != self.columns.len() {
                return Some(unused(
                    *kernel,
                    "the row has other cells than its header: it is cut or damaged",
                ));
            }
            // Three arrays.
            let number = |part| cell(part)?.parse::<u64>().ok();
            let bytes = number("n_elements").zip(number("sizeof"));
            (cell("max_")?, bytes.and_then(|(n, size)| n.checked_mul(size)?.checked_mul(3)))
        };
        let unit = self.unit?;
        let Ok(value) = text.parse::<f64>() else { return Some(unused(*kernel, no_rate(text))) };
        let mut figure = memory(*kernel, value * unit)
            .though("a passed validation prints nothing, so none can be seen")
            .under("counted bytes by the fastest run");
        figure.working_set_bytes = bytes;
        Some(figure)
    }
}

/// Bytes in `MBytes`, `MiBytes`, `MB`, `gib` and the like.
fn bytes_of(unit: &str) -> Option<f64> {
    match unit.to_lowercase().as_str() {
        "mbytes" | "mb" => Some(1e6),
        "mibytes" | "mib" => Some(1_048_576.0),
        "gbytes" | "gb" => Some(1e9),
        "gibytes" | "gib" => Some(1_073_741_824.0),
        _ => None,
    }
}

/// `805.2 MB (=0.8 GB)` in bytes.
fn size(text: &str) -> Option<u64> {
    let mut words = text.split_whitespace();
    let value: f64 = words.next()?.parse().ok()?;
    Some((value * bytes_of(words.next()?)?) as u64)
}
