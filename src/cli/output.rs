//! The only place that writes to stdout.

use super::args::Format;
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::record::Record;
use crate::report;

/// A record, in the form asked for.
pub(super) fn show(record: &Record, format: Format, book: &Book) -> Result<()> {
    match format {
        Format::Json => print(&report::json(record)?),
        Format::Text => print(&report::text(record, None, book)?),
    }
}

/// Prints a text. A reader that stops reading is no error.
pub(super) fn print(text: &str) -> Result<()> {
    use std::io::Write;
    match writeln!(std::io::stdout().lock(), "{}", text.trim_end()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::Output { path: "stdout".into(), source: e })
        }
        _ => Ok(()),
    }
}
