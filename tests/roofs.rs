//! A register-only kernel that a compiler made little of is a low roof, and no charge against what is faster.

use std::path::Path;

use tierbench::conclude::conclude;
use tierbench::normalize::Book;
use tierbench::record::{self, Record, State};

const COMMITTED: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";

/// The committed run as if its register-only kernel in f32 had run at the `times`th part of its rate.
fn with_roof_slower(times: f64) -> Record {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(COMMITTED);
    let mut record = record::read(&folder).unwrap();
    let roof = record.workloads.iter_mut().find(|w| w.label().starts_with("roof f32")).unwrap();
    let summary = roof.summary.as_mut().unwrap();
    summary.ops_per_s = summary.ops_per_s.map(|rate| rate / times);
    conclude(&mut record, &Book::load().unwrap()).unwrap();
    record
}

fn note(record: &Record) -> Option<&str> {
    record.notes.iter().find(|note| note.id == "roof/low").map(|note| note.text.as_str())
}

#[test]
fn a_kernel_above_its_roof_is_a_note_and_keeps_its_rate() {
    let record = with_roof_slower(8.0);
    let text = note(&record).expect("the roof is low");
    assert!(text.contains("times what roof f32"), "{text}");
    assert!(record.workloads.iter().all(|w| w.state == State::Measured));
}

#[test]
fn a_roof_above_its_kernels_has_no_note() {
    assert_eq!(note(&with_roof_slower(1.0)), None);
}
