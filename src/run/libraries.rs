//! The libraries that are mapped in this process: the drivers, layers and preloads that made the figures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::digest::sha256_of;

/// Plumbing of every process with a window system: the C library's family, compression, text and X. It makes
/// no figure, and a record that thousands are kept of stays small. Everything else is told, whatever its
/// name: a library that was put in front can be called anything.
const PLUMBING: &[&str] = &[
    "ld-linux",
    "ld-musl",
    "libc.",
    "libm.",
    "libdl.",
    "librt.",
    "libpthread.",
    "libgcc_s.",
    "libstdc++.",
    "libz.",
    "libzstd.",
    "liblzma.",
    "libexpat.",
    "libxml2.",
    "libicu",
    "libffi.",
    "libedit.",
    "libtinfo.",
    "libbsd.",
    "libmd.",
    "libX",
    "libxcb",
    "libxshmfence.",
    "libwayland-",
];

/// SHA-256 of the mapped libraries by file name; the folder is nobody's business. Empty where the
/// system does not tell what is mapped.
pub(super) fn mapped() -> BTreeMap<String, String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut found = BTreeMap::new();
    for path in libraries(&maps) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(digest) = known_digest(&path) else { continue };
        // Two files of one name are two entries.
        let again = (2..).map(|n| format!("{name} ({n})"));
        let free =
            std::iter::once(name.clone()).chain(again).find(|name| !found.contains_key(name));
        found.extend(free.map(|name| (name, digest)));
    }
    found
}

/// A run looks once for each workload, and a compiler's library has a hundred megabytes.
fn known_digest(path: &PathBuf) -> Option<String> {
    static KNOWN: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(digest) = known.get(path) {
        return Some(digest.clone());
    }
    let digest = sha256_of(path).ok()?;
    known.insert(path.clone(), digest.clone());
    Some(digest)
}

/// The library files in the text of `/proc/self/maps`, each once.
fn libraries(maps: &str) -> BTreeSet<PathBuf> {
    let path = |line: &str| line.find('/').map(|at| line[at..].to_owned());
    let library = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let shared = name.split('.').skip(1).any(|part| part == "so");
        shared && !PLUMBING.iter().any(|known| name.starts_with(known))
    };
    maps.lines().filter_map(path).filter(library).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_and_preloads_are_found_among_what_is_mapped() {
        let maps = "\
7f00-7f01 r-xp 00000000 08:01 12 /usr/lib/x86_64-linux-gnu/libvulkan_lvp.so
7f01-7f02 r--p 00001000 08:01 12 /usr/lib/x86_64-linux-gnu/libvulkan_lvp.so
7f02-7f03 r-xp 00000000 08:01 13 /usr/lib/a folder/libfaketime.so.1
7f03-7f04 r-xp 00000000 08:01 14 /usr/lib/x86_64-linux-gnu/libc.so.6
7f04-7f05 r-xp 00000000 08:01 16 /usr/lib/libX11-xcb.so.1.0.0
7f04-7f05 r-xp 00000000 08:01 15 /usr/bin/tierbench
7f05-7f06 rw-p 00000000 00:00 0 [heap]
7f06-7f07 rw-p 00000000 00:00 0
";
        let found: Vec<PathBuf> = libraries(maps).into_iter().collect();
        let names =
            ["/usr/lib/a folder/libfaketime.so.1", "/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so"];
        assert_eq!(found, names.map(PathBuf::from));
    }
}
