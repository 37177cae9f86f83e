//! Where Vulkan looks for drivers, and what it finds there: for the question why a GPU does not show up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::Error;
use crate::files;

/// Environment variables that choose, hide or change drivers and devices.
const VARIABLES: &[&str] = &[
    "VK_DRIVER_FILES",
    "VK_ICD_FILENAMES",
    "VK_ADD_DRIVER_FILES",
    "VK_LOADER_DRIVERS_SELECT",
    "VK_LOADER_DRIVERS_DISABLE",
    "VK_INSTANCE_LAYERS",
    "VK_LAYER_PATH",
    "MESA_VK_DEVICE_SELECT",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "CUDA_VISIBLE_DEVICES",
    "WGPU_BACKEND",
    "WGPU_ADAPTER_NAME",
    "LD_LIBRARY_PATH",
];

/// A driver's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DriverFile {
    /// The `.json` file.
    pub file: PathBuf,
    /// Library that it names; null when the file cannot be read.
    pub library: Option<String>,
    /// What is the matter with it, if anything.
    pub problem: Option<String>,
}

/// What decides which drivers are loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drivers {
    /// Set variables that matter.
    pub variables: BTreeMap<String, String>,
    /// Manifests, in the order in which Vulkan's loader looks.
    pub files: Vec<DriverFile>,
    /// Device files through which drivers reach GPUs (Linux): those of [`DEVICE_FILES`] that are here.
    pub device_files: Vec<String>,
}

/// Device files of GPUs on Linux: DRM (Mesa), the vendors' own drivers, and WSL.
pub const DEVICE_FILES: &[&str] =
    &["/dev/dri", "/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "/dev/kgsl-3d0"];

/// Variables that name the driver files instead of all folders; the first that is set counts.
const INSTEAD: [&str; 2] = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];

/// Looks where the loader looks (Linux; elsewhere drivers are registered otherwise, and nothing is listed).
pub fn drivers() -> Drivers {
    let set = |name: &&str| {
        let value = std::env::var_os(name)?;
        Some(((*name).to_owned(), value.to_string_lossy().into_owned()))
    };
    let variables: BTreeMap<String, String> = VARIABLES.iter().filter_map(set).collect();
    let listed = |name: &str| {
        let list = std::env::var_os(name)?;
        Some(std::env::split_paths(&list).flat_map(|path| manifests(&path)).collect::<Vec<_>>())
    };
    let files = INSTEAD.iter().find_map(|name| listed(name)).unwrap_or_else(|| {
        let mut files = listed("VK_ADD_DRIVER_FILES").unwrap_or_default();
        files.extend(folders().iter().flat_map(|folder| manifests(folder)));
        files
    });
    let here = |path: &&&str| Path::new(path).exists();
    Drivers {
        variables,
        files: files.iter().map(|file| look_at(file)).collect(),
        device_files: DEVICE_FILES.iter().filter(here).map(|path| (*path).to_owned()).collect(),
    }
}

/// The error for a machine without any adapter: what is wrong with its drivers, else how to get one.
pub fn no_adapter() -> Error {
    let drivers = drivers();
    let mut lines = Vec::new();
    if let Some((name, value)) = INSTEAD.iter().find_map(|n| drivers.variables.get_key_value(*n)) {
        lines.push(format!("  {name}={value} is set: no other driver file is looked at"));
    }
    for DriverFile { file, problem, .. } in &drivers.files {
        lines.extend(problem.as_ref().map(|what| format!("  {}: {what}", files::name(file))));
    }
    if lines.is_empty() {
        lines.extend(INSTALL.iter().map(|line| format!("  {line}")));
    } else {
        lines.push(
            "  correct or unset that, or install a driver (package mesa-vulkan-drivers)".into(),
        );
    }
    Error::NoAdapter(lines.join("\n"))
}

const INSTALL: [&str; 4] = [
    "Debian, Ubuntu: apt-get install libvulkan1 mesa-vulkan-drivers",
    "Fedora: dnf install vulkan-loader mesa-vulkan-drivers",
    "Arch: pacman -S vulkan-icd-loader vulkan-swrast",
    "a driver in an unusual place: set VK_DRIVER_FILES to its icd .json file",
];

/// Folders of manifests, as the loader's documentation lists them for Linux.
fn folders() -> Vec<PathBuf> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let list = |name: &str, default: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        std::env::split_paths(&value.unwrap_or_else(|| default.into())).collect::<Vec<_>>()
    };
    let home = std::env::var_os("HOME").unwrap_or_default().to_string_lossy().into_owned();
    let mut roots = list("XDG_CONFIG_HOME", &format!("{home}/.config"));
    roots.extend(list("XDG_CONFIG_DIRS", "/etc/xdg"));
    roots.extend(list("", "/usr/local/etc:/etc"));
    roots.extend(list("XDG_DATA_HOME", &format!("{home}/.local/share")));
    roots.extend(list("XDG_DATA_DIRS", "/usr/local/share:/usr/share"));
    roots.into_iter().map(|root| root.join("vulkan/icd.d")).collect()
}

/// A file itself, or the `.json` files of a folder.
fn manifests(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(path) else {
        return if path.is_dir() || path.extension().is_none() {
            Vec::new()
        } else {
            vec![path.to_owned()]
        };
    };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    files
}

fn look_at(file: &Path) -> DriverFile {
    let bad = |problem: String| DriverFile {
        file: file.to_owned(),
        library: None,
        problem: Some(problem),
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) => return bad(e.to_string()),
    };
    let value: serde_json::Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(e) => return bad(format!("not JSON: {e}")),
    };
    let Some(library) = value.pointer("/ICD/library_path").and_then(|v| v.as_str()) else {
        return bad("names no library (key `ICD.library_path`)".into());
    };
    // A bare name is searched by the dynamic loader; a path is the manifest's business.
    let path = if library.contains('/') {
        Some(file.parent().unwrap_or(Path::new("")).join(library))
    } else {
        None
    };
    let problem =
        path.filter(|path| !path.exists()).map(|path| format!("{} is missing", path.display()));
    DriverFile { file: file.to_owned(), library: Some(library.to_owned()), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            file
        };
        let missing = write("a.json", r#"{"ICD": {"library_path": "./gone.so"}}"#);
        assert!(look_at(&missing).problem.unwrap().contains("gone.so is missing"));
        let bare = write("b.json", r#"{"ICD": {"library_path": "libGLX_nvidia.so.0"}}"#);
        assert_eq!(look_at(&bare).problem, None);
        assert!(look_at(&write("c.json", "{")).problem.unwrap().contains("not JSON"));
        assert!(look_at(&write("d.json", "{}")).problem.unwrap().contains("library_path"));
        assert_eq!(manifests(folder.path()).len(), 4);
        assert!(look_at(&folder.path().join("none.json")).problem.is_some());
    }
}
