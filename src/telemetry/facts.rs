//! The two things that every source yields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a device's driver tells that stays the same through a run. Null is unknown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeviceFacts {
    /// Marketing name.
    pub name: Option<String>,
    /// Unique id of the device.
    pub uuid: Option<String>,
    /// Serial number of the board.
    pub serial: Option<String>,
    /// PCI address, `domain:bus:device.function`.
    pub pci_bus: Option<String>,
    /// PCI ids, `vendor:device`, four hexadecimal digits each.
    pub pci_id: Option<String>,
    /// Version of the board's firmware.
    pub vbios: Option<String>,
    /// Version of the kernel driver.
    pub driver_version: Option<String>,
    /// Memory of the device.
    pub memory_bytes: Option<u64>,
    /// Width of the memory bus.
    pub memory_bus_bits: Option<u32>,
    /// Highest clock of the compute units.
    pub max_sm_mhz: Option<u32>,
    /// Highest clock of the memory.
    pub max_memory_mhz: Option<u32>,
    /// Clock of the compute units that the owner of the machine has set as the target or as the
    /// upper limit.
    pub applications_sm_mhz: Option<u32>,
    /// That clock as the maker delivers the device; it may lie below the highest clock.
    pub default_applications_sm_mhz: Option<u32>,
    /// Power limit as the maker delivers the device.
    pub default_power_limit_w: Option<f64>,
    /// Power limit in force at the start.
    pub enforced_power_limit_w: Option<f64>,
    /// Highest power limit that may be set.
    pub max_power_limit_w: Option<f64>,
    /// Whether the device is split into parts (multi-instance mode, compute partitions).
    pub mig_enabled: Option<bool>,
    /// Processes of others on the device at the start, as far as they can be seen; at least so
    /// many, where a container hides some.
    pub other_processes: Option<u32>,
    /// Multiprocessors or compute units.
    pub sm_count: Option<u32>,
    /// Scalar arithmetic units.
    pub cores: Option<u32>,
    /// Derived, not reported: 2 x `max_memory_mhz` x `memory_bus_bits` / 8, in decimal gigabytes.
    pub theoretical_dram_gb_per_s: Option<f64>,
}

/// State of a device at one moment. Null is unknown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// When, since the start of the sampling, host clock.
    pub t_ns: u64,
    /// Clock of the compute units.
    pub sm_mhz: Option<u32>,
    /// Clock of the memory.
    pub memory_mhz: Option<u32>,
    /// Power drawn.
    pub power_w: Option<f64>,
    /// Power limit in force.
    #[serde(default)]
    pub power_limit_w: Option<f64>,
    /// Temperature of the chip.
    pub temperature_c: Option<f64>,
    /// What holds the clocks down now: `sw-power-cap`, `hw-slowdown`, `hw-thermal-slowdown`,
    /// `sw-thermal-slowdown`, `hw-power-brake`, `applications-clocks`, `sync-boost`,
    /// `display-clocks`, `forced-performance-level`, or a driver's own word. An idle device is not
    /// held down.
    pub limits: Vec<String>,
    /// Share of the last moments in which a kernel ran.
    pub gpu_busy_percent: Option<u32>,
}

/// Peak of a memory bus that carries two bits a clock and line, in decimal gigabytes per second.
/// ```
/// assert_eq!(tierbench::telemetry::dram_gb_per_s(4096, 1000), 1024.0);
/// ```
pub fn dram_gb_per_s(bus_bits: u32, memory_mhz: u32) -> f64 {
    2.0 * f64::from(memory_mhz) * f64::from(bus_bits) / 8.0 / 1e3
}
