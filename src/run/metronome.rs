//! Known work before the first workload and between all of them: the test of the clocks, and a relative clock.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Request;
use crate::adapter::DeviceError;
use crate::check::{ClockTest, TimerProof};
use crate::measure::{Bench, Phase, scaling};
use crate::record::{Note, Record, Tick};
use crate::workload::Workload;

/// Dependent operations of one dispatch: half a millisecond on a GPU, and on a CPU.
const STEPS: u64 = 262_144;
/// Tests of the clocks until one finds nothing.
const ATTEMPTS: usize = 4;
/// Batches of a tick; the fastest counts.
const BATCHES: usize = 3;

/// A rig with known work.
pub(super) struct Metronome {
    bench: Option<Bench>,
    begin: Instant,
    dispatches: u32,
}

impl Metronome {
    /// Tests the clocks, and notes in the record what came out.
    pub(super) fn start(request: &Request<'_>, record: &mut Record) -> Self {
        let begin = Instant::now();
        match Self::proven(request) {
            Ok((bench, proof)) => {
                let dispatches = proof.samples.iter().map(|s| s.dispatches).min().unwrap_or(1);
                record.notes.extend(proof.signs().into_iter().map(Note::from));
                record.timer.push(proof);
                Self { bench: Some(bench), begin, dispatches }
            }
            Err(reason) => {
                record.notes.push(Note {
                    id: "timer/not-tested".into(),
                    text: format!("the clocks could not be tested: {reason}"),
                    advice: "read the figures with care; update the driver".into(),
                });
                Self { bench: None, begin, dispatches: 1 }
            }
        }
    }

    fn proven(request: &Request<'_>) -> Result<(Bench, TimerProof), DeviceError> {
        let workload = Workload::Chain { steps: STEPS };
        let mut jobs = workload.jobs(&request.found.capability).map_err(DeviceError::Refused)?;
        let rig = request.lab.rig(request.found, &jobs.remove(0), request.plan.seed, false)?;
        let mut bench = Bench::on(rig);
        let test = |bench: &mut Bench| -> Result<TimerProof, DeviceError> {
            let samples = scaling(bench)?;
            Ok(TimerProof::judge(ClockTest {
                operations: STEPS,
                timestamps: bench.has_timestamps(),
                resolution_ns: bench.resolution_ns(),
                samples,
                work_problems: Vec::new(),
            }))
        };
        let mut proof = test(&mut bench)?;
        // A wrong clock is wrong each time; a machine that was busy for a moment is not.
        for _ in 1..ATTEMPTS {
            if proof.problems.is_empty() || request.interrupted.load(Ordering::Relaxed) {
                break;
            }
            proof = test(&mut bench)?;
        }
        Ok((bench, proof))
    }

    /// Runs the known work once more.
    pub(super) fn tick(&mut self, record: &mut Record) {
        let Some(bench) = &mut self.bench else { return };
        let at_ns = self.begin.elapsed().as_nanos() as u64;
        let mut fastest = f64::INFINITY;
        for _ in 0..BATCHES {
            match bench.sample(self.dispatches, Phase::Scaling) {
                Ok(sample) => {
                    fastest = fastest.min(sample.host_ns as f64 / f64::from(sample.dispatches));
                }
                Err(error) => {
                    record.notes.push(Note {
                        id: "timer/metronome-lost".into(),
                        text: format!("the known work between workloads ended: {error}"),
                        advice: "the device was lost or hung: read the later figures with care"
                            .into(),
                    });
                    self.bench = None;
                    return;
                }
            }
        }
        let ns_per_operation = fastest / STEPS as f64;
        record.metronome.push(Tick { at_ns, ns_per_operation, process: 0 });
    }
}
