//! Devices that are no GPU: what they did is never counted for one.

use crate::names::CPU_DRIVERS;

/// Platforms of `OpenCL` that drive the CPU; pocl can drive others, and says nothing about it.
const CPU_PLATFORMS: &[&str] = &["portable computing language", "oclgrind", "intel(r) cpu runtime"];
/// Beginnings of the names that `OpenCL` drivers give to the CPU.
const CPU_BEGINNINGS: &[&str] = &["pthread-", "cpu-", "basic-"];
/// Words of processors' names. `Ryzen 7 w/ Radeon 780M Graphics` is that of the processor all the same; where the
/// graphics come first, it is theirs.
const PROCESSORS: &[&str] = &[
    "xeon",
    "epyc",
    "ryzen",
    "threadripper",
    "opteron",
    "athlon",
    "fx(tm)",
    " apu",
    "core(tm)",
    "core i3",
    "core i5",
    "core i7",
    "core i9",
    "core ultra",
    "pentium",
    "celeron",
    "atom(tm)",
    "neoverse",
    "cortex",
    "genuineintel",
    "authenticamd",
    "hygon c86",
    "phytium",
    "kunpeng",
    "graviton",
    "ampere altra",
    "virtual cpu",
    "cpu @",
    "fpga",
];

/// Why what such a device did is that of a CPU, if it is.
pub(super) fn cpu(device: &str, platform: &str) -> Option<String> {
    let (name, place) = (device.to_lowercase(), platform.to_lowercase());
    let within = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    // Windows calls its rasterizer so; the letters stand in names of GPUs too.
    let warp = name == "warp" || name.starts_with("warp ");
    let software = within(&name, CPU_DRIVERS) || within(&place, CPU_DRIVERS) || warp;
    // Intel's for GPUs has more words.
    let intel = place == "intel(r) opencl" && !within(&name, &["graphics", "gpu"]);
    let platform_of_cpu = within(&place, CPU_PLATFORMS) || intel;
    let begins = CPU_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    let first = |words: &[&str]| words.iter().filter_map(|word| name.find(word)).min();
    let graphics = first(&["radeon", "graphics", "geforce"]).unwrap_or(usize::MAX);
    let processor = first(PROCESSORS).is_some_and(|at| at < graphics)
        || name.contains("processor") && !name.contains("graphics processor");
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
            ("AMD Ryzen 7 7840U w/ Radeon 780M Graphics", "OpenCL"),
            ("AMD A10-7850K APU with Radeon(TM) R7 Graphics", ""),
            ("12th Gen Intel Core i7-1260P", ""),
            ("Hygon C86 7285 32-core Processor", ""),
            ("AMD FX(tm)-8350 Eight-Core Processor", ""),
            ("ARMv8 Processor rev 1", ""),
            ("Intel(R) FPGA Emulation Device", ""),
        ] {
            assert!(cpu(device, platform).is_some(), "{device}");
        }
        for device in [
            "NVIDIA GeForce RTX 4070",
            "AMD Radeon 780M Graphics (RADV PHOENIX)",
            "AMD Radeon 8060S (Strix Halo, Ryzen AI Max+ 395)",
            "Apple M3 Max (40-core)",
            "Hygon DCU K100_AI",
            "Intel(R) Arc(TM) B580 Graphics",
            "Intel(R) Data Center GPU Max 1550",
            "gfx942:sramecc+:xnack-",
            "Apple M1 Pro",
        ] {
            assert_eq!(cpu(device, "OpenCL"), None, "{device}");
        }
    }
}
