//! Changes of JSON, and of TOML line by line, where it counts: a value among its likes, so that most mutants still are records.

use std::path::Path;

use base64ct::{Base64, Encoding};
use serde_json::{Map, Number, Value};
use tierbench::workload::{Workload, inputs};

use crate::parts::Parts;

/// Tag of these draws among all that follow from a seed.
const TAG: u32 = 901;

/// Draws that follow from a seed.
pub(crate) struct Dice {
    seed: u64,
    at: u64,
}

impl Dice {
    pub(crate) fn new(seed: u32) -> Self {
        Self { seed: u64::from(seed), at: 0 }
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.at += 1;
        let [word, ..] = inputs::words(self.seed, TAG, self.at);
        word as usize % sides.max(1)
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }
}

const WHOLE: [u64; 10] =
    [0, 1, 2, 64, 1_000_000, u32::MAX as u64, u32::MAX as u64 + 1, 1 << 53, u64::MAX - 1, u64::MAX];
const REAL: [f64; 12] =
    [0.0, -0.0, -1.0, 0.5, 5e-324, 1e-300, 1e-9, 1.0, 1e18, 1.8e19, 1e300, f64::MAX];
/// Parts of shapes.
const SIZES: [u64; 14] =
    [0, 1, 2, 3, 7, 8, 33, 64, 255, 4096, 1 << 20, u32::MAX as u64, 1 << 62, u64::MAX];
/// Words of results: no numbers, the largest one, the least, a negative zero, the poison of what nobody wrote.
const WORDS: [u32; 8] = [
    0x7fc0_0000,
    0x7f80_0000,
    0xff80_0000,
    0x7f7f_ffff,
    1,
    0x8000_0000,
    tierbench::workload::POISON,
    0x3f80_0000,
];
const TEXTS: [&str; 20] = [
    "f16",
    "i8",
    "i32",
    "vector",
    "@kernel",
    "@root",
    "",
    "\u{1b}[2J",
    "\u{202e}",
    "\r\n",
    "\0",
    "\u{2028}|`<&\"",
    "é",
    "-",
    "../..",
    "measured",
    "failed",
    "unsupported",
    "2026-11-24T14:31:05Z",
    "99999-12-31T23:59:60Z",
];
/// Longer than anything that is shown whole.
const LONG: usize = 5_000;

/// One to four changes of an input's JSON; nothing where it has none.
pub(crate) fn mutant(input: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut parts = Parts::of(input);
    if parts.0.is_empty() {
        let mut value = serde_json::from_slice(input).ok()?;
        change(&mut value, dice);
        return serde_json::to_vec(&value).ok();
    }
    let at = dice.roll(parts.0.len());
    let (name, text) = &mut parts.0[at];
    let ending = Path::new(name).extension();
    if ending.is_some_and(|ending| ending == "jsonl" || ending == "toml") {
        lines(text, dice)?;
    } else {
        let mut value = serde_json::from_slice(text).ok()?;
        change(&mut value, dice);
        *text = serde_json::to_vec(&value).ok()?;
    }
    Some(parts.joined())
}

/// Changes a line, or takes it out, doubles it, or puts it elsewhere.
fn lines(text: &mut Vec<u8>, dice: &mut Dice) -> Option<()> {
    let mut all: Vec<Vec<u8>> = text.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    if all.is_empty() {
        return None;
    }
    let (at, to) = (dice.roll(all.len()), dice.roll(all.len()));
    match dice.roll(8) {
        0 => drop(all.remove(at)),
        1 => all.insert(to, all[at].clone()),
        2 => all.swap(at, to),
        _ => {
            // In TOML a key stands in front, and what follows is JSON mostly.
            let key = all[at].iter().position(|b| *b == b'=').filter(|_| all[at][0] != b'{');
            let begin = key.map_or(0, |equals| equals + 1);
            let mut value = serde_json::from_slice(&all[at][begin..]).ok()?;
            change(&mut value, dice);
            all[at].truncate(begin);
            serde_json::to_writer(&mut all[at], &value).ok()?;
            all[at].push(b'\n');
        }
    }
    *text = all.concat();
    Some(())
}

fn change(value: &mut Value, dice: &mut Dice) {
    for _ in 0..=dice.roll(4) {
        let other = node(value, &mut dice.roll(count(value))).cloned();
        let Some(node) = node(value, &mut dice.roll(count(value))) else { return };
        match (dice.roll(8), other) {
            // Another place's value: states, names and shapes are words that only the file has.
            (0, Some(other)) => *node = other,
            (_, _) => edge(node, dice),
        }
    }
}

/// Values in a value, itself included.
fn count(value: &Value) -> usize {
    match value {
        Value::Array(all) => 1 + all.iter().map(count).sum::<usize>(),
        Value::Object(all) => 1 + all.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// The value at a place, counted in order.
fn node<'a>(value: &'a mut Value, place: &mut usize) -> Option<&'a mut Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(all) => all.iter_mut().find_map(|value| node(value, place)),
        Value::Object(all) => all.values_mut().find_map(|value| node(value, place)),
        _ => None,
    }
}

/// Another value of the same type, mostly.
fn edge(value: &mut Value, dice: &mut Dice) {
    if dice.roll(16) == 0 {
        *value = Value::Null;
        return;
    }
    match value {
        Value::Null => *value = dice.of(&[1.into(), 0.5.into(), "x".into(), Value::Array(vec![])]),
        Value::Bool(bool) => *bool = !*bool,
        Value::Number(number) => *number = other_number(number, dice),
        Value::String(text) => other_text(text, dice),
        Value::Array(all) => other_list(all, dice),
        Value::Object(all) => other_keys(all, dice),
    }
}

fn other_number(number: &Number, dice: &mut Dice) -> Number {
    if let Some(whole) = number.as_u64().filter(|_| dice.roll(8) > 0) {
        let near = [whole.wrapping_add(1), whole.wrapping_sub(1), whole / 2, whole.wrapping_mul(2)];
        return if dice.roll(2) == 0 { dice.of(&near) } else { dice.of(&WHOLE) }.into();
    }
    let real = number.as_f64().unwrap_or_default();
    let near = [-real, real * 2.0, real / 2.0, real * 1e12, real / 1e12, real + 1.0];
    let real = if dice.roll(2) == 0 { dice.of(&near) } else { dice.of(&REAL) };
    Number::from_f64(real).unwrap_or(0.into())
}

fn other_text(text: &mut String, dice: &mut Dice) {
    match dice.roll(9) {
        0 => *text = text.repeat(LONG / text.len().max(1)),
        1 => drop(text.pop()),
        2 => *text = format!("{}{text}", dice.of(&TEXTS)),
        3 => *text = text.replace(|c: char| c.is_ascii_digit(), &dice.roll(10).to_string()),
        4 => text.push_str(dice.of(&TEXTS)),
        5 => *text = other_size(text, dice),
        6 => *text = other_word(text, dice).unwrap_or_default(),
        7 => *text = dice.of(Workload::NAMES).into(),
        _ => *text = dice.of(&TEXTS).into(),
    }
}

/// Another number in a text that has some, as a shape does.
fn other_size(text: &str, dice: &mut Dice) -> String {
    let digit = |c: char| c.is_ascii_digit();
    let numbers: Vec<&str> = text.split(|c| !digit(c)).filter(|part| !part.is_empty()).collect();
    match numbers.as_slice() {
        [] => text.into(),
        numbers => text.replacen(dice.of(numbers), &dice.of(&SIZES).to_string(), 1),
    }
}

/// Another word in a text that is base64.
fn other_word(text: &str, dice: &mut Dice) -> Option<String> {
    let mut bytes = Base64::decode_vec(text).ok()?;
    let words = bytes.len() / 4;
    let at = 4 * dice.roll(words);
    bytes.get_mut(at..at + 4)?.copy_from_slice(&dice.of(&WORDS).to_le_bytes());
    Some(Base64::encode_string(&bytes))
}

fn other_list(all: &mut Vec<Value>, dice: &mut Dice) {
    let (at, to) = (dice.roll(all.len()), dice.roll(all.len()));
    match (dice.roll(5), all.get(at).cloned()) {
        (0, Some(_)) => drop(all.remove(at)),
        (1, Some(_)) => all.swap(at, to),
        (2, Some(_)) => all.truncate(at),
        (3, _) => all.clear(),
        (_, Some(value)) => all.insert(to, value),
        (_, None) => {}
    }
}

fn other_keys(all: &mut Map<String, Value>, dice: &mut Dice) {
    let names: Vec<String> = all.keys().cloned().collect();
    match dice.roll(4) {
        0 if !names.is_empty() => drop(all.shift_remove(&dice.of(&names))),
        1 => drop(all.insert(dice.of(&TEXTS).into(), 1.into())),
        _ => {
            if let [first, .., last] = names.as_slice() {
                let (a, b) = (all[first].clone(), all[last].clone());
                (all[first], all[last]) = (b, a);
            }
        }
    }
}
