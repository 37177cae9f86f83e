//! Files that other programs read.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::files;

/// Replaces a file as a whole: written beside it, flushed to disk, then renamed. A link stays a link,
/// and what is no plain file (a pipe, `/dev/stderr`) is written to directly.
pub fn replace_file(path: &Path, text: &str) -> Result<()> {
    let fail = |source| Error::Export { path: path.to_owned(), source };
    files::replace(path, text.as_bytes()).map_err(fail)
}

/// Adds to the end of a file, which may not be there yet.
pub fn append_file(path: &Path, text: &str) -> Result<()> {
    let fail = |source| Error::Export { path: path.to_owned(), source };
    let mut file: File = OpenOptions::new().create(true).append(true).open(path).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)
}
