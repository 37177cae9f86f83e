//! What a reader of another program's files says about itself. docs/import.md shows these as its table.

use super::draft::Draft;

/// One program whose files can be imported.
pub struct Format {
    /// Name, as `--from` takes it.
    pub program: &'static str,
    /// How the file is made.
    pub made_by: &'static str,
    /// What counts as a lower bound, and as which.
    pub counts: &'static str,
    /// What is kept and never counts, and why.
    pub kept: &'static str,
    /// When a figure passes as verified by its program.
    pub verified: &'static str,
    /// Versions whose writer the reader was written against.
    pub versions: &'static str,
    /// Whether a text is one of its files: by what no other program writes.
    pub(super) signs: fn(&str) -> bool,
    /// What the file says about each device.
    pub(super) read: fn(&str) -> Result<Vec<Draft>, String>,
}
