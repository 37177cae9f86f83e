//! Tells the program which commit it was built from.

use std::path::Path;
use std::process::Command;

/// What the binary is made of; a change of it that is not committed makes it another program.
const PARTS: [&str; 6] = ["src", "shaders", "data", "Cargo.toml", "Cargo.lock", "build.rs"];
/// Where cargo keeps the commit of a packaged crate.
const PACKAGED: &str = ".cargo_vcs_info.json";
/// Digits of a commit.
const DIGITS: usize = 12;

fn main() {
    for part in PARTS.iter().chain(&[PACKAGED]).filter(|part| Path::new(part).exists()) {
        println!("cargo::rerun-if-changed={part}");
    }
    let commit = packaged().or_else(checked_out).unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=TIERBENCH_COMMIT={commit}");
}

/// A package may lie in somebody else's checkout; its own file knows better than git.
fn packaged() -> Option<String> {
    let text = std::fs::read_to_string(PACKAGED).ok()?;
    let sha: String =
        text.split_once("\"sha1\"")?.1.chars().skip_while(|c| !c.is_ascii_hexdigit()).collect();
    let sha: String = sha.chars().take_while(char::is_ascii_hexdigit).take(DIGITS).collect();
    let dirty = if text.contains("\"dirty\": true") { "-dirty" } else { "" };
    (sha.len() == DIGITS).then(|| format!("{sha}{dirty}"))
}

/// The commit of the checkout that this folder is the top of, if it is one.
fn checked_out() -> Option<String> {
    let here = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR")?).canonicalize().ok()?;
    let top = Path::new(&git(&["rev-parse", "--show-toplevel"])?).canonicalize().ok()?;
    if top != here {
        return None;
    }
    let own = git(&["rev-parse", "--git-dir"])?;
    for file in ["HEAD", "logs/HEAD"].map(|name| Path::new(&own).join(name)) {
        if file.exists() {
            println!("cargo::rerun-if-changed={}", file.display());
        }
    }
    let commit = git(&["rev-parse", &format!("--short={DIGITS}"), "HEAD"])?;
    let changed = git(&[&["status", "--porcelain", "--"], PARTS.as_slice()].concat())?;
    Some(if changed.is_empty() { commit } else { format!("{commit}-dirty") })
}

fn git(words: &[&str]) -> Option<String> {
    let output = Command::new("git").args(words).output().ok()?;
    let text = output.status.success().then(|| String::from_utf8(output.stdout).ok())??;
    Some(text.trim().to_owned())
}
