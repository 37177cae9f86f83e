//! Which source tells about an adapter.

use std::path::Path;

use super::{Nvml, Sysfs, Telemetry};
use crate::adapter::Identity;

/// The telemetry of an adapter, where its driver has any; none for a software adapter.
pub fn find(identity: &Identity) -> Option<Box<dyn Telemetry>> {
    if identity.software {
        return None;
    }
    match identity.vendor_id.as_str() {
        "10de" => Nvml::find(identity).map(|source| Box::new(source) as Box<dyn Telemetry>),
        "1002" | "8086" => Sysfs::find(Path::new(Sysfs::ROOT), identity)
            .map(|source| Box::new(source) as Box<dyn Telemetry>),
        _ => None,
    }
}
