//! The comparison for people: a page of 80 columns, or Markdown.

use std::fmt::Write;

use super::table::{align_right, hanging, name, table, wrap};
use super::{markdown, who};
use crate::compare::{Against, Comparison, PerClock, Row, Run, Side, Word};
use crate::error::Result;
use crate::record::State;
use crate::shown;
use crate::stats::RatioInterval;
use crate::units::{BytesPerS, OpsPerS, duration, significant};
use crate::workload::ElementType;

/// The comparison for a program.
pub fn comparison_json(comparison: &Comparison) -> Result<String> {
    shown::json(comparison)
}

/// At most 80 columns.
pub fn comparison_text(comparison: &Comparison) -> Result<String> {
    let comparison = &shown::cleaned(comparison)?;
    let mut page = format!("base  {}\n", named(&comparison.base));
    for against in &comparison.comparisons {
        let _ = writeln!(page, "new   {}\n", named(&against.new));
        let mut table = table(&["workload", "base", "new", "ratio", "95 %", "word"]);
        align_right(&mut table, 1..4);
        for row in &against.workloads {
            table.add_row(cells(row));
        }
        let _ = writeln!(page, "{}\n\n{}\n", table.trim_fmt(), summary(against));
        let remarks = remarks(against);
        for remark in &remarks {
            let _ = writeln!(page, "{}", hanging(remark));
        }
        if !remarks.is_empty() {
            page.push('\n');
        }
    }
    let _ = writeln!(page, "{}", wrap(&words(comparison), 0));
    Ok(page)
}

/// To paste in an issue or a pull request.
pub fn comparison_markdown(comparison: &Comparison) -> Result<String> {
    let comparison = &shown::cleaned(comparison)?;
    let mut page = format!("base: {}\n", markdown::escape(&run(&comparison.base)));
    for against in &comparison.comparisons {
        let _ = writeln!(page, "\n### {}\n", markdown::escape(&run(&against.new)));
        let rows: Vec<Vec<String>> = against
            .workloads
            .iter()
            .map(|row| {
                let [label, base, new, ratio, interval, word] = cells(row);
                vec![label, word, base, new, ratio, interval]
            })
            .collect();
        let header = ["workload", "word", "base", "new", "ratio", "95 %"];
        let _ = writeln!(page, "{}\n{}", markdown::table(&header, 2, &rows), summary(against));
        for (at, remark) in remarks(against).iter().enumerate() {
            let _ =
                writeln!(page, "{}- {}", if at == 0 { "\n" } else { "" }, markdown::escape(remark));
        }
    }
    let _ = writeln!(page, "\n{}", markdown::escape(&words(comparison)));
    Ok(page)
}

/// For the page: the adapter on a line of its own.
pub(super) fn named(run: &Run) -> String {
    let software = if run.adapter.software { "  [SOFTWARE ADAPTER]" } else { "" };
    format!("{}\n      {}{software}", hanging(&run.id), who::named(&run.adapter))
}

fn run(run: &Run) -> String {
    let software = if run.adapter.software { ", SOFTWARE ADAPTER" } else { "" };
    format!("{} ({}{software})", run.id, who::named(&run.adapter))
}

pub(super) fn cells(row: &Row) -> [String; 6] {
    let [mut ratio, mut interval] = ["-".to_owned(), "-".to_owned()];
    if let Some(RatioInterval { value, low, high }) = row.ratio {
        ratio = figure(value);
        interval = format!("{}-{}", figure(low), figure(high));
    }
    let word = row.word.map_or("-", Word::name);
    [
        name(&row.label),
        rate(row, row.base.as_ref()),
        rate(row, row.new.as_ref()),
        ratio,
        interval,
        word.into(),
    ]
}

fn figure(ratio: f64) -> String {
    if (0.01..10.0).contains(&ratio) { format!("{ratio:.3}") } else { significant(ratio) }
}

fn rate(row: &Row, side: Option<&Side>) -> String {
    let Some(side) = side else { return "absent".into() };
    match (side.state, side.ops_per_s, side.bytes_per_s, side.median_ns) {
        (State::Unsupported, ..) => "unsupported".into(),
        (State::Failed, ..) => "FAILED".into(),
        (State::Measured, ..) if !side.verified => "UNVERIFIED".into(),
        (_, Some(ops), ..) => {
            OpsPerS(ops).of(row.input_type.map_or("FLOP", ElementType::operation))
        }
        (_, _, Some(bytes), _) => BytesPerS(bytes).to_string(),
        (.., Some(ns)) => duration(ns),
        _ => "unknown".into(),
    }
}

fn summary(against: &Against) -> String {
    let words = [Word::Faster, Word::Slower, Word::Same, Word::Ambiguous];
    let mut parts: Vec<String> =
        words.map(|word| format!("{} {}", against.count(word), word.name())).into();
    let rest = against.workloads.iter().filter(|row| row.word.is_none()).count();
    if rest > 0 {
        parts.push(format!("{rest} not compared"));
    }
    parts.join(", ")
}

/// What a reader must know to trust the table.
fn remarks(against: &Against) -> Vec<String> {
    let mut remarks: Vec<String> =
        against.differs.iter().map(|what| format!("differs: {what}")).collect();
    for row in &against.workloads {
        if let Some(why) = &row.why {
            remarks.push(format!("{}: {why}", row.label));
        }
        remarks.extend(per_clock(row));
        for what in &row.differs {
            remarks.push(format!("{}: {what}", row.label));
        }
    }
    remarks
}

/// The ratio per tick of the device's clock, where there is one.
pub(super) fn per_clock(row: &Row) -> Option<String> {
    let PerClock { base_mhz, new_mhz, ratio, word } = row.per_clock?;
    Some(format!(
        "{}: per clock {} ({}-{}), {}; at {base_mhz:.0} and {new_mhz:.0} MHz",
        row.label,
        figure(ratio.value),
        figure(ratio.low),
        figure(ratio.high),
        word.name()
    ))
}

fn words(comparison: &Comparison) -> String {
    let top = 1.0 + comparison.band_percent / 100.0;
    format!(
        "ratio: new rate over base rate; 95 %: its interval, from the scatter inside the runs alone. \
         same: the interval lies within {} to {} (--band), faster or slower: wholly outside, \
         ambiguous: anything else; more samples or a wider band may decide.",
        significant(top.recip()),
        significant(top)
    )
}
