//! A device with one fault, behind the seams that the program leaves for it.

use std::cell::RefCell;

use tierbench::adapter::{DeviceError, Found, Identity};
use tierbench::measure::{Batch, Output, Raw, Rig};
use tierbench::run::{Machine, ThisMachine};
use tierbench::telemetry::{DeviceFacts, Reading, Recorded, Telemetry};
use tierbench::workload::{Job, Nudge};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    /// Everything takes twice as long from three seconds on.
    HalvesTheClock,
    /// Between two dispatches of a batch passes as much time again as a dispatch takes.
    SleepsBetweenDispatches,
    /// The GPU's clock counts a tick where eighty passed.
    TimestampsEightyTimesOff,
    TimestampsAreZero,
    TimestampsDescend,
    TimestampsWrap,
    /// The host's clock counts half of the time.
    HostClockHalved,
    /// Times on both clocks that have nothing to do with the work.
    MadeUpTimes,
    /// A tenth of the dispatches of a batch is never run.
    DropsEveryTenth,
    DropsKnownWork, // in the test of the clocks alone
    /// From the second batch of a size on, the device answers with what it remembers of the first.
    RemembersTheLastBatch,
    ComputesInF16,
    ChangesItsInputs,
    LosesTheDevice,
    /// It runs one dispatch of a batch, and reports 20 us for each of them on both clocks.
    ImpossiblyFast,
    PowerLimitBelowDefault,
    LosesTelemetry,
}

/// A machine whose rigs have one fault, in the kernels that are measured and in the test of the clocks.
pub(crate) struct FaultyMachine(pub(crate) Fault);

struct FaultyRig {
    inner: Box<dyn Rig>,
    fault: Fault,
    runs: u32,
    /// Time that has passed on the made-up clock.
    passed_ns: u64,
    remembered: RefCell<Vec<(u32, Raw)>>,
}

impl Machine for FaultyMachine {
    fn rig(
        &self,
        found: &Found,
        job: &Job,
        seed: u64,
        checked: bool,
    ) -> Result<Box<dyn Rig>, DeviceError> {
        let mut job = job.clone();
        if self.0 == Fault::ComputesInF16 {
            for (from, to) in [
                ("{ return word; }", "{ return quantizeToF16(word); }"),
                ("{ return p; }", "{ return quantizeToF16(p); }"),
                ("{ return q; }", "{ return quantizeToF16(q); }"),
            ] {
                job.source = job.source.replace(from, to);
            }
        }
        let inner = ThisMachine.rig(found, &job, seed, checked)?;
        // What is done to the work is done to the workloads, or to the known work, which would see it first.
        let fault = match (self.0, job.kernel.starts_with("chain")) {
            (
                Fault::DropsEveryTenth | Fault::RemembersTheLastBatch | Fault::ChangesItsInputs,
                true,
            )
            | (Fault::DropsKnownWork, false) => Fault::None,
            (Fault::DropsKnownWork, true) => Fault::DropsEveryTenth,
            (fault, _) => fault,
        };
        let remembered = RefCell::default();
        Ok(Box::new(FaultyRig { inner, fault, runs: 0, passed_ns: 0, remembered }))
    }

    fn telemetry(&self, _: &Identity) -> Option<Box<dyn Telemetry>> {
        let facts = DeviceFacts {
            default_power_limit_w: Some(700.0),
            enforced_power_limit_w: Some(700.0),
            ..DeviceFacts::default()
        };
        let reading =
            Reading { sm_mhz: Some(1980), gpu_busy_percent: Some(100), ..Reading::default() };
        match self.0 {
            Fault::PowerLimitBelowDefault => {
                let facts = DeviceFacts { enforced_power_limit_w: Some(400.0), ..facts };
                Some(Box::new(Recorded::new(facts, vec![reading])))
            }
            Fault::LosesTelemetry => {
                Some(Box::new(Recorded::new(facts, vec![reading; 2]).then_error("gone")))
            }
            _ => None,
        }
    }
}

impl Rig for FaultyRig {
    fn run(&mut self, batch: Batch) -> Result<Raw, DeviceError> {
        self.runs += 1;
        if self.fault == Fault::LosesTheDevice && self.runs > 15 {
            return Err(DeviceError::Lost("the test took it away".into()));
        }
        if self.fault == Fault::RemembersTheLastBatch {
            let remembered = self.remembered.borrow();
            if let Some((_, raw)) = remembered.iter().find(|(n, _)| *n == batch.dispatches) {
                return Ok(*raw);
            }
        }
        let kept = match self.fault {
            Fault::DropsEveryTenth => batch.dispatches - batch.dispatches.div_ceil(10),
            Fault::ImpossiblyFast => 1,
            _ => batch.dispatches,
        };
        let kept = Batch { dispatches: kept.max(1), ..batch };
        let raw = self.inner.run(kept)?;
        self.remembered.borrow_mut().push((batch.dispatches, raw));
        Ok(self.spoilt(raw, batch.dispatches))
    }

    fn ns_per_tick(&self) -> f64 {
        self.inner.ns_per_tick()
    }

    fn compile_ns(&self) -> u64 {
        self.inner.compile_ns()
    }

    fn output(&mut self) -> Result<Output, DeviceError> {
        self.inner.output()
    }

    fn inputs_intact(&mut self) -> Result<bool, DeviceError> {
        Ok(self.inner.inputs_intact()? && self.fault != Fault::ChangesItsInputs)
    }

    fn choices(&self) -> &[Nudge] {
        self.inner.choices()
    }

    fn learn(&mut self, choice: usize) -> Result<Vec<u8>, DeviceError> {
        self.inner.learn(choice)
    }

    fn run_tally(&mut self, batch: Batch) -> Result<Raw, DeviceError> {
        self.inner.run_tally(batch)
    }
}

impl FaultyRig {
    /// A batch that took so long on both clocks.
    fn made_up(&mut self, raw: Raw, ns: u64) -> Raw {
        let start_ns = self.passed_ns;
        self.passed_ns += ns;
        let at = |ns: u64| (ns as f64 / self.inner.ns_per_tick()) as u64;
        let ticks = raw.ticks.map(|_| [1 + at(start_ns), 1 + at(start_ns + ns)]);
        Raw { start_ns, host_ns: ns + 1000, ticks, ..raw }
    }

    fn spoilt(&mut self, raw: Raw, dispatches: u32) -> Raw {
        let [begin, end] = raw.ticks.unwrap_or_default();
        let ticks = |begin, end| raw.ticks.map(|_| [begin, end]);
        match self.fault {
            // Times of their own, so that the test does not depend on this machine's.
            Fault::HalvesTheClock => {
                let slow = if self.passed_ns > 3_000_000_000 { 2 } else { 1 };
                self.made_up(raw, 100_000_000 * slow * u64::from(dispatches))
            }
            Fault::SleepsBetweenDispatches => {
                self.made_up(raw, 500_000 * u64::from(2 * dispatches - 1))
            }
            Fault::TimestampsEightyTimesOff => {
                Raw { ticks: ticks(begin / 80, begin / 80 + (end - begin) / 80), ..raw }
            }
            Fault::TimestampsAreZero => Raw { ticks: ticks(0, 0), ..raw },
            Fault::TimestampsDescend => {
                let from = u64::MAX / 4 - begin;
                Raw { ticks: ticks(from, from + (end - begin)), ..raw }
            }
            Fault::TimestampsWrap if self.runs.is_multiple_of(5) => {
                Raw { ticks: ticks(end, 7), ..raw }
            }
            Fault::HostClockHalved => {
                let [start_ns, host_ns] = [raw.start_ns, raw.host_ns].map(|ns| ns / 2);
                Raw { start_ns, host_ns, ..raw }
            }
            Fault::MadeUpTimes => {
                let ns =
                    if dispatches.ilog2().is_multiple_of(2) { 120_000_000 } else { 50_000_000 };
                self.made_up(raw, ns + u64::from(dispatches))
            }
            Fault::ImpossiblyFast => self.made_up(raw, 20_000 * u64::from(dispatches)),
            _ => raw,
        }
    }
}
