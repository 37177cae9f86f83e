//! Numbers that no measurement gives: whatever a record holds, an answer comes out, and no fault of this program.

use std::path::Path;

use tierbench::conclude::{Rederived, rederive};
use tierbench::normalize::Book;
use tierbench::record::{self, Record};
use tierbench::report;

/// Five process starts of one plan.
const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";

/// The record changed, derived again and shown.
fn shown(change: impl FnOnce(&mut Record)) -> (Rederived, String) {
    let book = Book::load().unwrap();
    let mut record = record::read(Path::new(AUDIT)).unwrap();
    change(&mut record);
    let derived = rederive(&record, &book).unwrap();
    let text = report::text(&derived.record, Some(&derived.standing.text()), &book).unwrap();
    (derived, text)
}

#[test]
fn batches_of_no_dispatch_have_no_time_and_lay_no_line() {
    let (derived, text) = shown(|record| {
        record.timer[0].samples[0].dispatches = 0;
        for w in &mut record.workloads {
            w.samples[0].dispatches = 0;
        }
    });
    assert_eq!(derived.record.timer[0].host, None);
    let problem = derived.problems.iter().find(|p| p.what.contains("a sample of 0 dispatches"));
    assert!(problem.is_some(), "{:#?}", derived.problems);
    assert!(text.contains("DISAGREES WITH ITSELF") && !text.contains("NaN"), "{text}");
}

#[test]
fn an_uncertainty_beyond_all_bounds_is_unknown() {
    let (derived, text) = shown(|record| {
        for w in &mut record.workloads {
            w.resolution_ns = Some(1e308);
        }
    });
    for w in derived.record.workloads.iter().filter(|w| w.verified().is_some()) {
        assert!(w.summary.as_ref().unwrap().uncertainty.is_none(), "{}", w.label());
    }
    assert!(!text.contains("inf") && !text.contains("NaN"), "{text}");
}
