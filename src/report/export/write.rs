//! Files that other programs read.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::record::readable_by_all;

/// Replaces a file as a whole: written beside it, flushed to disk, then renamed. A link stays a link,
/// and what is no plain file (a pipe, `/dev/stderr`) is written to directly.
pub fn replace_file(path: &Path, text: &str) -> Result<()> {
    let fail = |source| Error::Export { path: path.to_owned(), source };
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if target.exists() && !target.is_file() {
        let mut file = OpenOptions::new().write(true).open(&target).map_err(fail)?;
        return file.write_all(text.as_bytes()).map_err(fail);
    }
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    readable_by_all(file.as_file()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(&target).map_err(|e| fail(e.error))?;
    Ok(())
}

/// Adds to the end of a file, which may not be there yet.
pub fn append_file(path: &Path, text: &str) -> Result<()> {
    let fail = |source| Error::Export { path: path.to_owned(), source };
    let mut file: File = OpenOptions::new().create(true).append(true).open(path).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)
}
