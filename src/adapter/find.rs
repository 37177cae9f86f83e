//! Enumeration and choice of an adapter.

use super::{Capability, Identity};
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
    found.dedup_by(|a, b| a.identity == b.identity && a.identity.pci_bus.is_some());
    found
}

/// Picks one adapter: the one named (`INDEX`, part of the name, or `pci:ADDRESS`), else the first.
pub fn choose(found: Vec<Found>, selector: Option<&str>, require_hardware: bool) -> Result<Found> {
    if found.is_empty() {
        return Err(Error::NoAdapter);
    }
    let names: Vec<String> =
        found.iter().enumerate().map(|(i, f)| format!("{i}: {}", f.identity.name)).collect();
    let names = names.join(", ");
    let chosen = match selector {
        None => found.into_iter().next(),
        Some(selector) => found
            .into_iter()
            .enumerate()
            .find_map(|(index, f)| matches(selector, index, &f.identity).then_some(f)),
    };
    let chosen = chosen.ok_or_else(|| {
        let asked = selector.unwrap_or_default();
        Error::AdapterRefused(format!(
            "no adapter matches {asked:?}\n  here are: {names}\n  name one by index, part of its name, or pci:ADDRESS"
        ))
    })?;
    if require_hardware && chosen.identity.software {
        return Err(Error::AdapterRefused(format!(
            "{:?} is a software adapter and --require-hardware was given\n  here are: {names}\n  if a GPU is in this machine, its Vulkan driver is missing (see `vulkaninfo --summary`)",
            chosen.identity.name
        )));
    }
    Ok(chosen.without_refused_matrices())
}

fn matches(selector: &str, index: usize, identity: &Identity) -> bool {
    if let Some(bus) = selector.strip_prefix("pci:") {
        return identity.pci_bus.as_deref().is_some_and(|b| b.eq_ignore_ascii_case(bus))
            || identity.pci_id().eq_ignore_ascii_case(bus);
    }
    match selector.parse::<usize>() {
        Ok(wanted) => wanted == index,
        Err(_) => {
            !selector.is_empty() && identity.name.to_lowercase().contains(&selector.to_lowercase())
        }
    }
}
