//! burn with its wgpu backend: CubeCL's kernels, autotuned and fused as its users have them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::wgpu::WgpuBackend;
use burn::tensor::{DType, Device, DeviceKind, Tensor, TensorData};
use tierbench::adapter::{Found, Identity};
use tierbench::workload::ElementType;

use crate::contestant::{Contestant, Ready, Refusal, Role};
use crate::problem::{Causal, Kind, Problem};

/// burn's device on our adapter, or why there is none.
pub struct Burn {
    device: Result<Device, Refusal>,
}

/// An operation that leaves its result on the device.
type Operation = Box<dyn Fn() -> Tensor<4>>;

impl Burn {
    /// Opens the adapter `chosen` again, through burn.
    pub fn open(all: &[Identity], chosen: &Found) -> Self {
        let device = no_panic(|| open(all, &chosen.identity)).and_then(|opened| opened);
        Self { device }
    }
}

impl Contestant for Burn {
    fn name(&self) -> &'static str {
        "burn"
    }

    fn role(&self) -> Role {
        Role::Peer
    }

    fn version(&self) -> String {
        let language = if cfg!(feature = "burn-spirv") { "SPIR-V" } else { "WGSL" };
        format!("burn {}, wgpu backend, {language}, autotune, fusion", locked_version("burn"))
    }

    fn ready<'a>(&'a mut self, problem: &Problem) -> Result<Ready<'a>, Refusal> {
        let device = self.device.as_ref().map_err(Clone::clone)?;
        let (how, operation) = no_panic(|| operation(device, problem))??;
        let output = no_panic(|| {
            let computed = operation().cast(DType::F32).try_into_data().map_err(failed)?;
            computed.try_to_vec::<f32>().map_err(failed)
        })??;
        // Negation stands in for a copy; undone here, so that the result is the source again.
        let copied = matches!(problem.kind, Kind::Copy(_));
        let output = if copied { output.into_iter().map(|x| -x).collect() } else { output };
        let relative_error = Some(problem.relative_error(&output)?);
        // Left to itself, fusion makes one kernel of all negations: it loads once and stores only the
        // result that is still wanted. Matrix products and attention are launched one by one.
        let sampler = Box::new(move |operations| {
            no_panic(|| {
                device.sync().map_err(failed)?;
                let before = Instant::now();
                let mut last = None;
                for _ in 0..operations {
                    last = Some(operation());
                    if copied {
                        device.flush().map_err(failed)?;
                    }
                }
                device.sync().map_err(failed)?;
                let ns = before.elapsed().as_nanos() as u64;
                drop(last);
                Ok(ns)
            })?
        });
        Ok(Ready { how, relative_error, work: problem.workload.work(), sampler })
    }
}

/// burn counts adapters of one kind, in the order in which wgpu lists them, as we do.
fn open(all: &[Identity], chosen: &Identity) -> Result<Device, Refusal> {
    let kind = |wanted: &str| {
        let alike = all.iter().filter(|other| other.device_type == wanted);
        alike.take_while(|other| *other != chosen).count()
    };
    let kind = match chosen.device_type.as_str() {
        "discrete-gpu" => DeviceKind::DiscreteGpu(kind("discrete-gpu")),
        "integrated-gpu" => DeviceKind::IntegratedGpu(kind("integrated-gpu")),
        "virtual-gpu" => DeviceKind::VirtualGpu(kind("virtual-gpu")),
        "cpu" => DeviceKind::Cpu,
        _ => DeviceKind::DefaultDevice,
    };
    let api =
        if chosen.backend == "vulkan" { WgpuBackend::Vulkan } else { WgpuBackend::Auto };
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

/// The operation with its inputs on the device. Rank 4 throughout; a matrix has two leading ones.
fn operation(device: &Device, problem: &Problem) -> Result<(String, Operation), Refusal> {
    let dtype = match problem.stored_as() {
        ElementType::F32 => DType::F32,
        ElementType::F16 => DType::F16,
    };
    if !device.supports_dtype(dtype) {
        return Err(Refusal::Unsupported(format!("burn has no {dtype:?} on this adapter")));
    }
    let tensors = |shapes: &[[u64; 4]]| -> Vec<Tensor<4>> {
        let placed = problem.inputs.iter().zip(shapes);
        placed
            .map(|(values, shape)| {
                let shape = shape.map(|length| length as usize);
                Tensor::from_data(TensorData::new(values.clone(), shape), (device, dtype))
            })
            .collect()
    };
    let ready: (String, Operation) = match problem.kind {
        Kind::Matmul([m, n, k]) => {
            let [a, b] = inputs(tensors(&[[1, 1, m, k], [1, 1, k, n]]))?;
            let run = move || a.clone().matmul(b.clone());
            (format!("matmul, result in {dtype:?}"), Box::new(run))
        }
        Kind::Attention(shape, causal) => {
            let [q, k, v] = inputs(tensors(&[shape; 3]))?;
            let is_causal = causal == Causal::Yes;
            let options = AttentionModuleOptions { is_causal, ..Default::default() };
            let run = move || attention(q.clone(), k.clone(), v.clone(), None, None, options);
            ("burn::tensor::module::attention".into(), Box::new(run))
        }
        Kind::Copy(bytes) => {
            let [source] = inputs(tensors(&[[1, 1, 1, bytes / 4]]))?;
            let run = move || -source.clone();
            ("neg: one load and one store for each element".into(), Box::new(run))
        }
    };
    Ok(ready)
}

fn inputs<const N: usize>(tensors: Vec<Tensor<4>>) -> Result<[Tensor<4>; N], Refusal> {
    tensors.try_into().map_err(|_| Refusal::Failed("the problem has other inputs".into()))
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
