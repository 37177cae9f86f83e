//! burn with its wgpu backend: `CubeCL`'s kernels, autotuned and fused as its users have them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::wgpu::WgpuBackend;
use burn::tensor::{DType, Device, DeviceKind, Tensor, TensorData};
use tierbench::adapter::{Found, Identity};

use crate::contestant::Refusal;
use crate::problem::{Causal, Kind};

/// burn's device on our adapter.
pub struct Burn {
    device: Device,
}

/// An operation with its inputs on the device.
pub struct Prepared {
    /// Which function of burn.
    pub how: String,
    operation: Box<dyn Fn() -> Tensor<4>>,
    kind: Kind,
}

/// What is measured, in words.
pub fn version() -> String {
    let language = if cfg!(feature = "burn-spirv") { "SPIR-V" } else { "WGSL" };
    format!("burn {}, wgpu backend, {language}, autotune, fusion", locked_version("burn"))
}

impl Burn {
    /// Opens the adapter `chosen` again, through burn.
    pub fn open(all: &[Identity], chosen: &Found) -> Result<Self, Refusal> {
        no_panic(|| open(all, &chosen.identity))?.map(|device| Self { device })
    }

    /// Uploads the inputs and computes once.
    pub fn prepare(
        &self,
        kind: Kind,
        element: &str,
        inputs: Vec<Vec<f32>>,
    ) -> Result<(Prepared, Vec<f32>), Refusal> {
        no_panic(|| {
            let prepared = operation(&self.device, kind, element, inputs)?;
            // Converted here: a cast on the device would be fused with the operation, and what is
            // checked would not be what is timed.
            let result = (prepared.operation)().try_into_data_dtype(DType::F32).map_err(failed)?;
            let output = result.try_to_vec::<f32>().map_err(failed)?;
            // Negation stands in for a copy; undone here, so that the result is the source again.
            let sign = if matches!(kind, Kind::Copy(_)) { -1.0 } else { 1.0 };
            Ok((prepared, output.into_iter().map(|value| sign * value).collect()))
        })?
    }

    /// Nanoseconds from the first call until the device is idle again.
    pub fn sample(&self, prepared: &Prepared, operations: u32) -> Result<u64, Refusal> {
        // Left to itself, fusion makes one kernel of all negations: it loads once and stores only the
        // result that is still wanted. Matrix products and attention are launched one by one.
        let each_for_itself = matches!(prepared.kind, Kind::Copy(_));
        no_panic(|| {
            self.device.sync().map_err(failed)?;
            let before = Instant::now();
            let mut last = None;
            for _ in 0..operations {
                last = Some((prepared.operation)());
                if each_for_itself {
                    self.device.flush().map_err(failed)?;
                }
            }
            self.device.sync().map_err(failed)?;
            let ns = before.elapsed().as_nanos() as u64;
            drop(last);
            Ok(ns)
        })?
    }
}

/// burn counts adapters of one kind, in the order in which wgpu lists them, as we do.
fn open(all: &[Identity], chosen: &Identity) -> Result<Device, Refusal> {
    let index = || {
        let alike = all.iter().filter(|other| other.device_type == chosen.device_type);
        alike.take_while(|other| *other != chosen).count()
    };
    let kind = match chosen.device_type.as_str() {
        "discrete-gpu" => DeviceKind::DiscreteGpu(index()),
        "integrated-gpu" => DeviceKind::IntegratedGpu(index()),
        "virtual-gpu" => DeviceKind::VirtualGpu(index()),
        "cpu" => DeviceKind::Cpu,
        _ => DeviceKind::DefaultDevice,
    };
    let api = if chosen.backend == "vulkan" { WgpuBackend::Vulkan } else { WgpuBackend::Auto };
    let options = Device::wgpu_options().device_kind(kind).graphics_api(api);
    let (device, setup) = options.init_with_setup().map_err(failed)?;
    let got = setup.adapter.get_info();
    if got.name != chosen.name || got.driver_info != chosen.driver_info {
        return Err(Refusal::Unsupported(format!(
            "burn opened another adapter: {}, {}",
            got.name, got.driver_info
        )));
    }
    Ok(device)
}

/// Rank 4 throughout; a matrix has two leading ones.
fn operation(
    device: &Device,
    kind: Kind,
    element: &str,
    values: Vec<Vec<f32>>,
) -> Result<Prepared, Refusal> {
    let dtype = if element == "f16" { DType::F16 } else { DType::F32 };
    if !device.supports_dtype(dtype) {
        return Err(Refusal::Unsupported(format!("burn has no {dtype:?} on this adapter")));
    }
    let shapes = match kind {
        Kind::Matmul([m, n, k]) => vec![[1, 1, m, k], [1, 1, k, n]],
        Kind::Attention(shape, _) => vec![shape; 3],
        Kind::Copy(bytes) => vec![[1, 1, 1, bytes / 4]],
    };
    let placed = values.into_iter().zip(shapes).map(|(values, shape)| {
        let shape = shape.map(|length| length as usize);
        Tensor::<4>::from_data(TensorData::new(values, shape), (device, dtype))
    });
    let tensors: Vec<Tensor<4>> = placed.collect();
    let (how, operation): (String, Box<dyn Fn() -> Tensor<4>>) = match (kind, tensors.as_slice()) {
        (Kind::Matmul(_), [a, b]) => {
            let (a, b) = (a.clone(), b.clone());
            let run = move || a.clone().matmul(b.clone());
            (format!("matmul, result in {dtype:?}"), Box::new(run))
        }
        (Kind::Attention(_, causal), [q, k, v]) => {
            let (q, k, v) = (q.clone(), k.clone(), v.clone());
            let is_causal = causal == Causal::Yes;
            let options = AttentionModuleOptions { is_causal, ..Default::default() };
            let run = move || attention(q.clone(), k.clone(), v.clone(), None, None, options);
            ("burn::tensor::module::attention".into(), Box::new(run))
        }
        (Kind::Copy(_), [source]) => {
            let source = source.clone();
            let run = move || -source.clone();
            ("neg: one load and one store for each element".into(), Box::new(run))
        }
        _ => return Err(Refusal::Failed("the inputs are of another workload".into())),
    };
    Ok(Prepared { how, operation, kind })
}

/// burn panics where others return errors.
fn no_panic<T>(run: impl FnOnce() -> T) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Refusal::Failed(format!("burn panicked: {}", text.unwrap_or("no message")))
    })
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Failed(error.to_string())
}

/// Version of a dependency, from the lock file that this program was built with.
fn locked_version(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let after = lock.split_once(&format!("name = \"{package}\"\nversion = \""));
    after.and_then(|(_, rest)| rest.split('"').next()).unwrap_or("of unknown version")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_lock_file_names_the_version_of_burn() {
        assert!(super::locked_version("burn").starts_with("0."));
    }
}
