//! What nccl-tests and rccl-tests print.

use super::{Rank, Row, Seen};

pub(super) fn read(text: &str) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let (mut before, mut both) = (None, true);
    for line in text.lines() {
        let words: Vec<&str> = line.trim_start_matches('#').split_whitespace().collect();
        match words.as_slice() {
            ["nccl-tests" | "rccl-tests", "version", version, ..] => {
                seen.version = Some((*version).to_owned());
            }
            ["rccl-tests:", "Version", version, ..] => seen.version = Some((*version).to_owned()),
            ["Collective", "test", "starting:", name, ..] => {
                name.trim_end_matches("_perf").clone_into(&mut seen.collective);
            }
            ["Rank", rank, ..] => seen.ranks.extend(of_rank(line, rank)),
            ["out-of-place", rest @ ..] => both = rest.contains(&"in-place"),
            ["size", "count", "type", ..] => {
                before = words.iter().position(|word| *word == "time" || *word == "cputime");
                seen.rows.clear();
            }
            [size, ..] if size.parse::<u64>().is_ok() => {
                let Some(before) = before else { continue };
                seen.rows.extend(rows(&words, before, both));
            }
            _ => {}
        }
    }
    if seen.ranks.is_empty() {
        return Err("no line begins with `#  Rank`".into());
    }
    Ok(seen)
}

/// `#  Rank  0 Group  0 Pid  9 on host device  0 [0000:19:00] NAME`.
fn of_rank(line: &str, rank: &str) -> Option<Rank> {
    let (address, name) = line.split_once('[')?.1.split_once(']')?;
    let address = Some(address.to_owned()).filter(|text| text.contains(':'));
    Some(Rank { number: rank.parse().ok()?, address, name: name.trim().to_owned() })
}

/// time, algbw, busbw and #wrong, out of place and in place.
fn rows(words: &[&str], before: usize, both: bool) -> Vec<Row> {
    let operation = if before > 3 { words.get(3).copied() } else { None };
    let places: &[&'static str] = if both { &["out of place", "in place"] } else { &["one place"] };
    let cells = words.get(before..).unwrap_or_default().chunks_exact(4);
    let number = |text: &str| text.parse().unwrap_or(f64::NAN);
    let each = places.iter().zip(cells).map(|(place, cells)| Row {
        size: words[0].to_owned(),
        operation: operation.unwrap_or("none").to_owned(),
        place,
        algbw: number(cells[1]),
        busbw: number(cells[2]),
        wrong: cells[3].to_owned(),
    });
    each.collect()
}
