//! Files that something damaged: whatever is in them, the answer is an exit code of the table, within seconds.
//!
//! `scripts/mutants.sh COUNT` takes as many of each kind; without it a few do.

#![expect(clippy::print_stdout, reason = "the count is what whoever runs it wants to see")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use tierbench::error::EXIT_CODES;
use tierbench::workload::inputs;

/// Mutants of each kind when nobody says how many.
const FEW: usize = 25;
/// The longest that a command may take over one.
const LONGEST: Duration = Duration::from_secs(5);

fn count() -> usize {
    let asked = std::env::var("TIERBENCH_MUTANTS").ok();
    asked.map_or(FEW, |text| text.parse().expect("TIERBENCH_MUTANTS is a number"))
}

/// Random numbers that are the same on every machine: mutant `n`, draw after draw.
struct Dice {
    seed: u64,
    at: u64,
}

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.at += 1;
        let [word, ..] = inputs::words(self.seed, 900, self.at);
        word as usize % sides.max(1)
    }
}

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1e308",
    "5e-324",
    "-0.0",
    "18446744073709551615",
    "18446744073709551616",
    "4294967295",
    "NaN",
    "Infinity",
    "1e999",
    "null",
    "\"7\"",
    "[]",
    "0.5",
    "9007199254740993",
];
const TEXTS: &[&str] =
    &["\u{1b}[2J", "\u{202e}", "\r\n", "\0", "\u{feff}", ",", "\"", "{", "é", "=1+1", "::error::"];

/// One to three changes of a file's bytes.
fn mutant(original: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=dice.roll(3) {
        let len = bytes.len().max(1);
        let at = dice.roll(len);
        let end = (at + 1 + dice.roll(60)).min(bytes.len());
        match dice.roll(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => {
                let part = bytes[at.min(end)..end].to_vec();
                bytes.splice(at..at, part);
            }
            3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.roll(8);
                }
            }
            4 => {
                let text = TEXTS[dice.roll(TEXTS.len())].bytes();
                bytes.splice(at..at, text);
            }
            // Most of what a file says is a number: the next one becomes another.
            _ => {
                let digit = |byte: &u8| byte.is_ascii_digit();
                if let Some(begin) = bytes[at..].iter().position(digit).map(|n| at + n) {
                    let number = |b: &u8| b.is_ascii_digit() || b".eE+-".contains(b);
                    let length = bytes[begin..].iter().take_while(|b| number(b)).count();
                    let text = NUMBERS[dice.roll(NUMBERS.len())].bytes();
                    bytes.splice(begin..begin + length, text);
                }
            }
        }
    }
    bytes
}

/// Runs a command over a mutant; the complaint says how to see it again.
fn answers(arguments: &[&str], file: &Path, what: &str) {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    let output = command.args(arguments).arg(file).timeout(LONGEST).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let known =
        |code: i32| code != 1 && EXIT_CODES.iter().any(|(known, ..)| i32::from(*known) == code);
    let fine = output.status.code().is_some_and(known) && !stderr.contains("panicked");
    assert!(fine, "{what}, {arguments:?}: {:?}\n{stderr}", output.status);
}

fn all_mutants(name: &str, original: &[u8], each: impl Fn(&[u8], usize, &str)) {
    mutants(count(), name, original, each);
}

fn mutants(count: usize, name: &str, original: &[u8], each: impl Fn(&[u8], usize, &str)) {
    for n in 0..count {
        let mut dice = Dice { seed: n as u64, at: name.bytes().map(u64::from).sum::<u64>() << 32 };
        each(&mutant(original, &mut dice), n, &format!("{name}, mutant {n}"));
    }
    println!("{count} mutants of {name}: no panic, no signal, none over {} s", LONGEST.as_secs());
}

const RECORD: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";

fn folder_with(head: &[u8], samples: Option<&[u8]>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("record.json"), head).unwrap();
    if let Some(samples) = samples {
        std::fs::write(folder.path().join("samples.jsonl"), samples).unwrap();
    }
    folder
}

#[test]
fn damaged_records_are_answered() {
    let head = std::fs::read(Path::new(RECORD).join("record.json")).unwrap();
    let samples = std::fs::read(Path::new(RECORD).join("samples.jsonl")).ok();
    let commands: [&[&str]; 4] =
        [&["report"], &["report", "--html", "-"], &["classify"], &["compare", RECORD]];
    all_mutants("a record", &head, |bytes, n, what| {
        let folder = folder_with(bytes, samples.as_deref());
        answers(commands[n % commands.len()], folder.path(), what);
    });
    if let Some(samples) = &samples {
        all_mutants("its samples", samples, |bytes, n, what| {
            let folder = folder_with(&head, Some(bytes));
            answers(commands[n % commands.len()], folder.path(), what);
        });
    }
}

#[test]
fn damaged_files_of_other_tools_are_answered() {
    let mut files: Vec<PathBuf> = std::fs::read_dir("tests/fixtures/import")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|e| e != "md" || path.ends_with("llama-bench.md"))
        })
        .collect();
    files.sort();
    assert!(files.len() > 50, "{files:?}");
    for file in files {
        let original = std::fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        // There are some sixty of them: together they get as many as ten files would.
        mutants(count().div_ceil(6), &name, &original, |bytes, _, what| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(&name);
            std::fs::write(&path, bytes).unwrap();
            let out = folder.path().join("out");
            answers(&["import", "--out", out.to_str().unwrap()], &path, what);
        });
    }
}
