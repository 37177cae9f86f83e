//! JUnit XML: a suite per record, a case per workload. Wrong or failed is a failure, unsupported is
//! skipped; what was planned and is not there is an error, and so is a record that its samples do not bear out.

use std::collections::BTreeMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::fault;
use crate::error::{Error, Result};
use crate::record::{Record, State, WorkloadRecord};
use crate::report::doubt::doubt;
use crate::report::rate::{disturbance, rate, shown_uncertainty};
use crate::report::{missing, who};

/// All records.
pub(super) fn junit(records: &[Record]) -> Result<String> {
    let mut report = Report::new("tierbench");
    let mut total = Duration::ZERO;
    for (record, adapter) in records.iter().zip(who::distinct(records)) {
        let suite = suite(record, &adapter);
        total += suite.time.unwrap_or_default();
        report.add_test_suite(suite);
    }
    report.set_time(total);
    report.to_string().map_err(|e| Error::Internal(format!("a report that is no XML: {e}")))
}

fn suite(record: &Record, adapter: &str) -> TestSuite {
    let a = &record.adapter;
    let mut suite = TestSuite::new(format!("{} {}", who::named(a), record.id));
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
    suite.add_properties(a.pci_bus.iter().map(|bus| Property::new("pci_bus", bus.as_str())));
    suite.timestamp = record.created.parse().ok();
    let class = class(&if adapter == a.name { who::named(a) } else { adapter.to_owned() });
    if let Some(doubt) = doubt(record) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type(doubt.id).set_message(format!("{}; {}", doubt.why, doubt.advice));
        let mut case = TestCase::new("record", status);
        case.set_classname(format!("tierbench.{class}.record"));
        suite.add_test_case(case);
    }
    let mut total = Duration::ZERO;
    let mut seen = BTreeMap::new();
    for w in &record.workloads {
        let times = seen.entry(w.label()).or_insert(0usize);
        *times += 1;
        let mut case = case(w);
        if *times > 1 {
            case.name = format!("{} #{times}", w.label()).into();
        }
        case.set_classname(format!("tierbench.{class}.{}", w.workload));
        total += case.time.unwrap_or_default();
        suite.add_test_case(case);
    }
    for name in record.missing() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("missing").set_message(missing::WHY);
        let mut case = TestCase::new(name, status);
        let workload = name.split(':').next().unwrap_or(name);
        case.set_classname(format!("tierbench.{class}.{workload}"));
        suite.add_test_case(case);
    }
    suite.set_time(total);
    suite
}

/// An adapter as part of a class name: dots are what Jenkins splits groups by, and two cards of one kind are two
/// groups.
fn class(adapter: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    let words = adapter.chars().map(plain).collect::<String>();
    words.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
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
    let spent_ns = w
        .samples
        .iter()
        .fold(w.compile_ns.unwrap_or(0), |sum, sample| sum.saturating_add(sample.host_ns));
    case.set_time(Duration::from_nanos(spent_ns));
    if passed {
        let busy = disturbance(w).map_or(String::new(), |how| format!("; {how}"));
        case.set_system_out(format!("{}, U {}{busy}", rate(w), shown_uncertainty(w)));
    }
    case
}
