//! The outcome of a search as a table and as JSON.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::error::Result;
use crate::shown;
use crate::tune::{Attempt, Outcome, Verdict};
use crate::units::duration;

/// As JSON: `{"schema": "tierbench.tune/1", "adapter": NAME, "outcomes": [...]}`.
pub fn tune_json(adapter: &str, outcomes: &[Outcome]) -> Result<String> {
    let value = serde_json::json!({
        "schema": "tierbench.tune/1",
        "adapter": adapter,
        "outcomes": outcomes,
    });
    shown::json(&value)
}

/// As text: for each workload the winner against the default, then what went wrong.
pub fn tune_text(outcomes: &[Outcome]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["workload", "winner", "time", "gain", "tried"]).set_width(80);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for at in 2..5 {
        if let Some(column) = table.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut page = String::new();
    let mut problems = String::new();
    for outcome in outcomes {
        let timed = outcome.attempts.iter().filter(|a| a.verdict == Verdict::Timed).count();
        let winner = outcome.winner.map(|at| &outcome.attempts[at]);
        let time = winner.and_then(|w| w.median_ns);
        let default = outcome.attempts.first().and_then(|a| a.median_ns);
        let gain = match (outcome.winner, default, time) {
            (Some(0), ..) => "default".into(),
            (_, Some(default), Some(time)) => format!("{:.2} x", default / time),
            _ => "-".into(),
        };
        table.add_row([
            outcome.workload.clone(),
            winner.map_or("none".into(), label),
            time.map_or("-".into(), duration),
            gain,
            format!("{timed}/{}", outcome.attempts.len()),
        ]);
        for attempt in &outcome.attempts {
            if let Some(reason) = &attempt.reason {
                let _ = writeln!(
                    problems,
                    "{}: {}: {}",
                    outcome.workload,
                    label(attempt),
                    shown::clean(reason)
                );
            }
        }
    }
    let _ = writeln!(page, "{}", table.trim_fmt());
    if !problems.is_empty() {
        let _ = writeln!(page, "\nset aside:\n{problems}");
    }
    page
}

fn label(attempt: &Attempt) -> String {
    let parameters: Vec<String> =
        attempt.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{} {}", attempt.kernel, parameters.join(" ")).trim_end().to_owned()
}
