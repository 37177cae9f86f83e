//! What another program measured, kept apart from our own records.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::write::name_of;
use super::{Note, Tool};
use crate::error::{Error, Result};
use crate::files;

/// The `schema` key of this version.
pub const EXTERNAL_SCHEMA: &str = "tierbench.external/2";
/// The one before it: without numbers of devices, links and what nvidia-smi tells.
pub(super) const EXTERNAL_SCHEMA_1: &str = "tierbench.external/1";

/// Results of another program on one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct External {
    /// `tierbench.external/2`.
    pub schema: String,
    /// `external`: nothing in here was measured or verified by this program.
    pub source: String,
    /// Unique name; the folder is called so.
    pub id: String,
    /// Time of the import, RFC 3339, UTC.
    pub created: String,
    /// The program that imported.
    pub tool: Tool,
    /// The program that measured; docs/import.md lists all.
    pub program: String,
    /// Its version, where the file tells it.
    pub program_version: Option<String>,
    /// Name of the imported file, without its folder.
    pub file: String,
    /// SHA-256 of that file.
    pub file_sha256: String,
    /// Device as the file names it; null where it names none.
    pub device: Option<String>,
    /// Number by which the program calls the device; null where it does not.
    pub device_number: Option<u32>,
    /// PCI address of the device, as the file writes it.
    pub pci_address: Option<String>,
    /// What a monitor of the device says it is; null where the program is none.
    pub identity: Option<DeviceIdentity>,
    /// Driver as the file names it.
    pub driver: Option<String>,
    /// Catalogue id, where the user or the file states one.
    pub chip: Option<String>,
    /// What the file holds, whether it counts or not; of very many, the fastest of each kind.
    pub figures: Vec<ExternalFigure>,
    /// How many others there were, by reason.
    pub left_out: Vec<LeftOut>,
    /// Things a reader must know.
    pub notes: Vec<Note>,
}

/// Figures that are not listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// How many.
    pub count: u64,
    /// Why.
    pub why: String,
}

/// What a monitor such as nvidia-smi tells about a device. Null means that it does not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceIdentity {
    /// Part number of the board.
    pub part_number: Option<String>,
    /// PCI vendor and device id, `10de:2329`.
    pub pci_id: Option<String>,
    /// DRAM that the driver sees.
    pub memory_bytes: Option<u64>,
    /// Highest clock of the shader processors.
    pub max_sm_mhz: Option<f64>,
    /// Highest clock of the memory.
    pub max_memory_mhz: Option<f64>,
    /// Limit of power in force.
    pub power_limit_w: Option<f64>,
    /// It is cut into instances (MIG), or may be: what one of them shows is a part of the chip.
    pub mig: Option<bool>,
    /// How it is passed to a virtual machine, where it is.
    pub virtualization: Option<String>,
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
    /// Bytes per second between this device and others, in one direction unless the label says more.
    pub link_bytes_per_s: Option<f64>,
    /// Bytes that the work goes over, where the file tells: a small working set stays in a cache.
    pub working_set_bytes: Option<u64>,
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
            let mut rates = [f.ops_per_s, f.bytes_per_s, f.link_bytes_per_s].into_iter().flatten();
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

    /// What counts, each with how many of its kind (quantity, bit length, state of verification) are faster; the
    /// kinds in the order of the file.
    pub fn strongest_first(&self) -> Vec<(usize, &ExternalFigure)> {
        let mut kinds: Vec<(_, Vec<&ExternalFigure>)> = Vec::new();
        for figure in self.figures.iter().filter(|figure| figure.counts) {
            let kind = figure.kind();
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, same)) => same.push(figure),
                None => kinds.push((kind, vec![figure])),
            }
        }
        let sorted = kinds.into_iter().flat_map(|(_, mut same)| {
            same.sort_by(|a, b| b.rate().total_cmp(&a.rate()));
            same.into_iter().enumerate()
        });
        sorted.collect()
    }

    /// Why what does not count does not, with how many figures share the reason.
    pub fn reasons(&self) -> Vec<(&str, u64)> {
        let listed = self.figures.iter().filter(|figure| !figure.counts);
        let listed = listed.map(|figure| (figure.why.as_deref().unwrap_or_default(), 1));
        let others = self.left_out.iter().map(|left| (left.why.as_str(), left.count));
        let mut reasons: Vec<(&str, u64)> = Vec::new();
        for (why, count) in listed.chain(others) {
            match reasons.iter_mut().find(|(known, _)| *known == why) {
                Some((_, known)) => *known = known.saturating_add(count),
                None => reasons.push((why, count)),
            }
        }
        reasons
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

impl ExternalFigure {
    /// What it shares with figures of which one is the strongest: bit length, state of verification, quantity.
    pub(crate) fn kind(&self) -> (Option<u32>, bool, bool, bool) {
        let (dram, link) = (self.bytes_per_s.is_some(), self.link_bytes_per_s.is_some());
        (self.bit_length, self.verified, dram, link)
    }

    /// Its rate, of whatever quantity; 0 where it has none.
    pub fn rate(&self) -> f64 {
        self.ops_per_s.or(self.bytes_per_s).or(self.link_bytes_per_s).unwrap_or_default()
    }
}

impl DeviceIdentity {
    /// Everything that is known, as name and value for people.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let number = |value: Option<f64>, unit: &str| value.map(|x| format!("{x} {unit}"));
        let all = [
            ("part number", self.part_number.clone()),
            ("PCI id", self.pci_id.clone()),
            ("memory", self.memory_bytes.map(|bytes| format!("{:.1} GB", bytes as f64 / 1e9))),
            ("highest clock", number(self.max_sm_mhz, "MHz")),
            ("memory clock", number(self.max_memory_mhz, "MHz")),
            ("power limit", number(self.power_limit_w, "W")),
            ("instances", self.mig.map(|cut| if cut { "MIG on" } else { "MIG off" }.to_owned())),
            ("virtualized", self.virtualization.clone()),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
