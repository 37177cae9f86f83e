//! Reads a record of any known version.

use std::path::Path;

use super::{Record, SCHEMA};
use crate::error::{Error, Result};

/// Reads `record.json`, or the one inside a folder.
pub fn read(path: &Path) -> Result<Record> {
    let file = if path.is_dir() { path.join("record.json") } else { path.to_owned() };
    let name = file.display().to_string();
    let text = std::fs::read_to_string(&file)
        .map_err(|e| Error::input(&name, format!("{e}; name a record.json or its folder")))?;
    parse(&name, &text)
}

fn parse(name: &str, text: &str) -> Result<Record> {
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|e| Error::input(name, format!("not JSON: {e}; the file may be cut off")))?;
    let schema = value.get("schema").and_then(|s| s.as_str()).unwrap_or_default();
    if schema != SCHEMA {
        let version = schema.strip_prefix("tierbench.record/").and_then(|v| v.parse::<u32>().ok());
        return Err(Error::input(
            name,
            match version {
                Some(version) => format!(
                    "key `schema`: version {version} is newer than this program knows ({SCHEMA}); update tierbench"
                ),
                None => format!(
                    "key `schema`: found {schema:?}, expected {SCHEMA:?}; this is no record"
                ),
            },
        ));
    }
    // Again from the text, so that an error names its line and column.
    serde_json::from_str(text).map_err(|e| {
        Error::input(name, format!("{e}; the record breaks schemas/record-v1.schema.json"))
    })
}
