//! Writes a record so that a reader sees all of it or the one before, never half.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{PlanRecord, RESULTS, Record, SAMPLES};
use crate::error::{Error, Result};
use crate::files;

/// The folder of one run. It is made, and proven writable, before anything is measured.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes a new folder under `out`: `id`, or `id-2` and so on where that is taken. [`Folder::id`] says which.
    pub fn create(out: &Path, id: &str) -> Result<Self> {
        let fail = |source| Error::Output { path: out.join(id), source };
        Self::proven(files::new_folder(out, id).map_err(fail)?)
    }

    /// Makes the folder `path` itself, which must not be there yet.
    pub fn at(path: &Path) -> Result<Self> {
        let fail = |source| Error::Output { path: path.to_owned(), source };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(fail)?;
        }
        std::fs::create_dir(path).map_err(fail)?;
        Self::proven(path.to_owned())
    }

    /// A folder that is there already.
    pub fn existing(path: &Path) -> Result<Self> {
        Self::proven(path.to_owned())
    }

    fn proven(path: PathBuf) -> Result<Self> {
        let fail = |source| Error::Output { path: path.clone(), source };
        let mut probe = tempfile::NamedTempFile::new_in(&path).map_err(fail)?;
        probe.write_all(b"can this folder be written?").map_err(fail)?;
        Ok(Self { path })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name, which is the id of the record in it.
    pub fn id(&self) -> String {
        name_of(&self.path)
    }

    /// Keeps the plan as `plan.json`, before anything is run.
    pub fn write_plan(&self, plan: &PlanRecord) -> Result<PathBuf> {
        let path = self.path.join("plan.json");
        let text = serde_json::to_vec_pretty(plan)
            .map_err(|e| Error::Internal(format!("a plan that is no JSON: {e}")))?;
        files::replace(&path, &text)
            .map_err(|source| Error::Output { path: path.clone(), source })?;
        Ok(path)
    }

    /// Where the record stands.
    pub fn record_path(&self) -> PathBuf {
        self.path.join("record.json")
    }

    /// Replaces `samples.jsonl`, `results.jsonl` and `record.json`.
    pub fn write(&self, record: &mut Record) -> Result<()> {
        let no_json = |e| Error::Internal(format!("a record that is no JSON: {e}"));
        // The samples first: a record never speaks of lines that are not there yet.
        let samples = record.detach_samples().map_err(no_json)?;
        self.replace(SAMPLES, &samples)?;
        if let Some(results) = record.detach_results().map_err(no_json)? {
            self.replace(RESULTS, &results)?;
        }
        let mut text = serde_json::to_vec_pretty(record).map_err(no_json)?;
        text.push(b'\n');
        self.replace("record.json", &text)
    }

    /// Writes one file of the folder.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        let fail = |source| Error::Output { path: path.clone(), source };
        std::fs::create_dir_all(path.parent().unwrap_or(&self.path)).map_err(fail)?;
        files::replace(&path, bytes).map_err(fail)
    }
}

/// The last part of a path that this program made.
pub(super) fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
