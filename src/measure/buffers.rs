//! Buffers of a job on a device: allocated, filled, poisoned, read back.

use wgpu::BufferUsages as Usage;

use crate::adapter::{DeviceError, Gpu};
use crate::workload::{CANARY_WORDS, ElementType, Fill, InputBuffer, Job, POISON, linear_grid};

const WORKGROUP: u64 = 64;

/// A pipeline with its bound buffers.
pub(super) struct Pass {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) bindings: wgpu::BindGroup,
    pub(super) grid: [u64; 2],
}

impl Pass {
    pub(super) fn new(
        gpu: &Gpu,
        pipeline: wgpu::ComputePipeline,
        buffers: &[(&wgpu::Buffer, u64)],
        grid: [u64; 2],
    ) -> Result<Self, DeviceError> {
        let bindings = gpu.guard(|| {
            let entries: Vec<_> = (0u32..)
                .zip(buffers)
                .map(|(binding, (buffer, size))| wgpu::BindGroupEntry {
                    binding,
                    resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                        buffer,
                        offset: 0,
                        size: std::num::NonZeroU64::new(*size),
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

/// An input buffer, filled on the device.
pub(super) fn filled(
    gpu: &Gpu,
    input: &InputBuffer,
    seed: u64,
) -> Result<wgpu::Buffer, DeviceError> {
    let made = buffer(gpu, input.bytes(), Usage::STORAGE)?;
    let format = match input.fill {
        Fill::Value(ElementType::F32) => 0,
        Fill::Value(ElementType::F16) => 1,
        Fill::Word => 2,
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
    let text =
        concat!(include_str!("../../shaders/philox.wgsl"), include_str!("../../shaders/fill.wgsl"));
    let quads = input.planes * input.padded_rows * input.padded_columns / 4;
    run_setup(gpu, "fill", &constants, text, &made, input.bytes(), quads)?;
    Ok(made)
}

/// A small buffer of plain values.
pub(super) fn given(gpu: &Gpu, values: &[f32]) -> Result<wgpu::Buffer, DeviceError> {
    let bytes: &[u8] = bytemuck::cast_slice(values);
    let made = buffer(gpu, bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST)?;
    gpu.queue.write_buffer(&made, 0, bytes);
    Ok(made)
}

/// The output with its canary behind, and the pass that poisons both.
pub(super) fn output(gpu: &Gpu, job: &Job) -> Result<(wgpu::Buffer, Pass), DeviceError> {
    let size = job.output_bytes + 4 * CANARY_WORDS;
    let made = buffer(gpu, size, Usage::STORAGE | Usage::COPY_SRC)?;
    let words = size / 4;
    let constants = [("WORDS", words), ("PATTERN", u64::from(POISON)), ("WORKGROUP", WORKGROUP)];
    let text = include_str!("../../shaders/poison.wgsl");
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

fn setup_pass(
    gpu: &Gpu,
    name: &str,
    constants: &[(&str, u64)],
    text: &str,
    target: &wgpu::Buffer,
    size: u64,
    invocations: u64,
) -> Result<Pass, DeviceError> {
    let prelude: String =
        constants.iter().map(|(name, value)| format!("const {name} = {value}u;\n")).collect();
    let pipeline = gpu.pipeline(name, &(prelude + text), false)?;
    Pass::new(gpu, pipeline, &[(target, size)], linear_grid(invocations, WORKGROUP))
}

/// Copies a buffer's first bytes to the host.
pub(super) fn read_back(gpu: &Gpu, from: &wgpu::Buffer, size: u64) -> Result<Vec<u8>, DeviceError> {
    let landing = buffer(gpu, size, Usage::MAP_READ | Usage::COPY_DST)?;
    gpu.guard(|| {
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(from, 0, &landing, 0, size);
        gpu.queue.submit([encoder.finish()]);
        landing.map_async(wgpu::MapMode::Read, .., |_| ());
    })?;
    gpu.wait()?;
    let view = landing.get_mapped_range(..).map_err(|e| DeviceError::Refused(e.to_string()))?;
    Ok(view.to_vec())
}
