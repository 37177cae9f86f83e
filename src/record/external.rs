//! What another program measured, kept apart from our own records.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::write::name_of;
use super::{Note, Tool};
use crate::error::{Error, Result};
use crate::files;

/// The `schema` key of this version.
pub const EXTERNAL_SCHEMA: &str = "tierbench.external/1";

/// Results of another program on one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct External {
    /// `tierbench.external/1`.
    pub schema: String,
    /// `external`: nothing in here was measured or verified by this program.
    pub source: String,
    /// Unique name; the folder is called so.
    pub id: String,
    /// Time of the import, RFC 3339, UTC.
    pub created: String,
    /// The program that imported.
    pub tool: Tool,
    /// The program that measured: `clpeak`, `cutlass-profiler`, `nvbandwidth`, `nvbench` or
    /// `measured-csv`.
    pub program: String,
    /// Its version, where the file tells it.
    pub program_version: Option<String>,
    /// Name of the imported file, without its folder.
    pub file: String,
    /// SHA-256 of that file.
    pub file_sha256: String,
    /// Device as the file names it; null where it names none.
    pub device: Option<String>,
    /// Driver as the file names it.
    pub driver: Option<String>,
    /// Catalogue id, where the user or the file states one.
    pub chip: Option<String>,
    /// Everything in the file, whether it counts or not.
    pub figures: Vec<ExternalFigure>,
    /// Things a reader must know.
    pub notes: Vec<Note>,
}

/// One figure of another program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExternalFigure {
    /// Name that the program gives it.
    pub label: String,
    /// Bit length of the multiply's inputs; null where the figure is no rate of multiply-adds.
    pub bit_length: Option<u32>,
    /// Dense operations per second; a multiply-add counts as two.
    pub ops_per_s: Option<f64>,
    /// Bytes per second to and from DRAM.
    pub bytes_per_s: Option<f64>,
    /// Relative uncertainty that the figure is taken with; null where nothing is known of it.
    pub relative_uncertainty: Option<f64>,
    /// Whether the program checked this result against a reference and says so in the file.
    pub verified: bool,
    /// Whether it is used as a lower bound.
    pub counts: bool,
    /// Why it does not count, or what weakens it.
    pub why: Option<String>,
    /// Conditions that the file states.
    pub conditions: Option<String>,
    /// Where the file says that it is from.
    pub source: Option<String>,
}

impl External {
    /// Whether its figures can be figures at all: the error names the one that cannot.
    pub fn validated(&self) -> Result<(), String> {
        if self.source != "external" {
            return Err(format!("key `source`: found {:?}, expected \"external\"", self.source));
        }
        let wrong = |f: &&ExternalFigure| {
            let mut rates = [f.ops_per_s, f.bytes_per_s].into_iter().flatten();
            f.counts && !rates.all(|x| x.is_finite() && x > 0.0)
                || f.relative_uncertainty.is_some_and(|u| !(0.0..1.0).contains(&u))
                || f.bit_length.is_some_and(|bits| !(1..=64).contains(&bits))
        };
        let found = self.figures.iter().find(wrong);
        found.map_or(Ok(()), |f| {
            Err(format!("figure {:?}: no such rate, uncertainty or bit length can be", f.label))
        })
    }

    /// The measured value less its uncertainty, as a share of the value: only of figures that the
    /// other program verified.
    pub fn lower_share(figure: &ExternalFigure) -> Option<f64> {
        figure.relative_uncertainty.filter(|_| figure.verified).map(|u| 1.0 - u)
    }

    /// Writes `external.json` into a folder of its own under `out`, and says where. The id becomes the
    /// name that the folder got.
    pub fn write(&mut self, out: &Path) -> Result<PathBuf> {
        let fail = |source| Error::Output { path: out.join(&self.id), source };
        let folder = files::new_folder(out, &self.id).map_err(fail)?;
        let path = folder.join("external.json");
        self.id = name_of(&folder);
        let fail = |source| Error::Output { path: path.clone(), source };
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::Internal(format!("an import that is no JSON: {e}")))?;
        text.push(b'\n');
        files::replace(&path, &text).map_err(fail)?;
        Ok(path)
    }
}
