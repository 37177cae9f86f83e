//! What several test files share.

use std::path::PathBuf;

/// Keeps account of a test that cannot be made on every machine: `why` it cannot here, or that it was. `.ci/run` wants
/// each that was left out on one adapter to have run on another: who looks away must not look like who passed.
pub(crate) fn account(test: &str, why: Option<&str>) {
    let kind = if why.is_some() { "left-out" } else { "made" };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(kind);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(test), why.unwrap_or_default()).unwrap();
}
