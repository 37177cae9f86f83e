//! Devices that are no GPU: what they did is never counted for one.

use crate::names::CPU_DRIVERS;

/// Platforms of `OpenCL` that drive the CPU; pocl can drive others, and says nothing about it.
const CPU_PLATFORMS: &[&str] = &["portable computing language", "oclgrind", "intel(r) cpu runtime"];
/// Beginnings of the names that `OpenCL` drivers give to the CPU.
const CPU_BEGINNINGS: &[&str] = &["pthread-", "cpu-", "basic-"];
/// Words of processors' names, and those of GPUs in the same package, which take them out again.
const PROCESSORS: &[&str] = &[
    "xeon",
    "epyc",
    "ryzen",
    "threadripper",
    "opteron",
    "core(tm)",
    "pentium",
    "celeron",
    "atom(tm)",
    "neoverse",
    "cortex",
    "genuineintel",
    "authenticamd",
    "kunpeng",
    "virtual cpu",
];
const GRAPHICS: &[&str] = &["radeon", "graphics", "iris", "arc("];

/// Why what such a device did is that of a CPU, if it is.
pub(super) fn cpu(device: &str, platform: &str) -> Option<String> {
    let (name, place) = (device.to_lowercase(), platform.to_lowercase());
    let within = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    // Windows calls its rasterizer so; the letters stand in names of GPUs too.
    let warp = name == "warp" || name.starts_with("warp ");
    let software = within(&name, CPU_DRIVERS) || within(&place, CPU_DRIVERS) || warp;
    let platform_of_cpu = within(&place, CPU_PLATFORMS);
    let begins = CPU_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    let processor = within(&name, PROCESSORS) && !within(&name, GRAPHICS);
    if platform_of_cpu && !software {
        Some(format!("measured on the CPU: the platform is {platform}"))
    } else if software || begins || processor {
        Some(format!("measured on the CPU: {device} is no GPU"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_and_rasterizers_are_no_gpus_and_gpus_are() {
        for (device, platform) in [
            ("pthread-skylake-avx512-AMD EPYC", "Portable Computing Language"),
            ("cpu-haswell-AMD EPYC-Genoa Processor", "PoCL"),
            ("llvmpipe (LLVM 19.1.7, 256 bits)", "Vulkan"),
            ("SwiftShader Device (Subzero)", ""),
            ("Microsoft Basic Render Driver", "Direct3D 12"),
            ("AMD Ryzen Threadripper PRO 3955WX 16-Cores", "OpenCL"),
            ("Intel(R) Xeon(R) Platinum 8568Y+", "Intel(R) OpenCL"),
        ] {
            assert!(cpu(device, platform).is_some(), "{device}");
        }
        for device in [
            "NVIDIA GeForce RTX 4070",
            "AMD Radeon 780M Graphics (RADV PHOENIX)",
            "AMD Ryzen 7 7840U w/ Radeon 780M Graphics",
            "Intel(R) Arc(TM) B580 Graphics",
            "Intel(R) Data Center GPU Max 1550",
            "gfx942:sramecc+:xnack-",
            "Apple M1 Pro",
        ] {
            assert_eq!(cpu(device, "OpenCL"), None, "{device}");
        }
    }
}
