//! The HTML report of records that are absurd or enormous: it ends, and stays of a size that can be mailed.

use std::path::Path;

use tierbench::measure::Phase;
use tierbench::normalize::Book;
use tierbench::record::{self, Record};
use tierbench::report::{self, Source};

const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";

fn audit() -> Record {
    record::read(Path::new(AUDIT)).unwrap()
}

fn page(record: &Record) -> String {
    let source = Source { record: record.clone(), sha256: String::new(), standing: String::new() };
    report::html(&[source], &[], &Book::load().unwrap()).unwrap()
}

#[test]
fn no_rate_or_time_keeps_the_page_from_ending() {
    for absurd in [1e308, f64::MAX, 5e-324, -1e308, -5.0, 0.0] {
        let mut record = audit();
        for w in &mut record.workloads {
            let summary = w.summary.as_mut().unwrap();
            summary.ops_per_s = summary.ops_per_s.map(|_| absurd);
            summary.bytes_per_s = summary.bytes_per_s.map(|_| absurd);
            summary.median_ns = absurd;
            if let Some(u) = &mut summary.uncertainty {
                u.expanded = absurd;
            }
        }
        let tpp = &mut record.conclusion.quantities.tpp;
        (tpp.declared, tpp.demonstrated) = (Some(absurd), Some(absurd));
        tpp.demonstrated_lower = Some(absurd);
        let page = page(&record);
        assert!(page.len() < 600_000, "{absurd:e}: {} bytes", page.len());
        assert!(!page.contains("NaN\"") && !page.contains("=\"inf"), "{absurd:e}");
        report::text(&record, None, &Book::load().unwrap()).unwrap();
    }
}

#[test]
fn an_audit_fits_a_mail_and_a_table_says_that_it_is_a_selection() {
    let record = audit();
    let page = page(&record).replace("&#x2f;", "/");
    assert!(page.len() < 600_000, "{} bytes", page.len());
    let w = &record.workloads[0];
    assert!(page.contains(&format!("24 of {} samples, evenly spread", w.samples.len())));
    // The first and the last sample are among them.
    for n in [0, w.samples.len() - 1] {
        assert!(page.contains(&format!("data-key=\"/0/workloads/0/samples/{n}/start_ns\"")));
    }
}

#[test]
fn a_hundred_thousand_samples_are_drawn_as_their_extremes() {
    let mut record = audit();
    let w = &mut record.workloads[9];
    let sample = w.samples.iter().find(|s| s.phase == Phase::Timed).unwrap().clone();
    let at = |n: u64| {
        let mut sample = sample.clone();
        sample.start_ns = n * 1_000_000;
        // One dip that nobody may lose.
        sample.host_ns = if n == 77_777 { sample.host_ns * 10 } else { sample.host_ns };
        sample.gpu_ns = sample.gpu_ns.map(|ns| if n == 77_777 { ns * 10 } else { ns });
        sample
    };
    w.samples = (0..100_000).map(at).collect();
    let page = page(&record);
    assert!(page.len() < 600_000, "{} bytes", page.len());
    assert!(page.contains("the lowest and the highest sample of each of 300 equal parts"));
    let course = page.split("id=\"r0-course-9-title\"").nth(1).unwrap();
    let path = course.split("<path class=\"sample\" d=\"").nth(1).unwrap();
    let dots: Vec<f64> = path
        .split('"')
        .next()
        .unwrap()
        .split("h0")
        .filter_map(|dot| dot.split(' ').nth(1)?.parse().ok())
        .collect();
    assert!((300..=600).contains(&dots.len()), "{}", dots.len());
    let lowest = dots.iter().copied().fold(0.0, f64::max);
    assert_eq!(dots.iter().filter(|y| **y == lowest).count(), 1, "the dip is not drawn");
}

#[test]
fn thousands_of_workloads_take_seconds() {
    let mut record = audit();
    let all: Vec<_> = record.workloads.clone();
    record.workloads.clear();
    for n in 1..=120 {
        for w in &all {
            let mut w = w.clone();
            w.samples.truncate(4);
            if !w.shape.is_empty() {
                w.shape = format!("{n}x{n}x{n}");
            }
            w.work.ops += n;
            record.workloads.push(w);
        }
    }
    let plan = record.plan.as_mut().unwrap();
    plan.workloads = (0..2_000).map(|n| format!("matmul:f32:{n}x{n}x{n}")).collect();
    let book = Book::load().unwrap();
    let source =
        || Source { record: record.clone(), sha256: String::new(), standing: String::new() };
    report::html(&[source(), source()], &[], &book).unwrap();
    report::text(&record, None, &book).unwrap();
    report::annotations(&[record]).unwrap();
}
