//! Stage 8: samples, plan and book to figures and words.
//!
//! Pure: no device, no thread, no file. A run is one caller, whoever reads a stranger's record another: a figure is
//! what comes out here, never what a file says it is.

mod consistency;
mod merge;
mod notes;
mod rederive;
mod refuse;
mod signs;
mod summary;

pub use consistency::{Problem, Topic};
pub use merge::{is_of, merge};
pub use notes::{INCOMPLETE, START_LOST, START_MISSING};
pub use rederive::{DISAGREES, Rederived, Standing, WITHOUT_SAMPLES, difference, rederive};
pub use summary::{Grounds, summarize};

use crate::error::Result;
use crate::normalize::{Book, normalize};
use crate::record::{Record, Tool};
use crate::verdict;

/// Derives everything that follows from the workloads' summaries; doing it again changes nothing.
pub fn conclude(record: &mut Record, book: &Book) -> Result<()> {
    let (_, chip) = normalize(record, book);
    refuse::refuse_the_impossible(record, chip.as_ref());
    record.notes.retain(|note| !notes::is_derived(&note.id));
    let mut derived = notes::notes(record, chip.as_ref());
    derived.extend(signs::signs(record, book));
    record.notes.extend(derived);
    let (mut conclusion, chip) = normalize(record, book);
    conclusion.findings = verdict::findings(record, chip.as_ref(), book)?;
    record.conclusion = conclusion;
    record.concluded_by = Some(Tool::this());
    Ok(())
}
