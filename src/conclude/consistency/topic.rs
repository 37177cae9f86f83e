//! What a record can contradict itself in.

use serde::Serialize;

/// The subject of a check, and so of a problem that it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// The plan, its digest, and that it is what was run.
    Plan,
    /// The words about the adapter, against each other and against the name of the record.
    Identity,
    /// Operations and bytes, counted from the shape.
    Work,
    /// Process starts: their seeds, their number, and whose samples there are.
    Starts,
    /// The tests of the clocks.
    Timer,
    /// Known work between the workloads.
    Metronome,
    /// That the samples can have been taken, one after the other.
    Samples,
    /// The tally of each batch, and that none is missing.
    Tally,
    /// Sizes of batches, and the end of sampling, by the plan's rule.
    Stopping,
    /// Figures and their uncertainties, drawn from the samples.
    Summary,
    /// What the check of each result says, against itself and its kernel.
    Verification,
    /// Notes and signs that follow.
    Notes,
    /// Quantities, tiers and findings that follow.
    Conclusion,
    /// When it began and ended.
    Time,
}

/// Something that does not follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// In what.
    pub topic: Topic,
    /// In a sentence.
    pub what: String,
}

impl Topic {
    /// A problem of this kind.
    pub(in crate::conclude) fn problem(self, what: impl Into<String>) -> Problem {
        Problem { topic: self, what: what.into() }
    }
}

impl Problem {
    /// The same of one workload.
    pub(super) fn of(self, label: &str) -> Self {
        Self { what: format!("{label}: {}", self.what), ..self }
    }
}
