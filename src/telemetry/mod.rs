//! What a device's driver tells of its state while it works: clocks, power, heat, and what holds
//! it back.
//!
//! Nothing here changes a clock, a limit or a mode. A source that is not there is no fault, only
//! silence: [`find`] then yields `None`. What a source cannot tell is `None`, never 0.

mod amdgpu;
mod facts;
mod find;
mod intel;
mod nvml;
mod pci;
mod recorded;
mod sampler;
mod sysfs;

pub use facts::{DeviceFacts, Reading, dram_gb_per_s};
pub use find::find;
pub use nvml::Nvml;
pub use pci::PciAddress;
pub use recorded::Recorded;
pub use sampler::{INTERVAL, Log, Sampler};
pub use sysfs::Sysfs;

/// One source of readings of one device.
pub trait Telemetry: Send {
    /// `nvml`, `amdgpu`, `i915`, `xe` or `recorded`.
    fn source(&self) -> &'static str;

    /// What stays the same through a run.
    fn facts(&self) -> &DeviceFacts;

    /// The state now; an error when the device does not answer at all.
    fn read(&mut self) -> Result<Reading, String>;
}
