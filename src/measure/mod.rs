//! Stage 3: how long did it take?
//!
//! Every sample is taken with two clocks: GPU timestamps around one compute pass and the host's
//! monotonic clock around submission and wait. Samples are kept raw from the first one on; the
//! warm-up is marked, not thrown away. Every dispatch leaves its trace in a tally that the device makes, so none
//! can be dropped or repeated unseen.

mod buffers;
mod gpu_rig;
mod host_clock;
mod host_load;
mod proof;
mod rig;
mod sample;
mod scaling;
mod session;
mod stop_rule;
mod tally_cost;

pub use buffers::try_memory;
pub use gpu_rig::GpuRig;
pub use host_clock::{HostCrossCheck, HostMoment};
pub use host_load::HostLoad;
pub use proof::{DispatchProof, WITNESSES, choices, tally};
pub use rig::{Batch, Output, Raw, Rig};
pub use sample::{Clock, Phase, Sample, Tally, Trusted};
pub use scaling::scaling;
pub use session::{Bench, Measurement, Watch, measure};
pub use stop_rule::{StopReason, StopRule};
