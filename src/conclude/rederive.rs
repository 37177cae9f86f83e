//! A stranger's record, derived again from its own samples.

use serde_json::Value;

use super::consistency::{Problem, Topic};
use super::{Grounds, conclude, consistency, summarize};
use crate::check::TimerProof;
use crate::error::Result;
use crate::normalize::Book;
use crate::record::{Note, Record, State, Summary, Tool, WorkloadRecord};

/// A record with every figure drawn from the samples at hand, and how that compares with what it says.
#[derive(Clone, Debug)]
pub struct Rederived {
    /// What its samples come to, by this program's rules. Without samples its figures are the file's own words, and
    /// demonstrate nothing.
    pub record: Record,
    /// Whether the file says the same.
    pub standing: Standing,
    /// What does not follow, by what it is about.
    pub problems: Vec<Problem>,
    /// The same build had drawn its notes and words, so they were held against those drawn here.
    pub same_program: bool,
}

/// How a file stands to its own samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything that can be derived again comes out as the file says.
    Agrees {
        /// Samples that it was derived from.
        samples: usize,
        /// Its notes and words were held against those drawn here: the same build had drawn them.
        words: bool,
    },
    /// Something does not follow.
    Differs {
        /// What, each in a sentence.
        what: Vec<String>,
    },
    /// There are no samples to derive anything from.
    WithoutSamples(String),
}

impl Standing {
    /// In a line, for people.
    pub fn text(&self) -> String {
        match self {
            Self::Agrees { samples, words: true } => {
                format!("re-derived from {samples} samples: agrees")
            }
            Self::Agrees { samples, words: false } => {
                format!(
                    "re-derived from {samples} samples: agrees (words of another build, drawn anew)"
                )
            }
            Self::Differs { what } => format!(
                "THIS RECORD DISAGREES WITH ITSELF, in {} {}",
                what.len(),
                if what.len() == 1 { "point" } else { "points" }
            ),
            Self::WithoutSamples(why) => {
                format!("{why}: the figures are the file's own words and demonstrate nothing")
            }
        }
    }

    /// What does not follow; empty when everything does, or nothing can be said.
    pub fn disagreements(&self) -> &[String] {
        match self {
            Self::Differs { what } => what,
            _ => &[],
        }
    }
}

/// Derives a record again and holds it against what it says of itself.
pub fn rederive(stored: &Record, book: &Book) -> Result<Rederived> {
    let mut record = stored.clone();
    let mut what = consistency::of_head(stored);
    // Another build may know other signs and other words; what it says of rates it must say alike.
    let same_program = stored.concluded_by.as_ref().is_some_and(Tool::is_this_build);
    if let Some(why) = stored.without_samples.clone() {
        conclude(&mut record, book)?;
        let standing = if what.is_empty() {
            Standing::WithoutSamples(why)
        } else {
            Standing::Differs { what: texts(&what).chain([why]).collect() }
        };
        return Ok(noted(record, standing, what, same_program));
    }
    what.extend(consistency::of_samples(stored));
    record.timer = stored.timer.iter().map(TimerProof::judged_again).collect();
    let judged = record.clone();
    let timers = &judged.timers_that_count();
    let (rule, software) = (&stored.stop_rule, stored.adapter.software);
    for w in &mut record.workloads {
        let reason = w.verified().map(|summary| summary.stop_reason);
        let grounds = Grounds { stop_rule: rule, timers, software };
        w.summary = reason.and_then(|reason| summarize(w, reason, grounds));
        if reason.is_some() && w.summary.is_none() {
            w.state = State::Failed;
            w.reason = Some("its samples yield no figure".into());
        }
    }
    conclude(&mut record, book)?;
    for (said, derived) in stored.workloads.iter().zip(&record.workloads) {
        let same_rule = !stored.from_schema_1;
        what.extend(
            summaries(said, derived, same_program, same_rule).map(|p| Topic::Summary.problem(p)),
        );
    }
    if same_program {
        let timer = difference("timer", &stored.timer, &record.timer);
        what.extend(timer.map(|p| Topic::Timer.problem(p)));
        what.extend(notes(stored, &record).into_iter().map(|p| Topic::Notes.problem(p)));
        let conclusion = difference("conclusion", &stored.conclusion, &record.conclusion);
        what.extend(conclusion.map(|p| Topic::Conclusion.problem(p)));
    }
    let samples = record.workloads.iter().map(|w| w.samples.len()).sum();
    let standing = if what.is_empty() {
        Standing::Agrees { samples, words: same_program }
    } else {
        Standing::Differs { what: texts(&what).collect() }
    };
    Ok(noted(record, standing, what, same_program))
}

fn texts(problems: &[Problem]) -> impl Iterator<Item = String> {
    problems.iter().map(|problem| problem.what.clone())
}

/// What does not follow stands among the notes, so that every output shows it.
fn noted(
    mut record: Record,
    standing: Standing,
    problems: Vec<Problem>,
    same_program: bool,
) -> Rederived {
    let note = match &standing {
        Standing::Agrees { .. } => None,
        Standing::Differs { what } => Some((
            DISAGREES,
            what.iter().take(MOST_NOTED).cloned().collect::<Vec<_>>().join("; "),
            "ask for the folder as the run left it: this one was edited, or damaged, and the figures shown, drawn from its samples, prove nothing",
        )),
        Standing::WithoutSamples(why) => Some((
            WITHOUT_SAMPLES,
            format!("{why}: the figures are the file's own words"),
            "ask for the folder as the run left it, with both files",
        )),
    };
    record.notes.extend(note.map(|(id, text, advice)| Note {
        id: id.into(),
        text,
        advice: advice.into(),
    }));
    Rederived { record, standing, problems, same_program }
}

/// Name of the note on a record that does not follow from its samples.
pub const DISAGREES: &str = "record/disagrees";
/// Name of the note on a record whose samples are not at hand.
pub const WITHOUT_SAMPLES: &str = "record/without-samples";

/// Disagreements that a note lists.
const MOST_NOTED: usize = 8;

/// Figures of a workload that are not those of its samples. Another version of the program may have known other
/// sources of uncertainty, and given other figures beside the rates; the rates it must have given alike.
fn summaries(
    said: &WorkloadRecord,
    derived: &WorkloadRecord,
    same_program: bool,
    same_rule: bool,
) -> Option<String> {
    let label = said.label();
    if said.verified().is_none() && said.summary.is_some() {
        return Some(format!("{label}: has figures though it is not verified"));
    }
    let (a, b) = (said.summary.as_ref(), derived.summary.as_ref());
    match (a, b) {
        (Some(_), None) => {
            let reason = derived.reason.as_deref().unwrap_or("they are too few");
            Some(format!("{label}: has figures that its samples do not bear: {reason}"))
        }
        (Some(a), Some(b)) if same_program => difference(&label, a, b),
        (Some(a), Some(b)) => figures(&label, a, b, same_rule),
        (None, _) => None,
    }
}

/// `same_rule`: uncertainties are put together in the same way, as since schema 2.
fn figures(label: &str, said: &Summary, derived: &Summary, same_rule: bool) -> Option<String> {
    let one = derived.process_medians_ns.len() == 1;
    let names = |s: &Summary| -> Vec<String> {
        let parts = s.uncertainty.iter().flat_map(|budget| &budget.components);
        parts.map(|part| part.name.clone()).collect()
    };
    let expanded = |s: &Summary| s.uncertainty.as_ref().map(|budget| budget.expanded);
    let ends = |s: &Summary, at: usize| s.ci95_ns.filter(|_| one).map(|ends| ends[at]);
    let same_budget = same_rule && names(said) == names(derived);
    let all = [
        ("median_ns", Some(said.median_ns), Some(derived.median_ns)),
        ("samples", Some(said.samples as f64), Some(derived.samples as f64)),
        ("ops_per_s", said.ops_per_s, derived.ops_per_s),
        ("bytes_per_s", said.bytes_per_s, derived.bytes_per_s),
        ("burst_ns", said.burst_ns, derived.burst_ns),
        ("sustained_ns", said.sustained_ns, derived.sustained_ns),
        ("ci95_ns.0", ends(said, 0), ends(derived, 0)),
        ("ci95_ns.1", ends(said, 1), ends(derived, 1)),
        (
            "uncertainty.expanded",
            expanded(said).filter(|_| same_budget),
            expanded(derived).filter(|_| same_budget),
        ),
    ];
    let medians = said.process_medians_ns.iter().zip(&derived.process_medians_ns);
    let medians = medians.map(|(a, b)| ("process_medians_ns", Some(*a), Some(*b)));
    all.into_iter().chain(medians).find_map(|(key, said, derived)| {
        let (said, derived) = (said?, derived?);
        (!near(said, derived))
            .then(|| format!("{label}: `summary.{key}` is {said}, and its samples give {derived}"))
    })
}

fn near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Notes that follow from the record and do not stand in it, and the reverse.
fn notes(stored: &Record, derived: &Record) -> Vec<String> {
    let missing = derived.notes.iter().filter(|note| !stored.notes.contains(note));
    let extra = stored.notes.iter().filter(|note| !derived.notes.contains(note));
    let missing =
        missing.map(|note| format!("the note {} follows and does not stand in it", note.id));
    missing.chain(extra.map(|note| format!("the note {} does not follow", note.id))).collect()
}

/// The first place at which two values differ, numbers by more than rounding.
pub fn difference<T: serde::Serialize>(name: &str, said: &T, derived: &T) -> Option<String> {
    let [said, derived] =
        [said, derived].map(|value| serde_json::to_value(value).unwrap_or_default());
    let (place, said, derived) = first_difference(name.to_owned(), &said, &derived)?;
    Some(format!("{place} is {said}, and its samples give {derived}"))
}

fn first_difference(place: String, a: &Value, b: &Value) -> Option<(String, Value, Value)> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) if x.len() == y.len() => {
            x.iter().find_map(|(key, x)| {
                first_difference(format!("{place}.{key}"), x, y.get(key).unwrap_or(&Value::Null))
            })
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            let pairs = x.iter().zip(y).enumerate();
            pairs
                .into_iter()
                .find_map(|(at, (x, y))| first_difference(format!("{place}.{at}"), x, y))
        }
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap_or(f64::NAN), y.as_f64().unwrap_or(f64::NAN));
            (!near(x, y)).then(|| (place, a.clone(), b.clone()))
        }
        _ => (a != b).then(|| (place, a.clone(), b.clone())),
    }
}
