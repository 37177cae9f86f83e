//! GitHub workflows: a summary for the page of the run, and annotations for its log.

use std::fmt::Write;

use super::{fault, markdown};
use crate::error::Result;
use crate::record::{Record, State};
use crate::report::doubt::doubt;
use crate::report::rate::disturbance;
use crate::report::{missing, presentable, who};
use crate::units::counted;

/// Markdown for the file that `GITHUB_STEP_SUMMARY` names.
pub(super) fn summary(records: &[Record]) -> String {
    let all = || records.iter().flat_map(|record| &record.workloads);
    let faults = all().filter(|w| fault(w).is_some()).count();
    let unsupported = all().filter(|w| w.state == State::Unsupported).count();
    let verified = all().filter(|w| w.verified().is_some()).count();
    let missing: usize = records.iter().map(|record| record.missing().len()).sum();
    let busy = all().filter(|w| w.verified().is_some() && w.is_disturbed()).count();
    let mut page = format!("## tierbench: {} verified", counted(verified, "workload"));
    let doubted = records.iter().filter(|record| doubt(record).is_some()).count();
    for (count, word) in [
        (doubted, "of the records PROVING NOTHING"),
        (faults, "WRONG OR FAILED"),
        (missing, "MISSING"),
        (unsupported, "unsupported"),
        (busy, "measured beside other programs"),
    ] {
        if count > 0 {
            let _ = write!(page, ", {count} {word}");
        }
    }
    let sections: Vec<String> = records.iter().map(markdown::section).collect();
    format!("{page}\n\n{}\n", sections.join("\n"))
}

/// Workflow commands: an error for each workload that went wrong and for those that are missing, a warning for a run
/// that was cut short, and a notice for what the adapter cannot run or others disturbed: every hosted runner has
/// some of these, and warnings without end are not read.
pub fn annotations(records: &[Record]) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for record in records {
        let record = &presentable(record)?;
        let adapter = who::named(&record.adapter);
        if let Some(doubt) = doubt(record) {
            let text = format!("{adapter}: {}; {}", doubt.why, doubt.advice);
            lines.push(command("error", &doubt.title.to_lowercase(), &text));
        }
        if let Some(missing) = missing::sentence(record) {
            lines.push(command("error", "workloads missing", &format!("{adapter}: {missing}")));
        }
        for w in &record.workloads {
            let unsupported = w.reason.clone().filter(|_| w.state == State::Unsupported);
            let (level, word, reason) = match (fault(w), unsupported) {
                (Some((word, reason)), _) => ("error", word, reason),
                (None, Some(reason)) => ("notice", "unsupported", reason),
                (None, None) => match disturbance(w) {
                    Some(how) => ("notice", "beside other programs", how),
                    None => continue,
                },
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
