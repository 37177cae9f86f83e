//! JSON as outside input: no key twice, none unknown, none left out.

use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value in which no object has a key twice.
pub(super) struct Strict(pub(super) Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Anything)
    }
}

struct Anything;

/// Values in one file, at the most: each takes some hundred bytes of memory, and the shortest two of the file.
const MOST_VALUES: usize = 2_000_000;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(MOST_VALUES) };
}

/// A value from its text.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    LEFT.set(MOST_VALUES);
    serde_json::from_slice(bytes).map(|Strict(value)| value)
}

fn count<E: Error>() -> Result<(), E> {
    let left = LEFT.get();
    LEFT.set(left.saturating_sub(1));
    if left == 0 { Err(E::custom(format!("more than {MOST_VALUES} values"))) } else { Ok(()) }
}

impl<'de> Visitor<'de> for Anything {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Strict, E> {
        let number = serde_json::Number::from_f64(value);
        number.map(|n| Strict(n.into())).ok_or_else(|| E::custom("a number beyond all bounds"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            count()?;
            all.push(value);
        }
        Ok(Strict(all.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
        let mut all = Map::new();
        while let Some((key, Strict(value))) = map.next_entry::<String, Strict>()? {
            count()?;
            if all.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("key {key:?} stands twice")));
            }
        }
        Ok(Strict(all.into()))
    }
}

/// The first key that only one of two values has, as a path: what a file holds that its type does not know, or
/// leaves out though this program always writes it. Plain values are not compared.
pub(super) fn stray_key(file: &Value, known: &Value) -> Option<String> {
    match (file, known) {
        (Value::Object(file), Value::Object(known)) => {
            if let Some(key) = file.keys().find(|key| !known.contains_key(*key)) {
                return Some(format!("key `{key}` is unknown"));
            }
            known.iter().find_map(|(key, value)| match file.get(key) {
                None => Some(format!("key `{key}` is missing")),
                Some(own) => stray_key(own, value).map(|what| within(key, &what)),
            })
        }
        (Value::Array(file), Value::Array(known)) => {
            let pairs = file.iter().zip(known).enumerate();
            let mut pairs = pairs.filter_map(|(at, (a, b))| Some((at, stray_key(a, b)?)));
            pairs.next().map(|(at, what)| within(&at.to_string(), &what))
        }
        _ => None,
    }
}

fn within(key: &str, what: &str) -> String {
    match what.split_once('`') {
        Some((front, rest)) => format!("{front}`{key}.{rest}"),
        None => what.to_owned(),
    }
}
