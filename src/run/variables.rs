//! Environment variables that change what a driver, a loader or a clock does.

use std::collections::BTreeMap;

/// How such variables begin: by who reads them.
const PREFIXES: &[&str] = &[
    // the dynamic loader, and clocks that are not the machine's
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "DYLD_",
    "FAKETIME",
    // Vulkan's loader, its layers, wgpu, this program
    "VK_",
    "WGPU_",
    "TIERBENCH_",
    "VKD3D_",
    // Mesa
    "MESA_",
    "LIBGL_",
    "DRI_PRIME",
    "GALLIVM_",
    "LP_",
    "RADV_",
    "ACO_",
    "NVK_",
    "NOUVEAU_",
    "INTEL_",
    "ANV_",
    "TU_",
    "FD_",
    "IR3_",
    // the vendors' own drivers
    "AMD_",
    "AMDVLK_",
    "HSA_",
    "HIP_",
    "ROC",
    "CUDA_",
    "NVIDIA_",
    "__GL_",
    "__EGL_",
    "__VK_",
    "__NV_",
];

/// Those that are set, with folders taken out: records are passed on.
pub(super) fn recorded() -> BTreeMap<String, String> {
    // What is no text is recorded as far as it is.
    let text = |word: std::ffi::OsString| word.to_string_lossy().into_owned();
    let all = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    all.filter(|(name, _)| matters(name))
        .map(|(name, value)| (name, without_folder(value)))
        .chain(loaders())
        .collect()
}

/// A library can also be put in front by the loader's own ways: these stand among the variables.
fn loaders() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let words = crate::program::words().unwrap_or_default();
    // Of the program itself there is one word; more are those of a loader in front of it.
    let preload = |word: &std::ffi::OsString| word.to_string_lossy().starts_with("--preload");
    if words.len() > 1 && words.iter().any(preload) {
        found.insert("ld.so --preload".into(), "in use".into());
    }
    let file = "/etc/ld.so.preload";
    if std::fs::read_to_string(file).is_ok_and(|text| !text.trim().is_empty()) {
        found.insert(file.into(), "in use".into());
    }
    found
}

fn matters(name: &str) -> bool {
    // Implicit layers of Vulkan are switched by variables of their own.
    let layer =
        name.contains("LAYER") && (name.starts_with("ENABLE_") || name.starts_with("DISABLE_"));
    layer || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Which driver file was named matters, in whose home it lies does not.
fn without_folder(value: String) -> String {
    match value.rsplit_once('/') {
        Some((folder, file)) if folder.starts_with('/') => format!(".../{file}"),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_change_a_figure_is_recorded_and_the_rest_is_not() {
        for name in [
            "LD_PRELOAD",
            "FAKETIME_NO_CACHE",
            "RADV_DEBUG",
            "DISABLE_LAYER_AMD_SWITCHABLE_1",
            "DRI_PRIME",
        ] {
            assert!(matters(name), "{name}");
        }
        for name in ["HOME", "PATH", "DISABLE_TELEMETRY", "SECRET_TOKEN", "LD"] {
            assert!(!matters(name), "{name}");
        }
        assert_eq!(without_folder("/home/somebody/lib/x.so".into()), ".../x.so");
    }
}
