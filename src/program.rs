//! The program that runs here, as a file.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::digest::sha256_of;

/// The words that start this program once more. Behind a loader (`ld.so [OPTIONS] tierbench ...`) those in
/// front belong to it: the words that the process was started with, less the arguments that it sees.
pub fn words() -> std::io::Result<Vec<OsString>> {
    #[cfg(target_os = "linux")]
    if let Ok(line) = std::fs::read("/proc/self/cmdline") {
        use std::os::unix::ffi::OsStringExt;
        let own = std::env::args_os().count().saturating_sub(1);
        let words = line.strip_suffix(b"\0").unwrap_or(&line).split(|byte| *byte == 0);
        let words: Vec<OsString> = words.map(|word| OsString::from_vec(word.to_vec())).collect();
        let front = words.len().saturating_sub(own);
        if front > 1 {
            return Ok(words[..front].to_vec());
        }
    }
    Ok(vec![std::env::current_exe()?.into_os_string()])
}

/// SHA-256 of its file; `None` where that cannot be read. Behind a loader the system names the loader as the
/// running file, so the last of its words counts.
pub fn sha256() -> Option<String> {
    static DIGEST: OnceLock<Option<String>> = OnceLock::new();
    let digest = || sha256_of(&PathBuf::from(words().ok()?.pop()?)).ok();
    DIGEST.get_or_init(digest).clone()
}
