//! Records that their own samples do not bear out.

use serde::Serialize;

use crate::conclude::{DISAGREES, START_LOST, START_MISSING, WITHOUT_SAMPLES};
use crate::record::Record;

/// Why the figures of a record prove nothing.
#[derive(Serialize)]
pub(super) struct Doubt {
    /// Name of the note that says so.
    pub(super) id: &'static str,
    /// In capitals, for the eye.
    pub(super) title: &'static str,
    /// What does not follow.
    pub(super) why: String,
    /// What to do about it.
    pub(super) advice: String,
}

/// What has to stand above everything else that is shown of such a record; nothing for all others.
pub(super) fn doubt(record: &Record) -> Option<Doubt> {
    let titles = [
        (DISAGREES, "THIS RECORD DISAGREES WITH ITSELF"),
        (WITHOUT_SAMPLES, "THIS RECORD IS WITHOUT ITS SAMPLES"),
        (START_LOST, "A PROCESS START OF THIS RUN WAS LOST"),
        (START_MISSING, "PROCESS STARTS OF THIS RUN ARE MISSING"),
    ];
    titles.into_iter().find_map(|(id, title)| {
        let note = record.notes.iter().find(|note| note.id == id)?;
        Some(Doubt { id, title, why: note.text.clone(), advice: note.advice.clone() })
    })
}
