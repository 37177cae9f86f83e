//! The data files, built into the program or brought along by a bundle.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");

/// Texts of data files by path: `data/tiers.toml`, `data/chips/nvidia.toml` and so on.
pub struct DataFiles(BTreeMap<String, String>);

impl DataFiles {
    /// Those of this build.
    pub fn built_in() -> Self {
        let folders = ["", "chips", "rules"].into_iter();
        Self(folders.flat_map(data_files).collect())
    }

    /// Those of somebody else.
    pub fn of(files: BTreeMap<String, String>) -> Self {
        Self(files)
    }

    /// All of them.
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Those of a folder of `data/`, in alphabetical order.
    pub(super) fn folder(&self, folder: &str) -> impl Iterator<Item = (&String, &String)> {
        let front = format!("data/{folder}/");
        self.0.iter().filter(move |(path, _)| path.starts_with(&front))
    }

    /// One file of `data/` itself.
    pub(super) fn one<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let path = format!("data/{name}");
        let text = self.0.get(&path).ok_or_else(|| Error::input(&path, "the file is missing"))?;
        parse(&path, text)
    }
}

/// Every TOML file of a folder of this build's `data/`, by path, in alphabetical order.
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

/// One file of this build's `data/`.
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
