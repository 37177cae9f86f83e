//! The architecture, as far as a program can check it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Stages in the order of the data flow, and the floor that all stand on.
const STAGES: &[&str] = &[
    "adapter",
    "telemetry",
    "workload",
    "measure",
    "check",
    "tune",
    "record",
    "import",
    "plan",
    "normalize",
    "verdict",
    "conclude",
    "compare",
    "audit",
    "report",
];

/// The files of a folder, or the one file of that name.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let single = folder.with_extension("rs");
    if single.exists() {
        return vec![single];
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.ends_with("target") {
            // What cargo built of a package in there.
        } else if entry.is_dir() {
            files.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|e| e == "rs") {
            files.push(entry);
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_stage_uses_earlier_stages_only() {
    let mut seen = 0;
    for (place, stage) in STAGES.iter().enumerate() {
        for file in rust_files(&root().join("src").join(stage)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for used in text.split("crate::").skip(1) {
                let used: String =
                    used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                seen += 1;
                let allowed =
                    ["units", "stats", "error", "files", "digest", "names", "program", "shown"]
                        .contains(&used.as_str())
                        || STAGES[..=place].contains(&used.as_str());
                assert!(allowed, "{} uses `crate::{used}`, a later stage", file.display());
            }
        }
    }
    assert!(seen > 50, "only {seen} imports seen: the test looks in the wrong place");
}

#[test]
fn no_chip_name_and_no_threshold_stands_in_the_source() {
    let catalogue = tierbench::normalize::Catalogue::load().unwrap();
    let mut names: Vec<String> = vec!["4800", "4_800", "21000", "21_000", "6500", "5.92", "2400"]
        .into_iter()
        .map(String::from)
        .collect();
    for chip in &catalogue.chips {
        names.push(chip.id.clone());
        // Part numbers such as H200 or MI325X: letters and digits mixed, long enough to be one.
        let words = chip.name.split(|c: char| !c.is_alphanumeric());
        names.extend(
            words
                .filter(|w| {
                    let digits = w.chars().filter(char::is_ascii_digit).count();
                    w.len() >= 3
                        && digits >= 2
                        && digits < w.len()
                        && w.chars().next().unwrap().is_uppercase()
                })
                .map(String::from),
        );
    }
    for file in rust_files(&root().join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        // Examples in documentation and tests may name figures; the code may not.
        let text = text.split("#[cfg(test)]").next().unwrap();
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let words: Vec<&str> = code
            .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.' && c != '-')
            .collect();
        for name in &names {
            assert!(!words.contains(&name.as_str()), "{} names {name}", file.display());
        }
    }
}

#[test]
fn files_stay_short() {
    let mut files = rust_files(&root().join("src"));
    files.extend(rust_files(&root().join("tests")));
    for file in files {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 450, "{} has {lines} lines", file.display());
    }
}

#[test]
fn the_documented_exit_codes_are_those_of_the_program() {
    let document = std::fs::read_to_string(root().join("docs/exit-codes.md")).unwrap();
    for (code, name, meaning) in tierbench::error::EXIT_CODES {
        let row = format!("| {code} | {name} | {meaning} |");
        assert!(document.contains(&row), "docs/exit-codes.md lacks the row {row}");
    }
}

/// The packages beside this one are built with `--locked`: their lock files must know what it depends on.
#[test]
fn lock_files_of_the_packages_beside_this_one_are_current() {
    let dependencies = |file: &str| {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let lock: toml::Table = toml::from_str(&text).unwrap();
        let packages = lock["package"].as_array().unwrap();
        let own = packages.iter().find(|package| package["name"].as_str() == Some("tierbench"));
        let own = own.unwrap_or_else(|| panic!("{file} does not know tierbench"));
        let name =
            |value: &toml::Value| value.as_str().unwrap().split(' ').next().unwrap().to_owned();
        own["dependencies"].as_array().unwrap().iter().map(name).collect::<BTreeSet<String>>()
    };
    // Crates for the tests alone are in this package's own lock file only.
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let tests = manifest["dev-dependencies"].as_table().unwrap();
    let own: BTreeSet<String> =
        dependencies("Cargo.lock").into_iter().filter(|name| !tests.contains_key(name)).collect();
    for package in ["benches/compilers", "benches/peers", "tests/fuzz"] {
        let file = format!("{package}/Cargo.lock");
        assert_eq!(dependencies(&file), own, "{file}: run `cargo update -w` in its folder");
    }
}
