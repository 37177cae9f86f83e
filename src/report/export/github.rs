//! GitHub workflows: a summary for the page of the run, and annotations for its log.

use std::fmt::Write;

use super::{fault, markdown};
use crate::error::Result;
use crate::record::{Record, State};
use crate::report::presentable;

/// Markdown for the file that `GITHUB_STEP_SUMMARY` names.
pub(super) fn summary(records: &[Record]) -> String {
    let all = || records.iter().flat_map(|record| &record.workloads);
    let faults = all().filter(|w| fault(w).is_some()).count();
    let unsupported = all().filter(|w| w.state == State::Unsupported).count();
    let verified = all().filter(|w| w.verified().is_some()).count();
    let mut page = format!("## tierbench: {verified} workloads verified");
    for (count, word) in [(faults, "WRONG OR FAILED"), (unsupported, "unsupported")] {
        if count > 0 {
            let _ = write!(page, ", {count} {word}");
        }
    }
    let sections: Vec<String> = records.iter().map(markdown::section).collect();
    format!("{page}\n\n{}\n", sections.join("\n"))
}

/// Workflow commands: an error for each workload that went wrong, a warning for each that the adapter
/// cannot run and for a run that was cut short.
pub fn annotations(records: &[Record]) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for record in records {
        let record = &presentable(record)?;
        let adapter = &record.adapter.name;
        for w in &record.workloads {
            let unsupported = w.reason.clone().filter(|_| w.state == State::Unsupported);
            let (level, word, reason) = match (fault(w), unsupported) {
                (Some((word, reason)), _) => ("error", word, reason),
                (None, Some(reason)) => ("warning", "unsupported", reason),
                (None, None) => continue,
            };
            let title = format!("{} {word}", w.label());
            lines.push(command(level, &title, &format!("{adapter}: {reason}")));
        }
        for note in record.notes.iter().filter(|note| note.id == "run/interrupted") {
            let text = format!("{adapter}: {}: {}", note.text, note.advice);
            lines.push(command("warning", "run interrupted", &text));
        }
    }
    Ok(lines)
}

/// `%` and line ends are escaped in both parts, `:` and `,` in the title, as the runner wants it.
fn command(level: &str, title: &str, text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let title = title.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let title = title.replace(':', "%3A").replace(',', "%2C");
    format!("::{level} title={title}::{text}")
}
