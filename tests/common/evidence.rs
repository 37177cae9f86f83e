//! A real run in answer to a challenge, with attestation and two process starts, and its bundle.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// What the other side would send.
pub(crate) struct Evidence {
    pub(crate) folder: tempfile::TempDir,
    /// The folder of the run.
    pub(crate) run: PathBuf,
}

pub(crate) fn tierbench(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("tierbench").unwrap().args(arguments).assert()
}

impl Evidence {
    /// Runs a few small workloads in answer to a fresh challenge.
    pub(crate) fn new() -> Self {
        Self::of(&WORKLOADS, 2)
    }

    /// Runs these workloads in so many process starts.
    pub(crate) fn of(workloads: &[&str], process_starts: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let device = path("device.sh");
        std::fs::write(&device, "echo \"{\\\"nonce\\\": \\\"$1\\\"}\"\n").unwrap();
        let challenge = ["audit", "challenge", "--auditor", "Laboratory A", "--out"];
        tierbench(&[&challenge[..], &[&path("challenge.json")]].concat()).success();
        let attest = format!("sh {device} {{nonce}}");
        let starts = process_starts.to_string();
        let mut run = vec!["run", "--profile", "smoke", "--defaults", "--process-starts", &starts];
        for workload in workloads {
            run.extend(["--workload", workload]);
        }
        let (challenge, out) = (path("challenge.json"), path("runs"));
        run.extend(["--challenge", &challenge, "--attest-cmd", &attest, "--out", &out]);
        tierbench(&run).success();
        let mut runs = std::fs::read_dir(folder.path().join("runs")).unwrap();
        let run = runs.next().unwrap().unwrap().path();
        Self { folder, run }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Packs the run, signed by a fresh laboratory.
    pub(crate) fn packed(self) -> Self {
        let (bundle, key) = (self.path("bundle"), self.path("lab.pem"));
        tierbench(&["audit", "keygen", "--out", &key]).success();
        tierbench(&["audit", "pack", self.run.to_str().unwrap(), "--out", &bundle]).success();
        tierbench(&["audit", "sign", &bundle, "--key", &key]).success();
        self
    }

    pub(crate) fn bundle(&self) -> PathBuf {
        self.folder.path().join("bundle")
    }
}

/// One of each kind.
const WORKLOADS: [&str; 7] = [
    "empty",
    "chain:4096",
    "roof:f32:256",
    "bandwidth-copy:65536",
    "bandwidth-read:65536",
    "matmul:f32:48x40x32",
    "attention-causal:f32:1x2x16x16",
];

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { all.extend(files(&entry)) } else { all.push(entry) }
    }
    all.sort();
    all
}
