//! NVIDIA's management library, loaded when asked for; a machine without it has no telemetry.
//!
//! Only getters are called. Any of them may be unsupported on a device: that is `None`.

use nvml_wrapper::bitmasks::device::ThrottleReasons;
use nvml_wrapper::enum_wrappers::device::{Clock, TemperatureSensor};
use nvml_wrapper::error::NvmlError;

use super::pci::pick;
use super::{DeviceFacts, PciAddress, Reading, Telemetry, dram_gb_per_s};
use crate::adapter::Identity;

/// Name of each bit; an idle device is not held back, so that bit has none.
const REASONS: &[(ThrottleReasons, &str)] = &[
    (ThrottleReasons::APPLICATIONS_CLOCKS_SETTING, "applications-clocks"),
    (ThrottleReasons::SW_POWER_CAP, "sw-power-cap"),
    (ThrottleReasons::HW_SLOWDOWN, "hw-slowdown"),
    (ThrottleReasons::SYNC_BOOST, "sync-boost"),
    (ThrottleReasons::SW_THERMAL_SLOWDOWN, "sw-thermal-slowdown"),
    (ThrottleReasons::HW_THERMAL_SLOWDOWN, "hw-thermal-slowdown"),
    (ThrottleReasons::HW_POWER_BRAKE_SLOWDOWN, "hw-power-brake"),
    (ThrottleReasons::DISPLAY_CLOCK_SETTING, "display-clocks"),
];

/// One device of the library.
pub struct Nvml {
    library: nvml_wrapper::Nvml,
    index: u32,
    facts: DeviceFacts,
}

impl Nvml {
    /// The device of an adapter; none without the library, a driver or an unambiguous device.
    pub fn find(identity: &Identity) -> Option<Self> {
        let library = nvml_wrapper::Nvml::init()
            .inspect_err(|e| log::debug!("no telemetry from NVML: {e}"))
            .ok()?;
        let address = |index| {
            let pci = library.device_by_index(index).ok()?.pci_info().ok()?;
            PciAddress::parse(&pci.bus_id)
        };
        let addresses: Vec<_> = (0..library.device_count().ok()?).map(address).collect();
        let index = pick(identity.pci_bus.as_deref(), &addresses)? as u32;
        let facts = facts(&library, index)?;
        Some(Self { library, index, facts })
    }
}

impl Telemetry for Nvml {
    fn source(&self) -> &'static str {
        "nvml"
    }

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn read(&mut self) -> Result<Reading, String> {
        let device = self.library.device_by_index(self.index).map_err(|e| e.to_string())?;
        Ok(Reading {
            t_ns: 0,
            sm_mhz: told(device.clock_info(Clock::SM))?,
            memory_mhz: told(device.clock_info(Clock::Memory))?,
            power_w: told(device.power_usage())?.map(watts),
            power_limit_w: told(device.enforced_power_limit())?.map(watts),
            temperature_c: told(device.temperature(TemperatureSensor::Gpu))?.map(f64::from),
            limits: told(device.current_throttle_reasons())?.map(names).unwrap_or_default(),
            gpu_busy_percent: told(device.utilization_rates())?.map(|u| u.gpu),
        })
    }
}

/// What a call told; `None` when the device cannot tell, an error when it is gone.
fn told<T>(answer: Result<T, NvmlError>) -> Result<Option<T>, String> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(
            gone @ (NvmlError::GpuLost
            | NvmlError::ResetRequired
            | NvmlError::Uninitialized
            | NvmlError::DriverNotLoaded),
        ) => Err(gone.to_string()),
        Err(_) => Ok(None),
    }
}

fn names(reasons: ThrottleReasons) -> Vec<String> {
    let active = REASONS.iter().filter(|(bit, _)| reasons.contains(*bit));
    active.map(|(_, name)| (*name).to_owned()).collect()
}

fn watts(milliwatts: u32) -> f64 {
    f64::from(milliwatts) / 1e3
}

fn facts(library: &nvml_wrapper::Nvml, index: u32) -> Option<DeviceFacts> {
    let device = library.device_by_index(index).ok()?;
    let pci = device.pci_info().ok();
    let ids = pci.as_ref().map(|pci| (pci.pci_device_id & 0xffff, pci.pci_device_id >> 16));
    let memory_bus_bits = device.memory_bus_width().ok();
    let max_memory_mhz = device.max_clock_info(Clock::Memory).ok();
    let constraints = device.power_management_limit_constraints().ok();
    Some(DeviceFacts {
        name: device.name().ok(),
        uuid: device.uuid().ok(),
        serial: device.serial().ok(),
        pci_bus: pci.map(|pci| pci.bus_id.to_lowercase()),
        pci_id: ids.map(|(vendor, device)| format!("{vendor:04x}:{device:04x}")),
        vbios: device.vbios_version().ok(),
        driver_version: library.sys_driver_version().ok(),
        memory_bytes: device.memory_info().ok().map(|memory| memory.total),
        memory_bus_bits,
        max_sm_mhz: device.max_clock_info(Clock::SM).ok(),
        max_memory_mhz,
        // The library knows these two under the graphics clock, which the SM clock follows.
        applications_sm_mhz: device.applications_clock(Clock::Graphics).ok(),
        default_applications_sm_mhz: device.default_applications_clock(Clock::Graphics).ok(),
        default_power_limit_w: device.power_management_limit_default().ok().map(watts),
        enforced_power_limit_w: device.enforced_power_limit().ok().map(watts),
        max_power_limit_w: constraints.map(|c| watts(c.max_limit)),
        mig_enabled: device.mig_mode().ok().map(|mode| mode.current != 0),
        other_processes: other_processes(&device),
        // Told only for a part of a split device.
        sm_count: device.attributes().ok().map(|a| a.multiprocessor_count),
        cores: device.num_cores().ok(),
        theoretical_dram_gb_per_s: memory_bus_bits
            .zip(max_memory_mhz)
            .map(|(bits, mhz)| dram_gb_per_s(bits, mhz)),
    })
}

fn other_processes(device: &nvml_wrapper::Device<'_>) -> Option<u32> {
    let lists = [device.running_compute_processes(), device.running_graphics_processes()];
    let mut pids: Vec<u32> =
        lists.into_iter().filter_map(Result::ok).flatten().map(|process| process.pid).collect();
    let told = device.running_compute_processes_count().is_ok();
    pids.sort_unstable();
    pids.dedup();
    told.then(|| others(&pids, std::process::id(), sees_all_processes())).flatten()
}

/// How many of `pids` are not ours; a lower bound, or unknown, where a container hides processes
/// or has other numbers for them.
fn others(pids: &[u32], own: u32, sees_all: bool) -> Option<u32> {
    let foreign = pids.iter().filter(|pid| **pid != own).count();
    if sees_all {
        return Some(foreign as u32);
    }
    // One of the foreign numbers may be ours, as the host counts.
    let at_least = if foreign < pids.len() { foreign } else { foreign.saturating_sub(1) };
    (at_least > 0).then_some(at_least as u32)
}

/// Whether process numbers here are those of the whole machine.
fn sees_all_processes() -> bool {
    /// The inode that Linux gives to the first PID namespace.
    const WHOLE_MACHINE: &str = "pid:[4026531836]";
    !cfg!(target_os = "linux")
        || std::fs::read_link("/proc/self/ns/pid").is_ok_and(|ns| ns.as_os_str() == WHOLE_MACHINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_is_no_limit_and_every_other_bit_has_a_name() {
        assert!(names(ThrottleReasons::GPU_IDLE).is_empty());
        assert_eq!(names(ThrottleReasons::all()).len(), 8);
    }

    #[test]
    fn in_a_container_the_count_of_others_is_a_lower_bound_or_unknown() {
        assert_eq!(others(&[7, 8], 7, true), Some(1));
        assert_eq!(others(&[], 7, true), Some(0));
        assert_eq!(others(&[], 7, false), None);
        assert_eq!(others(&[4242], 7, false), None, "that may be this process");
        assert_eq!(others(&[4242, 4243], 7, false), Some(1));
        assert_eq!(others(&[7, 8], 7, false), Some(1));
    }

    #[test]
    fn unsupported_is_unknown_and_a_lost_device_is_an_error() {
        assert_eq!(told::<u32>(Err(NvmlError::NotSupported)), Ok(None));
        assert!(told::<u32>(Err(NvmlError::GpuLost)).is_err());
    }
}
