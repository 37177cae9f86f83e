//! Results of native tools, as records of their own kind.
//!
//! A native library gets nearer to a chip's peak than portable shaders do, so its figures can be the
//! stronger lower bounds. Only what a tool states as dense counts; what it did not verify itself is
//! marked so and never proves more than "measured above".

mod clpeak;
mod cutlass;
mod measured;
mod nvbandwidth;
mod nvbench;

use std::path::Path;

use crate::digest::sha256_hex;
use crate::error::{Error, Result};
use crate::files::{self, slug};
use crate::record::{EXTERNAL_SCHEMA, External, ExternalFigure, Note, Tool};

/// Programs whose files can be imported, and how each file looks.
pub const PROGRAMS: &[(&str, &str)] = &[
    ("clpeak", "clpeak --json-file FILE"),
    ("cutlass-profiler", "cutlass_profiler --output=FILE.csv"),
    ("nvbandwidth", "nvbandwidth -j > FILE"),
    ("nvbench", "any NVBench program with --json FILE"),
    ("measured-csv", "a table like data/measured.csv"),
];

/// Files of these programs are some megabytes at most.
const LARGEST_FILE: u64 = 256 << 20;

/// What a file says about one device.
#[derive(Default)]
struct Draft {
    device: Option<String>,
    driver: Option<String>,
    chip: Option<String>,
    version: Option<String>,
    figures: Vec<ExternalFigure>,
}

/// Reads a file of another program: one result for each device in it. `program` is one of
/// [`PROGRAMS`], else it is recognised by the file's content.
pub fn import(path: &Path, program: Option<&str>) -> Result<Vec<External>> {
    let name = files::name(path);
    let bytes = files::read(path, LARGEST_FILE).map_err(|e| Error::input(&name, e.to_string()))?;
    let digest = sha256_hex(&bytes);
    // Editors and shells of Windows put a byte order mark in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = String::from_utf8(bytes.to_vec())
        .map_err(|_| Error::input(&name, "not text; a JSON or CSV file is expected"))?;
    let program = match program {
        Some(program) => program,
        None => recognise(&text).ok_or_else(|| {
            Error::input(&name, format!("no known form; say which with --from {}", names()))
        })?,
    };
    let drafts = match program {
        "clpeak" => clpeak::read(&text),
        "cutlass-profiler" => cutlass::read(&text),
        "nvbandwidth" => nvbandwidth::read(&text),
        "nvbench" => nvbench::read(&text),
        "measured-csv" => measured::read(&text),
        other => {
            return Err(Error::Usage(format!("--from {other:?} is unknown; take {}", names())));
        }
    };
    let drafts = drafts.map_err(|what| Error::input(&name, format!("as {program}: {what}")))?;
    if drafts.iter().all(|draft| draft.figures.is_empty()) {
        return Err(Error::input(&name, format!("as {program}: the file holds no result")));
    }
    let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(drafts.into_iter().map(|draft| finish(draft, program, &file, &digest)).collect())
}

fn names() -> String {
    PROGRAMS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn recognise(text: &str) -> Option<&'static str> {
    let known = [
        ("\"clpeak_version\"", "clpeak"),
        ("\"nvbandwidth\"", "nvbandwidth"),
        ("\"benchmarks\"", "nvbench"),
        ("Problem,Provider,OperationKind", "cutlass-profiler"),
        ("chip_id,chip,kind,workload", "measured-csv"),
    ];
    known.iter().find(|(sign, _)| text.contains(sign)).map(|(_, program)| *program)
}

fn finish(draft: Draft, program: &str, file: &str, digest: &str) -> External {
    let now = jiff::Timestamp::now();
    let about = draft.chip.as_ref().or(draft.device.as_ref());
    let about = slug(about.map_or("unnamed", String::as_str), usize::MAX);
    let mut notes = vec![Note {
        id: "external/not-ours".into(),
        text: format!("{program} measured this, not tierbench"),
        advice: "read it as what the sender of the file claims; measure again where it matters"
            .into(),
    }];
    if !draft.figures.iter().any(|figure| figure.counts && figure.verified) {
        notes.push(Note {
            id: "external/unverified".into(),
            text: "no result in the file is marked as checked against a reference".into(),
            advice: "such figures show `exceeds-conditionally` at most".into(),
        });
    }
    External {
        schema: EXTERNAL_SCHEMA.into(),
        source: "external".into(),
        // A fleet is imported in a loop: equal names in one second differ by their files.
        id: format!("{}-{program}-{about}-{}", now.strftime("%Y%m%dT%H%M%SZ"), &digest[..8]),
        created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        tool: Tool::this(),
        program: program.into(),
        program_version: draft.version,
        file: file.into(),
        file_sha256: digest.into(),
        device: draft.device,
        driver: draft.driver,
        chip: draft.chip,
        figures: draft.figures,
        notes,
    }
}

/// A rate that can be one: above zero and finite.
fn rate(label: &str, value: f64) -> Result<f64, String> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(format!("{label}: {value} is no rate; a figure is a number above 0"))
    }
}

/// A figure that is kept but not used.
fn unused(label: String, why: &str) -> ExternalFigure {
    ExternalFigure { label, why: Some(why.into()), ..ExternalFigure::default() }
}
