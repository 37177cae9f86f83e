//! Tuned choices in the user's cache folder.
//!
//! A cache is never an obstacle: one that is corrupt, unreadable or of another version is ignored
//! with a note, and replaced by the next `tune`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use crate::adapter::Identity;
use crate::error::{Error, Result};
use crate::files;
use crate::workload::{Job, Workload};

const SCHEMA: &str = "tierbench.tuned/1";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Adapter, driver and backend.
    pub adapter: String,
    /// Size class of the workload.
    pub bucket: String,
    /// File name of the kernel under `shaders/`.
    pub kernel: String,
    /// Its parameters.
    pub parameters: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize)]
struct File {
    schema: String,
    version: String,
    entries: Vec<Entry>,
}

/// Tuned choices, and what was wrong with their file.
#[derive(Debug, Default)]
pub struct Cache {
    path: Option<PathBuf>,
    entries: Vec<Entry>,
    /// Why the file was ignored, if it was.
    pub ignored: Option<String>,
}

impl Cache {
    /// A cache that knows nothing and keeps nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads `TIERBENCH_CACHE_DIR/tuned.json`, or the one in the user's cache folder.
    pub fn load() -> Self {
        let folder = std::env::var_os("TIERBENCH_CACHE_DIR")
            .map(PathBuf::from)
            .or_else(|| Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("tierbench")));
        let Some(folder) = folder else {
            let ignored = Some("no home folder is known, so no tuned choices".into());
            return Self { ignored, ..Self::default() };
        };
        let path = folder.join("tuned.json");
        let (entries, ignored) = match std::fs::read_to_string(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => (Vec::new(), None),
            Err(e) => (Vec::new(), Some(format!("{}: {e}", path.display()))),
            Ok(text) => match parse(&text) {
                Ok(entries) => (entries, None),
                Err(what) => (Vec::new(), Some(format!("{}: {what}", path.display()))),
            },
        };
        Self { path: Some(path), entries, ignored }
    }

    /// The choice for a workload of this size class on this adapter.
    pub fn find(&self, adapter: &Identity, workload: &Workload) -> Option<&Entry> {
        let (adapter, bucket) = (fingerprint(adapter), workload.bucket());
        self.entries.iter().find(|entry| entry.adapter == adapter && entry.bucket == bucket)
    }

    /// Remembers a choice in place of an earlier one, and writes the file whole.
    pub fn keep(&mut self, adapter: &Identity, workload: &Workload, job: &Job) -> Result<()> {
        let entry = Entry {
            adapter: fingerprint(adapter),
            bucket: workload.bucket(),
            kernel: job.kernel.into(),
            parameters: job.parameters.iter().map(|(name, v)| ((*name).into(), *v)).collect(),
        };
        self.entries.retain(|e| e.adapter != entry.adapter || e.bucket != entry.bucket);
        self.entries.push(entry);
        self.write()
    }

    fn write(&self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let fail = |source| Error::Cache { path: path.clone(), source };
        let folder = path.parent().ok_or_else(|| fail(std::io::ErrorKind::NotFound.into()))?;
        std::fs::create_dir_all(folder).map_err(fail)?;
        let file =
            File { schema: SCHEMA.into(), version: VERSION.into(), entries: self.entries.clone() };
        let text = serde_json::to_vec_pretty(&file)
            .map_err(|e| Error::Internal(format!("a cache that is no JSON: {e}")))?;
        files::replace(path, &text).map_err(fail)
    }
}

fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let file: File = serde_json::from_str(text)
        .map_err(|e| format!("not a file of tuned choices ({e}); `tierbench tune` replaces it"))?;
    if file.schema != SCHEMA || file.version != VERSION {
        return Err(format!(
            "tuned by version {} ({}), this is {VERSION}; run `tierbench tune` again",
            file.version, file.schema
        ));
    }
    Ok(file.entries)
}

/// What a choice holds for: another driver compiles differently, another vector width is another
/// machine.
fn fingerprint(adapter: &Identity) -> String {
    format!(
        "{} {} {} {} {} subgroup {}..{}",
        adapter.name,
        adapter.pci_id(),
        adapter.backend,
        adapter.driver,
        adapter.driver_info,
        adapter.subgroup_min,
        adapter.subgroup_max
    )
}
