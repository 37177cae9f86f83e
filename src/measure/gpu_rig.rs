//! A job on a wgpu device.

use std::time::Instant;

use wgpu::BufferUsages as Usage;

use super::buffers::{self, CANARY_BYTES, Pass, Region};
use super::proof::{self, AIMED, WITNESSES};
use super::{Batch, Output, Raw, Rig};
use crate::adapter::{DeviceError, Gpu};
use crate::workload::{Job, Nudge, POISON};

/// Words of the tally's state: nonce, dispatches, tally, done, and what the last dispatch finds, if it is set.
const STATE_WORDS: u64 = 5;

/// The real thing.
pub struct GpuRig {
    gpu: Gpu,
    kernel: Pass,
    finish: Option<Pass>,
    poison: Pass,
    tally: Pass,
    state: wgpu::Buffer,
    choices: Vec<Nudge>,
    output: wgpu::Buffer,
    output_bytes: u64,
    inputs: Vec<(wgpu::Buffer, u64)>,
    digests: Vec<u32>,
    timestamps: Option<Timestamps>,
    made: Instant,
    compile_ns: u64,
}

struct Timestamps {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    ns_per_tick: f64,
}

impl GpuRig {
    /// Allocates and fills the buffers, and compiles. `checked` keeps wgpu's run-time checks.
    pub fn new(gpu: &Gpu, job: &Job, seed: u64, checked: bool) -> Result<Self, DeviceError> {
        let mut inputs = Vec::new();
        for input in &job.inputs {
            inputs.push((buffers::filled(gpu, input, seed)?, input.bytes()));
        }
        if !job.values.is_empty() {
            inputs.push((buffers::given(gpu, &job.values)?, 4 * job.values.len() as u64));
        }
        let (output, poison) = buffers::output(gpu, job)?;
        let before = Instant::now();
        let pipeline = gpu.pipeline(job.kernel, &job.source, checked)?;
        let compile_ns = before.elapsed().as_nanos() as u64;
        let whole = |(buffer, size): &(wgpu::Buffer, u64)| Region::whole(buffer, *size);
        let mut bound: Vec<Region> = inputs.iter().map(whole).collect();
        let result = Region { offset: CANARY_BYTES, ..Region::whole(&output, job.output_bytes) };
        let (kernel, finish) = match &job.finish {
            None => {
                bound.push(result.clone());
                (Pass::new(gpu, pipeline, &bound, job.grid)?, None)
            }
            Some(finish) => {
                let scratch = buffers::buffer(gpu, finish.scratch_bytes, Usage::STORAGE)?;
                let scratch = Region::whole(&scratch, finish.scratch_bytes);
                bound.push(scratch.clone());
                let second = gpu.pipeline(job.kernel, &finish.source, checked)?;
                let second = Pass::new(gpu, second, &[scratch, result.clone()], finish.grid)?;
                (Pass::new(gpu, pipeline, &bound, job.grid)?, Some(second))
            }
        };
        let choices = proof::choices(&job.nudges.list, job.output_bytes / 4);
        let (state, tally) = tally(gpu, inputs.get(job.nudges.buffer), &choices, result)?;
        let mut digests = Vec::new();
        for (buffer, size) in &inputs {
            digests.push(buffers::digest(gpu, buffer, *size)?);
        }
        Ok(Self {
            gpu: gpu.clone(),
            kernel,
            finish,
            poison,
            tally,
            state,
            choices,
            output,
            output_bytes: job.output_bytes,
            inputs,
            digests,
            timestamps: Timestamps::new(gpu)?,
            made: Instant::now(),
            compile_ns,
        })
    }

    /// `last`: which choice the last dispatch finds; as the nonce says if there is none.
    fn reset_tally(&self, batch: Batch, last: Option<usize>) {
        let last = last.map_or(0, |choice| 1 + choice as u32);
        let state = [batch.nonce, batch.dispatches, 0, 0, last];
        self.gpu.queue.write_buffer(&self.state, 0, bytemuck::cast_slice(&state));
    }

    fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        self.kernel.record(pass);
        if let Some(finish) = &self.finish {
            finish.record(pass);
        }
    }

    /// Tally and timestamps in one copy.
    fn read_back(&self) -> Result<(u32, Option<[u64; 2]>), DeviceError> {
        let mut parts = vec![(&self.state, 16)];
        parts.extend(self.timestamps.as_ref().map(|t| (&t.resolved, 16)));
        let bytes = buffers::read_parts(&self.gpu, &parts)?;
        let state: [u32; 4] = bytemuck::pod_read_unaligned(&bytes[..16]);
        Ok((state[2], (bytes.len() > 16).then(|| bytemuck::pod_read_unaligned(&bytes[16..32]))))
    }
}

impl GpuRig {
    /// Poisons the output, and times a batch with or without the kernel.
    fn timed(
        &mut self,
        batch: Batch,
        last: Option<usize>,
        with_kernel: bool,
    ) -> Result<Raw, DeviceError> {
        self.poison.run(&self.gpu)?;
        let timestamps = self.timestamps.as_ref();
        let encoded = self.gpu.guard(|| {
            self.reset_tally(batch, last);
            let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: None,
                timestamp_writes: timestamps.map(|t| wgpu::ComputePassTimestampWrites {
                    query_set: &t.queries,
                    beginning_of_pass_write_index: Some(0),
                    end_of_pass_write_index: Some(1),
                }),
            });
            self.tally.record(&mut pass);
            for _ in 0..batch.dispatches {
                if with_kernel {
                    self.record(&mut pass);
                }
                self.tally.record(&mut pass);
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
        let start_ns = (before - self.made).as_nanos() as u64;
        let (tally, ticks) = self.read_back()?;
        Ok(Raw { start_ns, host_ns, ticks, tally })
    }
}

impl Rig for GpuRig {
    fn run(&mut self, batch: Batch) -> Result<Raw, DeviceError> {
        self.timed(batch, batch.last.then_some(0), true)
    }

    fn ns_per_tick(&self) -> f64 {
        self.timestamps.as_ref().map_or(1.0, |t| t.ns_per_tick)
    }

    fn compile_ns(&self) -> u64 {
        self.compile_ns
    }

    fn output(&mut self) -> Result<Output, DeviceError> {
        let whole = self.output_bytes + 2 * CANARY_BYTES;
        let mut bytes = buffers::read_parts(&self.gpu, &[(&self.output, whole)])?;
        let behind = bytes.split_off((CANARY_BYTES + self.output_bytes) as usize);
        let front: Vec<u8> = bytes.drain(..CANARY_BYTES as usize).collect();
        let poisoned = |word: &[u8]| word == POISON.to_le_bytes();
        let canary_intact = front.chunks_exact(4).chain(behind.chunks_exact(4)).all(poisoned);
        Ok(Output { bytes, canary_intact })
    }

    fn inputs_intact(&mut self) -> Result<bool, DeviceError> {
        for ((buffer, size), before) in self.inputs.iter().zip(&self.digests) {
            if buffers::digest(&self.gpu, buffer, *size)? != *before {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn choices(&self) -> &[Nudge] {
        &self.choices
    }

    fn learn(&mut self, choice: usize) -> Result<Vec<u8>, DeviceError> {
        self.timed(Batch { dispatches: 1, nonce: 0, last: true }, Some(choice), true)?;
        Ok(self.output()?.bytes)
    }

    fn run_tally(&mut self, batch: Batch) -> Result<Raw, DeviceError> {
        self.timed(batch, None, false)
    }
}

/// The tally's state and its pass. A kernel without inputs gets a buffer of its own to change, of which nobody
/// takes notice.
fn tally(
    gpu: &Gpu,
    changed: Option<&(wgpu::Buffer, u64)>,
    choices: &[Nudge],
    result: Region,
) -> Result<(wgpu::Buffer, Pass), DeviceError> {
    let size = 4 * STATE_WORDS;
    let state = buffers::buffer(gpu, size, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST)?;
    let constants = [
        ("WITNESSES", u64::from(WITNESSES)),
        ("AIMED", u64::from(AIMED)),
        ("WORDS", result.size / 4),
        ("CHOICES", choices.len() as u64),
        ("PATTERN", u64::from(POISON)),
    ];
    let text = include_str!("../../shaders/setup/tally.wgsl");
    let pipeline = gpu.pipeline("tally", &(buffers::prelude(&constants) + text), false)?;
    let changed = match changed {
        Some((buffer, size)) => Region::whole(buffer, *size),
        None => Region::whole(&buffers::buffer(gpu, 16, Usage::STORAGE)?, 16),
    };
    let nudges = buffers::given(gpu, choices)?;
    let nudges = Region::whole(&nudges, size_of_val(choices) as u64);
    let regions = [Region::whole(&state, size), result, changed, nudges];
    let pass = Pass::new(gpu, pipeline, &regions, [1, 1])?;
    Ok((state, pass))
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
}
