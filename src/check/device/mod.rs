//! Was the device free to do its best, and is it the one it says it is?
//!
//! A sign is an observation with advice, never a verdict: what follows from it is decided later.
//! Unknown facts give no sign.

mod held_back;
mod identity;
mod load;

pub use held_back::signs;
pub use identity::identity_signs;

/// Something about the device that a reader of the figures must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Stable name; what begins with `held-back/` says that the figures may be too low.
    pub id: &'static str,
    /// What was seen.
    pub text: String,
    /// What to do about it.
    pub advice: String,
}

impl Sign {
    fn new(id: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { id, text: text.into(), advice: advice.into() }
    }
}

/// Every name that a sign can have; `docs/signs.md` explains each.
pub const IDS: &[&str] = &[
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
];
