//! Something that a reader of a run must know: was the chip free to do its best, and is it the one it says
//! it is?
//!
//! A sign is an observation with advice, never a verdict: what follows from it is decided later.
//! Unknown facts give no sign.

mod identity;
mod load;
#[cfg(test)]
mod made_up;
mod samples;
mod step;
mod telemetry;

pub use identity::identity_signs;
pub use samples::{
    BURST_NS, Series, Thresholds, burst_and_sustained, sample_signs, scaling_with_depth,
    slower_metronome,
};
pub use step::ops_per_clock;
pub use telemetry::telemetry_signs;

/// A sign, by a name that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Stable name, `area/what`.
    pub id: &'static str,
    /// What is the case, with the figures.
    pub text: String,
    /// What to do about it.
    pub advice: String,
}

impl Sign {
    /// A sign with everything said.
    pub fn new(id: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { id, text: text.into(), advice: advice.into() }
    }
}

/// Every name that a sign can have; `docs/signs.md` explains each. What begins with `held-back/` forbids to
/// call a slow run consistent with anything.
pub const SIGN_IDS: &[&str] = &[
    "held-back/step-down",
    "held-back/tail",
    "held-back/idle-gaps",
    "held-back/falls-with-size",
    "held-back/variant",
    "held-back/metronome",
    "held-back/ops-per-clock",
    "held-back/power-limit",
    "held-back/clock-limit",
    "held-back/event-reason",
    "held-back/mig",
    "held-back/other-process",
    "held-back/thermal",
    "held-back/clock-drop",
    "telemetry/power-capped",
    "telemetry/lost",
    "identity/name",
    "identity/pci",
    "identity/memory",
    "identity/subgroup",
    "identity/driver",
    "identity/catalogue",
    "work/scaling",
    "work/batch-too-fast",
    "timer/gpu-clock",
    "timer/host-clock",
    "timer/drift",
    "timer/host-clock-differs",
    "timer/impossible",
    "timer/unsteady",
];
