//! An opened device, and the fences around everything a driver can do wrong.
//!
//! Validation errors, memory exhaustion and device loss arrive as values; panics inside shader
//! translation are caught. Each workload gets a device of its own, so a fault in one cannot
//! spoil the next.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Found;
use super::quiet::caught;

/// What a device can answer instead of a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The driver gave the device up.
    #[error("device lost: {0}; look at the system log, then try a smaller size")]
    Lost(String),
    /// Allocation failed.
    #[error("out of memory: {0}; try a smaller size or free the device")]
    OutOfMemory(String),
    /// The API refused a call.
    #[error("the driver refused: {0}")]
    Refused(String),
    /// Shader translation, the API or the driver gave up in the middle.
    #[error("the shader compiler or driver gave up: {0}; please report it with the kernel's name")]
    Panicked(String),
    /// Work did not finish in time.
    #[error("no answer within {0} s; the device may hang: try a smaller size")]
    Timeout(u64),
}

/// How long one submission may take before it counts as hung.
const SUBMIT_TIMEOUT: Duration = Duration::from_secs(60);

/// A device and its queue.
#[derive(Clone)]
pub struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    lost: Arc<AtomicBool>,
    errors: Arc<Mutex<Vec<String>>>,
}

impl Gpu {
    /// Opens an adapter with every feature that a kernel could use and all of its limits. Matrix units are asked
    /// for where the capability lists some.
    pub fn open(found: &Found) -> Result<Self, DeviceError> {
        // wgpu-hal panics when a driver refuses a feature that it lists.
        let opened =
            caught(|| pollster::block_on(found.adapter.request_device(&Self::descriptor(found))));
        let (device, queue) = opened
            .map_err(DeviceError::Panicked)?
            .map_err(|e| DeviceError::Refused(e.to_string()))?;
        Ok(Self::around(device, queue))
    }

    /// What [`Gpu::open`] asks the adapter for.
    pub fn descriptor(found: &Found) -> wgpu::DeviceDescriptor<'static> {
        use wgpu::Features as F;
        let mut wanted =
            F::TIMESTAMP_QUERY | F::SHADER_F16 | F::SUBGROUP | F::SHADER_INT64 | F::SHADER_I16;
        wanted.set(
            F::EXPERIMENTAL_COOPERATIVE_MATRIX,
            !found.capability.cooperative_matrices.is_empty(),
        );
        wgpu::DeviceDescriptor {
            label: Some("tierbench"),
            required_features: found.adapter.features() & wanted,
            // The defaults would cost: 16 KiB of shared memory, 256 invocations, 128 MiB bindings.
            required_limits: found.adapter.limits(),
            memory_hints: wgpu::MemoryHints::Performance,
            experimental_features: experimental_features(),
            ..Default::default()
        }
    }

    /// A device that somebody else opened, with the same fences around it.
    pub fn around(device: wgpu::Device, queue: wgpu::Queue) -> Self {
        let lost = Arc::new(AtomicBool::new(false));
        let errors = Arc::new(Mutex::new(Vec::new()));
        let (flag, messages) = (lost.clone(), errors.clone());
        device.set_device_lost_callback(move |_, message| {
            push(&messages, message);
            flag.store(true, Ordering::SeqCst);
        });
        let messages = errors.clone();
        // Without a handler of ours wgpu panics on any error that no scope catches.
        device.on_uncaptured_error(Arc::new(move |e: wgpu::Error| push(&messages, e.to_string())));
        Self { device, queue, lost, errors }
    }

    /// Runs `make`, and turns whatever the API, the compiler or the allocator says into an error.
    pub(crate) fn guard<T>(&self, make: impl FnOnce() -> T) -> Result<T, DeviceError> {
        let invalid = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let made = caught(make);
        let internal = pollster::block_on(internal.pop());
        let memory = pollster::block_on(memory.pop());
        let invalid = pollster::block_on(invalid.pop());
        self.check()?;
        if let Some(e) = memory {
            return Err(DeviceError::OutOfMemory(e.to_string()));
        }
        if let Some(e) = internal.or(invalid) {
            return Err(DeviceError::Refused(e.to_string()));
        }
        made.map_err(DeviceError::Panicked)
    }

    /// Waits until everything submitted is done.
    pub(crate) fn wait(&self) -> Result<(), DeviceError> {
        let wait = wgpu::PollType::Wait { submission_index: None, timeout: Some(SUBMIT_TIMEOUT) };
        let polled = caught(|| self.device.poll(wait)).map_err(DeviceError::Panicked)?;
        self.check()?;
        match polled {
            Ok(_) => Ok(()),
            Err(wgpu::PollError::Timeout) => Err(DeviceError::Timeout(SUBMIT_TIMEOUT.as_secs())),
            Err(e) => Err(DeviceError::Refused(e.to_string())),
        }
    }

    /// The error that arrived since the last look, if any.
    fn check(&self) -> Result<(), DeviceError> {
        let messages =
            std::mem::take(&mut *self.errors.lock().unwrap_or_else(PoisonError::into_inner));
        let text = messages.join("; ");
        if self.lost.load(Ordering::SeqCst) {
            return Err(DeviceError::Lost(text));
        }
        if messages.is_empty() { Ok(()) } else { Err(DeviceError::Refused(text)) }
    }

    /// Compiles a kernel's text as a measurement does, and keeps nothing: for whoever watches the driver do it.
    pub fn compile(&self, name: &str, source: &str) -> Result<(), DeviceError> {
        self.pipeline(name, source, false).map(drop)
    }

    /// A compute pipeline from trusted WGSL.
    ///
    /// wgpu's run-time checks (index clamps, a 64-bit counter in every loop, zero-filled shared
    /// memory) would be measured along with the kernel, so they are off; `checked` turns them on
    /// for the correctness tests.
    pub(crate) fn pipeline(
        &self,
        name: &str,
        source: &str,
        checked: bool,
    ) -> Result<wgpu::ComputePipeline, DeviceError> {
        self.guard(|| {
            let descriptor = wgpu::ShaderModuleDescriptor {
                label: Some(name),
                source: wgpu::ShaderSource::Wgsl(source.into()),
            };
            let module = if checked {
                self.device.create_shader_module(descriptor)
            } else {
                trusted_module(&self.device, descriptor)
            };
            self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(name),
                layout: None,
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    zero_initialize_workgroup_memory: checked,
                    ..Default::default()
                },
                cache: None,
            })
        })
    }
}

impl Found {
    /// Takes the matrix units out of the capability where the driver lists them, but opens only without them.
    pub(super) fn without_refused_matrices(mut self) -> Self {
        if self.capability.cooperative_matrices.is_empty() {
            return self;
        }
        if let Err(error) = Gpu::open(&self) {
            let listed = std::mem::take(&mut self.capability.cooperative_matrices);
            match Gpu::open(&self) {
                Ok(_) => self.matrices_refused = Some(error.to_string()),
                Err(_) => self.capability.cooperative_matrices = listed, // it is not for their sake
            }
        }
        self
    }
}

#[expect(unsafe_code, reason = "the only way to matrix units; see SAFETY")]
fn experimental_features() -> wgpu::ExperimentalFeatures {
    // SAFETY: the one experimental feature in use is the cooperative matrix. What wgpu does not check there:
    // shapes come from the adapter's list; loads and stores of fragments stay inside their buffers, because sizes
    // are padded to whole tiles, which `Job`s assert when they are made; naga refuses control flow
    // around the operations that is not uniform.
    unsafe { wgpu::ExperimentalFeatures::enabled() }
}

#[expect(unsafe_code, reason = "the only way to compile without run-time checks; see SAFETY")]
fn trusted_module(
    device: &wgpu::Device,
    descriptor: wgpu::ShaderModuleDescriptor<'_>,
) -> wgpu::ShaderModule {
    // SAFETY: the texts are those of `shaders/` behind a prelude of constants; who changes the text of a `Job`
    // through the library's interface takes this promise over. Every loop in them counts up, to a bound that
    // follows from those constants and the place of the workgroup and does not change meanwhile, so all of them
    // end. Indices stay inside, because buffers are padded to whole tiles or the index is compared with
    // the size first. `tests/gpu_candidates.rs` runs every candidate that the test's adapter can run, at one awkward
    // shape, with run-time checks and without, and compares the results bit for bit; it counts what it could not
    // run. Loads and stores of fragments are not checked by wgpu either way: see `experimental_features`.
    unsafe {
        device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
    }
}

fn push(messages: &Mutex<Vec<String>>, message: String) {
    messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
}
