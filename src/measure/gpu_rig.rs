//! A job on a wgpu device.

use std::time::Instant;

use wgpu::BufferUsages as Usage;

use super::buffers::{self, CANARY_BYTES, Pass, Region};
use super::proof::{self, NUDGES};
use super::{Batch, Output, Raw, Rig};
use crate::adapter::{DeviceError, Gpu};
use crate::workload::{Job, POISON};

/// Words of the tally's state: nonce, dispatches, tally, done, the words of the first input, last.
const STATE_WORDS: usize = 5 + NUDGES;
/// Where the words and the mark of the last batch stand in it, in bytes.
const WORDS_AT: u64 = 16;
const LAST_AT: u64 = WORDS_AT + 4 * NUDGES as u64;

/// The real thing.
pub struct GpuRig {
    gpu: Gpu,
    kernel: Pass,
    finish: Option<Pass>,
    poison: Pass,
    tally: Pass,
    state: wgpu::Buffer,
    originals: wgpu::Buffer,
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
        let values = match job.values.as_slice() {
            [] => None,
            values => Some((buffers::given(gpu, values)?, 4 * values.len() as u64)),
        };
        let (output, poison) = buffers::output(gpu, job)?;
        let before = Instant::now();
        let pipeline = gpu.pipeline(job.kernel, &job.source, checked)?;
        let compile_ns = before.elapsed().as_nanos() as u64;
        let whole = |(buffer, size): &(wgpu::Buffer, u64)| Region::whole(buffer, *size);
        let mut bound: Vec<Region> = inputs.iter().chain(&values).map(whole).collect();
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
        let (state, originals, tally) = tally(gpu, inputs.first(), result)?;
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
            originals,
            output,
            output_bytes: job.output_bytes,
            inputs,
            digests,
            timestamps: Timestamps::new(gpu)?,
            made: Instant::now(),
            compile_ns,
        })
    }

    fn reset_tally(&self, batch: Batch) {
        let state = [batch.nonce, batch.dispatches, 0, 0];
        self.gpu.queue.write_buffer(&self.state, 0, bytemuck::cast_slice(&state));
        let last = u32::from(batch.last).to_le_bytes();
        self.gpu.queue.write_buffer(&self.state, LAST_AT, &last);
    }

    fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        self.kernel.record(pass);
        if let Some(finish) = &self.finish {
            finish.record(pass);
        }
        self.tally.record(pass);
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

impl Rig for GpuRig {
    fn run(&mut self, batch: Batch) -> Result<Raw, DeviceError> {
        self.poison.run(&self.gpu)?;
        let timestamps = self.timestamps.as_ref();
        let encoded = self.gpu.guard(|| {
            self.reset_tally(batch);
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
                self.record(&mut pass);
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

    fn learn(&mut self) -> Result<[u32; NUDGES], DeviceError> {
        let alone = Batch { dispatches: 1, nonce: 0, last: true };
        let mut hashes = [0; NUDGES];
        for (at, hash) in (0u64..).zip(&mut hashes) {
            self.put_first(at)?;
            *hash = self.run(alone)?.tally;
        }
        self.put_first(0)?;
        Ok(hashes)
    }
}

impl GpuRig {
    /// Makes word `at` of the originals the one that a last dispatch finds.
    fn put_first(&self, at: u64) -> Result<(), DeviceError> {
        self.gpu.guard(|| {
            let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
            encoder.copy_buffer_to_buffer(&self.originals, 4 * at, &self.state, WORDS_AT, 4);
            self.gpu.queue.submit([encoder.finish()]);
        })
    }
}

/// The tally's state, the first words of the first input, and the pass. A kernel without inputs gets a
/// buffer of its own to put words into, and gives the same result on all of them.
fn tally(
    gpu: &Gpu,
    input: Option<&(wgpu::Buffer, u64)>,
    result: Region,
) -> Result<(wgpu::Buffer, wgpu::Buffer, Pass), DeviceError> {
    let size = 4 * STATE_WORDS as u64;
    let usage = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
    let state = buffers::buffer(gpu, size, usage)?;
    let originals = buffers::buffer(gpu, 4 * NUDGES as u64, usage)?;
    let (count, stride) = proof::witnesses(result.size);
    let constants = [("WITNESSES", count), ("STRIDE", stride), ("PATTERN", u64::from(POISON))];
    let text = include_str!("../../shaders/tally.wgsl");
    let pipeline = gpu.pipeline("tally", &(buffers::prelude(&constants) + text), false)?;
    let nudged = match input {
        Some((buffer, size)) => {
            let words = (4 * NUDGES as u64).min(*size);
            gpu.guard(|| {
                let mut encoder = gpu.device.create_command_encoder(&Default::default());
                encoder.copy_buffer_to_buffer(buffer, 0, &originals, 0, words);
                encoder.copy_buffer_to_buffer(buffer, 0, &state, WORDS_AT, words);
                gpu.queue.submit([encoder.finish()]);
            })?;
            Region::whole(buffer, *size)
        }
        None => Region::whole(&buffers::buffer(gpu, 16, Usage::STORAGE)?, 16),
    };
    let pass = Pass::new(gpu, pipeline, &[Region::whole(&state, size), result, nudged], [1, 1])?;
    Ok((state, originals, pass))
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
