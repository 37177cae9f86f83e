//! `verify`: what of a record follows from the rest of it, check by check.

use serde::Serialize;

use super::complete::complete;
use super::kernels::{Kernels, kernels};
use super::level::{AspectLevel, Level, levels};
use super::outcome::{Check, Outcome, fail, named, none, pass};
use super::results;
use crate::conclude::{Problem, Rederived, Topic};
use crate::files::slug;
use crate::normalize::Book;
use crate::record::{Record, SAMPLES, SCHEMA_1, Tool};
use crate::shown::clean;

/// The `schema` key of a verification.
pub const VERIFICATION_SCHEMA: &str = "tierbench.verification/1";

/// Everything that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// [`VERIFICATION_SCHEMA`].
    pub schema: &'static str,
    /// What was verified.
    pub subject: Subject,
    /// In the order in which they rest on each other.
    pub checks: Vec<Check>,
    /// No check failed. It says nothing on whether the run took place.
    pub consistent: bool,
    /// What of its having happened these files show to this program, E0 to E2: the least level of all aspects.
    pub shown_level: &'static str,
    /// The level of each aspect, and what the next one lacks.
    pub levels: Vec<AspectLevel>,
    /// The aspects that are no higher than `shown_level`.
    pub limited_by: Vec<&'static str>,
}

/// The file that was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// As the user named it.
    pub file: String,
    /// SHA-256 of `record.json`.
    pub sha256: String,
    /// The record's name of itself.
    pub id: String,
}

/// Seconds that a clock of another machine may be ahead.
const AHEAD_S: i64 = 24 * 3600;

/// What can be said where the record itself cannot be read, or what lies beside it is not its own.
pub fn unreadable(
    file: &str,
    mut bytes: Vec<Check>,
    failed: &'static str,
    why: &str,
) -> Verification {
    bytes.push(fail(failed, why));
    Verification {
        schema: VERIFICATION_SCHEMA,
        subject: Subject { file: clean(file).into_owned(), ..Subject::default() },
        checks: bytes,
        consistent: false,
        shown_level: Level::E0.as_str(),
        levels: Vec::new(),
        limited_by: Vec::new(),
    }
}

/// Verifies a record that was read and derived again, with what is known of its bytes; `now_s` is seconds of Unix
/// time.
pub fn verify(
    stored: &Record,
    derived: &Rederived,
    (file, sha256): (&str, &str),
    bytes: Vec<Check>,
    book: &Book,
    now_s: i64,
) -> Verification {
    let mut checks = bytes;
    let made = kernels(stored);
    checks.extend([
        schema(stored),
        digest(stored),
        plan(stored, derived),
        complete(stored),
        identity(stored, derived, book),
        topic(derived, Topic::Starts, "starts", starts_words(stored)),
        topic(derived, Topic::Work, "work", "operations and bytes follow from the shapes".into()),
        kernel(stored, &made),
        timer(stored, derived),
        metronome(stored, derived),
        of_samples(
            stored,
            derived,
            Topic::Samples,
            "samples",
            "each can have been taken after the one before it",
        ),
        of_samples(
            stored,
            derived,
            Topic::Stopping,
            "stopping",
            "batches and their end follow from the times and the plan's rule",
        ),
        of_samples(
            stored,
            derived,
            Topic::Summary,
            "summary",
            "figures and uncertainties are those of the samples",
        ),
        verification(derived, &made),
        tally(stored, derived, &made),
        results::results(stored, &made.made, made.unknown.len()),
        of_words(
            stored,
            derived,
            Topic::Notes,
            "notes",
            "those that follow from the rest, and no others",
        ),
        of_words(
            stored,
            derived,
            Topic::Conclusion,
            "conclusion",
            "quantities, tiers and findings follow by today's rules",
        ),
        time(stored, derived, now_s),
        none("attempts", "other runs of the same machine, thrown away, leave no trace in this one"),
    ]);
    let levels = levels(stored, derived, &checks);
    Verification {
        schema: VERIFICATION_SCHEMA,
        subject: Subject {
            file: clean(file).into_owned(),
            sha256: sha256.into(),
            id: clean(&stored.id).into_owned(),
        },
        consistent: checks.iter().all(|check| check.state != Outcome::Fail),
        checks,
        shown_level: levels.overall.as_str(),
        levels: levels.aspects,
        limited_by: levels.limited_by,
    }
}

fn timer(stored: &Record, derived: &Rederived) -> Check {
    let why = "the tests of the clocks come out as the record says";
    match of_samples(stored, derived, Topic::Timer, "timer", why) {
        check if check.state == Outcome::Pass && stored.timer.is_empty() => {
            none("timer", "the clocks were not tested")
        }
        check => check,
    }
}

fn metronome(stored: &Record, derived: &Rederived) -> Check {
    let ticks = stored.metronome.len();
    let why = format!(
        "{ticks} ticks of known work, as the record tells them: their samples are not kept"
    );
    match topic(derived, Topic::Metronome, "metronome", why) {
        check if check.state == Outcome::Pass && ticks == 0 => {
            none("metronome", "no known work between the workloads")
        }
        check => check,
    }
}

fn schema(stored: &Record) -> Check {
    if stored.upgraded_from.is_some() && stored.tool.is_this_build() {
        return fail(
            "schema",
            "this build writes no older schema that it could have been brought from",
        );
    }
    if stored.from_schema_1 {
        return pass("schema", format!("{SCHEMA_1}, read as {}", stored.schema));
    }
    pass("schema", format!("{}: every key is known, none twice, none missing", stored.schema))
}

/// The problems of a topic, some of them by name.
fn problems(all: &[Problem], topic: Topic) -> Option<String> {
    let own = all.iter().filter(|p| p.topic == topic).map(|problem| problem.what.clone());
    named(&own.collect::<Vec<_>>())
}

fn topic(derived: &Rederived, topic: Topic, id: &'static str, why: String) -> Check {
    match problems(&derived.problems, topic) {
        Some(what) => fail(id, what),
        None => pass(id, why),
    }
}

/// A check that needs the samples.
fn of_samples(
    stored: &Record,
    derived: &Rederived,
    of: Topic,
    id: &'static str,
    why: &str,
) -> Check {
    match (&stored.without_samples, topic(derived, of, id, why.into())) {
        (Some(missing), check) if check.state == Outcome::Pass => none(id, missing.clone()),
        (_, check) => check,
    }
}

/// A check of words, which other builds may choose otherwise.
fn of_words(stored: &Record, derived: &Rederived, of: Topic, id: &'static str, why: &str) -> Check {
    let by = |tool: &Tool| clean(&format!("{} {}", tool.version, tool.commit)).into_owned();
    match &stored.concluded_by {
        _ if derived.same_program => of_samples(stored, derived, of, id, why),
        Some(tool) => {
            none(id, format!("drawn by another build ({}), whose words may differ", by(tool)))
        }
        None => none(id, "the record does not say which build drew them"),
    }
}

fn digest(stored: &Record) -> Check {
    match &stored.without_samples {
        Some(missing) => none("digest", missing.clone()),
        None if stored.from_schema_1 => {
            pass("digest", "a record of schema 1 holds its samples itself")
        }
        None => pass(
            "digest",
            format!(
                "{SAMPLES} is the file of {} lines that the record names",
                stored.samples.lines
            ),
        ),
    }
}

fn plan(stored: &Record, derived: &Rederived) -> Check {
    let digest = stored.plan_sha256.as_deref().unwrap_or_default();
    let digest: String = clean(digest).chars().take(12).collect();
    let why = format!("its digest is {digest}..., and what was run is in it");
    match topic(derived, Topic::Plan, "plan", why) {
        check if check.state == Outcome::Pass && stored.plan.is_none() => {
            none("plan", "a record of a time before there were plans")
        }
        check => check,
    }
}

fn starts_words(stored: &Record) -> String {
    format!("{} made, their seeds follow from {}", stored.process_seeds.len().max(1), stored.seed)
}

/// The words about the device, against each other, the catalogue, and the record's own name.
fn identity(stored: &Record, derived: &Rederived, book: &Book) -> Check {
    if let Some(what) = problems(&derived.problems, Topic::Identity) {
        return fail("identity", what);
    }
    let stamp: String = stored.created.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = slug(&stored.adapter.name, 3);
    let own = format!("{stamp}-{name}-");
    // Behind it the end of the seed: eight digits, four before 0.2. A second run in one second has a number more.
    let tail = stored.id.strip_prefix(&own).and_then(|rest| rest.split('-').next());
    let seed = format!("{:016x}", stored.seed);
    if !tail.is_some_and(|tail| tail.len() >= 4 && seed.ends_with(tail)) {
        return fail(
            "identity",
            format!(
                "its name is {}, and time, device and seed make {own}{}",
                stored.id,
                &seed[8..]
            ),
        );
    }
    let memory = stored.telemetry.iter().find_map(|log| log.facts.memory_bytes);
    if let Some(what) = book.catalogue.contradiction(&stored.adapter, memory) {
        return fail("identity", what);
    }
    if stored.adapter.software {
        return pass("identity", "a software adapter: its words are about no GPU");
    }
    pass(
        "identity",
        "name, PCI ids and memory do not contradict each other; a driver writes them all",
    )
}

fn kernel(stored: &Record, found: &Kernels<'_>) -> Check {
    match (found.made.len(), named(&found.unknown)) {
        (0, None) => none("kernel", "no workload names one"),
        (same, None) => pass(
            "kernel",
            format!("the texts of {same} workloads are made again, digest by digest"),
        ),
        (_, Some(unknown)) if stored.tool.is_this_build() => {
            fail("kernel", format!("digests that are none of a kernel of this build: {unknown}"))
        }
        (same, Some(_)) => none(
            "kernel",
            format!(
                "{} of {} digests are of another build's kernels ({})",
                found.unknown.len(),
                same + found.unknown.len(),
                clean(&format!("{} {}", stored.tool.version, stored.tool.commit))
            ),
        ),
    }
}

/// What the check of each result says, against itself, its shape and its kernel.
fn verification(derived: &Rederived, found: &Kernels<'_>) -> Check {
    let own = problems(&derived.problems, Topic::Verification);
    match own.or_else(|| results::misstatements(&found.made)) {
        Some(what) => fail("verification", what),
        None if found.made.is_empty() => {
            pass("verification", "what passed lies within the bound that it names")
        }
        None => {
            pass("verification", "what passed lies within the bound that follows from its shape")
        }
    }
}

/// The sums that the device made over its dispatches.
fn tally(stored: &Record, derived: &Rederived, found: &Kernels<'_>) -> Check {
    let why = "each follows the one before it, and says what the sample says";
    let check = of_samples(stored, derived, Topic::Tally, "tally", why);
    let mut samples = stored.workloads.iter().flat_map(|w| &w.samples);
    match results::tallies(stored, &found.made) {
        _ if check.state != Outcome::Pass => check,
        Some(Err(what)) => fail("tally", what),
        Some(Ok(count)) => {
            pass("tally", format!("{why}; those of {count} batches of streams are computed again"))
        }
        None if samples.any(|sample| sample.tally.is_some()) => check,
        None if stored.tool.is_this_build() && samples_are_there(stored) => {
            fail("tally", "this build keeps a tally of every batch, and there is none")
        }
        None => none("tally", "of a version that kept no tallies"),
    }
}

fn samples_are_there(stored: &Record) -> bool {
    stored.workloads.iter().any(|w| !w.samples.is_empty())
}

/// It lies in the past, and long enough for what is in it.
fn time(stored: &Record, derived: &Rederived, now_s: i64) -> Check {
    if let Some(what) = problems(&derived.problems, Topic::Time) {
        return fail("time", what);
    }
    let second = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
    let Some(begin) = second(&stored.created) else {
        return fail("time", format!("{} is no time", stored.created));
    };
    if begin > now_s + AHEAD_S {
        return fail("time", format!("it was begun on {}, which is yet to come", stored.created));
    }
    let Some(end) = stored.finished.as_deref().and_then(second) else {
        return none("time", "it does not say when it ended");
    };
    let spans = stored.workloads.iter().flat_map(|w| &w.spans);
    let spent_s: f64 = spans.map(|span| span.host_ns as f64 / 1e9).sum();
    let lasted = (end - begin) as f64;
    // Both stamps are whole seconds.
    if spent_s > lasted + 2.0 {
        return fail(
            "time",
            format!("its samples took {spent_s:.0} s, and it lasted {lasted:.0} s"),
        );
    }
    pass(
        "time",
        format!(
            "its samples took {spent_s:.0} of {lasted:.0} s; the clock of the machine is its own"
        ),
    )
}
