//! Something that a reader of a run must know.

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
