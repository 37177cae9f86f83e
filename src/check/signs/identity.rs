//! Signs that a device is not what it says: its own words against each other and against its
//! driver's telemetry.
//!
//! A name is a text that anyone can write; the PCI ids, the memory and the width of a subgroup are
//! harder to change all together.

use super::Sign;
use crate::adapter::Identity;
use crate::names::CPU_DRIVERS;
use crate::telemetry::{DeviceFacts, Log, PciAddress};

/// PCI vendor, and whole words that only this maker's names and drivers have.
const MAKERS: &[(&str, &str, &[&str])] = &[
    ("10de", "NVIDIA", &["nvidia", "geforce", "quadro", "nvk"]),
    ("1002", "AMD", &["amd", "radeon", "instinct", "radv", "amdvlk"]),
    ("8086", "Intel", &["intel"]),
];

/// The range that a driver without a word about subgroups gets from the graphics library.
const SUBGROUP_UNKNOWN: (u32, u32) = (4, 128);

/// A memory size in a name may be off by this share: makers count in powers of ten or two, and
/// drivers keep some of it for themselves.
const MEMORY_TOLERANCE: f64 = 0.15;

const ADVICE: &str = "find out which chip this is before anything is concluded from the name";

/// Every disagreement between an adapter's words and its telemetry, and among its own words.
pub fn identity_signs(identity: &Identity, log: Option<&Log>) -> Vec<Sign> {
    let facts = log.map(|log| &log.facts);
    let found = [
        facts.and_then(|facts| name(identity, facts)),
        facts.and_then(|facts| pci(identity, facts)),
        facts.and_then(|facts| memory(identity, facts)),
        subgroup(identity),
        driver(identity),
    ];
    found.into_iter().flatten().collect()
}

fn name(identity: &Identity, facts: &DeviceFacts) -> Option<Sign> {
    let told = facts.name.as_ref()?;
    let (a, b) = (plain(&identity.name), plain(told));
    let differ = !a.is_empty() && !b.is_empty() && !a.contains(&b) && !b.contains(&a);
    differ.then(|| {
        let text = format!("the adapter says {:?}, its telemetry {told:?}", identity.name);
        Sign::new("identity/name", text, ADVICE)
    })
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn pci(identity: &Identity, facts: &DeviceFacts) -> Option<Sign> {
    let mut differ = Vec::new();
    let id = identity.pci_id();
    if let Some(told) = facts.pci_id.as_ref().filter(|told| !told.eq_ignore_ascii_case(&id)) {
        differ.push(format!("device {id}, its telemetry {told}"));
    }
    if let Some((said, told)) = identity.pci_bus.as_ref().zip(facts.pci_bus.as_ref()) {
        let places = PciAddress::parse(said).zip(PciAddress::parse(told));
        if places.is_some_and(|(said, told)| !said.same_place(told)) {
            differ.push(format!("address {said}, its telemetry {told}"));
        }
    }
    (!differ.is_empty()).then(|| {
        let text = format!("the adapter says {}", differ.join("; "));
        Sign::new("identity/pci", text, "the two may be different devices; name one by pci:ADDRESS")
    })
}

/// The adapter's name against the memory that is there. A size that the telemetry's own name
/// states as well is the maker's way to name the chip and may count the host's memory.
fn memory(identity: &Identity, facts: &DeviceFacts) -> Option<Sign> {
    let bytes = facts.memory_bytes.filter(|bytes| *bytes > 0)? as f64;
    let stated = stated_gb(&identity.name);
    let also_told = stated_gb(facts.name.as_deref().unwrap_or_default());
    let fits = |gb: &u32| {
        [1e9, f64::from(1 << 30)]
            .iter()
            .any(|unit| (f64::from(*gb) * unit / bytes - 1.0).abs() <= MEMORY_TOLERANCE)
    };
    let differ = !stated.is_empty() && !stated.iter().any(|gb| fits(gb) || also_told.contains(gb));
    differ.then(|| {
        let there = bytes / 1e9;
        let text = format!("{:?} has {there:.1} GB by its telemetry", identity.name);
        Sign::new("identity/memory", text, ADVICE)
    })
}

/// Sizes in a name: `80GB`, `80 GB`, `144G`.
fn stated_gb(name: &str) -> Vec<u32> {
    let name = name.to_lowercase().replace(" gb", "gb");
    let words = name.split(|c: char| !c.is_alphanumeric());
    let size = |word: &str| word.strip_suffix("gb").or(word.strip_suffix('g'))?.parse().ok();
    words.filter_map(size).filter(|gb| *gb > 0).collect()
}

fn subgroup(identity: &Identity) -> Option<Sign> {
    let range @ (min, max) = (identity.subgroup_min, identity.subgroup_max);
    let usual = match identity.vendor_id.as_str() {
        "10de" => "32",
        "1002" => "32 or 64",
        "8086" => "8 to 32",
        _ => return None,
    };
    let possible = match identity.vendor_id.as_str() {
        "10de" => range == (32, 32),
        "1002" => [min, max].iter().all(|size| [32, 64].contains(size)),
        _ => min >= 8 && max <= 32,
    };
    let unknown = max == 0 || range == SUBGROUP_UNKNOWN;
    (!possible && !unknown).then(|| {
        let text = format!(
            "subgroups of {min} to {max}; hardware of vendor {} has {usual}",
            identity.vendor_id
        );
        Sign::new("identity/subgroup", text, "see whether a CPU driver answers in its place")
    })
}

fn driver(identity: &Identity) -> Option<Sign> {
    let vendor = identity.vendor_id.as_str();
    let maker = MAKERS.iter().find(|(id, ..)| *id == vendor).map(|(_, maker, _)| *maker);
    let words = format!("{} {} {}", identity.name, identity.driver, identity.driver_info);
    let words = words.to_lowercase();
    let cpu_driver = CPU_DRIVERS.iter().find(|driver| words.contains(**driver));
    let text = match (cpu_driver, maker) {
        (Some(driver), Some(maker)) => format!("vendor {vendor} ({maker}), but {driver} answers"),
        (Some(driver), None) if !identity.software => {
            format!("says hardware, but {driver} answers")
        }
        (_, Some(maker)) if identity.device_type == "cpu" => {
            format!("vendor {vendor} ({maker}), but the device is a CPU")
        }
        _ => {
            let named = named_maker(&words).filter(|_| has_vendor(vendor))?;
            let (id, other, _) = MAKERS.iter().find(|(id, ..)| *id == named)?;
            if *id == vendor {
                return None;
            }
            format!("name or driver says {other}, the vendor id is {vendor}")
        }
    };
    Some(Sign::new("identity/driver", text, "see whether the hardware's own driver is installed"))
}

/// Metal gives no ids.
fn has_vendor(vendor: &str) -> bool {
    vendor != "0000"
}

/// Vendor id of the first maker named; none where several are.
fn named_maker(words: &str) -> Option<&'static str> {
    let words: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).collect();
    let mut named = MAKERS
        .iter()
        .filter(|(.., theirs)| theirs.iter().any(|word| words.contains(word)))
        .map(|(id, ..)| *id);
    let first = named.next()?;
    named.next().is_none().then_some(first)
}
