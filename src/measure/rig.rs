//! The seam between what is timed and who times it.
//!
//! [`super::Bench`] drives whatever stands behind [`Rig`]: a device, or in tests a device with a fault. What
//! it concludes rests on the answers alone.

use crate::adapter::DeviceError;
use crate::workload::Nudge;

/// A batch to run.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// Dispatches, one after the other.
    pub dispatches: u32,
    /// Decides which input each of them finds; never used twice.
    pub nonce: u32,
    /// The last dispatch finds the original input: its result is the one that is checked.
    pub last: bool,
}

/// What a batch left behind.
#[derive(Clone, Copy, Debug)]
pub struct Raw {
    /// Start of the batch since the rig was made, host clock.
    pub start_ns: u64,
    /// Host time from submission until the device was idle again.
    pub host_ns: u64,
    /// Timestamps before the first and after the last dispatch, in ticks; absent where the device has none.
    pub ticks: Option<[u64; 2]>,
    /// The tally that the device made.
    pub tally: u32,
}

/// The output buffer after the last batch.
#[derive(Clone, Debug)]
pub struct Output {
    /// What the kernel wrote.
    pub bytes: Vec<u8>,
    /// Whether the words in front and behind are untouched.
    pub canary_intact: bool,
}

/// One kernel with its buffers, ready to run batches.
pub trait Rig {
    /// Poisons the output, runs a batch and waits for it.
    fn run(&mut self, batch: Batch) -> Result<Raw, DeviceError>;
    /// Length of a timestamp tick.
    fn ns_per_tick(&self) -> f64;
    /// Time that the pipelines took to make.
    fn compile_ns(&self) -> u64;
    /// The output as the last batch left it.
    fn output(&mut self) -> Result<Output, DeviceError>;
    /// Whether the inputs are still those that the rig was made with.
    fn inputs_intact(&mut self) -> Result<bool, DeviceError>;
    /// The inputs that dispatches find in turn: unchanged, then those of the job.
    fn choices(&self) -> &[Nudge];
    /// The whole result of one dispatch that finds choice number `choice`.
    fn learn(&mut self, choice: usize) -> Result<Vec<u8>, DeviceError>;
    /// As [`Rig::run`], but with the tally's own dispatches alone.
    fn run_tally(&mut self, batch: Batch) -> Result<Raw, DeviceError>;
}
