//! Opens the device as `tierbench` does and watches the driver compile.
//!
//! `tierbench` itself makes every pipeline, through wgpu. One entry of the device's function table is replaced:
//! vkCreateComputePipelines, by [`create_compute_pipelines`], which asks the driver to keep its statistics and its
//! final code (`VK_KHR_pipeline_executable_properties`) and reads both. So SPIR-V, features and layouts are
//! those of a measurement, whatever wgpu does.

#![expect(unsafe_code, reason = "Vulkan below wgpu; each block says why it is sound")]

use std::ffi::{CStr, c_char};
use std::io::{Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use ash::{khr, vk};
use tierbench::adapter::{DeviceError, Found, Gpu};
use wgpu::hal::vulkan;

/// What the driver says about one compiled kernel.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// Invocations of a subgroup that it was compiled for.
    pub wave: u32,
    /// Its statistics by name, as whole numbers; a float is cut off.
    pub statistics: Vec<(String, u64)>,
    /// Texts by name, from the first form to the final code.
    pub texts: Vec<(String, String)>,
}

impl Compiled {
    /// A statistic by its name.
    pub fn statistic(&self, name: &str) -> Option<u64> {
        self.statistics.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

/// Name of the text that the driver printed to stdout.
pub const PRINTED: &str = "printed";

/// The functions behind the replaced one.
struct Hooked {
    create: vk::PFN_vkCreateComputePipelines,
    executables: khr::pipeline_executable_properties::Device,
}

static HOOKED: OnceLock<Hooked> = OnceLock::new();
static SEEN: Mutex<Vec<Compiled>> = Mutex::new(Vec::new());

/// A device whose compiler is watched; one in a process.
pub struct Watched {
    gpu: Gpu,
}

impl Watched {
    /// Opens the adapter with what `tierbench` asks for, and the driver's reports; unless `robust`, without the
    /// driver's checks of every access, which wgpu always asks for.
    pub fn open(found: &Found, robust: bool) -> Result<Self> {
        let descriptor = Gpu::descriptor(found);
        // SAFETY: the guard keeps the adapter alive; nothing is destroyed through it.
        let adapter = unsafe { found.adapter().as_hal::<vulkan::Api>() };
        let adapter = adapter.context("the adapter is not Vulkan")?;
        let features = descriptor.required_features;
        let mut extensions = adapter.required_device_extensions(features);
        extensions.push(khr::pipeline_executable_properties::NAME);
        let names: Vec<*const c_char> = extensions.iter().map(|name| name.as_ptr()).collect();
        let mut chosen = adapter.physical_device_features(&extensions, features);
        let mut reports = vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default()
            .pipeline_executable_info(true);
        // The queue that wgpu-hal opens.
        let family = 0;
        let queues = [vk::DeviceQueueCreateInfo::default()
            .queue_family_index(family)
            .queue_priorities(&[1.0])];
        let info = vk::DeviceCreateInfo::default()
            .queue_create_infos(&queues)
            .enabled_extension_names(&names)
            .push_next(&mut reports);
        let mut info = chosen.add_to_device_create(info);
        let mut core = vk::PhysicalDeviceFeatures::default();
        if !robust {
            // SAFETY: `chosen` has just set both pointers to features of its own, alive to the end of this function,
            // and nothing else reads or writes them until the device is made.
            unsafe { without_robustness(&mut info, &mut core) };
        }
        let instance = adapter.shared_instance().raw_instance();
        // SAFETY: `info` and all it points to live to the end of the call; extensions and features are those that
        // wgpu-hal would name, and one more that the driver refuses if it does not know it.
        let made = unsafe { instance.create_device(adapter.raw_physical_device(), &info, None) };
        let made = made.context("the driver opens no device that reports on its pipelines")?;
        let hooked = Hooked {
            create: made.fp_v1_0().create_compute_pipelines,
            executables: khr::pipeline_executable_properties::Device::new(instance, &made),
        };
        ensure!(HOOKED.set(hooked).is_ok(), "a device is watched already");
        let mut table = made.fp_v1_0().clone();
        table.create_compute_pipelines = create_compute_pipelines;
        let watched = ash::Device::from_parts_1_3(
            made.handle(),
            table,
            made.fp_v1_1().clone(),
            made.fp_v1_2().clone(),
            made.fp_v1_3().clone(),
        );
        // SAFETY: made from this adapter just now, with these extensions, features and queue; wgpu owns it from here.
        let opened = unsafe {
            adapter.device_from_raw(
                watched,
                None,
                &extensions,
                features,
                &descriptor.required_limits,
                &descriptor.memory_hints,
                family,
                0,
            )
        }?;
        drop(adapter);
        // SAFETY: opened from this very adapter, with the features of `descriptor`.
        let (device, queue) =
            unsafe { found.adapter().create_device_from_hal(opened, &descriptor) }?;
        Ok(Self { gpu: Gpu::around(device, queue) })
    }

    /// Compiles one text as `tierbench` does.
    pub fn compile(&self, name: &str, source: &str) -> Result<Compiled> {
        seen().clear();
        match self.gpu.compile(name, source) {
            Ok(()) => {}
            Err(DeviceError::Refused(why) | DeviceError::Panicked(why)) => bail!("{why}"),
            Err(other) => bail!("{other}"),
        }
        let mut made = std::mem::take(&mut *seen());
        ensure!(made.len() == 1, "the driver made {} executables of it", made.len());
        made.pop().context("the driver reported nothing")
    }
}

/// Takes the checks of accesses out of what a device is made with. `core` stands in for the features of Vulkan 1.0,
/// which are constant there.
///
/// # Safety
/// The pointers of `info` must be null or lead to structures that may be read, those of its chain also written.
unsafe fn without_robustness<'a>(
    info: &mut vk::DeviceCreateInfo<'a>,
    core: &'a mut vk::PhysicalDeviceFeatures,
) {
    // SAFETY: as promised by the caller.
    if let Some(features) = unsafe { info.p_enabled_features.as_ref() } {
        *core = vk::PhysicalDeviceFeatures { robust_buffer_access: vk::FALSE, ..*features };
        info.p_enabled_features = core;
    }
    let mut next = info.p_next.cast_mut().cast::<vk::BaseOutStructure<'_>>();
    // SAFETY: as promised by the caller; every structure of a chain begins with its type and the next one.
    while let Some(part) = unsafe { next.as_mut() } {
        if part.s_type == vk::StructureType::PHYSICAL_DEVICE_ROBUSTNESS_2_FEATURES_EXT {
            let robustness = next.cast::<vk::PhysicalDeviceRobustness2FeaturesEXT<'_>>();
            // SAFETY: its type says what it is.
            unsafe { (*robustness).robust_buffer_access2 = vk::FALSE };
        }
        next = part.p_next;
    }
}

fn seen() -> std::sync::MutexGuard<'static, Vec<Compiled>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stands in for the driver's function: the same, with reports kept and read.
unsafe extern "system" fn create_compute_pipelines(
    device: vk::Device,
    cache: vk::PipelineCache,
    count: u32,
    infos: *const vk::ComputePipelineCreateInfo<'_>,
    allocator: *const vk::AllocationCallbacks<'_>,
    pipelines: *mut vk::Pipeline,
) -> vk::Result {
    let Some(hooked) = HOOKED.get() else { return vk::Result::ERROR_INITIALIZATION_FAILED };
    // SAFETY: the caller keeps Vulkan's promise that there are `count` of them.
    let mut infos = unsafe { std::slice::from_raw_parts(infos, count as usize) }.to_vec();
    for info in &mut infos {
        info.flags |= vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
            | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR;
    }
    let Ok(printed) = Printed::start() else { return vk::Result::ERROR_UNKNOWN };
    // SAFETY: the caller's own arguments; the flags are allowed, as the device was opened with their feature.
    let result =
        unsafe { (hooked.create)(device, cache, count, infos.as_ptr(), allocator, pipelines) };
    let Ok(printed) = printed.end() else { return vk::Result::ERROR_UNKNOWN };
    if result == vk::Result::SUCCESS {
        // SAFETY: the driver has just filled in `count` of them.
        for pipeline in unsafe { std::slice::from_raw_parts(pipelines, count as usize) } {
            match reports(&hooked.executables, *pipeline) {
                Ok(mut compiled) => {
                    for compiled in &mut compiled {
                        compiled.texts.push((PRINTED.to_owned(), printed.clone()));
                    }
                    seen().extend(compiled);
                }
                Err(error) => return error,
            }
        }
    }
    result
}

/// What the driver prints while it compiles: Mesa's for Apple's GPUs tells its final code in no other way.
struct Printed {
    stdout: OwnedFd,
    file: std::fs::File,
}

impl Printed {
    fn start() -> std::io::Result<Self> {
        flush();
        let stdout = rustix::io::dup(std::io::stdout())?;
        let file = tempfile::tempfile()?;
        rustix::stdio::dup2_stdout(&file)?;
        Ok(Self { stdout, file })
    }

    fn end(mut self) -> std::io::Result<String> {
        flush();
        rustix::stdio::dup2_stdout(&self.stdout)?;
        let mut text = Vec::new();
        self.file.rewind()?;
        self.file.read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// What the C library and Rust still hold of stdout.
fn flush() {
    let _ = std::io::stdout().flush();
    // SAFETY: null means every stream; it has no other precondition.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

fn reports(
    driver: &khr::pipeline_executable_properties::Device,
    pipeline: vk::Pipeline,
) -> Result<Vec<Compiled>, vk::Result> {
    let info = vk::PipelineInfoKHR::default().pipeline(pipeline);
    // SAFETY: a pipeline of this device, made with the flags that these three functions ask for.
    let executables = unsafe { driver.get_pipeline_executable_properties(&info) }?;
    let report = |(index, executable): (usize, &vk::PipelineExecutablePropertiesKHR<'_>)| {
        let info = vk::PipelineExecutableInfoKHR::default()
            .pipeline(pipeline)
            .executable_index(index as u32);
        // SAFETY: as above, and `index` is below the number of executables.
        let statistics = unsafe { driver.get_pipeline_executable_statistics(&info) }?;
        Ok(Compiled {
            wave: executable.subgroup_size,
            statistics: statistics.iter().map(statistic).collect(),
            texts: texts(driver, &info)?,
        })
    };
    executables.iter().enumerate().map(report).collect()
}

fn statistic(from: &vk::PipelineExecutableStatisticKHR<'_>) -> (String, u64) {
    use vk::PipelineExecutableStatisticFormatKHR as Format;
    // SAFETY: `format` says which member of the union the driver wrote.
    let value = unsafe {
        match from.format {
            Format::BOOL32 => u64::from(from.value.b32),
            Format::INT64 => from.value.i64.max(0) as u64,
            Format::FLOAT64 => from.value.f64 as u64,
            _ => from.value.u64,
        }
    };
    (name(&from.name), value)
}

fn texts(
    driver: &khr::pipeline_executable_properties::Device,
    info: &vk::PipelineExecutableInfoKHR<'_>,
) -> Result<Vec<(String, String)>, vk::Result> {
    // SAFETY: as in `reports`; this first call only tells sizes.
    let mut list = unsafe { driver.get_pipeline_executable_internal_representations(info) }?;
    let mut room: Vec<Vec<u8>> = list.iter().map(|text| vec![0; text.data_size]).collect();
    for (text, room) in list.iter_mut().zip(&mut room) {
        text.p_data = room.as_mut_ptr().cast();
    }
    let mut count = list.len() as u32;
    let read = driver.fp().get_pipeline_executable_internal_representations_khr;
    // SAFETY: there are `count` entries, each with the room that the driver asked for.
    let result = unsafe { read(driver.device(), info, &raw mut count, list.as_mut_ptr()) };
    if result != vk::Result::SUCCESS {
        return Err(result);
    }
    let text = |room: &Vec<u8>| {
        let end = room.iter().position(|byte| *byte == 0).unwrap_or(room.len());
        String::from_utf8_lossy(&room[..end]).into_owned()
    };
    Ok(list.iter().map(|entry| name(&entry.name)).zip(room.iter().map(text)).collect())
}

fn name(bytes: &[c_char]) -> String {
    let bytes: Vec<u8> = bytes.iter().map(|byte| *byte as u8).collect();
    CStr::from_bytes_until_nul(&bytes).unwrap_or_default().to_string_lossy().into_owned()
}
