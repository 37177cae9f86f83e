//! What a laboratory states for its test report: who, where, for whom, which item, how it was chosen.
//!
//! A record can tell none of it. Whatever is left out stays unknown and is printed as such; what can be held against
//! something, as the items of a lot against their seed, is.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::sample::{LARGEST_LOT, LARGEST_SAMPLE, Sampling, sample};
use crate::error::{Error, Result};

/// An example with every key, each of them commented out.
pub const LABORATORY_TEMPLATE: &str = include_str!("laboratory.toml");
/// Largest such file.
pub const LARGEST_LABORATORY_BYTES: u64 = 1 << 20;
/// Seeds from here on are not exact in every reader of JSON.
const SEEDS_BELOW: u64 = 1 << 53;
/// Digits of a key's id that are enough.
const KEY_DIGITS: usize = 12;
/// Items that an error names.
const MOST_NAMED: usize = 12;

/// The whole file. Every key may be absent, and none may be there that is not known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LaboratoryFile {
    /// What this issue of the report is called.
    pub report: Identification,
    /// Who tests.
    pub laboratory: Laboratory,
    /// Where, when, and with what changes.
    pub activity: Activity,
    /// For whom.
    pub customer: Customer,
    /// What was tested.
    pub item: TestedItem,
    /// Who answers for the report.
    pub authorised_by: Authoriser,
    /// Who was there and saw it.
    pub witness: Witness,
    /// How the item was drawn from its lot.
    pub sampling: StatedSampling,
    /// What others found.
    pub external: Vec<ExternalResult>,
}

/// What an issue of a report is called. One record may have several, each of which needs a name of its own (7.8.8).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identification {
    /// Its number; without one the record's id stands for it.
    pub number: Option<String>,
    /// The number of the report that it replaces.
    pub replaces: Option<String>,
}

/// The laboratory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Laboratory {
    /// Its name.
    pub name: Option<String>,
    /// Its address, on one line or several.
    pub address: Option<String>,
    /// How to reach it: telephone, mail.
    pub contact: Option<String>,
    /// By whom and for what it is accredited.
    pub accreditation: Option<String>,
    /// The key that signs for it: SHA-256 of the public key, or its first 12 digits.
    pub key: Option<String>,
}

/// The test itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Activity {
    /// Where it took place.
    pub place: Option<String>,
    /// Day on which the item came in.
    pub received: Option<String>,
    /// Day on which it was drawn from its lot.
    pub sampled: Option<String>,
    /// Day or days of the measurement.
    pub performed: Option<String>,
    /// Day of the report.
    pub issued: Option<String>,
    /// The circumstances that bear on the results: temperature, cooling, limit of power (7.8.3.1 a).
    pub conditions: Option<String>,
    /// What was changed of the method, added to it or left out.
    pub deviations: Vec<String>,
}

/// Who asked for the test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Customer {
    /// Its name.
    pub name: Option<String>,
    /// How to reach it.
    pub address: Option<String>,
}

/// The item, as the laboratory saw it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestedItem {
    /// What it is.
    pub description: Option<String>,
    /// In which state it came.
    pub condition: Option<String>,
    /// Serial number on the board.
    pub serial: Option<String>,
}

/// Who answers for the report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authoriser {
    /// The name.
    pub name: Option<String>,
    /// In which function.
    pub function: Option<String>,
}

/// Who saw the test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Witness {
    /// The name.
    pub name: Option<String>,
    /// In which function.
    pub function: Option<String>,
    /// For whom.
    pub organisation: Option<String>,
    /// The key that signs for the witness: SHA-256 of the public key, or its first 12 digits.
    pub key: Option<String>,
}

/// How the item was drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatedSampling {
    /// Items of the lot.
    pub population: Option<u64>,
    /// Items drawn.
    pub n: Option<u64>,
    /// The seed that they follow from.
    pub seed: Option<u64>,
    /// Number in the lot of the item of this report, from 1.
    pub item_number: Option<u64>,
    /// The items as they were drawn.
    pub items: Vec<u64>,
    /// In the laboratory's words.
    pub how_chosen: Option<String>,
}

/// A result of somebody else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExternalResult {
    /// Who found it.
    pub provider: Option<String>,
    /// What was found.
    pub results: Option<String>,
}

impl LaboratoryFile {
    /// Reads the text of a file; `name` is what errors call it.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let fail = |what: &str| {
            let what = what.trim().replace('\n', " ");
            let remedy = "`tierbench audit report --laboratory-template` shows every key";
            Error::input(name, format!("{what}; {remedy}"))
        };
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            let line = e.span().map(|span| text[..span.start.min(text.len())].lines().count());
            let line = line.map_or(String::new(), |line| format!("line {}: ", line.max(1)));
            fail(&format!("{line}{}", e.message()))
        })?;
        let mut stated = Self::default();
        for (section, value) in table {
            let key = |e: toml::de::Error| fail(&format!("key `{section}`: {e}"));
            let value = days_as_text(value);
            match section.as_str() {
                "report" => stated.report = value.try_into().map_err(key)?,
                "laboratory" => stated.laboratory = value.try_into().map_err(key)?,
                "activity" => stated.activity = value.try_into().map_err(key)?,
                "customer" => stated.customer = value.try_into().map_err(key)?,
                "item" => stated.item = value.try_into().map_err(key)?,
                "authorised_by" => stated.authorised_by = value.try_into().map_err(key)?,
                "witness" => stated.witness = value.try_into().map_err(key)?,
                "sampling" => stated.sampling = value.try_into().map_err(key)?,
                "external" => stated.external = value.try_into().map_err(key)?,
                _ => return Err(fail(&format!("key `{section}`: no such table"))),
            }
        }
        stated.check_days().map_err(|what| fail(&what))?;
        stated.check_names().map_err(|what| fail(&what))?;
        stated.sampling.drawn().map_err(|what| fail(&what))?;
        Ok(stated)
    }

    /// A re-issue has a number of its own, and keys are keys of different people.
    fn check_names(&self) -> Result<(), String> {
        let Identification { number, replaces } = &self.report;
        if replaces.is_some() && (number.is_none() || number == replaces) {
            return Err(
                "key `report.replaces`: what replaces a report needs a `report.number` of its own"
                    .into(),
            );
        }
        let keys = [("laboratory.key", &self.laboratory.key), ("witness.key", &self.witness.key)];
        for (name, key) in keys {
            let Some(key) = key else { continue };
            let hex = key.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            if !hex || ![KEY_DIGITS, 64].contains(&key.len()) {
                return Err(format!(
                    "key `{name}`: {key:?} is no SHA-256 of a key; write its 64 lower-case digits, or the first {KEY_DIGITS} as `audit sign` prints them"
                ));
            }
        }
        if let (Some(laboratory), Some(witness)) = (&self.laboratory.key, &self.witness.key)
            && laboratory[..KEY_DIGITS] == witness[..KEY_DIGITS]
        {
            return Err("key `witness.key`: it is the laboratory's own".into());
        }
        Ok(())
    }

    /// Days are days, and follow each other.
    fn check_days(&self) -> Result<(), String> {
        let a = &self.activity;
        let all = [
            ("sampled", &a.sampled),
            ("received", &a.received),
            ("performed", &a.performed),
            ("issued", &a.issued),
        ];
        let mut known: Vec<(&str, Date, Date)> = Vec::new();
        for (key, text) in all {
            let Some(text) = text else { continue };
            let span = key == "performed";
            let (from, to) = days(text, span).ok_or_else(|| {
                let also = if span { ", or two as 2026-11-24/2026-11-25" } else { "" };
                format!("key `activity.{key}`: {text:?} is no day; write it 2026-11-25{also}")
            })?;
            known.push((key, from, to));
        }
        // When an item is drawn and when it comes in has no order: a lot may be sampled where it lies.
        for (earlier, later) in [
            ("sampled", "performed"),
            ("received", "performed"),
            ("performed", "issued"),
            ("received", "issued"),
            ("sampled", "issued"),
        ] {
            let of = |key: &str| known.iter().find(|(known, ..)| *known == key);
            if let (Some((_, from, to)), Some((_, first, last))) = (of(earlier), of(later))
                && (from > first || to > last)
            {
                return Err(format!(
                    "key `activity.{later}`: {first} lies before `activity.{earlier}`; one of them is wrong"
                ));
            }
        }
        Ok(())
    }
}

impl StatedSampling {
    /// The items that follow from population, number and seed, where all three are stated; the error names the key that
    /// does not agree with them.
    pub fn drawn(&self) -> Result<Option<Sampling>, String> {
        let bad = |key: &str, what: String| Err(format!("key `sampling.{key}`: {what}"));
        if let Some(n) = self.population.filter(|n| !(1..=LARGEST_LOT).contains(n)) {
            return bad("population", format!("{n} is not from 1 to {LARGEST_LOT}"));
        }
        if let Some(n) = self.n.filter(|n| !(1..=LARGEST_SAMPLE).contains(n)) {
            return bad("n", format!("{n} is not from 1 to {LARGEST_SAMPLE}"));
        }
        if let Some(seed) = self.seed.filter(|seed| *seed >= SEEDS_BELOW) {
            return bad("seed", format!("{seed} is not below 2^53"));
        }
        if let (Some(population), Some(n)) = (self.population, self.n)
            && n > population
        {
            return bad("n", format!("{n} of a lot of {population} items"));
        }
        let (Some(population), Some(n), Some(seed)) = (self.population, self.n, self.seed) else {
            let key = if self.items.is_empty() { "item_number" } else { "items" };
            return match (self.item_number, self.items.as_slice()) {
                (None, []) => Ok(None),
                _ => bad(
                    key,
                    "it can be held against the lot only with population, n and seed".into(),
                ),
            };
        };
        let sampling = sample(population, n, seed);
        let named: Vec<String> =
            sampling.items.iter().take(MOST_NAMED).map(u64::to_string).collect();
        let more = if sampling.items.len() > MOST_NAMED { ", ..." } else { "" };
        let drawn = format!("seed {seed} draws {}{more}", named.join(", "));
        if let Some(number) = self.item_number.filter(|number| !sampling.items.contains(number)) {
            return bad("item_number", format!("{number} is not among those drawn: {drawn}"));
        }
        let mut items = self.items.clone();
        items.sort_unstable();
        if !items.is_empty() && items != sampling.items {
            return bad("items", format!("they are not those that follow from the seed: {drawn}"));
        }
        Ok(Some(sampling))
    }
}

/// First and last of one day, or of a span where there may be one.
pub(crate) fn days(text: &str, span: bool) -> Option<(Date, Date)> {
    let day = |text: &str| text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    match text.split_once('/') {
        Some((from, to)) if span => Some((day(from)?, day(to)?)).filter(|(from, to)| from <= to),
        _ => day(text).map(|day| (day, day)),
    }
}

/// TOML has days of its own, which are as good as their text.
fn days_as_text(value: toml::Value) -> toml::Value {
    match value {
        toml::Value::Datetime(day) => toml::Value::String(day.to_string()),
        toml::Value::Table(table) => toml::Value::Table(
            table.into_iter().map(|(key, value)| (key, days_as_text(value))).collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        LaboratoryFile::parse("LAB.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn the_template_states_nothing_and_all_of_its_examples_can_be_stated() {
        let empty = LaboratoryFile::parse("a", LABORATORY_TEMPLATE).unwrap();
        assert_eq!(empty, LaboratoryFile::default());
        let stated: String = LABORATORY_TEMPLATE
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(key) if !key.starts_with(' ') => format!("{key}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let sampling = sample(1_000, 60, 7);
        let full = LaboratoryFile::parse("a", &stated).unwrap();
        assert_eq!(full.sampling.drawn().unwrap().unwrap(), sampling);
        let json = serde_json::to_string(&full).unwrap();
        assert!(!json.contains("null"), "the template lacks a key: {json}");
    }

    #[test]
    fn a_wrong_key_a_wrong_day_and_a_wrong_order_are_named() {
        for (text, words) in [
            ("[customer]\nnmae = \"x\"", ["key `customer`", "nmae"]),
            ("[costumer]\nname = \"x\"", ["key `costumer`", "no such table"]),
            ("[item]\nserial = 5", ["key `item`", "serial"]),
            ("[item\n", ["LAB.toml", "line 1"]),
            ("[activity]\nissued = \"soon\"", ["`activity.issued`", "2026-11-25"]),
            ("[activity]\nissued = 2026-02-30", ["LAB.toml", "line 2"]),
            ("[report]\nreplaces = \"1\"", ["`report.replaces`", "`report.number`"]),
            ("[report]\nnumber = \"1\"\nreplaces = \"1\"", ["`report.replaces`", "of its own"]),
            ("[laboratory]\nkey = \"0123\"", ["`laboratory.key`", "first 12"]),
            ("[witness]\nkey = \"0123456789AB\"", ["`witness.key`", "lower-case"]),
            (
                "[laboratory]\nkey = \"0123456789ab\"\n[witness]\nkey = \"0123456789ab\"",
                ["`witness.key`", "the laboratory's own"],
            ),
            (
                "[activity]\nperformed = \"2026-11-24/2026-11-26\"\nissued = 2026-11-25",
                ["`activity.issued`", "`activity.performed`"],
            ),
        ] {
            let found = wrong(text);
            assert!(words.iter().all(|word| found.contains(word)), "{text}: {found}");
            assert!(found.contains("--laboratory-template"), "{found}");
        }
    }

    #[test]
    fn items_are_those_of_the_seed_or_refused() {
        let lot = "[sampling]\npopulation = 10\nn = 3\nseed = 7\n";
        let items = sample(10, 3, 7).items;
        let parse = |more: String| LaboratoryFile::parse("a", &format!("{lot}{more}"));
        assert!(parse(format!("item_number = {}\nitems = {items:?}", items[2])).is_ok());
        let other = (1..=10).find(|item| !items.contains(item)).unwrap();
        let found = parse(format!("item_number = {other}")).unwrap_err().to_string();
        assert!(
            found.contains("sampling.item_number") && found.contains("seed 7 draws"),
            "{found}"
        );
        assert!(parse("items = [1, 2]".into()).is_err());
        for text in [
            "n = 0",
            "population = 2\nn = 3",
            "seed = 9007199254740992",
            "items = [1]",
            "item_number = 1",
        ] {
            assert!(wrong(&format!("[sampling]\n{text}")).contains("key `sampling."), "{text}");
        }
    }
}
