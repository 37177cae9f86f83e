//! JUnit XML: a suite per record, a case per workload. Wrong or failed is a failure, unsupported is
//! skipped.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::fault;
use crate::error::{Error, Result};
use crate::record::{Record, State, WorkloadRecord};
use crate::report::table::{rate, spread};

/// All records.
pub(super) fn junit(records: &[Record]) -> Result<String> {
    let mut report = Report::new("tierbench");
    let mut total = Duration::ZERO;
    for record in records {
        let suite = suite(record);
        total += suite.time.unwrap_or_default();
        report.add_test_suite(suite);
    }
    report.set_time(total);
    report.to_string().map_err(|e| Error::Internal(format!("a report that is no XML: {e}")))
}

fn suite(record: &Record) -> TestSuite {
    let a = &record.adapter;
    let mut suite = TestSuite::new(format!("{} {}", a.name, record.id));
    let properties = [
        ("adapter", a.name.clone()),
        ("software", a.software.to_string()),
        ("backend", a.backend.clone()),
        ("pci_id", a.pci_id()),
        ("driver", format!("{} {}", a.driver, a.driver_info)),
        ("created", record.created.clone()),
        ("profile", record.profile.clone()),
        ("seed", record.seed.to_string()),
        ("tool", format!("{} {}", record.tool.version, record.tool.commit)),
    ];
    suite.add_properties(properties.map(|(name, value)| Property::new(name, value)));
    let mut total = Duration::ZERO;
    for w in &record.workloads {
        let case = case(w);
        total += case.time.unwrap_or_default();
        suite.add_test_case(case);
    }
    suite.set_time(total);
    suite
}

fn case(w: &WorkloadRecord) -> TestCase {
    let mut status = match (fault(w), w.state) {
        (Some(_), _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        (None, State::Unsupported) => TestCaseStatus::skipped(),
        (None, _) => TestCaseStatus::success(),
    };
    if let Some((kind, reason)) = fault(w) {
        status.set_type(kind).set_message(reason.as_str());
        if let Some(check) = &w.verification {
            let error = check.max_error.map_or("not a number".into(), |e| e.to_string());
            status.set_description(format!(
                "{}: error {error}, bound {} of {}",
                check.method, check.bound, check.relative_to
            ));
        }
    } else if w.state == State::Unsupported {
        status.set_message(w.reason.as_deref().unwrap_or("unsupported"));
    }
    let passed = matches!(status, TestCaseStatus::Success { .. });
    let mut case = TestCase::new(w.label(), status);
    // Jenkins groups by the part before the last dot.
    case.set_classname(format!("tierbench.{}", w.workload));
    let spent_ns = w
        .samples
        .iter()
        .fold(w.compile_ns.unwrap_or(0), |sum, sample| sum.saturating_add(sample.host_ns));
    case.set_time(Duration::from_nanos(spent_ns));
    if passed {
        case.set_system_out(format!("{} ({})", rate(w), spread(w)));
    }
    case
}
