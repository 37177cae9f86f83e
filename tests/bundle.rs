//! Bundles: every byte under one list, signatures that openssl can check, and nothing that can be changed unseen.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::Value;
use tierbench::audit::{Check, ENVELOPE, Outcome, STATEMENT, of_bytes, pae};

#[cfg(unix)]
mod common;

const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";

fn tierbench(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("tierbench").unwrap().args(arguments).assert()
}

/// A folder with a signed bundle and the keys of two laboratories.
struct Evidence {
    folder: tempfile::TempDir,
}

impl Evidence {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let evidence = Self { folder };
        let path = |name: &str| evidence.path(name).display().to_string();
        for key in ["lab.pem", "other.pem"] {
            tierbench(&["audit", "keygen", "--out", &path(key)]).success();
        }
        tierbench(&["audit", "pack", AUDIT, "--out", &path("bundle")]).success();
        tierbench(&["audit", "sign", &path("bundle"), "--key", &path("lab.pem")]).success();
        evidence
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// What the checks of the bytes say under the laboratory's key.
    fn checks(&self) -> Vec<Check> {
        of_bytes(&self.path("bundle"), &[self.key("lab.pub.pem")])
    }

    fn failed(&self) -> Vec<&'static str> {
        let checks = self.checks();
        checks.iter().filter(|c| c.state == Outcome::Fail).map(|check| check.id).collect()
    }

    /// Every file of the bundle, by its name in there.
    fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, all: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() { walk(&entry, all) } else { all.push(entry) }
            }
        }
        let mut all = Vec::new();
        walk(&self.path("bundle"), &mut all);
        all.sort();
        all
    }
}

#[test]
fn a_bundle_verifies_with_its_key_and_says_when_nobody_was_asked_for() {
    let evidence = Evidence::new();
    assert!(evidence.failed().is_empty(), "{:#?}", evidence.checks());
    let bundle = evidence.path("bundle").display().to_string();
    let key = evidence.path("lab.pub.pem").display().to_string();
    let json = tierbench(&["verify", &bundle, "--key", &key, "--format", "json"]).success();
    let value: Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    let state = |id: &str| {
        let checks = value["checks"].as_array().unwrap();
        checks.iter().find(|check| check["id"] == id).unwrap()["state"].clone()
    };
    for id in ["files", "signature", "plan-file", "rules", "schema", "samples", "summary"] {
        assert_eq!(state(id), "pass", "{id}");
    }
    // Without a key a signature proves nothing, and that is no failure.
    tierbench(&["verify", &bundle]).success().stdout(contains("--key PUB.pem"));
    // Another laboratory's key has not signed it; a second signature leaves the first one.
    let other = evidence.path("other.pub.pem").display().to_string();
    tierbench(&["verify", &bundle, "--key", &other]).code(11).stderr(contains("signature"));
    let private = evidence.path("other.pem").display().to_string();
    tierbench(&["audit", "sign", &bundle, "--key", &private]).success();
    tierbench(&["verify", &bundle, "--key", &other, "--key", &key]).success();
    // A record that is no bundle was signed by nobody.
    tierbench(&["verify", AUDIT, "--key", &key]).code(9).stderr(contains("audit pack"));
}

#[test]
fn a_byte_of_any_file_changed_is_a_named_failure() {
    let evidence = Evidence::new();
    let files = evidence.files();
    assert!(files.len() > 50, "{}", files.len());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for place in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            std::fs::write(&file, changed).unwrap();
            assert!(!evidence.failed().is_empty(), "{} at {place}", file.display());
        }
        std::fs::write(&file, &bytes).unwrap();
    }
    assert!(evidence.failed().is_empty());
}

#[test]
fn files_that_are_removed_added_renamed_or_linked_are_named() {
    let evidence = Evidence::new();
    let bundle = evidence.path("bundle");
    let why = |word: &str| {
        let checks = evidence.checks();
        let files = checks.iter().find(|check| check.id == "files").unwrap();
        assert!(files.state == Outcome::Fail && files.why.contains(word), "{word}: {files:?}");
    };
    let (report, away) = (bundle.join("report.html"), evidence.path("away"));
    std::fs::rename(&report, &away).unwrap();
    why("report.html is listed and not there");
    std::fs::rename(&away, bundle.join("report2.html")).unwrap();
    why("report2.html is not listed");
    std::fs::rename(bundle.join("report2.html"), &report).unwrap();
    std::fs::write(bundle.join("data/more.toml"), "").unwrap();
    why("data/more.toml is not listed");
    std::fs::remove_file(bundle.join("data/more.toml")).unwrap();
    #[cfg(unix)]
    {
        std::fs::rename(&report, &away).unwrap();
        std::os::unix::fs::symlink(&away, &report).unwrap();
        why("no plain file");
        std::fs::remove_file(&report).unwrap();
        std::fs::rename(&away, &report).unwrap();
    }
    // A list that names a file outside of the folder.
    let statement = std::fs::read_to_string(bundle.join(STATEMENT)).unwrap();
    std::fs::write(bundle.join(STATEMENT), statement.replace("plan.json", "../lab.pem")).unwrap();
    why("is no name");
    assert!(evidence.failed().contains(&"signature"));
    std::fs::write(bundle.join(STATEMENT), &statement).unwrap();
    assert!(evidence.failed().is_empty());
}

#[test]
fn another_record_under_a_valid_signature_is_seen() {
    let evidence = Evidence::new();
    let bundle = evidence.path("bundle");
    let other = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";
    for file in ["record.json", "samples.jsonl"] {
        std::fs::copy(Path::new(other).join(file), bundle.join(file)).unwrap();
    }
    let key = evidence.path("lab.pub.pem").display().to_string();
    tierbench(&["verify", &bundle.display().to_string(), "--key", &key])
        .code(11)
        .stderr(contains("files"));
    // Nor can the list be made anew and the old signature kept.
    std::fs::remove_dir_all(evidence.path("bundle")).unwrap();
    let signed = evidence.path("signed");
    tierbench(&["audit", "pack", AUDIT, "--out", signed.to_str().unwrap()]).success();
    let private = evidence.path("lab.pem").display().to_string();
    tierbench(&["audit", "sign", signed.to_str().unwrap(), "--key", &private]).success();
    tierbench(&["audit", "pack", other, "--out", bundle.to_str().unwrap()]).success();
    std::fs::copy(signed.join(ENVELOPE), bundle.join(ENVELOPE)).unwrap();
    assert!(evidence.failed().contains(&"signature"));
    tierbench(&["audit", "sign", bundle.to_str().unwrap(), "--key", &private])
        .code(9)
        .stderr(contains("another list"));
}

#[test]
fn keys_and_bundles_replace_nothing_and_the_private_half_is_nobody_elses() {
    let evidence = Evidence::new();
    let key = evidence.path("lab.pem");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = key.display().to_string();
    let secret = evidence.key("lab.pem");
    let again = tierbench(&["audit", "keygen", "--out", &text]).code(2).stdout("");
    let stderr = String::from_utf8_lossy(&again.get_output().stderr).into_owned();
    assert!(!stderr.contains(secret.lines().nth(1).unwrap()), "the key is printed");
    let bundle = evidence.path("bundle").display().to_string();
    tierbench(&["audit", "pack", AUDIT, "--out", &bundle])
        .code(2)
        .stderr(contains("there already"));
    for wrong in [evidence.path("lab.pub.pem"), evidence.path("nothing")] {
        let code = tierbench(&["audit", "sign", &bundle, "--key", wrong.to_str().unwrap()]);
        let code = code.get_output().status.code().unwrap();
        assert!([2, 9].contains(&code), "{code}");
    }
    // The mistake is the reader's, and not charged to who sent the bundle.
    tierbench(&["verify", &bundle, "--key", &text])
        .code(9)
        .stdout("")
        .stderr(contains("lab.pem: this is a private key"));
    assert_eq!(evidence.key("lab.pem"), secret);
}

/// With nothing but openssl: the key, the signature's bytes, and the bytes that it covers.
#[cfg(unix)]
#[test]
fn openssl_verifies_the_signature() {
    if Process::new("openssl").arg("version").output().is_err() {
        return common::account("openssl", Some("no openssl: install it"));
    }
    common::account("openssl", None);
    let evidence = Evidence::new();
    let envelope: Value =
        serde_json::from_slice(&std::fs::read(evidence.path("bundle").join(ENVELOPE)).unwrap())
            .unwrap();
    let decode = |text: &Value| {
        let mut child = Process::new("openssl");
        child.args(["base64", "-d", "-A"]).stdin(std::process::Stdio::piped());
        let mut child = child.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, text.as_str().unwrap().as_bytes()).unwrap();
        drop(input);
        child.wait_with_output().unwrap().stdout
    };
    let payload = decode(&envelope["payload"]);
    assert_eq!(payload, std::fs::read(evidence.path("bundle").join(STATEMENT)).unwrap());
    let covered = pae(envelope["payloadType"].as_str().unwrap(), &payload);
    std::fs::write(evidence.path("covered"), covered).unwrap();
    std::fs::write(evidence.path("sig"), decode(&envelope["signatures"][0]["sig"])).unwrap();
    let verifies = |key: &str| {
        let mut openssl = Process::new("openssl");
        openssl.args(["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key]);
        let openssl = openssl.args(["-sigfile", "sig", "-in", "covered"]);
        openssl.current_dir(evidence.folder.path()).output().unwrap().status.success()
    };
    assert!(verifies("lab.pub.pem") && !verifies("other.pub.pem"));
}

#[test]
fn a_plan_can_be_fixed_before_it_is_run() {
    let plan = Command::cargo_bin("tierbench")
        .unwrap()
        .args(["run", "--profile", "smoke", "--seed", "7", "--plan-only"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&plan.stderr).into_owned();
    assert!(plan.status.success(), "{stderr}");
    // The digest told is that of the very bytes.
    let digest = tierbench::digest::sha256_hex(&plan.stdout);
    assert!(stderr.contains(&digest), "{stderr}");
    let value: Value = serde_json::from_slice(&plan.stdout).unwrap();
    assert_eq!((&value["seed"], &value["profile"]), (&7.into(), &"smoke".into()));
    // And what runs it has the same one.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    std::fs::write(&file, &plan.stdout).unwrap();
    let again = Command::cargo_bin("tierbench")
        .unwrap()
        .args(["run", "--plan", file.to_str().unwrap(), "--plan-only"])
        .output()
        .unwrap();
    assert_eq!(again.stdout, plan.stdout);
}

#[test]
fn the_items_of_a_lot_follow_from_the_seed() {
    let sample = |more: &[&str]| tierbench(&[&["audit", "sample", "--seed", "7"], more].concat());
    let json = sample(&["--population", "1000", "--n", "60", "--format", "json"]).success();
    let value: Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(
        (&value["schema"], value["items"].as_array().unwrap().len()),
        (&"tierbench.sampling/1".into(), 60)
    );
    let text = sample(&["--population", "1000", "--n", "60"]).success();
    let text = String::from_utf8(text.get_output().stdout.clone()).unwrap();
    assert!(text.contains("95 %: fewer than 48") && text.lines().all(|line| line.len() <= 80));
    sample(&["--population", "10", "--n", "11"]).code(2).stderr(contains("the lot has 10"));
    sample(&["--population", "0", "--n", "1"]).code(2);
}
