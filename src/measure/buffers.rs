//! Buffers of a job on a device: allocated, filled, poisoned, read back.

use wgpu::BufferUsages as Usage;

use crate::adapter::{DeviceError, Gpu};
use crate::workload::{CANARY_WORDS, ElementType, Fill, InputBuffer, Job, POISON, linear_grid};

const WORKGROUP: u64 = 64;
/// Invocations that share the digest of a buffer.
const DIGEST_INVOCATIONS: u64 = 65_536;
/// Bytes in front and behind every output that no kernel may touch: what bindings are aligned to.
pub(super) const CANARY_BYTES: u64 = 4 * CANARY_WORDS;

/// A pipeline with its bound buffers.
pub(super) struct Pass {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) bindings: wgpu::BindGroup,
    pub(super) grid: [u64; 2],
}

/// A part of a buffer that a kernel sees.
#[derive(Clone)]
pub(super) struct Region {
    pub(super) buffer: wgpu::Buffer,
    pub(super) offset: u64,
    pub(super) size: u64,
}

impl Region {
    pub(super) fn whole(buffer: &wgpu::Buffer, size: u64) -> Self {
        Self { buffer: buffer.clone(), offset: 0, size }
    }
}

impl Pass {
    pub(super) fn new(
        gpu: &Gpu,
        pipeline: wgpu::ComputePipeline,
        regions: &[Region],
        grid: [u64; 2],
    ) -> Result<Self, DeviceError> {
        let bindings = gpu.guard(|| {
            let entries: Vec<_> = (0u32..)
                .zip(regions)
                .map(|(binding, region)| wgpu::BindGroupEntry {
                    binding,
                    resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                        buffer: &region.buffer,
                        offset: region.offset,
                        size: std::num::NonZeroU64::new(region.size),
                    }),
                })
                .collect();
            gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            })
        })?;
        Ok(Self { pipeline, bindings, grid })
    }

    pub(super) fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(self.grid[0] as u32, self.grid[1] as u32, 1);
    }

    /// Runs once and waits.
    pub(super) fn run(&self, gpu: &Gpu) -> Result<(), DeviceError> {
        gpu.guard(|| {
            let mut encoder = gpu.device.create_command_encoder(&Default::default());
            self.record(&mut encoder.begin_compute_pass(&Default::default()));
            gpu.queue.submit([encoder.finish()]);
        })?;
        gpu.wait()
    }
}

pub(super) fn buffer(gpu: &Gpu, size: u64, usage: Usage) -> Result<wgpu::Buffer, DeviceError> {
    gpu.guard(|| {
        gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage,
            mapped_at_creation: false,
        })
    })
}

/// Allocates what a job needs, and gives it back at once.
pub fn try_memory(gpu: &Gpu, job: &Job) -> Result<(), DeviceError> {
    let output = job.output_bytes + 2 * CANARY_BYTES;
    let scratch = job.finish.as_ref().map(|finish| finish.scratch_bytes);
    let sizes = job.inputs.iter().map(InputBuffer::bytes).chain(scratch).chain([output]);
    let held: Result<Vec<_>, _> = sizes.map(|size| buffer(gpu, size, Usage::STORAGE)).collect();
    // The host reads the output through a buffer of the same size.
    let landing = buffer(gpu, output, Usage::MAP_READ | Usage::COPY_DST);
    held.and(landing).map(|_| ())
}

/// An input buffer, filled on the device.
pub(super) fn filled(
    gpu: &Gpu,
    input: &InputBuffer,
    seed: u64,
) -> Result<wgpu::Buffer, DeviceError> {
    let usage = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
    let made = buffer(gpu, input.bytes(), usage)?;
    if let Fill::Zero(_) = input.fill {
        return Ok(made); // the API hands out zeros
    }
    let format = match input.fill {
        Fill::Value(ElementType::F32) => 0,
        Fill::Value(ElementType::F16) => 1,
        Fill::Value(ElementType::I8 | ElementType::I32) => 3,
        Fill::Word | Fill::Zero(_) => 2,
    };
    let constants = [
        ("FORMAT", format),
        ("PLANES", input.planes),
        ("ROWS", input.rows),
        ("COLUMNS", input.columns),
        ("PADDED_ROWS", input.padded_rows),
        ("PADDED_COLUMNS", input.padded_columns),
        ("TAG", u64::from(input.tag)),
        ("SEED_LOW", seed & 0xffff_ffff),
        ("SEED_HIGH", seed >> 32),
        ("WORKGROUP", WORKGROUP),
    ];
    let text = concat!(
        include_str!("../../shaders/shared/philox.wgsl"),
        include_str!("../../shaders/setup/fill.wgsl")
    );
    let quads = input.planes * input.padded_rows * input.padded_columns / 4;
    run_setup(gpu, "fill", &constants, text, &made, input.bytes(), quads)?;
    Ok(made)
}

/// A small buffer of plain values.
pub(super) fn given<T: bytemuck::NoUninit>(
    gpu: &Gpu,
    values: &[T],
) -> Result<wgpu::Buffer, DeviceError> {
    let bytes: &[u8] = bytemuck::cast_slice(values);
    let made = buffer(gpu, bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST)?;
    gpu.queue.write_buffer(&made, 0, bytes);
    Ok(made)
}

/// The output between its canaries, and the pass that poisons all of it.
pub(super) fn output(gpu: &Gpu, job: &Job) -> Result<(wgpu::Buffer, Pass), DeviceError> {
    let size = job.output_bytes + 2 * CANARY_BYTES;
    let made = buffer(gpu, size, Usage::STORAGE | Usage::COPY_SRC)?;
    let words = size / 4;
    let constants = [("WORDS", words), ("PATTERN", u64::from(POISON)), ("WORKGROUP", WORKGROUP)];
    let text = include_str!("../../shaders/setup/poison.wgsl");
    let poison = setup_pass(gpu, "poison", &constants, text, &made, size, words)?;
    Ok((made, poison))
}

fn run_setup(
    gpu: &Gpu,
    name: &str,
    constants: &[(&str, u64)],
    text: &str,
    target: &wgpu::Buffer,
    size: u64,
    invocations: u64,
) -> Result<(), DeviceError> {
    setup_pass(gpu, name, constants, text, target, size, invocations)?.run(gpu)
}

/// Constants as WGSL, in front of a kernel's text.
pub(super) fn prelude(constants: &[(&str, u64)]) -> String {
    constants.iter().map(|(name, value)| format!("const {name} = {value}u;\n")).collect()
}

fn setup_pass(
    gpu: &Gpu,
    name: &str,
    constants: &[(&str, u64)],
    text: &str,
    target: &wgpu::Buffer,
    size: u64,
    invocations: u64,
) -> Result<Pass, DeviceError> {
    let pipeline = gpu.pipeline(name, &(prelude(constants) + text), false)?;
    let grid = linear_grid(invocations, WORKGROUP);
    Pass::new(gpu, pipeline, &[Region::whole(target, size)], grid)
}

/// Digest of a buffer's words.
pub(super) fn digest(gpu: &Gpu, of: &wgpu::Buffer, size: u64) -> Result<u32, DeviceError> {
    let words = size / 4;
    let invocations = words.min(DIGEST_INVOCATIONS);
    let constants = [("WORDS", words), ("INVOCATIONS", invocations), ("WORKGROUP", WORKGROUP)];
    let text = include_str!("../../shaders/setup/digest.wgsl");
    let pipeline = gpu.pipeline("digest", &(prelude(&constants) + text), false)?;
    let sums = buffer(gpu, 4 * invocations, Usage::STORAGE | Usage::COPY_SRC)?;
    let regions = [Region::whole(of, size), Region::whole(&sums, 4 * invocations)];
    Pass::new(gpu, pipeline, &regions, linear_grid(invocations, WORKGROUP))?.run(gpu)?;
    let bytes = read_parts(gpu, &[(&sums, 4 * invocations)])?;
    let sums = bytes.chunks_exact(4).map(bytemuck::pod_read_unaligned::<u32>);
    Ok(sums.fold(0, u32::wrapping_add))
}

/// Copies the first bytes of some buffers to the host, one behind the other.
pub(super) fn read_parts(
    gpu: &Gpu,
    parts: &[(&wgpu::Buffer, u64)],
) -> Result<Vec<u8>, DeviceError> {
    let size = parts.iter().map(|(_, size)| size).sum();
    let landing = buffer(gpu, size, Usage::MAP_READ | Usage::COPY_DST)?;
    gpu.guard(|| {
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        let mut at = 0;
        for (from, size) in parts {
            encoder.copy_buffer_to_buffer(from, 0, &landing, at, *size);
            at += size;
        }
        gpu.queue.submit([encoder.finish()]);
        landing.map_async(wgpu::MapMode::Read, .., |_| ());
    })?;
    gpu.wait()?;
    let view = landing.get_mapped_range(..).map_err(|e| DeviceError::Refused(e.to_string()))?;
    Ok(view.to_vec())
}
