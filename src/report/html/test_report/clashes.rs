//! What the laboratory states against what the record tells: where both cannot be so, that is said.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::audit::{LaboratoryFile, days};
use crate::normalize::Book;
use crate::record::Record;
use crate::shown::clean;

/// Each in a sentence.
pub(super) fn clashes(record: &Record, stated: &LaboratoryFile, book: &Book) -> Vec<String> {
    let mut all = dates(record, stated);
    all.extend(item(record, stated, book));
    all
}

/// The days that one instant is somewhere on Earth: a laboratory writes those of its own clock.
fn somewhere(time: &str) -> Option<(Date, Date)> {
    let time: Timestamp = time.parse().ok()?;
    let day = |hours: i64| {
        let there = time.checked_add(SignedDuration::from_hours(hours)).ok()?;
        Some(there.to_zoned(TimeZone::UTC).date())
    };
    Some((day(-12)?, day(14)?))
}

fn dates(record: &Record, stated: &LaboratoryFile) -> Vec<String> {
    let mut all = Vec::new();
    let a = &stated.activity;
    let own = [("began", Some(&record.created)), ("ended", record.finished.as_ref())];
    for (did, time) in own {
        let Some(time) = time else { continue };
        let Some((earliest, latest)) = somewhere(time) else { continue };
        let mut say = |key: &Option<String>,
                       span: bool,
                       wrong: fn((Date, Date), (Date, Date)) -> bool,
                       what: &str| {
            let Some(text) = key else { return };
            if days(text, span).is_some_and(|stated| wrong(stated, (earliest, latest))) {
                all.push(format!(
                    "The laboratory states that {what} {text}, and by the record's own clock the run {did} at {time}: one of the two is wrong."
                ));
            }
        };
        say(
            &a.performed,
            true,
            |(from, to), (earliest, latest)| to < earliest || from > latest,
            "the test was performed on",
        );
        say(&a.received, false, |(day, _), (_, latest)| day > latest, "the item was received on");
        say(&a.sampled, false, |(day, _), (_, latest)| day > latest, "the item was drawn on");
        say(&a.issued, false, |(day, _), (earliest, _)| day < earliest, "the report was issued on");
    }
    all
}

/// An item that is described as something else than what did the work.
fn item(record: &Record, stated: &LaboratoryFile, book: &Book) -> Option<String> {
    let described = stated.item.description.as_deref().map(str::trim).filter(|d| !d.is_empty())?;
    let name = &record.adapter.name;
    let quoted = clean(&described.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
    if record.adapter.software {
        return Some(format!(
            "The item is described as “{quoted}”: the work was done by a CPU ({name}) and not by the item."
        ));
    }
    let models = |text: &str| -> Vec<String> {
        let known = |word: &String| {
            let chips = book.catalogue.chips.iter();
            chips.flat_map(|chip| words(&chip.name)).any(|of_chip| of_chip == *word)
        };
        words(text).into_iter().filter(|word| is_model(word)).filter(known).collect()
    };
    let own = record.conclusion.chip.as_deref().and_then(|id| book.catalogue.by_id(id));
    let own = own.map_or(String::new(), |chip| format!("{} {}", chip.name, chip.id));
    let own = words(&format!("{name} {own}"));
    let named = models(described);
    (!named.is_empty() && !named.iter().any(|word| own.contains(word))).then(|| {
        format!(
            "The item is described as “{quoted}”, which names {}, and the record's adapter is {name}: the results are about that one.",
            named.join(", ").to_uppercase()
        )
    })
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Whether a word tells one chip from others: "h100" does, "sxm5", "80gb" and the "l2" of a cache do not.
fn is_model(word: &str) -> bool {
    let size = word.strip_suffix("gb").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    let form = ["sxm", "nvl", "hbm", "pcie"].iter().any(|form| word.starts_with(form));
    word.len() >= 3
        && word.bytes().any(|b| b.is_ascii_digit())
        && !size
        && !form
        && (word.len() >= 4 || !word.bytes().all(|b| b.is_ascii_digit()))
}
