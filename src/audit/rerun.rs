//! A plan that was run once more: do the two runs give the same rates?
//!
//! The ratio and its interval are those of [`compare`](crate::compare): new rate over filed rate, with the joint
//! uncertainty U of both at 95 %. The tolerance is a band around 1, from `1 / (1 + t)` to `1 + t`:
//!
//! | word | the interval lies |
//! |---|---|
//! | `same` | inside the band |
//! | `different` | wholly outside of it |
//! | `undecided` | anywhere else, or there is none |
//!
//! So `same` is a statement too, and noise does not make it: where U is wider than the tolerance two runs agree within U
//! at the best, and the word stays `undecided`. Each workload says both: whether 1 lies in the interval, and from which
//! tolerance on the two would be the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compare::{self, Row, Run, Word, adapters_differ};
use crate::record::Record;

/// The `schema` key of this version.
pub const RERUN_SCHEMA: &str = "tierbench.rerun/1";

/// The tolerance where none is given, in percent: from it on the audits of `MLPerf` call results materially different
/// (`inference_rules.adoc` of `mlcommons/inference_policies`, audit process).
pub const TOLERANCE_PERCENT: f64 = 2.0;

/// A plan run again, beside the run that was filed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rerun {
    /// `tierbench.rerun/1`.
    pub schema: String,
    /// `different` where a workload is, `same` where all are that have a word, else `undecided`.
    pub word: Sameness,
    /// Half width of the band of `same`, in percent.
    pub tolerance_percent: f64,
    /// Coverage of the intervals.
    pub confidence: f64,
    /// The run that somebody filed.
    pub filed: Run,
    /// SHA-256 of its `record.json`.
    pub filed_sha256: String,
    /// SHA-256 of the plan that both followed.
    pub plan_sha256: Option<String>,
    /// The run made now.
    pub new: Run,
    /// What sets the adapters or drivers apart. Not empty: it is another item than the one filed, or in another state, and
    /// no difference says anything about that one.
    pub adapter_differs: Vec<String>,
    /// Circumstances that differ, the adapter's among them.
    pub differs: Vec<String>,
    /// Every workload of either run.
    pub workloads: Vec<Repeat>,
}

/// One workload, filed and repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Repeat {
    /// Workload, type and shape on one line.
    pub label: String,
    /// Null where neither run measured it.
    pub word: Option<Sameness>,
    /// Joint uncertainty of the two rates, in percent of their ratio; null where there is no interval.
    pub joint_u_percent: Option<f64>,
    /// The two agree within their joint uncertainty, whatever the tolerance; null where there is no interval, or where it
    /// does not hold what changes from run to run.
    pub within_joint_u: Option<bool>,
    /// The least tolerance at which the word is `same`, in percent; null as above.
    pub same_from_percent: Option<f64>,
    /// Why it is undecided, other than by its interval.
    pub why: Option<String>,
    /// Both sides, the ratio and what differs in how they were measured. `base` is the filed run, the band is the tolerance.
    pub compared: Row,
}

/// What may be said about a run and its repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sameness {
    /// They differ by less than the tolerance.
    Same,
    /// They differ by more.
    Different,
    /// Neither is shown.
    Undecided,
}

impl Sameness {
    /// As it stands in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Undecided => "undecided",
        }
    }
}

/// Holds a repetition against the record that was filed, each under the name of its file.
pub fn rerun(
    (filed_file, filed, filed_sha256): (&str, &Record, &str),
    (new_file, new): (&str, &Record),
    tolerance_percent: f64,
) -> Rerun {
    let others = [(new_file.to_owned(), new.clone())];
    let mut comparison = compare::compare((filed_file, filed), &others, tolerance_percent);
    let against = comparison.comparisons.pop().expect("one comparison for one other record");
    let workloads: Vec<Repeat> = against.workloads.into_iter().map(repeat).collect();
    Rerun {
        schema: RERUN_SCHEMA.into(),
        word: overall(&workloads),
        tolerance_percent,
        confidence: comparison.confidence,
        filed: comparison.base,
        filed_sha256: filed_sha256.to_owned(),
        plan_sha256: filed.plan_sha256.clone(),
        new: against.new,
        adapter_differs: adapters_differ(&filed.adapter, &new.adapter),
        differs: against.differs,
        workloads,
    }
}

impl Rerun {
    /// Workloads of a word.
    pub fn of(&self, word: Sameness) -> impl Iterator<Item = &Repeat> {
        self.workloads.iter().filter(move |repeat| repeat.word == Some(word))
    }
}

fn overall(workloads: &[Repeat]) -> Sameness {
    let words: Vec<Sameness> = workloads.iter().filter_map(|repeat| repeat.word).collect();
    if words.contains(&Sameness::Different) {
        Sameness::Different
    } else if !words.is_empty() && words.iter().all(|word| *word == Sameness::Same) {
        Sameness::Same
    } else {
        Sameness::Undecided
    }
}

fn repeat(row: Row) -> Repeat {
    let measured = [&row.base, &row.new].into_iter().flatten().any(|side| side.verified);
    // The base of a comparison is here the run that was filed.
    let why = row.why.as_ref().map(|why| why.replacen("in the base", "in the filed run", 1));
    let why = why.or_else(|| another_kernel(&row));
    let why = why.map(|why| if measured { why } else { format!("measured in neither run; {why}") });
    let word = match row.word {
        None => measured.then_some(Sameness::Undecided),
        Some(_) if why.is_some() => Some(Sameness::Undecided),
        Some(Word::Same) => Some(Sameness::Same),
        Some(Word::Faster | Word::Slower) => Some(Sameness::Different),
        Some(Word::Ambiguous) => Some(Sameness::Undecided),
    };
    let percent = |factor: f64| 100.0 * (factor - 1.0);
    let sound = row.ratio.filter(|_| why.is_none());
    Repeat {
        label: row.label.clone(),
        word,
        joint_u_percent: row.ratio.map(|ratio| percent(ratio.high / ratio.value)),
        within_joint_u: sound.map(|ratio| (ratio.low..=ratio.high).contains(&1.0)),
        same_from_percent: sound.map(|ratio| percent(ratio.high.max(ratio.low.recip()))),
        why,
        compared: row,
    }
}

/// Why rates do not compare although both were measured: only the same kernel repeats a measurement. The clock may be
/// another one, since both show the same time.
fn another_kernel(row: &Row) -> Option<String> {
    let (base, new) = (row.base.as_ref()?, row.new.as_ref()?);
    let mut others = row.differs.iter().filter(|what| !what.starts_with("clock: ")).peekable();
    others.peek().filter(|_| base.verified && new.verified)?;
    let others: Vec<&str> = others.map(String::as_str).collect();
    let chosen = |what: &&str| what.starts_with("kernel: ") || what.starts_with("parameters: ");
    let remedy =
        if others.iter().any(chosen) { "; --defaults leaves tuned ones alone" } else { "" };
    Some(format!("measured by another kernel: {}{remedy}", others.join("; ")))
}
