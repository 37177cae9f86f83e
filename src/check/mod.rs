//! Stage 4: was it really done?
//!
//! The buffer checked here is the one that was timed; it was poisoned with NaN before every batch.
//! References are computed in f64 from the inputs as stored, so only the kernel's own rounding
//! shows. A comparison is written `error <= bound`, which NaN fails. What is not verified has no
//! throughput.

mod budget;
mod clocks;
mod commitment;
mod kernel;
mod plausible;
mod reference;
mod signs;
mod tallies;
mod verification;

pub use budget::{
    SCATTER_OF_SAMPLES, SCATTER_OF_STARTS, SHARED, SHARED_PROCESSORS, budget, process_medians,
    processes,
};
pub use clocks::{ClockChoice, ClockFit, ClockTest, KNOWN_OPERATIONS, Problem, TimerProof};
pub use commitment::{Commitment, Confirmed, Opened, commit, confirm, confirming_takes};
pub use kernel::KernelCheck;
pub use plausible::refusal;
pub use reference::{Worst, misstated, reference_bytes, verify};
pub use signs::{
    BURST_NS, SIGN_IDS, Series, Sign, Thresholds, burst_and_sustained, identity_signs,
    ops_per_clock, sample_signs, scaling_with_depth, slower_metronome, telemetry_signs,
};
pub use tallies::{known_tallies, tallies_are_known, tally_words};
pub use verification::Verification;
