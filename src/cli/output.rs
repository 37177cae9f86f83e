//! The only place that writes to stdout and stderr: data there, words for people here.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use super::args::Format;
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::record::Record;
use crate::report;
use crate::shown::clean_lines;

/// A line for people. Where stderr cannot be written, a run goes on: what it keeps is on disk.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{}", clean_lines(&line.to_string()));
}

/// Stderr for a logger: what cannot be written is dropped.
pub struct People;

impl Write for People {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = std::io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A record, in the form asked for.
pub(super) fn show(record: &Record, format: Format, book: &Book) -> Result<()> {
    match format {
        Format::Json => print(&report::json(record)?),
        Format::Text => print(&report::text(record, None, book)?),
    }
}

/// Prints these bytes and no others, so that their digest is the one that is told.
pub(super) fn print_exactly(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::Stdout(e)),
        _ => Ok(()),
    }
}

/// Prints a text. A reader that stops reading is no error.
pub(super) fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::Stdout(e)),
        _ => Ok(()),
    }
}
