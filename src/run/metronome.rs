//! Known work before the first workload and between all of them: the test of the clocks, and a relative clock.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Request;
use crate::adapter::DeviceError;
use crate::check::{self, ClockTest, KNOWN_OPERATIONS, TimerProof};
use crate::measure::{Bench, Clock, HostMoment, Phase, Trusted, scaling};
use crate::record::{Note, Record, Tick};
use crate::workload::{Job, Workload};

const STEPS: u64 = KNOWN_OPERATIONS;
/// Tests of the clocks until one finds nothing. All are kept; the last one counts. With four, 3 of 20 honest runs on two
/// cores that had four times as much to do ended unsteady.
const ATTEMPTS: u32 = 6;
/// Batches of a tick; the fastest counts.
const BATCHES: usize = 3;

/// A rig with known work.
pub(super) struct Metronome {
    known: Option<Known>,
    begin: Instant,
}

struct Known {
    bench: Bench,
    workload: Workload,
    job: Job,
    seed: u64,
    dispatches: u32,
    clock: Clock,
    /// When the rig was begun: the longer the clocks run side by side, the better they can be told apart.
    begun: Option<HostMoment>,
}

impl Metronome {
    /// Tests the clocks, and notes in the record what came out.
    pub(super) fn start(request: &Request<'_>, record: &mut Record) -> Self {
        let begin = Instant::now();
        let known = Known::proven(request, record)
            .map_err(|reason| {
                record.notes.push(Note {
                    id: "timer/not-tested".into(),
                    text: format!("the clocks could not be tested: {reason}"),
                    advice: "read the figures with care; update the driver".into(),
                });
            })
            .ok();
        Self { known, begin }
    }

    /// Runs the known work once more.
    pub(super) fn tick(&mut self, record: &mut Record) {
        let Some(known) = &mut self.known else { return };
        let at_ns = self.begin.elapsed().as_nanos() as u64;
        let lost = match known.tick() {
            Ok(Some(ns_per_operation)) => {
                record.metronome.push(Tick { at_ns, ns_per_operation, process: 0 });
                return;
            }
            Ok(None) => "it was not done as asked".to_owned(),
            Err(error) => error.to_string(),
        };
        record.notes.push(Note {
            id: "timer/metronome-lost".into(),
            text: format!("the known work between workloads ended: {lost}"),
            advice: "the device was lost, hung or skipped work: read the later figures with care"
                .into(),
        });
        self.known = None;
    }
}

impl Known {
    fn proven(request: &Request<'_>, record: &mut Record) -> Result<Self, DeviceError> {
        let workload = Workload::Chain { steps: STEPS };
        let mut jobs = workload.jobs(&request.found.capability).map_err(DeviceError::Refused)?;
        let (job, seed) = (jobs.remove(0), request.plan.seed);
        let begun = HostMoment::now();
        let bench = Bench::on(request.machine.rig(request.found, &job, seed, false)?);
        let mut known =
            Self { bench, workload, job, seed, dispatches: 1, clock: Clock::Host, begun };
        for attempt in 0..ATTEMPTS {
            let proof = TimerProof { attempt, ..known.test()? };
            known.dispatches = proof.samples.iter().map(|s| s.dispatches).min().unwrap_or(1);
            let gpu_only = proof.trusted() == Trusted::Gpu;
            known.clock = if gpu_only { Clock::Gpu } else { Clock::Host };
            // A wrong clock is wrong each time; a machine that was busy for a moment is not.
            let last = proof.problems.is_empty()
                || attempt + 1 == ATTEMPTS
                || request.interrupted.load(Ordering::Relaxed);
            record.timer.push(proof);
            if last {
                break;
            }
        }
        Ok(known)
    }

    fn test(&mut self) -> Result<TimerProof, DeviceError> {
        let (samples, examined) = scaling(&mut self.bench)?;
        let cross_check =
            HostMoment::now().zip(self.begun).and_then(|(now, then)| now.since(&then));
        let verification = check::verify(&self.workload, &self.job, self.seed, &examined);
        Ok(TimerProof::judge(ClockTest {
            operations: STEPS,
            timestamps: self.bench.has_timestamps(),
            resolution_ns: self.bench.resolution_ns(),
            samples,
            host_cross_check: cross_check,
            work_problems: verification.problems,
        }))
    }

    /// Time of one operation; `None` when they were not all done.
    fn tick(&mut self) -> Result<Option<f64>, DeviceError> {
        let first = self.bench.samples().len();
        for _ in 1..BATCHES {
            self.bench.sample(self.dispatches, Phase::Scaling)?;
        }
        self.bench.last_sample(self.dispatches, Phase::Scaling)?;
        let examined = self.bench.examine()?;
        if !check::verify(&self.workload, &self.job, self.seed, &examined).passed {
            return Ok(None);
        }
        let times = examined.samples[first..].iter().filter_map(|s| s.ns_per_dispatch(self.clock));
        Ok(times.reduce(f64::min).map(|fastest| fastest / STEPS as f64))
    }
}
