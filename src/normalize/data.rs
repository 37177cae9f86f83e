//! The data files, built into the program.

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");

/// Every TOML file of a folder of `data/`, by path, in alphabetical order.
pub fn data_files(folder: &str) -> Vec<(String, String)> {
    let within = if folder.is_empty() { Some(&DATA) } else { DATA.get_dir(folder) };
    let mut files: Vec<(String, String)> = within
        .into_iter()
        .flat_map(Dir::files)
        .filter(|file| file.path().extension().is_some_and(|e| e == "toml"))
        .filter_map(|file| {
            Some((format!("data/{}", file.path().display()), file.contents_utf8()?.to_owned()))
        })
        .collect();
    files.sort();
    files
}

/// All files of `data/` that words rest on, by path.
pub fn all_data_files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> =
        ["", "chips", "rules"].into_iter().flat_map(data_files).collect();
    files.dedup();
    files
}

/// One file of `data/`.
pub(crate) fn load<T: DeserializeOwned>(name: &str) -> Result<T> {
    let path = format!("data/{name}");
    let text = DATA
        .get_file(name)
        .and_then(|file| file.contents_utf8())
        .ok_or_else(|| Error::input(&path, "the file is missing from this build"))?;
    parse(&path, text)
}

pub(crate) fn parse<T: DeserializeOwned>(path: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|e| Error::input(path, e.to_string()))
}
