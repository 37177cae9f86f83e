//! Interleaved sampling: one sample of every contestant in each round, in rotating order.
//!
//! What a machine does beside us changes over minutes. Contestants that take turns meet the same
//! moments, so the ratio within a round is steadier than either rate.

use serde::Serialize;

use crate::contestant::{Contestant, Ready, Refusal, Role, Sampler};
use crate::problem::Problem;

/// Operations that one sample may hold.
const MOST_OPERATIONS: u32 = 4096;
/// Time of twice the operations over the time of once, at the least: below it a contestant returns
/// before its work is done, or skips work whose result nobody reads.
const LEAST_SCALING: f64 = 1.6;
/// Attempts at the scaling test, which other processes can spoil.
const SCALING_ATTEMPTS: usize = 4;
/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Rounds that count.
    pub rounds: u32,
    /// Wanted length of one sample.
    pub sample_ms: f64,
}

/// Whether a contestant has a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It has.
    Measured,
    /// It cannot do this here.
    Unsupported,
    /// It went wrong, or its result is.
    Failed,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A multiply-add counts as two.
    Flop,
    /// Loaded and stored ones.
    Byte,
}

/// What came of one contestant in one workload.
#[derive(Clone, Debug, Serialize)]
pub struct Track {
    /// Name in the table.
    pub name: String,
    /// Why it is there.
    pub role: Role,
    /// Versions of what it runs.
    pub version: String,
    /// Kernel or operator.
    pub how: Option<String>,
    /// Whether there is a figure.
    pub state: State,
    /// Why there is none.
    pub reason: Option<String>,
    /// Relative error of its result, by the same reference for all.
    pub relative_error: Option<f64>,
    /// Floating-point operations of one operation, or bytes where nothing is computed.
    pub work: u64,
    /// What `work` counts.
    pub unit: Unit,
    /// Operations in one sample.
    pub operations: u32,
    /// Nanoseconds of each round's sample. Shorter than the rounds when it failed on the way.
    pub ns: Vec<u64>,
}

impl Track {
    fn new(contestant: &dyn Contestant) -> Self {
        Self {
            name: contestant.name().into(),
            role: contestant.role(),
            version: contestant.version(),
            how: None,
            state: State::Measured,
            reason: None,
            relative_error: None,
            work: 0,
            unit: Unit::Flop,
            operations: 0,
            ns: Vec::new(),
        }
    }

    fn refuse(&mut self, refusal: &Refusal) {
        self.state = match refusal {
            Refusal::Unsupported(_) => State::Unsupported,
            Refusal::Failed(_) => State::Failed,
        };
        self.reason = Some(refusal.to_string());
    }
}

/// Runs all contestants on one problem. `say` hears who is being warmed up, and the rounds.
pub fn run(
    contestants: &mut [&mut dyn Contestant],
    problem: &Problem,
    rule: Rule,
    say: &dyn Fn(&str),
) -> Vec<Track> {
    let mut tracks = Vec::new();
    let mut samplers: Vec<Option<Sampler<'_>>> = Vec::new();
    for contestant in contestants.iter_mut().filter(|c| c.takes_part(problem)) {
        say(&format!("warming up {}", contestant.name()));
        let mut track = Track::new(*contestant);
        let warm = contestant
            .ready(problem)
            .and_then(|ready| warm_up(ready, problem.kind.wrong_above(), rule, &mut track))
            .inspect_err(|refusal| track.refuse(refusal));
        samplers.push(warm.ok());
        tracks.push(track);
    }
    for round in 0..rule.rounds {
        say(&format!("round {} of {}", round + 1, rule.rounds));
        for turn in 0..tracks.len() {
            let at = (turn + round as usize) % tracks.len();
            let Some(sampler) = samplers[at].as_mut() else { continue };
            match sampler(tracks[at].operations) {
                Ok(ns) => tracks[at].ns.push(ns),
                Err(refusal) => {
                    tracks[at].refuse(&refusal);
                    samplers[at] = None;
                }
            }
        }
    }
    tracks
}

/// Judges the result, sizes the samples, and tests whether more work takes more time.
fn warm_up<'a>(
    ready: Ready<'a>,
    wrong_above: f64,
    rule: Rule,
    track: &mut Track,
) -> Result<Sampler<'a>, Refusal> {
    let Ready { how, relative_error, work, mut sampler } = ready;
    track.how = Some(how);
    (track.work, track.unit) =
        if work.ops > 0 { (work.ops, Unit::Flop) } else { (work.bytes, Unit::Byte) };
    track.relative_error = relative_error;
    // Written so that NaN is wrong too.
    if !relative_error.is_none_or(|error| error <= wrong_above) {
        let error = relative_error.unwrap_or(f64::NAN);
        return Err(Refusal::Failed(format!("its result is wrong: relative error {error:.1e}")));
    }
    track.operations = operations(&mut sampler, rule.sample_ms * 1e6)?;
    let mut best = 0.0f64;
    for _ in 0..SCALING_ATTEMPTS {
        let once = sampler(track.operations)? as f64;
        best = best.max(sampler(2 * track.operations)? as f64 / once);
        if best >= LEAST_SCALING {
            return Ok(sampler);
        }
    }
    Err(Refusal::Failed(format!(
        "twice the work takes only {best:.2} times as long: it does not wait for its work, or skips some"
    )))
}

/// Operations that fill a sample, found by doubling; the first calls compile and tune.
fn operations(sampler: &mut Sampler<'_>, sample_ns: f64) -> Result<u32, Refusal> {
    let mut operations = 1;
    loop {
        sampler(operations)?;
        let ns = (sampler(operations)? as f64).max(1.0);
        if ns >= sample_ns / 4.0 || operations >= MOST_OPERATIONS {
            let wanted = f64::from(operations) * sample_ns / ns;
            return Ok(wanted.ceil().clamp(1.0, f64::from(MOST_OPERATIONS)) as u32);
        }
        operations *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `per_operation` ns each after a fixed delay, and writes its name down.
    struct Fake<'a> {
        name: &'static str,
        per_operation: u64,
        error: f64,
        log: &'a std::cell::RefCell<String>,
    }

    impl Contestant for Fake<'_> {
        fn name(&self) -> &str {
            self.name
        }
        fn role(&self) -> Role {
            Role::Peer
        }
        fn version(&self) -> String {
            String::new()
        }
        fn ready<'a>(&'a mut self, problem: &Problem) -> Result<Ready<'a>, Refusal> {
            let sampler = Box::new(|operations| {
                self.log.borrow_mut().push_str(self.name);
                Ok(1_000_000 + u64::from(operations) * self.per_operation)
            });
            let work = problem.workload.work();
            Ok(Ready { how: String::new(), relative_error: Some(self.error), work, sampler })
        }
    }

    fn tracks(fakes: &[(&'static str, u64, f64)], rounds: u32) -> (Vec<Track>, String) {
        let log = std::cell::RefCell::<String>::default();
        let fake = |(name, per_operation, error)| Fake { name, per_operation, error, log: &log };
        let mut fakes: Vec<Fake<'_>> = fakes.iter().copied().map(fake).collect();
        let mut contestants: Vec<&mut dyn Contestant> =
            fakes.iter_mut().map(|fake| fake as &mut dyn Contestant).collect();
        let problem = Problem::new("bandwidth-copy:64".parse().unwrap(), 1).unwrap();
        let rule = Rule { rounds, sample_ms: 100.0 };
        let tracks = run(&mut contestants, &problem, rule, &|_| ());
        let log = log.borrow().clone();
        (tracks, log)
    }

    #[test]
    fn every_round_has_everybody_once_and_starts_with_the_next() {
        let (tracks, log) =
            tracks(&[("A", 1_000_000, 0.0), ("B", 2_000_000, 0.0), ("C", 3_000_000, 0.0)], 4);
        assert!(log.ends_with("ABCBCACABABC"), "{log}");
        let operations: Vec<u32> = tracks.iter().map(|t| t.operations).collect();
        assert!(operations[0] > operations[1] && operations[1] > operations[2], "{operations:?}");
    }

    #[test]
    fn a_wrong_result_and_a_time_that_does_not_grow_are_failures() {
        let (tracks, _) =
            tracks(&[("A", 1_000_000, 0.1), ("B", 0, 1e-7), ("C", 1_000_000, 1e-7)], 3);
        let states: Vec<State> = tracks.iter().map(|t| t.state).collect();
        assert_eq!(states, [State::Failed, State::Failed, State::Measured]);
        assert!(tracks[0].reason.as_ref().is_some_and(|r| r.contains("wrong")));
        assert!(tracks[1].reason.as_ref().is_some_and(|r| r.contains("twice the work")));
    }
}
