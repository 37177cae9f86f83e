//! What nccl-tests and rccl-tests print: one run or several, columns by the names in their header.

use super::{Rank, Row, Seen};

/// Words of a line that are looked at.
const MOST_WORDS: usize = 64;

pub(super) fn read(text: &str) -> Result<Vec<Seen>, String> {
    let mut runs: Vec<Seen> = Vec::new();
    let mut version = None;
    let mut collective = String::new();
    let mut columns: Vec<&str> = Vec::new();
    let mut rows = 0;
    for line in text.lines() {
        let head = line.trim_start().starts_with('#');
        let words = line.trim_start().trim_start_matches('#').split_whitespace();
        let words: Vec<&str> = words.take(MOST_WORDS).collect();
        match words.as_slice() {
            ["nccl-tests" | "rccl-tests", "version", own, ..]
            | ["rccl-tests:", "Version", own, ..] => {
                version = Some((*own).to_owned());
            }
            ["Collective", "test", "starting:", name, ..] => {
                name.trim_end_matches("_perf").clone_into(&mut collective);
            }
            ["Using", "devices", ..] if head => {
                runs.push(Seen {
                    version: version.clone(),
                    collective: std::mem::take(&mut collective),
                    ..Seen::default()
                });
            }
            ["Rank", rank, ..] if head => {
                if let Some(run) = runs.last_mut() {
                    run.ranks.extend(of_rank(line, rank));
                }
            }
            ["size", "count", "type", ..] if head => columns.clone_from(&words),
            [size, ..] if !head && !columns.is_empty() && size.parse::<u64>().is_ok() => {
                rows += 1;
                if rows > MOST_ROWS {
                    return Err(format!("more than {MOST_ROWS} rows: no run has so many"));
                }
                if let Some(run) = runs.last_mut() {
                    run.rows.extend(sides(&words, &columns));
                }
            }
            _ => {}
        }
    }
    // rccl-tests names its version behind the devices.
    for run in &mut runs {
        run.version = run.version.take().or_else(|| version.clone());
    }
    if runs.iter().all(|run| run.ranks.is_empty()) {
        return Err(
            "no line begins with `#  Rank`: the list of devices was cut off; keep the whole output"
                .into(),
        );
    }
    Ok(runs)
}

/// Far more sizes than a run has.
const MOST_ROWS: usize = 10_000;

/// `#  Rank  0 Group  0 Pid  9 on host device  0 [0000:19:00] NAME`.
fn of_rank(line: &str, rank: &str) -> Option<Rank> {
    let (before, rest) = line.split_once('[')?;
    let (address, name) = rest.split_once(']')?;
    let host = before.split(" on ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let address = Some(address.to_owned()).filter(|text| text.contains(':'));
    Some(Rank {
        number: rank.parse().ok()?,
        host: host.unwrap_or_default().to_owned(),
        address,
        name: name.trim().to_owned(),
    })
}

/// algbw, busbw and #wrong, out of place and in place, or of one alone.
fn sides(words: &[&str], columns: &[&str]) -> Vec<Row> {
    let named = |name: &'static str| {
        columns.iter().enumerate().filter(move |(_, column)| **column == name).map(|(at, _)| at)
    };
    let wrong: Vec<usize> = named("#wrong").chain(named("error")).collect();
    // With -C the time is the processor's, and algbw still by the other one: no column is called `time` then.
    let times = named("time").map(Some).chain(std::iter::repeat(None));
    let sides: Vec<_> = named("algbw").zip(named("busbw")).zip(wrong).zip(times).collect();
    let places: &[&'static str] =
        if sides.len() == 2 { &["out of place", "in place"] } else { &["one place"] };
    let operation = named("redop").next().and_then(|at| words.get(at));
    let cell = |at: usize| words.get(at).copied().unwrap_or_default();
    let number = |at: usize| cell(at).parse().unwrap_or(f64::NAN);
    let each = sides.into_iter().zip(places).map(|((((algbw, busbw), wrong), time), place)| Row {
        size: words[0].to_owned(),
        time_us: time.map_or(f64::NAN, number),
        operation: operation.copied().unwrap_or("none").to_owned(),
        place,
        algbw: number(algbw),
        busbw: number(busbw),
        wrong: cell(wrong).to_owned(),
    });
    each.collect()
}
