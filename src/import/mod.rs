//! Results of native tools, as records of their own kind.
//!
//! A native library gets nearer to a chip's peak than portable shaders do, so its figures can be the
//! stronger lower bounds. Only what a tool states as dense counts; what it did not verify itself is
//! marked so and never proves more than "measured above". One file a format; each reader says what of it
//! counts, and what was no rate is kept with its reason.

mod babelstream;
mod clpeak;
mod cutlass;
mod draft;
mod faults;
mod format;
mod gemm_bench;
mod gpu_stream;
mod llama_bench;
mod mamf;
mod measured;
mod mixbench;
mod nccl;
mod nvbandwidth;
mod nvbench;
mod nvidia_smi;
mod software;
mod table;
mod text;
mod types;
mod version;
mod vkpeak;

use std::path::Path;

use draft::Draft;
pub use faults::Faults;
pub use format::Format;

use crate::digest::sha256_hex;
use crate::error::{Error, Result};
use crate::files::{self, slug};
use crate::record::{EXTERNAL_SCHEMA, External, Note, Tool};

/// Every program whose files can be imported. Recognition takes the first whose signs a file has.
pub const FORMATS: &[Format] = &[
    clpeak::FORMAT,
    cutlass::FORMAT,
    nvbandwidth::FORMAT,
    nvbench::FORMAT,
    gemm_bench::HIPBLASLT,
    gemm_bench::ROCBLAS,
    nccl::FORMAT,
    llama_bench::FORMAT,
    babelstream::FORMAT,
    gpu_stream::FORMAT,
    mixbench::FORMAT,
    mamf::FORMAT,
    vkpeak::FORMAT,
    nvidia_smi::FORMAT,
    measured::FORMAT,
];

/// Files of these programs are some megabytes at most.
const LARGEST_FILE: u64 = 256 << 20;
/// Where a file shows what it is; a table after a long log is looked for in the rest.
const HEAD: usize = 1 << 20;

/// Reads a file of another program: one result for each device in it. `program` is one of
/// [`FORMATS`], else it is recognised by the file's content.
pub fn import(path: &Path, program: Option<&str>) -> Result<Vec<External>> {
    let name = files::name(path);
    let bytes = files::read(path, LARGEST_FILE).map_err(|e| Error::input(&name, e.to_string()))?;
    let digest = sha256_hex(&bytes);
    let text = text::decode(bytes).map_err(|what| Error::input(&name, what))?;
    let text = text::plain(text);
    let format = match program {
        Some(program) => {
            FORMATS.iter().find(|format| format.program == program).ok_or_else(|| {
                Error::Usage(format!("--from {program:?} is unknown; take {}", names()))
            })?
        }
        None => recognise(&text).ok_or_else(|| {
            let what = "no known form; docs/import.md lists what is read, and --from PROGRAM says \
                        which it is";
            Error::input(&name, what)
        })?,
    };
    let program = format.program;
    let fail = |what: String| Error::input(&name, format!("as {program}: {what}"));
    let drafts = (format.read)(&text).map_err(fail)?;
    if drafts.iter().all(|draft| draft.figures.is_empty() && draft.identity.is_none()) {
        return Err(fail("the file holds no result".into()));
    }
    let others = other_programs(&text, program);
    let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let faults = Faults::load()?;
    let finished = drafts.into_iter().map(|mut draft| {
        draft.notes.extend(others.clone());
        finish(draft, program, &file, &digest, &faults)
    });
    Ok(finished.collect())
}

fn names() -> String {
    FORMATS.iter().map(|format| format.program).collect::<Vec<_>>().join(", ")
}

fn recognise(text: &str) -> Option<&'static Format> {
    let end = (0..=HEAD.min(text.len())).rev().find(|at| text.is_char_boundary(*at))?;
    let by = |part: &str| FORMATS.iter().find(|format| (format.signs)(part));
    by(&text[..end]).or_else(|| by(text))
}

/// Says that a log has the output of other programs too: only one of them is read at a time.
fn other_programs(text: &str, program: &str) -> Option<Note> {
    let others = FORMATS.iter().filter(|f| f.program != program && (f.signs)(text));
    let others: Vec<&str> = others.map(|format| format.program).collect();
    (!others.is_empty()).then(|| Note {
        id: "external/other-programs".into(),
        text: format!("the file also has the signs of {}", others.join(", ")),
        advice: "import it again with --from to take those over".into(),
    })
}

/// Takes out what never counts, whatever program wrote it, and puts the rest into its final form.
fn finish(mut draft: Draft, program: &str, file: &str, digest: &str, faults: &Faults) -> External {
    let now = jiff::Timestamp::now();
    let about = draft.chip.as_ref().or(draft.device.as_ref());
    let about = slug(about.map_or("unnamed", String::as_str), usize::MAX);
    let about = if about.is_empty() { "unnamed".into() } else { about };
    let number = draft.number.map_or(String::new(), |number| format!("-{number}"));
    let device = draft.device.clone().unwrap_or_default();
    let cpu = draft.cpu.take().or_else(|| software::cpu(&device, ""));
    let version = draft.version.clone();
    for figure in draft.figures.iter_mut().filter(|figure| figure.counts) {
        let why = cpu.clone().or_else(|| faults.of(program, version.as_deref(), figure));
        if let Some(why) = why {
            figure.discounted(why);
        }
    }
    let (figures, left_out) = draft.figures.finish();
    let mut notes = vec![Note {
        id: "external/not-ours".into(),
        text: format!("this is what {program} wrote; tierbench measured nothing of it"),
        advice: "read it as what the sender of the file claims; measure again where it matters"
            .into(),
    }];
    let counted = figures.iter().filter(|figure| figure.counts);
    let verified = counted.clone().any(|figure| figure.verified);
    if draft.identity.is_some() {
        // What says which chip it is claims no rate.
    } else if counted.count() == 0 {
        notes.push(Note {
            id: "external/nothing-counts".into(),
            text: "nothing in the file is a lower bound on a regulated quantity".into(),
            advice: "the reason stands with each figure; docs/import.md says what counts".into(),
        });
    } else if !verified {
        notes.push(Note {
            id: "external/unverified".into(),
            text: "no result in the file is marked as checked against a reference".into(),
            advice: "such figures show `exceeds-conditionally` at most".into(),
        });
    }
    notes.extend(draft.notes);
    External {
        schema: EXTERNAL_SCHEMA.into(),
        source: "external".into(),
        // A fleet is imported in a loop: equal names in one second differ by their files and numbers.
        id: format!(
            "{}-{program}-{about}{number}-{}",
            now.strftime("%Y%m%dT%H%M%SZ"),
            &digest[..8]
        ),
        created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        tool: Tool::this(),
        program: program.into(),
        program_version: draft.version,
        file: file.into(),
        file_sha256: digest.into(),
        device: draft.device,
        device_number: draft.number,
        pci_address: draft.pci_address,
        identity: draft.identity,
        driver: draft.driver,
        chip: draft.chip,
        figures,
        left_out,
        notes,
    }
}
