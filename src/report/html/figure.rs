//! Figures that can be checked: beside each stands the exact value and where it is from.
//!
//! `data-key` is a JSON Pointer (RFC 6901) into the list of the page's records, `data-value` what
//! stands there. With `data-per` the value is the one at `data-key` by the one at `data-per`; with
//! `data-rule` it follows from the part of the record at `data-key` by the rule of that name.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use super::svg::escape;
use crate::error::{Error, Result};
use crate::record::Record;

/// One figure on the page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figure {
    shown: String,
    value: String,
    key: String,
    per: Option<String>,
    rule: Option<String>,
}

impl Figure {
    /// The text for people.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// As attributes of an element, with a space in front.
    pub(super) fn attributes(&self) -> String {
        let mut text = format!(" data-value=\"{}\"", escape(&self.value));
        let key = Some(&self.key);
        for (name, value) in
            [("key", key), ("per", self.per.as_ref()), ("rule", self.rule.as_ref())]
        {
            if let Some(value) = value {
                let _ = write!(text, " data-{name}=\"{}\"", escape(value));
            }
        }
        text
    }

    /// The same figure in other words.
    pub(super) fn shown_as(&self, shown: String) -> Self {
        Self { shown, ..self.clone() }
    }

    /// The same figure without the sign of two sides.
    pub(super) fn one_sided(&self) -> Self {
        self.shown_as(self.shown.trim_start_matches('±').to_owned())
    }

    /// What follows from the part of a record, or of the catalogue, by a rule that has a name.
    pub(super) fn by_rule(rule: &str, key: String, value: f64, shown: String) -> Self {
        Self { shown, value: exact(value), key, per: None, rule: Some(rule.into()) }
    }
}

/// A record as the JSON that it is on disk, without the samples and readings: these may be a million, and few of
/// them stand on the page.
pub(super) struct Sheet {
    place: usize,
    json: Value,
}

impl Sheet {
    pub(super) fn new(place: usize, record: &Record) -> Result<Self> {
        let mut bare = record.clone();
        bare.workloads.iter_mut().for_each(|w| w.samples.clear());
        bare.telemetry.iter_mut().for_each(|log| log.readings.clear());
        Self::of(place, &bare)
    }

    /// Any other document of the page.
    pub(super) fn of(place: usize, document: &impl Serialize) -> Result<Self> {
        let json = serde_json::to_value(document)
            .map_err(|e| Error::Internal(format!("a record that is no JSON: {e}")))?;
        Ok(Self { place, json })
    }

    /// Pointer into the list of records.
    pub(super) fn key(&self, pointer: &str) -> String {
        format!("/{}{pointer}", self.place)
    }

    /// A name that is unique on the page.
    pub(super) fn id(&self, name: &str) -> String {
        format!("r{}-{name}", self.place)
    }

    /// A number of the record; nothing where it is null.
    pub(super) fn figure(&self, pointer: &str, show: impl Fn(f64) -> String) -> Option<Figure> {
        let value = self.json.pointer(pointer)?;
        let shown = show(value.as_f64()?);
        Some(Figure {
            shown,
            value: value.to_string(),
            key: self.key(pointer),
            per: None,
            rule: None,
        })
    }

    /// A number of a sample, which the sheet does not hold.
    pub(super) fn given(&self, pointer: &str, value: u64, show: impl Fn(f64) -> String) -> Figure {
        let key = self.key(pointer);
        Figure { shown: show(value as f64), value: value.to_string(), key, per: None, rule: None }
    }

    /// A number of the record as it stands there.
    pub(super) fn plain(&self, pointer: &str) -> Option<Figure> {
        let text = self.json.pointer(pointer)?.to_string();
        self.figure(pointer, |_| text.clone())
    }

    /// One number of the record by another one, of this or another record.
    pub(super) fn ratio(
        &self,
        pointer: &str,
        (other, per): (&Self, &str),
        show: impl Fn(f64) -> String,
    ) -> Option<Figure> {
        let divisor = other.json.pointer(per)?.as_f64().filter(|x| *x != 0.0)?;
        let ratio = self.json.pointer(pointer)?.as_f64()? / divisor;
        Some(Figure {
            shown: show(ratio),
            value: exact(ratio),
            key: self.key(pointer),
            per: Some(other.key(per)),
            rule: None,
        })
    }
}

/// The shortest text that reads back as the same number.
fn exact(value: f64) -> String {
    Value::from(value).to_string()
}
