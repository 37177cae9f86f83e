//! Reads a record of any known version and kind.

use std::path::Path;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{EXTERNAL_SCHEMA, External, Record, SCHEMA};
use crate::error::{Error, Result};

/// What a file turned out to be.
#[derive(Clone, Debug)]
pub enum Read {
    /// A run of this program.
    Own(Box<Record>),
    /// Results of another one.
    External(Box<External>),
}

/// Reads `record.json`, or the one inside a folder.
pub fn read(path: &Path) -> Result<Record> {
    Ok(read_with_digest(path)?.0)
}

/// The same, with the SHA-256 of the file, hexadecimal.
pub fn read_with_digest(path: &Path) -> Result<(Record, String)> {
    let (name, text) = text(path)?;
    match parse(&name, &text)? {
        Read::Own(record) => {
            let digest = Sha256::digest(text.as_bytes());
            Ok((*record, digest.iter().map(|byte| format!("{byte:02x}")).collect()))
        }
        Read::External(_) => Err(Error::input(
            path.display().to_string(),
            "an import of another program's results; this command needs a run of tierbench",
        )),
    }
}

/// Reads `record.json` or `external.json`, or the one inside a folder.
pub fn read_any(path: &Path) -> Result<Read> {
    let (name, text) = text(path)?;
    parse(&name, &text)
}

/// The name of the file and what is in it.
fn text(path: &Path) -> Result<(String, String)> {
    let inside = ["record.json", "external.json"].map(|name| path.join(name));
    let file = match inside.into_iter().find(|file| file.exists()) {
        Some(file) => file,
        None if path.is_dir() => path.join("record.json"),
        None => path.to_owned(),
    };
    let name = file.display().to_string();
    let text = std::fs::read_to_string(&file)
        .map_err(|e| Error::input(&name, format!("{e}; name a record.json or its folder")))?;
    Ok((name, text))
}

fn parse(name: &str, text: &str) -> Result<Read> {
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|e| Error::input(name, format!("not JSON: {e}; the file may be cut off")))?;
    let schema = value.get("schema").and_then(|s| s.as_str()).unwrap_or_default();
    match schema {
        SCHEMA => Ok(Read::Own(typed(name, text, "record-v1")?)),
        EXTERNAL_SCHEMA => Ok(Read::External(typed(name, text, "external-v1")?)),
        _ => Err(Error::input(name, unknown(schema))),
    }
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

/// From the text, so that an error names its line and column.
fn typed<T: DeserializeOwned>(name: &str, text: &str, schema: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| {
        Error::input(name, format!("{e}; the record breaks schemas/{schema}.schema.json"))
    })
}
