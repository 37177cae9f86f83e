//! The archive for a bare machine: packed, unpacked into an empty folder, and run there through the loader
//! and the libraries that it brings.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tierbench::record;

const SCRIPT: &str = "scripts/reference-run.sh";
/// What may be carried to a machine.
const LARGEST_ARCHIVE: u64 = 60 << 20;

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn packed(folder: &Path) -> PathBuf {
    let archive = folder.join("reference.tar.gz");
    let output = Command::new("bash")
        .args([SCRIPT, "pack"])
        .arg(&archive)
        .env("TIERBENCH_BINARY", assert_cmd::cargo::cargo_bin("tierbench"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(std::fs::metadata(&archive).unwrap().len() < LARGEST_ARCHIVE);
    let status = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(folder).status();
    assert!(status.unwrap().success());
    folder.join("tierbench")
}

/// `go` in a bare environment: only what names a software adapter's driver comes along.
fn go(unpacked: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("bash");
    command.arg(unpacked.join("reference-run.sh")).arg("go").args(arguments);
    command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("HOME", unpacked);
    command.env("TIERBENCH_OWN_LOADER", "1").current_dir(unpacked);
    for name in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.output().unwrap()
}

#[test]
fn the_archive_runs_in_an_empty_folder_by_what_it_brings_and_ends_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let unpacked = packed(folder.path());
    let out = folder.path().join("out");
    let flags =
        ["--allow-software", "--profile", "smoke", "--process-starts", "2", "--limit", "40"];
    let output = go(&unpacked, &[&[out.to_str().unwrap()], &flags[..]].concat());
    // A step that the limit ended has kept what there was, and is no failure.
    let steps = std::fs::read_to_string(out.join("steps.txt")).unwrap();
    let well = output.status.code() == Some(0) && steps.starts_with("list 0\nsmoke 0\n");
    // On a busy machine no clock may pass its proof; then there is no figure, as promised, and the step says so.
    let busy = || {
        let said = std::fs::read_to_string(out.join("smoke.err")).unwrap_or_default();
        steps.starts_with("list 0\nsmoke 6\n") && said.contains("no clock can be trusted")
    };
    assert!(well || busy(), "{steps}\n{}", text(&output));
    let records: Vec<_> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("record.json").exists())
        .map(|path| record::read(&path).unwrap())
        .collect();
    assert!(records.iter().any(|record| record.profile == "smoke"));
    if steps.contains("audit 0") {
        assert!(records.iter().any(|record| record.process_seeds.len() == 2), "{steps}");
    }
    assert!(out.join("report.html").exists() && out.join("figures.csv").exists());
}

#[test]
fn without_hardware_it_says_what_is_missing_and_a_damaged_archive_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let unpacked = packed(folder.path());
    let out = folder.path().join("out");
    let output = go(&unpacked, &[out.to_str().unwrap(), "--limit", "20"]);
    if output.status.code() != Some(0) {
        assert_eq!(output.status.code(), Some(3), "{}", text(&output));
        assert!(text(&output).contains("no hardware adapter answers"), "{}", text(&output));
    }
    std::fs::write(unpacked.join("torch_peer.py"), "changed").unwrap();
    let output = go(&unpacked, &[out.to_str().unwrap()]);
    assert!(text(&output).contains("damaged"), "{}", text(&output));
    assert_eq!(output.status.code(), Some(1));
}
