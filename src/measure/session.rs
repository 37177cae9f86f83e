//! Runs one job until the stop rule is content.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{
    Batch, Clock, DispatchProof, GpuRig, HostLoad, Phase, Rig, Sample, StopReason, StopRule, Tally,
    Trusted, proof, tally_cost,
};
use crate::adapter::{DeviceError, Gpu};
use crate::workload::Job;

/// Single dispatches before the timed batches, and behind them.
const SINGLES: usize = 3;

/// What a measurement yields, before anybody believes it.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// Every sample since the first, warm-up included.
    pub samples: Vec<Sample>,
    /// Why sampling ended; `None` when it was interrupted.
    pub stop_reason: Option<StopReason>,
    /// The clock that the figures are made from.
    pub clock: Clock,
    /// Whether the last windows of the warm-up agreed.
    pub steady: bool,
    /// The output buffer as the last timed batch left it.
    pub output: Vec<u8>,
    /// Whether the words in front of the output and behind it are untouched.
    pub canary_intact: bool,
    /// Whether the inputs are what they were before the first dispatch.
    pub inputs_intact: bool,
    /// Whether the output that was read is the one that the tally of the batches is made of.
    pub output_proven: bool,
    /// What the tallies say of the dispatches.
    pub dispatches: DispatchProof,
    /// Time that the tally's own dispatch takes behind each one, by the clock of the figures, which it is part
    /// of: from batches of it alone, before the inputs are let go. `None` where it was not measured.
    pub tally_ns: Option<f64>,
    /// Pipeline creation and first dispatch, where drivers compile.
    pub compile_ns: u64,
    /// Smallest step that the GPU's timestamps took; `None` without any.
    pub resolution_ns: Option<f64>,
    /// Share of the machine's processors that other processes used meanwhile; `None` where unknown.
    pub others_load: Option<f64>,
}

/// How a caller watches and stops a measurement.
pub struct Watch<'a> {
    /// Set to stop after the current sample.
    pub interrupted: &'a AtomicBool,
    /// Called after every sample with the share of the work done, 0 to 1.
    pub progress: &'a dyn Fn(f64),
}

/// Measures a job. Inputs are made from `seed`; `checked` compiles with wgpu's run-time checks.
pub fn measure(
    gpu: &Gpu,
    job: &Job,
    seed: u64,
    rule: &StopRule,
    checked: bool,
    watch: &Watch<'_>,
) -> Result<Measurement, DeviceError> {
    Bench::new(gpu, job, seed, checked)?.measure(rule, Trusted::Both, watch)
}

/// A job, ready to be sampled one batch at a time.
///
/// [`Bench::measure`] drives it by a stop rule; who interleaves several kernels drives it directly.
pub struct Bench {
    rig: Box<dyn Rig>,
    samples: Vec<Sample>,
    tallies: Vec<(Batch, u32)>,
    nonce: u32,
    /// Greatest common divisor of all timestamps.
    step_ticks: u64,
    has_timestamps: bool,
}

impl Bench {
    /// On a device: allocates and fills the buffers, and compiles.
    pub fn new(gpu: &Gpu, job: &Job, seed: u64, checked: bool) -> Result<Self, DeviceError> {
        Ok(Self::on(Box::new(GpuRig::new(gpu, job, seed, checked)?)))
    }

    /// On whatever stands behind the seam.
    pub fn on(rig: Box<dyn Rig>) -> Self {
        // Seeded by the operating system: no batch can be known in advance.
        let nonce = RandomState::new().hash_one(0u8) as u32;
        Self {
            rig,
            samples: Vec::new(),
            tallies: Vec::new(),
            nonce,
            step_ticks: 0,
            has_timestamps: false,
        }
    }

    /// Warms up, samples until the rule is content, and reads the result back. Figures are to be made from a
    /// `trusted` clock only.
    pub fn measure(
        mut self,
        rule: &StopRule,
        trusted: Trusted,
        watch: &Watch<'_>,
    ) -> Result<Measurement, DeviceError> {
        let load = HostLoad::now();
        let first = self.sample(1, Phase::WarmUp)?;
        let compile_ns = self.rig.compile_ns() + first.host_ns;
        let steady = self.warm_up(rule, watch)?;
        self.singles(rule)?;
        let stop_reason = self.sample_until_done(rule, trusted, watch)?;
        let others_load = load.zip(HostLoad::now()).and_then(|(from, to)| to.others_since(from));
        let clock = trusted.clock_of(self.timed()).ok_or_else(|| {
            DeviceError::Refused(
                "a batch has no GPU timestamps, and no other clock is trusted".into(),
            )
        })?;
        let examined = self.examine()?;
        let tally_ns =
            if rule.max_samples > 1 { tally_cost::measure(&mut *self.rig, clock)? } else { None };
        Ok(Measurement {
            stop_reason,
            clock,
            steady,
            tally_ns,
            compile_ns,
            others_load,
            ..examined
        })
    }

    /// Reads back what the last batch left, which must be a [`Bench::last_sample`], and proves all batches so far.
    pub fn examine(&mut self) -> Result<Measurement, DeviceError> {
        let output = self.rig.output()?;
        let inputs_intact = self.rig.inputs_intact()?;
        let (output_proven, dispatches) = self.prove(&output.bytes)?;
        Ok(Measurement {
            samples: self.samples.clone(),
            stop_reason: None,
            clock: Clock::Host,
            steady: false,
            output: output.bytes,
            canary_intact: output.canary_intact,
            inputs_intact,
            output_proven,
            dispatches,
            tally_ns: None,
            compile_ns: self.rig.compile_ns(),
            resolution_ns: self.resolution_ns(),
            others_load: None,
        })
    }

    /// Poisons the output, then times a batch of dispatches with both clocks.
    pub fn sample(&mut self, dispatches: u32, phase: Phase) -> Result<Sample, DeviceError> {
        self.batch(dispatches, phase, false)
    }

    /// The same, of which the result is to be examined: its last dispatch finds the original input.
    pub fn last_sample(&mut self, dispatches: u32, phase: Phase) -> Result<Sample, DeviceError> {
        self.batch(dispatches, phase, true)
    }

    fn batch(&mut self, dispatches: u32, phase: Phase, last: bool) -> Result<Sample, DeviceError> {
        self.nonce = Tally::next_nonce(self.nonce);
        let batch = Batch { dispatches, nonce: self.nonce, last };
        let raw = self.rig.run(batch)?;
        self.tallies.push((batch, raw.tally));
        self.has_timestamps |= raw.ticks.is_some();
        let ns = |ticks: u64| (ticks as f64 * self.rig.ns_per_tick()) as u64;
        // Some drivers resolve to zeros, some run backwards.
        let begun = raw.ticks.filter(|[begin, _]| *begin != 0);
        let passed = begun.filter(|[begin, end]| end > begin).map(|[begin, end]| end - begin);
        let sample = Sample {
            start_ns: raw.start_ns,
            gpu_start_ns: begun.map(|[begin, _]| ns(begin)),
            gpu_ns: passed.map(ns),
            host_ns: raw.host_ns,
            dispatches,
            phase,
            proven: None,
            process: 0,
            tally: None,
        };
        if let (Some([begin, _]), Some(ticks)) = (begun, passed) {
            self.step_ticks = [begin, ticks].into_iter().fold(self.step_ticks, gcd);
        }
        self.samples.push(sample.clone());
        Ok(sample)
    }

    /// Smallest step that the GPU's timestamps took so far.
    pub fn resolution_ns(&self) -> Option<f64> {
        (self.step_ticks > 0).then(|| self.step_ticks as f64 * self.rig.ns_per_tick())
    }

    /// Whether the device gave timestamps, usable or not.
    pub fn has_timestamps(&self) -> bool {
        self.has_timestamps
    }

    /// Every sample so far.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Learns what each choice of inputs must give and holds every tally against it. True when the output that
    /// was read back is the one that the tallies speak of.
    fn prove(&mut self, output: &[u8]) -> Result<(bool, DispatchProof), DeviceError> {
        let choices = self.rig.choices().to_vec();
        let mut expected = vec![0u32; self.tallies.len()];
        let mut digests = Vec::new();
        let mut output_proven = false;
        for choice in 0..choices.len() {
            let result = self.rig.learn(choice)?;
            output_proven |= choice == 0 && result == output;
            digests.push(proof::digest(&result));
            for ((batch, _), sum) in self.tallies.iter().zip(&mut expected) {
                *sum = sum.wrapping_add(proof::share(&choices, choice, *batch, &result));
            }
        }
        let dispatches = proof::judge(&digests);
        let tallies = self.tallies.iter().zip(expected);
        for (sample, ((batch, tally), expected)) in self.samples.iter_mut().zip(tallies) {
            let proven = *tally == expected && dispatches != DispatchProof::Indistinct;
            sample.proven = Some(proven);
            sample.tally = Some(Tally { nonce: batch.nonce, found: *tally, expected });
        }
        Ok((output_proven, dispatches))
    }

    /// Batches until the rate is steady or the warm-up time is over.
    fn warm_up(&mut self, rule: &StopRule, watch: &Watch<'_>) -> Result<bool, DeviceError> {
        let limit = Duration::from_secs_f64(rule.warm_up_ms / 1e3);
        let begin = Instant::now();
        // The first dispatch carries the driver's compilation; size the batches by the second.
        let mut per_dispatch = vec![self.sample(1, Phase::WarmUp)?.host_ns as f64];
        let mut steady = false;
        while !steady && begin.elapsed() < limit && !watch.interrupted.load(Ordering::Relaxed) {
            let fastest = per_dispatch.iter().copied().fold(f64::INFINITY, f64::min);
            let sample = self.sample(rule.batch(fastest), Phase::WarmUp)?;
            per_dispatch.push(sample.host_ns as f64 / f64::from(sample.dispatches));
            steady = rule.is_steady(&per_dispatch);
            (watch.progress)(
                0.2 * (begin.elapsed().as_secs_f64() * 1e3 / rule.warm_up_ms).min(1.0),
            );
        }
        Ok(steady)
    }

    /// Single dispatches: what lies between the dispatches of a batch shows against them.
    fn singles(&mut self, rule: &StopRule) -> Result<(), DeviceError> {
        for _ in 0..SINGLES.min(rule.max_samples.saturating_sub(1)) {
            self.sample(1, Phase::Single)?;
        }
        Ok(())
    }

    fn sample_until_done(
        &mut self,
        rule: &StopRule,
        trusted: Trusted,
        watch: &Watch<'_>,
    ) -> Result<Option<StopReason>, DeviceError> {
        let warm = self.samples.iter().map(|s| s.host_ns as f64 / f64::from(s.dispatches));
        let batch = rule.batch(warm.fold(f64::INFINITY, f64::min));
        let begin = Instant::now();
        loop {
            if watch.interrupted.load(Ordering::Relaxed) {
                self.batch(batch, Phase::Timed, true)?;
                return Ok(None);
            }
            if rule.max_samples > 1 {
                self.sample(batch, Phase::Timed)?;
            }
            // Where no trusted clock saw all samples the host's still says when to stop.
            let clock = trusted.clock_of(self.timed()).unwrap_or(Clock::Host);
            let mut timed: Vec<f64> =
                self.timed().filter_map(|s| s.ns_per_dispatch(clock)).collect();
            let spent_ms = begin.elapsed().as_secs_f64() * 1e3;
            // The sample to come, of which the result is checked, is as good as the last one.
            timed.extend(timed.last().copied().or((rule.max_samples == 1).then_some(1.0)));
            if let Some(reason) = rule.decide(&timed, spent_ms) {
                self.singles(rule)?;
                // Nothing runs after the batch whose result is checked.
                self.batch(batch, Phase::Timed, true)?;
                return Ok(Some(reason));
            }
            (watch.progress)(0.2 + 0.8 * (spent_ms / rule.budget_ms).min(1.0));
        }
    }

    fn timed(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(|s| s.phase == Phase::Timed)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
