//! Plays readings back, for tests and for looking at a record again.

use super::{DeviceFacts, Reading, Telemetry};

/// A source that yields the given readings in order, and then its last state or an error.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    facts: DeviceFacts,
    readings: std::collections::VecDeque<Reading>,
    last: Reading,
    error: Option<String>,
}

impl Recorded {
    /// A source of these facts and readings; after the last one it stays in that state.
    pub fn new(facts: DeviceFacts, readings: Vec<Reading>) -> Self {
        Self { facts, readings: readings.into(), ..Self::default() }
    }

    /// The same, but after the last reading every further one is this error.
    #[must_use]
    pub fn then_error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }
}

impl Telemetry for Recorded {
    fn source(&self) -> &'static str {
        "recorded"
    }

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn read(&mut self) -> Result<Reading, String> {
        match (self.readings.pop_front(), &self.error) {
            (Some(reading), _) => {
                self.last = reading;
                Ok(self.last.clone())
            }
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Ok(self.last.clone()),
        }
    }
}
