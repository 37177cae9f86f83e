//! Records from outside: read, derived again from their samples, and held against what they say.

use std::path::{Path, PathBuf};

use crate::conclude::{Standing, rederive};
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::record::{self, Document, Record};
use crate::report::ImportSource;
use crate::shown;

/// A run whose figures come from its samples, whatever its file says.
pub(super) struct Checked {
    /// The file, as the user named it.
    pub(super) path: PathBuf,
    /// SHA-256 of the file.
    pub(super) sha256: String,
    /// The figures drawn again.
    pub(super) record: Record,
    /// How the file stands to them.
    pub(super) standing: Standing,
}

/// What a file turned out to be.
pub(super) enum Opened {
    Run(Box<Checked>),
    Import(Box<ImportSource>),
}

impl Opened {
    pub(super) fn run(&self) -> Option<&Checked> {
        if let Self::Run(checked) = self { Some(checked) } else { None }
    }

    pub(super) fn import(&self) -> Option<&ImportSource> {
        if let Self::Import(import) = self { Some(import) } else { None }
    }
}

/// Reads a file of either kind.
pub(super) fn open(path: &Path, book: &Book) -> Result<Opened> {
    let (read, sha256) = record::open(path)?;
    Ok(match read {
        Document::Import(external) => {
            Opened::Import(Box::new(ImportSource { external: *external, sha256 }))
        }
        Document::Run(stored) => {
            let derived = rederive(&stored, book)?;
            Opened::Run(Box::new(Checked {
                path: path.to_owned(),
                sha256,
                record: derived.record,
                standing: derived.standing,
            }))
        }
    })
}

impl Checked {
    /// Reads a run of this program.
    pub(super) fn open(path: &Path, book: &Book) -> Result<Self> {
        match open(path, book)? {
            Opened::Run(checked) => Ok(*checked),
            Opened::Import(_) => Err(Error::input(
                path.display().to_string(),
                "an import of another program's results; this command needs a run of tierbench",
            )),
        }
    }

    /// Reads a run that statements shall rest on: one that disagrees with itself is refused.
    pub(super) fn agreeing(path: &Path, book: &Book) -> Result<Self> {
        let checked = Self::open(path, book)?;
        checked.disagreement().map_or(Ok(checked), Err)
    }

    /// The record, for a command that can do nothing without its samples.
    pub(super) fn with_samples(self) -> Result<Record> {
        match &self.standing {
            Standing::WithoutSamples(why) => {
                let what =
                    format!("{why}; a comparison needs the samples: keep both files together");
                Err(Error::input(self.path.display().to_string(), what))
            }
            _ => Ok(self.record),
        }
    }

    /// The error that a record which disagrees with itself ends in.
    pub(super) fn disagreement(&self) -> Option<Error> {
        let all = self.standing.disagreements();
        let safe = |text: &String| shown::clean(text).into_owned();
        let mut what: Vec<String> = all.iter().take(MOST_SHOWN).map(safe).collect();
        if all.len() > MOST_SHOWN {
            what.push(format!("and {} more", all.len() - MOST_SHOWN));
        }
        let file = files::name(&self.path);
        (!all.is_empty()).then_some(Error::Inconsistent { file, what })
    }
}

/// Disagreements that an error lists.
const MOST_SHOWN: usize = 8;
