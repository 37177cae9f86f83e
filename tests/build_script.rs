//! The commit in a record is that of this program, or none: the build script in folders of all kinds.

use std::path::Path;
use std::process::Command;

fn git(folder: &Path, words: &[&str]) -> String {
    let who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(folder).args(who).args(words).output().unwrap();
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_commit_is_never_another_repositorys_and_says_when_the_tree_was_changed() {
    let room = tempfile::tempdir().unwrap();
    let script = room.path().join("script");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let built =
        Command::new(compiler).args(["--edition", "2024", "build.rs", "-o"]).arg(&script).status();
    assert!(built.unwrap().success());
    let commit = |folder: &Path| {
        let output = Command::new(&script)
            .current_dir(folder)
            .env("CARGO_MANIFEST_DIR", folder)
            .env("GIT_CEILING_DIRECTORIES", room.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let line =
            text.lines().find_map(|line| line.strip_prefix("cargo::rustc-env=TIERBENCH_COMMIT="));
        line.unwrap().to_owned()
    };
    let checkout = room.path().join("checkout");
    let inside = checkout.join("vendor/tierbench");
    for folder in [checkout.join("src"), inside.join("src")] {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("main.rs"), "fn main() {}").unwrap();
    }
    assert_eq!(commit(&checkout), "unknown");
    git(&checkout, &["init", "-q"]);
    git(&checkout, &["add", "."]);
    git(&checkout, &["commit", "-q", "-m", "x"]);
    let head = git(&checkout, &["rev-parse", "--short=12", "HEAD"]);
    assert_eq!(commit(&checkout), head);
    assert_eq!(
        commit(&inside),
        "unknown",
        "the commit of a repository around the crate says nothing"
    );
    std::fs::write(checkout.join("notes.txt"), "not part of the program").unwrap();
    assert_eq!(commit(&checkout), head);
    std::fs::write(checkout.join("src/main.rs"), "fn main() { }").unwrap();
    assert_eq!(commit(&checkout), format!("{head}-dirty"));
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let packaged = |dirty: &str| format!("{{\"git\": {{\n\"sha1\": \"{sha}\"{dirty}\n}}}}");
    std::fs::write(inside.join(".cargo_vcs_info.json"), packaged("")).unwrap();
    assert_eq!(commit(&inside), "0123456789ab");
    std::fs::write(inside.join(".cargo_vcs_info.json"), packaged(",\n\"dirty\": true")).unwrap();
    assert_eq!(commit(&inside), "0123456789ab-dirty");
}
