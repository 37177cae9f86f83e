//! What a stranger puts beside a record costs neither minutes nor memory.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tierbench::audit::{self, Check, Outcome};
use tierbench::conclude::rederive;
use tierbench::digest::sha256_hex;
use tierbench::normalize::Book;
use tierbench::record::{self, Document, RESULTS};

#[path = "fuzz/src/parts.rs"]
#[expect(dead_code, reason = "no bundle is made here")]
mod parts;
#[path = "fuzz/src/settle.rs"]
mod settle;

/// A hundred times what it takes.
const LONGEST: Duration = Duration::from_secs(20);

/// A run of two process starts with everything that lies beside it.
struct Stranger {
    folder: tempfile::TempDir,
    book: Book,
    record: Value,
}

impl Stranger {
    fn new() -> Self {
        let (folder, book) = (tempfile::tempdir().unwrap(), Book::load().unwrap());
        let input = std::fs::read("tests/fuzz/corpus/record/two-starts").unwrap();
        parts::Parts::of(&input).write(folder.path(), &book);
        let text = std::fs::read(folder.path().join("record.json")).unwrap();
        Self { folder, book, record: serde_json::from_slice(&text).unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A check of the record as it is now.
    fn check(&self, id: &str) -> Check {
        std::fs::write(self.path().join("record.json"), self.record.to_string()).unwrap();
        let began = Instant::now();
        let (Document::Run(stored), sha256) = record::open(self.path()).unwrap() else {
            panic!("it is a run")
        };
        let derived = rederive(&stored, &self.book).unwrap();
        let bytes = audit::of_record(self.path(), &stored, &self.book);
        let found = audit::verify(&stored, &derived, ("x", &sha256), bytes, &self.book, 0);
        let took = began.elapsed();
        assert!(took < LONGEST, "{took:?}");
        found.checks.into_iter().find(|check| check.id == id).unwrap()
    }
}

#[test]
fn process_starts_are_listed_once_and_in_order() {
    let mut stranger = Stranger::new();
    let check = stranger.check("start-records");
    assert_eq!(check.state, Outcome::Pass, "{}", check.why);
    let first = stranger.record["starts"][0].clone();
    stranger.record["starts"] = json!(vec![first; 7_000]);
    let check = stranger.check("start-records");
    assert_eq!(check.state, Outcome::Fail);
    assert_eq!(check.why, "they are not some of 2 process starts in order");
}

/// The seeds of all starts up to the last one are drawn when they are merged again.
#[test]
fn a_process_start_that_nobody_planned_is_not_merged() {
    for process in [u32::MAX, u32::MAX - 1, 2] {
        let mut stranger = Stranger::new();
        let folder = format!("start-{process}");
        std::fs::rename(stranger.path().join("start-1"), stranger.path().join(&folder)).unwrap();
        let start = &mut stranger.record["starts"][1];
        start["process"] = process.into();
        start["file"] = format!("{folder}/record.json").into();
        let check = stranger.check("start-records");
        assert_eq!(check.state, Outcome::Fail);
        assert_eq!(check.why, "they are not some of 2 process starts in order");
    }
}

#[test]
fn seeds_beyond_the_plan_draw_no_plans() {
    let mut stranger = Stranger::new();
    stranger.record["process_seeds"].as_array_mut().unwrap().extend(vec![json!(1); 400_000]);
    let more = (1..900).map(|m| json!(format!("matmul:f32:{m}x8x8")));
    stranger.record["plan"]["workloads"].as_array_mut().unwrap().extend(more);
    assert_eq!(stranger.check("starts").state, Outcome::Fail);
}

#[test]
fn many_commitments_are_read_in_time() {
    let mut stranger = Stranger::new();
    let path = stranger.path().join(RESULTS);
    let mut text = std::fs::read_to_string(&path).unwrap();
    for process in 2..400_000 {
        let result = r#"{"root_sha256":"","sketch":null,"opened":[]}"#;
        writeln!(text, "{{\"workload\":0,\"process\":{process},\"result\":{result}}}").unwrap();
    }
    std::fs::write(&path, &text).unwrap();
    stranger.record["results"]["sha256"] = sha256_hex(&text).into();
    stranger.record["results"]["lines"] = text.lines().count().into();
    assert_eq!(stranger.check("result").state, Outcome::Fail);
}
