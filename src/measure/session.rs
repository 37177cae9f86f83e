//! Runs one job on one device until the stop rule is content.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use wgpu::BufferUsages as Usage;

use super::buffers::{self, Pass};
use super::{Clock, Phase, Sample, StopReason, StopRule};
use crate::adapter::{DeviceError, Gpu};
use crate::workload::{CANARY_WORDS, Job, POISON};

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
    /// Whether the words behind the output are untouched.
    pub canary_intact: bool,
    /// Pipeline creation and first dispatch, where drivers compile.
    pub compile_ns: u64,
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
    let mut bench = Bench::new(gpu, job, seed, checked)?;
    let first = bench.sample(1, Phase::WarmUp)?;
    let compile_ns = bench.compile_ns + first.host_ns;
    let steady = bench.warm_up(rule, watch)?;
    let stop_reason = bench.sample_until_done(rule, watch)?;
    let clock = bench.clock();
    let whole = job.output_bytes + 4 * CANARY_WORDS;
    let mut output = buffers::read_back(gpu, &bench.output, whole)?;
    let canary = output.split_off(job.output_bytes as usize);
    let canary_intact = canary.chunks_exact(4).all(|word| word == POISON.to_le_bytes());
    let samples = bench.samples;
    Ok(Measurement { samples, stop_reason, clock, steady, output, canary_intact, compile_ns })
}

/// A job on a device, ready to be sampled one batch at a time.
///
/// [`measure()`] drives it by a stop rule; who interleaves several kernels drives it directly.
pub struct Bench<'a> {
    gpu: &'a Gpu,
    kernel: Pass,
    finish: Option<Pass>,
    poison: Pass,
    output: wgpu::Buffer,
    timestamps: Option<Timestamps>,
    start: Instant,
    compile_ns: u64,
    samples: Vec<Sample>,
}

struct Timestamps {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    ns_per_tick: f64,
}

impl<'a> Bench<'a> {
    /// Allocates and fills the buffers, and compiles.
    pub fn new(gpu: &'a Gpu, job: &Job, seed: u64, checked: bool) -> Result<Self, DeviceError> {
        let mut inputs = Vec::new();
        for input in &job.inputs {
            inputs.push((buffers::filled(gpu, input, seed)?, input.bytes()));
        }
        if !job.values.is_empty() {
            let bytes = 4 * job.values.len() as u64;
            inputs.push((buffers::given(gpu, &job.values)?, bytes));
        }
        let (output, poison) = buffers::output(gpu, job)?;
        let before = Instant::now();
        let pipeline = gpu.pipeline(job.kernel, &job.source, checked)?;
        let compile_ns = before.elapsed().as_nanos() as u64;
        let mut bound: Vec<_> = inputs.iter().map(|(buffer, size)| (buffer, *size)).collect();
        let result = (&output, job.output_bytes);
        let (kernel, finish) = match &job.finish {
            None => {
                bound.push(result);
                (Pass::new(gpu, pipeline, &bound, job.grid)?, None)
            }
            Some(finish) => {
                let scratch = buffers::buffer(gpu, finish.scratch_bytes, Usage::STORAGE)?;
                let scratch = (&scratch, finish.scratch_bytes);
                bound.push(scratch);
                let second = gpu.pipeline(job.kernel, &finish.source, checked)?;
                let second = Pass::new(gpu, second, &[scratch, result], finish.grid)?;
                (Pass::new(gpu, pipeline, &bound, job.grid)?, Some(second))
            }
        };
        let timestamps = Timestamps::new(gpu)?;
        let start = Instant::now();
        let samples = Vec::new();
        Ok(Self { gpu, kernel, finish, poison, output, timestamps, start, compile_ns, samples })
    }

    /// Poisons the output, then times a batch of dispatches with both clocks.
    pub fn sample(&mut self, dispatches: u32, phase: Phase) -> Result<Sample, DeviceError> {
        self.poison.run(self.gpu)?;
        let timestamps = self.timestamps.as_ref();
        let encoded = self.gpu.guard(|| {
            let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: None,
                timestamp_writes: timestamps.map(|t| wgpu::ComputePassTimestampWrites {
                    query_set: &t.queries,
                    beginning_of_pass_write_index: Some(0),
                    end_of_pass_write_index: Some(1),
                }),
            });
            for _ in 0..dispatches {
                self.kernel.record(&mut pass);
                if let Some(finish) = &self.finish {
                    finish.record(&mut pass);
                }
            }
            drop(pass);
            if let Some(t) = timestamps {
                encoder.resolve_query_set(&t.queries, 0..2, &t.resolved, 0);
            }
            encoder.finish()
        })?;
        let before = Instant::now();
        self.gpu.guard(|| self.gpu.queue.submit([encoded]))?;
        self.gpu.wait()?;
        let host_ns = before.elapsed().as_nanos() as u64;
        let gpu_ns = timestamps.map(|t| t.elapsed_ns(self.gpu)).transpose()?.flatten();
        let start_ns = (before - self.start).as_nanos() as u64;
        let sample = Sample { start_ns, gpu_ns, host_ns, dispatches, phase };
        self.samples.push(sample.clone());
        Ok(sample)
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

    fn sample_until_done(
        &mut self,
        rule: &StopRule,
        watch: &Watch<'_>,
    ) -> Result<Option<StopReason>, DeviceError> {
        let warm = self.samples.iter().map(|s| s.host_ns as f64 / f64::from(s.dispatches));
        let batch = rule.batch(warm.fold(f64::INFINITY, f64::min));
        let begin = Instant::now();
        loop {
            if watch.interrupted.load(Ordering::Relaxed) {
                return Ok(None);
            }
            self.sample(batch, Phase::Timed)?;
            let clock = self.clock();
            let timed: Vec<f64> = self.timed().filter_map(|s| s.ns_per_dispatch(clock)).collect();
            let spent_ms = begin.elapsed().as_secs_f64() * 1e3;
            if let Some(reason) = rule.decide(&timed, spent_ms) {
                return Ok(Some(reason));
            }
            (watch.progress)(0.2 + 0.8 * (spent_ms / rule.budget_ms).min(1.0));
        }
    }

    fn timed(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(|s| s.phase == Phase::Timed)
    }

    /// GPU timestamps when every timed sample has one that the host clock admits.
    fn clock(&self) -> Clock {
        if self.timed().all(Sample::clocks_agree) { Clock::Gpu } else { Clock::Host }
    }
}

impl Timestamps {
    fn new(gpu: &Gpu) -> Result<Option<Self>, DeviceError> {
        if !gpu.device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return Ok(None);
        }
        let queries = gpu.guard(|| {
            gpu.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: None,
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            })
        })?;
        let resolved = buffers::buffer(gpu, 16, Usage::QUERY_RESOLVE | Usage::COPY_SRC)?;
        let ns_per_tick = f64::from(gpu.queue.get_timestamp_period());
        Ok(Some(Self { queries, resolved, ns_per_tick }))
    }

    /// Nanoseconds between the two; `None` when the device returned nothing usable: some drivers
    /// resolve to zeros, some run backwards.
    fn elapsed_ns(&self, gpu: &Gpu) -> Result<Option<u64>, DeviceError> {
        let bytes = buffers::read_back(gpu, &self.resolved, 16)?;
        let [begin, end]: [u64; 2] = bytemuck::pod_read_unaligned(&bytes);
        let usable = begin != 0 && end > begin;
        Ok(usable.then(|| (end.wrapping_sub(begin) as f64 * self.ns_per_tick) as u64))
    }
}
