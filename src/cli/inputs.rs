//! Which records a command line means, and that no output replaces one of them.

use std::path::{Path, PathBuf};

use super::evidence::{Opened, open};
use super::output::say;
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;

/// What makes a folder that of a record.
const RECORDS: [&str; 2] = ["record.json", "external.json"];
/// What lies beside a record and belongs to it.
const BESIDE: [&str; 2] = ["samples.jsonl", "plan.json"];
/// Folders in folders that are looked into.
const DEPTH: usize = 6;

/// The records behind some paths: files, their folders, or folders of such folders, in the order of
/// their names. A record's own process starts are parts of it.
pub(super) fn records(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for path in paths {
        let before = all.len();
        look_into(path, DEPTH, &mut all);
        // Reading it says what is the matter with it.
        if all.len() == before {
            all.push(path.clone());
        }
    }
    all
}

fn look_into(path: &Path, depth: usize, all: &mut Vec<PathBuf>) {
    if RECORDS.iter().any(|name| path.join(name).exists()) {
        all.push(path.to_owned());
        return;
    }
    let Some(depth) = depth.checked_sub(1) else { return };
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    // Links are not followed: they can lead in a circle.
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path()).collect();
    folders.sort();
    let part = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.strip_prefix("start-").is_some_and(|number| number.parse::<u32>().is_ok())
    };
    for folder in folders.iter().filter(|folder| !part(folder)) {
        look_into(folder, depth, all);
    }
}

/// Reads them all. One that cannot be read keeps none of the others from being shown: the error comes out
/// at the end.
pub(super) fn open_all(
    paths: &[PathBuf],
    book: &Book,
    outcome: &mut Result<()>,
) -> Vec<(PathBuf, Opened)> {
    let mut good = Vec::new();
    for path in paths {
        match open(path, book) {
            Ok(opened) => good.push((path.clone(), opened)),
            Err(error) => also(outcome, error),
        }
    }
    good
}

/// Keeps the first error, and says the others at once.
pub(super) fn also(outcome: &mut Result<()>, error: Error) {
    match outcome {
        Ok(()) => *outcome = Err(error),
        Err(_) => say(format_args!("error: {error}")),
    }
}

/// Refuses outputs that would replace a record that is read, and two outputs that are one file.
pub(super) fn keep_apart(records: &[PathBuf], outputs: &[&PathBuf]) -> Result<()> {
    let mut taken = Vec::new();
    for path in records {
        let inside = RECORDS.iter().chain(&BESIDE).map(|name| path.join(name));
        let beside = BESIDE.iter().map(|name| path.with_file_name(name));
        let own = inside.chain(beside).chain([path.clone()]);
        taken.extend(own.filter_map(|file| file.canonicalize().ok()).filter(|file| file.is_file()));
    }
    for output in outputs {
        let place = place(output);
        // Process starts, and records that this command does not read, are evidence as well.
        let own = RECORDS.iter().chain(&BESIDE).any(|name| place.ends_with(name));
        if taken.contains(&place) || (own && place.exists()) {
            return Err(Error::Usage(format!(
                "{}: this file is part of a record, or was named already; name another one for the output",
                files::name(output)
            )));
        }
        if place.is_file() || !place.exists() {
            taken.push(place);
        }
    }
    Ok(())
}

/// Where a file is, or will be.
fn place(path: &Path) -> PathBuf {
    if let Ok(place) = path.canonicalize() {
        return place;
    }
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
