//! What Linux drivers show as files: amdgpu, i915 and xe.

use std::path::{Path, PathBuf};

use super::pci::pick;
use super::{DeviceFacts, PciAddress, Reading, Telemetry, amdgpu, intel};
use crate::adapter::Identity;

/// One graphics card under `/sys/class/drm`.
pub struct Sysfs {
    card: Card,
    driver: Driver,
    energy: intel::EnergyMeter,
    facts: DeviceFacts,
}

#[derive(Clone, Copy)]
enum Driver {
    Amdgpu,
    I915,
    Xe,
}

impl Sysfs {
    /// Where Linux lists graphics cards.
    pub const ROOT: &str = "/sys/class/drm";

    /// The card of an adapter among those under `root`; none where that is ambiguous.
    pub fn find(root: &Path, identity: &Identity) -> Option<Self> {
        let mut cards = cards(root);
        cards.retain(|card| card.vendor_id().as_deref() == Some(identity.vendor_id.as_str()));
        let addresses: Vec<_> =
            cards.iter().map(|card| PciAddress::parse(&card.pci_bus()?)).collect();
        let index = pick(identity.pci_bus.as_deref(), &addresses)?;
        let card = cards.swap_remove(index);
        let driver = match identity.vendor_id.as_str() {
            "1002" => Driver::Amdgpu,
            _ if card.device().join("tile0").is_dir() => Driver::Xe,
            _ => Driver::I915,
        };
        let of_every_card = DeviceFacts {
            pci_bus: card.pci_bus(),
            pci_id: card.vendor_id().zip(card.device_id()).map(|(v, d)| format!("{v}:{d}")),
            ..DeviceFacts::default()
        };
        let facts = match driver {
            Driver::Amdgpu => amdgpu::facts(&card, of_every_card),
            Driver::I915 => intel::facts(&card, &intel::I915, of_every_card),
            Driver::Xe => intel::facts(&card, &intel::XE, of_every_card),
        };
        Some(Self { card, driver, energy: intel::EnergyMeter::default(), facts })
    }
}

impl Telemetry for Sysfs {
    fn source(&self) -> &'static str {
        match self.driver {
            Driver::Amdgpu => "amdgpu",
            Driver::I915 => "i915",
            Driver::Xe => "xe",
        }
    }

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn read(&mut self) -> Result<Reading, String> {
        if self.card.vendor_id().is_none() {
            return Err(format!("{} is gone", self.card.device().display()));
        }
        Ok(match self.driver {
            Driver::Amdgpu => amdgpu::read(&self.card),
            Driver::I915 => intel::read(&self.card, &intel::I915, &mut self.energy),
            Driver::Xe => intel::read(&self.card, &intel::XE, &mut self.energy),
        })
    }
}

/// The folder of a card, `card0` and the like.
pub(super) struct Card(PathBuf);

impl Card {
    /// A folder below the card's folder.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The folder of the PCI device.
    fn device(&self) -> PathBuf {
        self.folder("device")
    }

    /// Text of a file below the card's folder.
    pub(super) fn text(&self, file: &str) -> Option<String> {
        text(&self.0.join(file))
    }

    /// A whole number in a file below the card's folder.
    pub(super) fn number<T: std::str::FromStr>(&self, file: &str) -> Option<T> {
        self.text(file)?.parse().ok()
    }

    /// A whole number from the first sensor file that has one, times `scale`.
    pub(super) fn sensor(&self, files: &[&str], scale: f64) -> Option<f64> {
        let folders = sorted(&self.device().join("hwmon"));
        let value = |file: &&str| {
            folders.iter().find_map(|folder| text(&folder.join(file))?.parse::<u64>().ok())
        };
        files.iter().find_map(value).map(|value| value as f64 * scale)
    }

    fn pci_bus(&self) -> Option<String> {
        let uevent = self.text("device/uevent").unwrap_or_default();
        let slot = uevent.lines().find_map(|line| line.strip_prefix("PCI_SLOT_NAME="));
        slot.map(str::to_owned).or_else(|| {
            let target = self.device().canonicalize().ok()?;
            let name = target.file_name()?.to_str()?.to_owned();
            PciAddress::parse(&name).map(|_| name)
        })
    }

    fn vendor_id(&self) -> Option<String> {
        self.pci_number("device/vendor")
    }

    fn device_id(&self) -> Option<String> {
        self.pci_number("device/device")
    }

    fn pci_number(&self, file: &str) -> Option<String> {
        Some(self.text(file)?.strip_prefix("0x")?.to_lowercase())
    }
}

/// Text of a small file without the white space around it; `None` when there is none.
fn text(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What a folder holds, in a fixed order; nothing when it is not there.
pub(super) fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Folders `card0`, `card1` and so on; their outputs (`card0-DP-1`) are no cards.
fn cards(root: &Path) -> Vec<Card> {
    let is_card = |path: &PathBuf| {
        let number = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_prefix("card"));
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    sorted(root).into_iter().filter(is_card).map(Card).collect()
}
