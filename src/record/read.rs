//! Reads a record of any known version and kind. Whatever stands in a file was written by a stranger.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::external::EXTERNAL_SCHEMA_1;
use super::schema1::{self, SCHEMA_1};
use super::strict::{self, stray_key};
use super::{EXTERNAL_SCHEMA, External, RESULTS, Record, SAMPLES, SCHEMA};
use crate::digest::sha256_hex;
use crate::error::{Error, Result};
use crate::files;

/// Largest file that is read: an audit of hours stays below a third of it.
const LARGEST_BYTES: u64 = 64 << 20;

/// What a file turned out to be.
#[derive(Clone, Debug)]
pub enum Document {
    /// A run of this program.
    Run(Box<Record>),
    /// Results of another one.
    Import(Box<External>),
}

/// Reads `record.json`, or the one inside a folder, with the samples beside it.
pub fn read(path: &Path) -> Result<Record> {
    match open(path)?.0 {
        Document::Run(record) => Ok(*record),
        Document::Import(_) => Err(Error::input(
            path.display().to_string(),
            "an import of another program's results; this command needs a run of tierbench",
        )),
    }
}

/// Reads `record.json` or `external.json`, or the one inside a folder; with the SHA-256 of the file, hexadecimal.
pub fn open(path: &Path) -> Result<(Document, String)> {
    let (name, bytes) = contents(path)?;
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    let beside = |file: &str| -> Result<Option<Vec<u8>>> {
        let file = folder.join(file);
        let read = || bounded(&file).map_err(|what| Error::input(files::name(&file), what));
        file.exists().then(read).transpose()
    };
    Ok((document(&name, &bytes, beside)?, sha256_hex(&bytes)))
}

/// The name of the file and what is in it.
fn contents(path: &Path) -> Result<(String, Vec<u8>)> {
    let inside = ["record.json", "external.json"].map(|name| path.join(name));
    let file = match inside.into_iter().find(|file| file.exists()) {
        Some(file) => file,
        None if path.is_dir() => path.join("record.json"),
        None => path.to_owned(),
    };
    let name = file.display().to_string();
    let bytes = bounded(&file)
        .map_err(|what| Error::input(&name, format!("{what}; name a record.json or its folder")))?;
    Ok((name, bytes))
}

/// A plain file of a size that fits: no pipe is waited for, and no endless device is read.
fn bounded(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = files::read(file, LARGEST_BYTES).map_err(|e| e.to_string())?;
    // Editors on Windows put a byte order mark in front.
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    Ok(bytes)
}

/// What the bytes of a `record.json` or `external.json` are; `beside` gives those of the files beside it, if they are
/// there.
pub fn document(
    name: &str,
    bytes: &[u8],
    beside: impl Fn(&str) -> Result<Option<Vec<u8>>>,
) -> Result<Document> {
    let value = strict::parse(bytes)
        .map_err(|e| Error::input(name, format!("not a JSON file: {e}{}", hint(bytes, &e))))?;
    match value.get("schema").and_then(Value::as_str).unwrap_or_default() {
        SCHEMA => {
            let mut record: Record = typed(name, &value, "record-v2")?;
            attach(name, &mut record, &beside)?;
            Ok(Document::Run(Box::new(record)))
        }
        SCHEMA_1 => {
            let record = schema1::read(value).map_err(|what| {
                Error::input(name, format!("{what}; the record breaks its schema, {SCHEMA_1}"))
            })?;
            Ok(Document::Run(Box::new(record)))
        }
        EXTERNAL_SCHEMA | EXTERNAL_SCHEMA_1 => {
            let external: Box<External> = typed(name, &from_external_1(value), "external-v2")?;
            external.validated().map_err(|what| Error::input(name, what))?;
            Ok(Document::Import(external))
        }
        schema => Err(Error::input(name, unknown(schema))),
    }
}

/// Version 1 had fewer keys, all of which may be unknown.
fn from_external_1(mut value: Value) -> Value {
    if value["schema"] != EXTERNAL_SCHEMA_1 {
        return value;
    }
    if let Value::Object(keys) = &mut value {
        keys.insert("schema".into(), EXTERNAL_SCHEMA.into());
        for key in ["device_number", "pci_address", "identity"] {
            keys.entry(key).or_insert(Value::Null);
        }
        keys.entry("left_out").or_insert_with(|| Value::Array(Vec::new()));
        let figures = keys.get_mut("figures").and_then(Value::as_array_mut);
        for figure in figures.into_iter().flatten().filter_map(Value::as_object_mut) {
            for key in ["link_bytes_per_s", "working_set_bytes"] {
                figure.entry(key).or_insert(Value::Null);
            }
        }
    }
    value
}

fn hint(bytes: &[u8], error: &serde_json::Error) -> &'static str {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        "; it is UTF-16: write it as UTF-8"
    } else if error.is_eof() {
        "; the file is cut off"
    } else {
        ""
    }
}

/// The samples and commitments beside a record. That they are not there is said, not refused; that they are others is.
fn attach(
    name: &str,
    record: &mut Record,
    beside: &impl Fn(&str) -> Result<Option<Vec<u8>>>,
) -> Result<()> {
    let missing = |file: &str| Some(format!("{file} is not beside it"));
    let expected = |key: &str, found: &str, due: &str| {
        let what = format!("key `{key}.file`: found {found:?}, expected {due:?}");
        if found == due { Ok(()) } else { Err(Error::input(name, what)) }
    };
    let refused = |file: &str, what: String| Error::input(file_beside(name, file), what);
    expected("samples", &record.samples.file, SAMPLES)?;
    match beside(SAMPLES)? {
        None => record.without_samples = missing(SAMPLES),
        Some(text) => record.attach_samples(&text).map_err(|what| refused(SAMPLES, what))?,
    }
    let Some(attached) = &record.results else { return Ok(()) };
    expected("results", &attached.file, RESULTS)?;
    match beside(RESULTS)? {
        None => record.without_results = missing(RESULTS),
        Some(text) => record.attach_results(&text).map_err(|what| refused(RESULTS, what))?,
    }
    Ok(())
}

/// The name of a file beside another one.
fn file_beside(name: &str, file: &str) -> String {
    Path::new(name).with_file_name(file).display().to_string()
}

fn unknown(schema: &str) -> String {
    for known in [SCHEMA, EXTERNAL_SCHEMA] {
        let family = known.trim_end_matches(char::is_numeric);
        let version = schema.strip_prefix(family).and_then(|v| v.parse::<u32>().ok());
        if let Some(version) = version {
            return format!(
                "key `schema`: version {version} is newer than this program knows ({known}); update tierbench"
            );
        }
    }
    format!("key `schema`: found {schema:?}, expected {SCHEMA:?}; this is no record")
}

/// As its type, with every key that this program writes and no other.
fn typed<T: DeserializeOwned + serde::Serialize>(
    name: &str,
    value: &Value,
    schema: &str,
) -> Result<T> {
    let breaks = |what: String| {
        Error::input(name, format!("{what}; it breaks schemas/{schema}.schema.json"))
    };
    let typed: T = T::deserialize(value).map_err(|e| breaks(e.to_string()))?;
    let known = serde_json::to_value(&typed).map_err(|e| breaks(e.to_string()))?;
    match stray_key(value, &known) {
        Some(what) => Err(breaks(what)),
        None => Ok(typed),
    }
}
