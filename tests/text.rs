//! The report on a terminal.

use std::path::Path;

use tierbench::normalize::Book;
use tierbench::record::{self, Record};
use tierbench::report;

const RECORDS: [&str; 3] = [
    "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit",
    "results/2026-11-24-llvmpipe-mesa26-epyc-2core",
    "results/2026-11-24-llvmpipe-mesa22-epyc-2core",
];

fn read(folder: &str) -> Record {
    record::read(Path::new(folder)).unwrap()
}

fn text(record: &Record) -> String {
    report::text(record, None, &Book::load().unwrap()).unwrap()
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    for folder in RECORDS {
        let mut record = read(folder);
        record.seed = (1 << 53) - 1;
        record.workloads.truncate(4);
        for line in text(&record).lines().chain(text(&read(folder)).lines()) {
            assert!(line.chars().count() <= 80, "{folder}: {line}");
        }
        let other = [("b".to_owned(), read(folder))];
        let comparison = tierbench::compare::compare(("a", &read(folder)), &other, 1.0);
        for line in report::comparison_text(&comparison).unwrap().lines() {
            assert!(line.chars().count() <= 80, "{folder}: {line}");
        }
    }
}

#[test]
fn the_address_of_a_card_stands_in_the_head() {
    let mut record = read(RECORDS[1]);
    record.adapter.pci_bus = Some("0000:41:00.0".into());
    let head: String = text(&record).lines().take(4).collect();
    assert!(head.contains(" at 0000:41:00.0, "), "{head}");
}

#[test]
fn a_record_without_a_budget_says_that_its_uncertainty_is_unknown() {
    let mut record = read(RECORDS[1]);
    for w in &mut record.workloads {
        w.summary.as_mut().unwrap().uncertainty = None;
    }
    let text = text(&record);
    let row = text.lines().find(|line| line.starts_with("matmul f32 512x512x512")).unwrap();
    assert!(row.contains("GFLOP/s") && row.contains("unknown"), "{row}");
}
