//! The report for people, in eighty columns.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use tierbench::units::{BytesPerS, OpsPerS, significant};

use crate::contestant::Role;
use crate::report::{Comparison, Estimate, Line, Report};
use crate::rounds::{State, Unit};

const WIDTH: usize = 80;

const LEGEND: &str = "\
ours/it: our rate over this one's in the same round; median of the rounds, as the
rates are. spread: half the 95 % interval of the median to its left.
error: relative to f64, on sampled rows; up to 1e-6 is f32, about 3e-4 f16 or
TF32, about 5e-3 sums in f16. Ours stands on its own inputs, which have fewer
bits. our roof: our register-only kernel. ceiling: native code, not through this
API, and so no peer.
";

/// The whole report.
pub fn text(report: &Report) -> String {
    let mut page = format!("{}\n", head(report));
    let mut notes = Vec::new();
    for comparison in &report.workloads {
        // Writing to a string does not fail.
        let _ = writeln!(page, "\n{}", one(comparison));
        for note in comparison.contestants.iter().map(note) {
            if !notes.contains(&note) {
                let _ = writeln!(page, "{note}");
                notes.push(note);
            }
        }
    }
    page.push('\n');
    page.push_str(LEGEND);
    page
}

fn head(report: &Report) -> String {
    let a = &report.adapter;
    let head = format!(
        "{} ({}, {} {}), {}; {} processors\nseed {}, {} rounds of {} ms samples, interleaved",
        a.name,
        a.backend,
        a.driver,
        a.driver_info,
        a.kind(),
        report.processors,
        report.seed,
        report.rounds,
        significant(report.sample_ms),
    );
    let mut head = wrapped(&head, "");
    let mut named = Vec::new();
    let lines = report.workloads.iter().flat_map(|comparison| &comparison.contestants);
    for Line { track, .. } in lines.filter(|line| !line.track.version.is_empty()) {
        if !named.contains(&&track.name) {
            let line = format!("{}: {}", track.name, track.version);
            let _ = write!(head, "\n{}", wrapped(&line, "  "));
            named.push(&track.name);
        }
    }
    head
}

fn one(comparison: &Comparison) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "rate", "spread", "ours/it", "spread", "error"]);
    for column in 1..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in &comparison.contestants {
        table.add_row(row(line));
    }
    format!("{}\n{}", comparison.workload, table.trim_fmt())
}

fn row(line: &Line) -> [String; 6] {
    let rate = match (line.track.state, line.rate) {
        (State::Measured, Some(rate)) if line.track.unit == Unit::Byte => {
            BytesPerS(rate.median).to_string()
        }
        (State::Measured, Some(rate)) => OpsPerS(rate.median).to_string(),
        (State::Unsupported, _) => "unsupported".into(),
        _ => "FAILED".into(),
    };
    let ratio = line.ours_over_it.map(|ratio| format!("{:.2}", ratio.median));
    let error = line.track.relative_error.map(|error| match error {
        0.0 => "0".into(),
        error => format!("{error:.0e}"),
    });
    let name = match line.track.role {
        Role::Ceiling => format!(" {} (ceiling)", line.track.name),
        Role::Ours | Role::Roof | Role::Peer => format!(" {}", line.track.name),
    };
    let dash = || "-".to_owned();
    let ratio_spread = spread(line.ours_over_it);
    [
        name,
        rate,
        spread(line.rate),
        ratio.unwrap_or_else(dash),
        ratio_spread,
        error.unwrap_or_else(dash),
    ]
}

fn spread(estimate: Option<Estimate>) -> String {
    let share = estimate.and_then(|Estimate { median, ci95 }| {
        ci95.map(|interval| tierbench::stats::relative_half_width(median, interval))
    });
    share.map_or("-".into(), |share| format!("{:.1} %", 100.0 * share))
}

/// Kernel, and why there is no figure; printed when it says something new.
fn note(line: &Line) -> String {
    let track = &line.track;
    let parts: Vec<&str> = track.how.iter().chain(&track.reason).map(String::as_str).collect();
    wrapped(&format!(" {}: {}", track.name, parts.join("; ")), "   ")
}

fn wrapped(text: &str, indent: &str) -> String {
    textwrap::fill(text, textwrap::Options::new(WIDTH).subsequent_indent(indent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::Track;

    #[test]
    fn the_widest_rows_fit_eighty_columns() {
        let track = |name: &str, role| Track {
            name: name.into(),
            role,
            version: "1.2.3".into(),
            how: Some("a kernel with a rather long name and a digest behind it, ".repeat(3)),
            state: State::Measured,
            reason: None,
            relative_error: Some(1.23e-7),
            work: 1_234_567,
            unit: Unit::Flop,
            operations: 7,
            ns: vec![123_456, 234_567, 345_678, 456_789, 567_890, 678_901],
        };
        let tracks = vec![track("ours", Role::Ours), track("onnxruntime-composed", Role::Peer)];
        let comparison = Comparison::new("attention-causal:f32:1x32x2048x128".into(), tracks);
        let notes: Vec<String> = comparison.contestants.iter().map(note).collect();
        let text = format!("{}\n{}", one(&comparison), notes.join("\n"));
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(WIDTH), "{widest:?}\n{text}");
    }
}
