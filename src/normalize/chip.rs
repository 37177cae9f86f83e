//! The chip catalogue: `data/chips/*.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::figures::FORMATS;
use super::{DataFiles, Figures, Options, data};
use crate::adapter::Identity;
use crate::error::{Error, Result};
use crate::record::External;

/// Declared figures of one chip or form factor. What is not known is absent.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the schema is in words in data/chips/README.md")]
pub struct Chip {
    pub id: String,
    pub vendor: String,
    pub name: String,
    pub form_factor: Option<String>,
    pub segment: String,
    pub data_center: DataCenter,
    pub sold_as: Option<SoldAs>,
    pub designer: Option<String>,
    pub us_market_2026_01_15: Option<bool>,
    pub status: String,
    pub released: Option<String>,
    pub grade: String,
    #[serde(default)]
    pub adapter_names: Vec<String>,
    #[serde(default)]
    pub pci_ids: Vec<String>,
    pub process: Option<String>,
    pub die_area_mm2: Option<f64>,
    pub die_area_note: Option<String>,
    pub io_die_area_mm2: Option<f64>,
    #[serde(default)]
    pub die_area_partial: bool,
    #[serde(default)]
    pub dense_tops: BTreeMap<String, f64>,
    #[serde(default)]
    pub dense_tops_at_least: BTreeMap<String, f64>,
    pub dense_basis: Option<String>,
    pub memory: Option<Memory>,
    pub io: Option<Io>,
    pub tdp_w: Option<f64>,
    pub l2_mb: Option<f64>,
    pub last_level_cache_mb: Option<f64>,
    pub units: Option<Units>,
    pub boost_mhz: Option<f64>,
    pub peak_mhz: Option<f64>,
    pub chain_cycles: Option<f64>,
    #[serde(default)]
    pub ranges: BTreeMap<String, [f64; 2]>,
    pub tpp_published: Option<f64>,
    pub tpp_published_source: Option<String>,
    pub wgpu: Option<String>,
    pub notes: Option<String>,
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
}

/// Whether a chip is designed or marketed for data centers (3A090, Note 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum DataCenter {
    /// Beyond doubt.
    Known(bool),
    /// The maker's own pages or product lines point both ways.
    Open(Disputed),
}

/// The word for what is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Disputed {
    /// `disputed`
    Disputed,
}

/// What is sold: an integrated circuit is under 3A090, what contains it under 4A090 or a .z paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SoldAs {
    /// The package alone.
    Ic,
    /// A card for a slot.
    Card,
    /// A module with the package on it: SXM, OAM.
    Module,
    /// A whole device or machine.
    System,
    /// Nobody gets it in hand.
    Service,
}

impl SoldAs {
    /// As the catalogue has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ic => "ic",
            Self::Card => "card",
            Self::Module => "module",
            Self::System => "system",
            Self::Service => "service",
        }
    }
}

/// Memory of a chip.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    pub kind: Option<String>,
    pub gb: Option<f64>,
    pub gb_per_s: Option<f64>,
}

/// Links of a chip to others.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Io {
    pub name: Option<String>,
    pub bidirectional_gb_per_s: Option<f64>,
}

/// Processing units of a chip.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Units {
    pub count: Option<f64>,
    pub kind: Option<String>,
}

impl Chip {
    /// Whether drivers give it this name.
    fn is_named(&self, name: &str) -> bool {
        self.adapter_names.iter().any(|known| known.eq_ignore_ascii_case(name.trim()))
    }

    /// Declared TPP under the usual readings: the highest product of a dense rate and its bit length.
    pub fn tpp(&self) -> Option<f64> {
        Figures::of(self).tpp(Options::default())
    }

    /// Declared performance density; undefined without a die area.
    pub fn performance_density(&self) -> Option<f64> {
        Figures::of(self).performance_density(Options::default())
    }

    /// The first figure that is no positive number: unknown is an absent key. No DRAM and no links are facts.
    fn wrong_figure(&self) -> Option<&str> {
        let fixed = [
            ("die_area_mm2", self.die_area_mm2),
            ("io_die_area_mm2", self.io_die_area_mm2),
            ("memory.gb_per_s", self.dram_gb_per_s()),
            ("io.bidirectional_gb_per_s", self.io_gb_per_s()),
            ("tdp_w", self.tdp_w),
            ("l2_mb", self.l2_mb),
            ("last_level_cache_mb", self.last_level_cache_mb),
            ("boost_mhz", self.boost_mhz),
            ("peak_mhz", self.peak_mhz),
            ("chain_cycles", self.chain_cycles),
        ];
        let fixed = fixed.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let rates = self.dense_tops.iter().chain(&self.dense_tops_at_least);
        let rates = rates.map(|(key, value)| (key.as_str(), *value));
        let zero = ["memory.gb_per_s", "io.bidirectional_gb_per_s"];
        let ends = self.ranges.iter().flat_map(|(key, range)| range.map(|x| (key.as_str(), x)));
        let mut all = fixed.chain(rates).chain(ends);
        let wrong = |(key, value): &(&str, f64)| {
            !value.is_finite() || *value < 0.0 || (*value == 0.0 && !zero.contains(key))
        };
        all.find(wrong).map(|(key, _)| key)
    }

    /// Declared total DRAM bandwidth.
    pub fn dram_gb_per_s(&self) -> Option<f64> {
        self.memory.as_ref()?.gb_per_s
    }

    /// The cache in front of the DRAM: what the catalogue states of it, else the L2.
    pub fn last_level_cache_mb(&self) -> Option<f64> {
        self.last_level_cache_mb.or(self.l2_mb)
    }

    /// Declared link bandwidth, both directions together.
    pub fn io_gb_per_s(&self) -> Option<f64> {
        self.io.as_ref()?.bidirectional_gb_per_s
    }

    /// Whether it is designed or marketed for data centers; unknown where that is disputed.
    pub fn is_for_data_centers(&self) -> Option<bool> {
        match self.data_center {
            DataCenter::Known(known) => Some(known),
            DataCenter::Open(Disputed::Disputed) => None,
        }
    }

    /// Declared vector or f16 rate of the format that a share of peak is taken of.
    pub fn declared_ops_per_s(&self, format: &str) -> Option<f64> {
        self.dense_tops.get(format).map(|tops| tops * 1e12)
    }
}

/// Where chips are sold; a row with another word would escape whoever asks for one of these.
const SEGMENTS: &[&str] =
    &["datacenter", "datacenter asic", "cloud asic", "workstation", "consumer", "soc", "embedded"];

/// How far a chip has come.
const STATUSES: &[&str] =
    &["shipping", "announced", "reported", "roadmap", "cancelled", "discontinued", "cloud"];

/// Figures that `ranges` may hold besides the formats of the chip.
const RANGED: &[&str] =
    &["die_area_mm2", "io_die_area_mm2", "dram_gb_per_s", "io_gb_per_s", "tf32_bits"];

/// Share of the stated memory that a driver may show.
const MEMORY_SEEN: (f64, f64) = (0.85, 1.12);

/// All chips.
pub struct Catalogue {
    /// In the order of the files.
    pub chips: Vec<Chip>,
}

/// A chip of the catalogue that an adapter turned out to be.
pub struct Match<'a> {
    /// The chip.
    pub chip: &'a Chip,
    /// `pci-id` or `name`.
    pub matched_by: &'static str,
}

/// A file of `data/chips/`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChipFile {
    chip: Vec<Chip>,
}

impl Catalogue {
    /// Reads and checks all files of this build.
    pub fn load() -> Result<Self> {
        Self::of(&DataFiles::built_in())
    }

    /// Reads and checks the files of `data/chips/`.
    pub(super) fn of(files: &DataFiles) -> Result<Self> {
        let mut chips: Vec<Chip> = Vec::new();
        for (path, text) in files.folder("chips") {
            for chip in data::parse::<ChipFile>(path, text)?.chip {
                let fail =
                    |what: &str| Err(Error::input(path, format!("chip {}: {what}", chip.id)));
                if chips.iter().any(|other| other.id == chip.id) {
                    return fail("key `id` is taken by another chip");
                }
                if !["V", "S", "A", "U"].contains(&chip.grade.as_str()) {
                    return fail("key `grade` is one of V, S, A, U");
                }
                if !SEGMENTS.contains(&chip.segment.as_str()) {
                    return fail(&format!("key `segment` is one of {}", SEGMENTS.join(", ")));
                }
                if !STATUSES.contains(&chip.status.as_str()) {
                    return fail(&format!("key `status` is one of {}", STATUSES.join(", ")));
                }
                if chip.sources.is_empty() {
                    return fail("key `sources` is missing: every figure needs where it is from");
                }
                if !chip.sources.contains_key("data_center") {
                    return fail("key `sources.data_center` is missing: much rests on that fact");
                }
                if let Some(key) = chip.wrong_figure() {
                    return fail(&format!("key `{key}`: a figure is a number above 0, or absent"));
                }
                let known = |key: &str| RANGED.contains(&key) || chip.dense_tops.contains_key(key);
                if let Some(key) = chip.ranges.keys().find(|key| !known(key)) {
                    return fail(&format!("key `ranges.{key}` is no figure of this chip"));
                }
                if let Some((key, _)) = chip.ranges.iter().find(|(_, [low, high])| low > high) {
                    return fail(&format!("key `ranges.{key}`: the lower end comes first"));
                }
                for format in chip.dense_tops.keys().chain(chip.dense_tops_at_least.keys()) {
                    if !FORMATS.iter().any(|(name, ..)| name == format) {
                        return fail(&format!("key `dense_tops.{format}` is no known format"));
                    }
                }
                chips.push(chip);
            }
        }
        Ok(Self { chips })
    }

    /// A chip by its catalogue id.
    pub fn by_id(&self, id: &str) -> Option<&Chip> {
        self.chips.iter().find(|chip| chip.id == id)
    }

    /// The chip that another program's results are about: as stated, else by whole name.
    pub fn of_external(&self, external: &External) -> Result<Option<&Chip>> {
        if let Some(id) = &external.chip {
            let found = self.by_id(id).ok_or_else(|| {
                Error::input(&external.id, format!("key `chip`: {id:?} is not in the catalogue"))
            })?;
            return Ok(Some(found));
        }
        Ok(self.named_by(external).map(|found| found.chip))
    }

    /// The chip of an import by what the file says of the device, whatever the label.
    fn named_by(&self, external: &External) -> Option<Match<'_>> {
        let pci = external.identity.as_ref().and_then(|identity| identity.pci_id.as_deref());
        self.identify(external.device.as_deref().unwrap_or_default(), pci.unwrap_or_default())
    }

    /// What in an import's own words speaks against its being about the chip that it is said to be about.
    pub(super) fn contradicted(&self, external: &External) -> Option<String> {
        let identity = external.identity.as_ref();
        let pci = identity.and_then(|identity| identity.pci_id.as_deref()).unwrap_or_default();
        let memory = identity.and_then(|identity| identity.memory_bytes);
        let name = external.device.as_deref().unwrap_or_default();
        // Several chips may share a name or an id.
        let all = |of: Vec<&Chip>, what: &str| {
            let label = external.chip.as_ref()?;
            let ids: Vec<&str> = of.iter().map(|chip| chip.id.as_str()).collect();
            (!ids.is_empty() && !ids.contains(&label.as_str())).then(|| {
                format!("it is said to be {label}, and its {what} is that of {}", ids.join(" or "))
            })
        };
        let named = self.chips.iter().filter(|chip| chip.is_named(name)).collect();
        all(self.with_pci_id(pci).collect(), "PCI id")
            .or_else(|| all(named, "name"))
            .or_else(|| self.speaks_against(name, pci, memory))
    }

    /// What speaks against an adapter's name, PCI id and memory belonging to one chip of the catalogue.
    pub fn contradiction(&self, adapter: &Identity, memory_bytes: Option<u64>) -> Option<String> {
        self.speaks_against(&adapter.name, &adapter.pci_id(), memory_bytes)
    }

    fn speaks_against(&self, name: &str, pci: &str, memory_bytes: Option<u64>) -> Option<String> {
        let by_id: Vec<&Chip> = self.with_pci_id(pci).collect();
        let named = self.by_adapter_name(name);
        if let Some(named) = named
            && !by_id.is_empty()
            && !by_id.iter().any(|chip| chip.id == named.id)
        {
            let ids: Vec<&str> = by_id.iter().map(|chip| chip.id.as_str()).collect();
            return Some(format!(
                "{name} is the name of {}, and the PCI id {pci} that of {}",
                named.id,
                ids.join(" or ")
            ));
        }
        let chip = self.identify(name, pci)?.chip;
        let (stated_gb, seen_bytes) = (chip.memory.as_ref()?.gb?, memory_bytes?);
        let seen_gb = seen_bytes as f64 / 1e9;
        // Makers count in powers of ten or of two, and drivers keep a part for themselves.
        ((seen_gb / stated_gb) < MEMORY_SEEN.0 || (seen_gb / stated_gb) > MEMORY_SEEN.1).then(
            || {
                format!(
                    "{} has {stated_gb} GB by the catalogue, and {seen_gb:.1} GB are seen",
                    chip.id
                )
            },
        )
    }

    fn by_adapter_name(&self, name: &str) -> Option<&Chip> {
        self.chips.iter().find(|chip| chip.is_named(name))
    }

    fn with_pci_id(&self, pci: &str) -> impl Iterator<Item = &Chip> {
        self.chips.iter().filter(move |chip| chip.pci_ids.iter().any(|id| id == pci))
    }

    /// The chip that an adapter is: by PCI id, then by whole name. Several chips can share an id;
    /// then the name decides among them, and an id that stays ambiguous matches nothing.
    pub fn find(&self, adapter: &Identity) -> Option<Match<'_>> {
        self.identify(&adapter.name, &adapter.pci_id())
    }

    fn identify(&self, name: &str, pci: &str) -> Option<Match<'_>> {
        let by_id: Vec<&Chip> = self.with_pci_id(pci).collect();
        let named = by_id.iter().copied().find(|chip| chip.is_named(name));
        let only = if by_id.len() == 1 { by_id.first().copied() } else { None };
        if let Some(chip) = named.or(only) {
            return Some(Match { chip, matched_by: "pci-id" });
        }
        let chip = self.by_adapter_name(name)?;
        Some(Match { chip, matched_by: "name" })
    }
}
