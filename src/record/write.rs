//! Writes a record so that a reader sees all of it or the one before, never half.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{PlanRecord, Record, SAMPLES};
use crate::error::{Error, Result};

/// The folder of one run. It is made, and proven writable, before anything is measured.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes `out/id`.
    pub fn create(out: &Path, id: &str) -> Result<Self> {
        let path = out.join(id);
        let fail = |source| Error::Output { path: path.clone(), source };
        std::fs::create_dir_all(&path).map_err(fail)?;
        let mut probe = tempfile::NamedTempFile::new_in(&path).map_err(fail)?;
        probe.write_all(b"can this folder be written?").map_err(fail)?;
        Ok(Self { path })
    }

    /// Creates the folder `path` itself.
    pub fn at(path: &Path) -> Result<Self> {
        let (out, id) = (path.parent().unwrap_or(Path::new(".")), path.file_name());
        Self::create(out, &id.unwrap_or_default().to_string_lossy())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the plan as `plan.json`, before anything is run.
    pub fn write_plan(&self, plan: &PlanRecord) -> Result<PathBuf> {
        let path = self.path.join("plan.json");
        let text = serde_json::to_vec_pretty(plan)
            .map_err(|e| Error::Internal(format!("a plan that is no JSON: {e}")))?;
        std::fs::write(&path, text)
            .map_err(|source| Error::Output { path: path.clone(), source })?;
        Ok(path)
    }

    /// Where the record stands.
    pub fn record_path(&self) -> PathBuf {
        self.path.join("record.json")
    }

    /// Replaces `samples.jsonl` and `record.json`: written beside it, flushed to disk, then renamed.
    pub fn write(&self, record: &mut Record) -> Result<()> {
        let no_json = |e| Error::Internal(format!("a record that is no JSON: {e}"));
        // The samples first: a record never speaks of lines that are not there yet.
        let samples = record.detach_samples().map_err(no_json)?;
        self.replace(SAMPLES, &samples)?;
        let mut text = serde_json::to_vec_pretty(record).map_err(no_json)?;
        text.push(b'\n');
        self.replace("record.json", &text)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        let fail = |source| Error::Output { path: path.clone(), source };
        let mut file = tempfile::NamedTempFile::new_in(&self.path).map_err(fail)?;
        file.write_all(bytes).map_err(fail)?;
        readable_by_all(file.as_file()).map_err(fail)?;
        file.as_file().sync_all().map_err(fail)?;
        file.persist(&path).map_err(|e| fail(e.error))?;
        Ok(())
    }
}

/// Temporary files are private; a record is meant to be read by others.
#[cfg(unix)]
pub(crate) fn readable_by_all(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(crate) fn readable_by_all(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
