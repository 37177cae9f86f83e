//! Enumeration and choice of an adapter.

use super::{Capability, Identity, no_adapter};
use crate::error::{Error, Result};

/// An adapter that is here, with the facts about it.
pub struct Found {
    /// What it says it is.
    pub identity: Identity,
    /// What it can do.
    pub capability: Capability,
    /// What the driver said when it was asked for the matrix units that it lists; they are then not in
    /// `capability`.
    pub matrices_refused: Option<String>,
    pub(super) adapter: wgpu::Adapter,
}

impl Found {
    /// The adapter itself.
    pub fn adapter(&self) -> &wgpu::Adapter {
        &self.adapter
    }
}

/// Every adapter once, hardware before software; the order is what `--adapter INDEX` counts.
///
/// The GL backend is not built in, so a device never shows up a second time through it.
/// A device that two drivers offer under the same backend stays listed twice: those are two adapters.
pub fn find_all() -> Vec<Found> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        // No validation layers in a measured run, unless WGPU_DEBUG or WGPU_VALIDATION asks for them.
        flags: wgpu::InstanceFlags::empty().with_env(),
        ..wgpu::InstanceDescriptor::new_without_display_handle_from_env()
    });
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let mut found: Vec<Found> = adapters
        .into_iter()
        .map(|adapter| Found {
            identity: Identity::from_wgpu(&adapter.get_info()),
            capability: Capability::from_wgpu(&adapter),
            matrices_refused: None,
            adapter,
        })
        .collect();
    found.sort_by_key(|f| {
        let kinds = ["discrete-gpu", "integrated-gpu", "virtual-gpu", "other", "cpu"];
        kinds.iter().position(|kind| *kind == f.identity.device_type)
    });
    let mut seen: Vec<Identity> = Vec::new();
    found.retain(|f| {
        // A driver that is named twice lists its devices twice.
        let tell = f.identity.pci_bus.is_some() || f.identity.software;
        let again = tell && seen.contains(&f.identity);
        seen.push(f.identity.clone());
        !again
    });
    found
}

/// Picks one adapter: the one that a selector fits, else the first. A selector that fits several is
/// refused: two cards of one name, or one card under two drivers, are different items.
///
/// It is an index if there is one of that number; else `pci:ADDRESS`, `pci:VENDOR:DEVICE` or `driver:PART`;
/// else part of a name; else part of a driver.
pub fn choose(found: Vec<Found>, selector: Option<&str>, require_hardware: bool) -> Result<Found> {
    if found.is_empty() {
        return Err(no_adapter());
    }
    let identities: Vec<&Identity> = found.iter().map(|f| &f.identity).collect();
    let all: Vec<usize> = (0..found.len()).collect();
    let index = match selector {
        None => 0,
        Some(selector) => match select(selector, &identities).as_slice() {
            [one] => *one,
            [] => {
                return Err(Error::AdapterRefused(format!(
                    "no adapter matches {selector:?}; here are:\n{}\n  {SELECTORS}",
                    lines(&identities, &all)
                )));
            }
            several => {
                return Err(Error::AdapterRefused(format!(
                    "{selector:?} fits {} adapters:\n{}\n  {SELECTORS}",
                    several.len(),
                    lines(&identities, several)
                )));
            }
        },
    };
    if require_hardware && identities[index].software {
        return Err(Error::AdapterRefused(format!(
            "{:?} is a software adapter and --require-hardware was given; here are:\n{}\n  \
             if a GPU is in this machine, its driver gave no device: `tierbench list --why` shows \
             where drivers were looked for",
            identities[index].name,
            lines(&identities, &all)
        )));
    }
    let chosen = found.into_iter().nth(index).ok_or_else(no_adapter)?;
    Ok(chosen.without_refused_matrices())
}

const SELECTORS: &str =
    "name one with --adapter: its index, part of its name, pci:ADDRESS or driver:PART";

/// Each adapter with all that it can be told apart by.
fn lines(identities: &[&Identity], which: &[usize]) -> String {
    let line = |index: &usize| format!("  {index}: {}", identities[*index].line());
    which.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Other adapters that a reader could take for the chosen one: a card of the same name, or the same card
/// under another driver. One line each; none where there is nothing to confuse.
pub fn twins(all: &[Identity], chosen: &Identity) -> Vec<String> {
    let same = |other: &&Identity| {
        let bus = other.pci_bus.is_some() && other.pci_bus == chosen.pci_bus;
        *other != chosen && (other.name == chosen.name || bus)
    };
    all.iter().filter(same).map(Identity::line).collect()
}

/// The indices of the adapters that a selector fits.
fn select(selector: &str, identities: &[&Identity]) -> Vec<usize> {
    let wanted = selector.to_lowercase();
    let which = |fits: &dyn Fn(&Identity) -> bool| -> Vec<usize> {
        (0..identities.len()).filter(|i| fits(identities[*i])).collect()
    };
    let holds = |text: &str, part: &str| !part.is_empty() && text.to_lowercase().contains(part);
    let driver = |identity: &Identity| format!("{} {}", identity.driver, identity.driver_info);
    if let Some(bus) = wanted.strip_prefix("pci:") {
        return which(&|identity| {
            identity.pci_bus.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(bus))
                || identity.pci_id().eq_ignore_ascii_case(bus)
        });
    }
    if let Some(part) = wanted.strip_prefix("driver:") {
        return which(&|identity| holds(&driver(identity), part));
    }
    // Numbers of cards are parts of names: 4090 is no index where there are two adapters.
    if let Some(index) = wanted.parse().ok().filter(|index: &usize| *index < identities.len()) {
        return vec![index];
    }
    let exact = which(&|identity| identity.name.to_lowercase() == wanted);
    let named = which(&|identity| holds(&identity.name, &wanted));
    let driven = which(&|identity| holds(&driver(identity), &wanted));
    [exact, named, driven].into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, bus: &str, driver_info: &str) -> Identity {
        Identity {
            name: name.into(),
            backend: "vulkan".into(),
            device_type: "discrete-gpu".into(),
            vendor_id: "10de".into(),
            device_id: "2684".into(),
            pci_bus: Some(bus.into()),
            driver: "driver".into(),
            driver_info: driver_info.into(),
            subgroup_min: 32,
            subgroup_max: 32,
            software: false,
        }
    }

    #[test]
    fn a_selector_finds_what_it_fits_and_all_that_it_fits() {
        let here = [
            adapter("Maker RTX 4090", "0000:01:00.0", "580.1"),
            adapter("Maker RTX 4090", "0000:41:00.0", "580.1"),
            adapter("Maker H100", "0000:42:00.0", "580.1"),
            adapter("Maker H100 NVL", "0000:43:00.0", "580.1"),
            adapter("Other 750 (RADV)", "0000:44:00.0", "Mesa 22.3.6"),
            adapter("Other 750 (RADV)", "0000:44:00.0", "Mesa 26.1.6"),
        ];
        let here: Vec<&Identity> = here.iter().collect();
        for (selector, fits) in [
            ("1", vec![1]),
            ("6", vec![4, 5]), // no index, but part of a driver's version
            ("4090", vec![0, 1]),
            ("750", vec![4, 5]),
            ("pci:0000:41:00.0", vec![1]),
            ("PCI:0000:44:00.0", vec![4, 5]),
            ("pci:10DE:2684", vec![0, 1, 2, 3, 4, 5]),
            ("maker h100", vec![2]), // the whole name of one
            ("NVL", vec![3]),
            ("driver:mesa 26", vec![5]),
            ("26.1", vec![5]),
            ("driver:", vec![]),
            ("", vec![]),
            ("-1", vec![]),
            ("4,090", vec![]),
        ] {
            assert_eq!(select(selector, &here), fits, "{selector}");
        }
        let all: Vec<Identity> = here.iter().map(|identity| (*identity).clone()).collect();
        assert_eq!(twins(&all, here[0]), [here[1].line()]);
        assert_eq!(twins(&all, here[4]), [here[5].line()]);
        assert!(twins(&all, here[3]).is_empty());
        let said = lines(&here, &[4, 5]);
        assert!(
            said.contains("4: Other")
                && said.contains("pci:0000:44:00.0, vulkan, driver driver Mesa 22")
        );
    }
}
