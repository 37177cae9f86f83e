//! What an adapter says it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shown::clean;

/// Name, ids and driver of an adapter, as reported by the driver. All of it can be spoofed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// Marketing name.
    pub name: String,
    /// Graphics API: `vulkan`, `metal`, `dx12`.
    pub backend: String,
    /// `discrete-gpu`, `integrated-gpu`, `virtual-gpu`, `cpu` or `other`.
    pub device_type: String,
    /// PCI vendor id, four hexadecimal digits.
    pub vendor_id: String,
    /// PCI device id, four hexadecimal digits.
    pub device_id: String,
    /// PCI address, where the backend tells it.
    pub pci_bus: Option<String>,
    /// Driver name.
    pub driver: String,
    /// Driver version.
    pub driver_info: String,
    /// Smallest subgroup size, in invocations.
    pub subgroup_min: u32,
    /// Largest subgroup size, in invocations.
    pub subgroup_max: u32,
    /// True when the CPU does the work: no statement about a GPU follows from such a run.
    pub software: bool,
}

impl Identity {
    pub(crate) fn from_wgpu(info: &wgpu::AdapterInfo) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            name: info.name.clone(),
            backend: format!("{:?}", info.backend).to_lowercase(),
            device_type: match info.device_type {
                wgpu::DeviceType::DiscreteGpu => "discrete-gpu",
                wgpu::DeviceType::IntegratedGpu => "integrated-gpu",
                wgpu::DeviceType::VirtualGpu => "virtual-gpu",
                wgpu::DeviceType::Cpu => "cpu",
                wgpu::DeviceType::Other => "other",
            }
            .into(),
            vendor_id: format!("{:04x}", info.vendor),
            device_id: format!("{:04x}", info.device),
            pci_bus: some(&info.device_pci_bus_id),
            driver: info.driver.clone(),
            driver_info: info.driver_info.clone(),
            subgroup_min: info.subgroup_min_size,
            subgroup_max: info.subgroup_max_size,
            software: info.device_type == wgpu::DeviceType::Cpu,
        }
    }

    /// `vendor:device` as PCI ids are written.
    pub fn pci_id(&self) -> String {
        format!("{}:{}", self.vendor_id, self.device_id)
    }

    /// Name, address, API and driver on one line: all that tells two adapters apart.
    pub fn line(&self) -> String {
        let address = self.pci_bus.as_ref().map_or(String::new(), |bus| format!(" at pci:{bus}"));
        let driver = format!("{} {}", self.driver, self.driver_info);
        let line = format!("{}{address}, {}, driver {}", self.name, self.backend, driver.trim());
        clean(&line).into_owned()
    }

    /// `software adapter` or the kind of hardware, for labels.
    pub fn kind(&self) -> &str {
        if self.software { "SOFTWARE ADAPTER (runs on the CPU)" } else { &self.device_type }
    }
}
