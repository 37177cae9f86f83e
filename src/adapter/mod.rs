//! Stage 1: which device is this?
//!
//! Facts only: what the driver says of itself, what it can do, and how to open it. Hardware
//! comes first; a software adapter is taken only when nothing else is there, and is labelled
//! in every output.

mod capability;
mod device;
mod drivers;
mod find;
mod identity;
mod quiet;

pub use capability::{Capability, MatrixShape};
pub use device::{DeviceError, Gpu};
pub use drivers::{DEVICE_FILES, DriverFile, Drivers, drivers, no_adapter};
pub use find::{Found, choose, find_all, twins};
pub use identity::Identity;
