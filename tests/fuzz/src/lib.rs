//! Fuzz targets over what a stranger may send: a bundle, a record, a file of another program.
//!
//! `through.rs` says what each goes through and what must hold, `parts.rs` how several files are one input,
//! `settle.rs` what stands for their `@` words, `mutate.rs` how JSON and TOML are changed so that they still are a
//! record. scripts/fuzz.sh runs a target.

use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzzer_mutate};
use tierbench::audit::{ENVELOPE, STATEMENT};

mod mutate;
mod parts;
mod settle;
mod through;

use mutate::Dice;
use parts::Parts;
use through::Through;

static THROUGH: LazyLock<Through> = LazyLock::new(Through::new);

/// A folder with a statement or an envelope in it, and a record.
pub fn bundle(input: &[u8]) -> Corpus {
    let parts = Parts::of(input);
    if parts.get(STATEMENT).or(parts.get(ENVELOPE)).is_none() {
        return Corpus::Reject;
    }
    THROUGH.folder(&parts);
    Corpus::Keep
}

/// A folder with a record or an import in it, and no bundle.
pub fn record(input: &[u8]) -> Corpus {
    let parts = Parts::of(input);
    if parts.0.is_empty() || parts.get(STATEMENT).or(parts.get(ENVELOPE)).is_some() {
        return Corpus::Reject;
    }
    THROUGH.folder(&parts);
    Corpus::Keep
}

/// A file of another program.
pub fn imports(input: &[u8]) -> Corpus {
    THROUGH.other_program(input);
    Corpus::Keep
}

/// Changes an input in its JSON three times of four, else in its bytes.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice::new(seed);
    let structured = dice.roll(4) > 0;
    let mutant = structured.then(|| mutate::mutant(&data[..size], &mut dice)).flatten();
    match mutant.filter(|mutant| !mutant.is_empty() && mutant.len() <= max_size) {
        Some(mutant) => {
            data[..mutant.len()].copy_from_slice(&mutant);
            mutant.len()
        }
        None => fuzzer_mutate(data, size, max_size),
    }
}
