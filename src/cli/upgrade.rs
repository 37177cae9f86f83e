//! `record upgrade`: records of an older schema in the form of this one.

use std::path::Path;

use super::args::Upgrade;
use super::evidence::Checked;
use super::inputs;
use super::output::say;
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::record::{Folder, Origin, SAMPLES, SCHEMA_1};

/// Does what `tierbench record upgrade` says. What cannot be upgraded keeps none of the others from being.
pub(super) fn run(args: &Upgrade) -> Result<()> {
    let book = Book::load()?;
    let mut outcome = Ok(());
    for path in inputs::records(&args.records) {
        if let Err(error) = upgrade(&path, &book) {
            inputs::also(&mut outcome, error);
        }
    }
    outcome
}

/// A record that disagrees with itself stays as it is: upgrading draws its figures again, and nobody could tell any
/// more what it said.
fn upgrade(path: &Path, book: &Book) -> Result<()> {
    let name = files::name(path);
    let checked = Checked::agreeing(path, book)?;
    let mut record = checked.record;
    if !record.from_schema_1 {
        say(format_args!("{name}: its schema is {} already", record.schema));
        return Ok(());
    }
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    if !path.is_dir() && path.file_name().is_none_or(|file| file != "record.json") {
        let what = "name it record.json, in a folder of its own: its samples will lie beside it";
        return Err(Error::input(name, what));
    }
    if folder.join(SAMPLES).exists() {
        let what = "a samples.jsonl lies beside it, which the upgrade would replace: move it away";
        return Err(Error::input(name, what));
    }
    record.upgraded_from = Some(Origin { schema: SCHEMA_1.into(), sha256: checked.sha256.clone() });
    Folder::existing(folder)?.write(&mut record)?;
    let was = &checked.sha256;
    say(format_args!(
        "{name}: {} now, samples beside it; the file before had SHA-256 {was}",
        record.schema
    ));
    Ok(())
}
