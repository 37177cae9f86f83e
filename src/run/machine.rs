//! What a run needs from the world: the seam at which tests put faults.

use crate::adapter::{DeviceError, Found, Gpu, Identity};
use crate::measure::{GpuRig, Rig};
use crate::telemetry::{self, Telemetry};
use crate::workload::Job;

/// Where rigs come from.
pub trait Machine {
    /// A job on the adapter's device. Each has a device of its own: a fault in one cannot spoil the next.
    fn rig(
        &self,
        found: &Found,
        job: &Job,
        seed: u64,
        checked: bool,
    ) -> Result<Box<dyn Rig>, DeviceError>;

    /// What the driver tells of the device meanwhile; `None` where it tells nothing.
    fn telemetry(&self, identity: &Identity) -> Option<Box<dyn Telemetry>>;
}

/// This machine.
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn rig(
        &self,
        found: &Found,
        job: &Job,
        seed: u64,
        checked: bool,
    ) -> Result<Box<dyn Rig>, DeviceError> {
        Ok(Box::new(GpuRig::new(&Gpu::open(found)?, job, seed, checked)?))
    }

    fn telemetry(&self, identity: &Identity) -> Option<Box<dyn Telemetry>> {
        telemetry::find(identity)
    }
}
