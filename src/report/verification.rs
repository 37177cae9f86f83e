//! A verification as a screen of text, as JSON, and as JUnit XML; a sampling plan as text and JSON.

use std::fmt::Write;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::table::wrap;
use crate::audit::{NEVER_BY_FILES, Outcome, Sampling, Subject, Verification};
use crate::error::{Error, Result};
use crate::shown;

/// Column at which the reasons begin.
const INDENT: usize = 20;
/// Column at which the aspects of the evidence begin.
const LEVEL_INDENT: usize = 6;

/// At most 80 columns wide.
pub fn verification_text(v: &Verification) -> String {
    let mut page = String::new();
    let Subject { file, sha256, id } = &v.subject;
    let _ = writeln!(page, "{id}\n  {file}\n  record.json, SHA-256\n  {sha256}\n");
    for check in &v.checks {
        let state = match check.state {
            Outcome::Pass => "ok",
            Outcome::Fail => "FAIL",
            Outcome::NotAssessable => "-",
        };
        let why = wrap(&check.why, INDENT);
        let _ = writeln!(page, "{state:<5} {:<13} {}", check.id, why.trim_start());
    }
    let _ = writeln!(page, "\n{}", wrap(&consistent(v), 0));
    let happened = match v.shown_level {
        "E0" => "not shown",
        "E1" => "vouched for by who signed",
        _ => "vouched for, in answer to a challenge",
    };
    let shown = format!(
        "that it happened: {happened} ({}). Clocks that lie alike, a program that writes records, a driver that \
         pretends, and runs that were thrown away pass every check; docs/auditor.md says what narrows that",
        v.shown_level
    );
    let _ = writeln!(page, "{}\n", wrap(&shown, 0));
    page.push_str(&levels_text(v));
    page
}

/// Whether it is, what is not, and what a yes leaves open.
fn consistent(v: &Verification) -> String {
    let named = |state: Outcome| -> Vec<&str> {
        v.checks.iter().filter(|c| c.state == state).map(|check| check.id).collect()
    };
    let failed = named(Outcome::Fail);
    let open = named(Outcome::NotAssessable);
    let without = ["digest", "samples", "stopping", "summary"];
    if !failed.is_empty() {
        format!("consistent with itself: NO: {}", failed.join(", "))
    } else if without.iter().all(|id| open.contains(id)) {
        "consistent with itself: cannot be told without samples.jsonl: ask for the whole folder"
            .into()
    } else {
        "consistent with itself: yes".into()
    }
}

/// The level of each aspect with what the next one lacks, and which aspects limit the whole.
fn levels_text(v: &Verification) -> String {
    let limits = if v.limited_by.len() == v.levels.len() {
        "every aspect".to_owned()
    } else {
        v.limited_by.join(", ")
    };
    let head = format!("evidence level: {}, limited by {limits}", v.shown_level);
    let mut page = format!("{}\n", wrap(&head, 0));
    let lacks = |next: &str| -> Vec<String> {
        let of_first = next.strip_prefix("E1 needs ").map(|rest| rest.trim_end_matches('.'));
        of_first.into_iter().flat_map(|rest| rest.split("; ")).map(str::to_owned).collect()
    };
    let mut common = v.levels.first().map(|level| lacks(&level.next)).unwrap_or_default();
    common.retain(|what| v.levels.iter().all(|level| lacks(&level.next).contains(what)));
    if !common.is_empty() {
        let text = wrap(&format!("every aspect: E1 needs {}", common.join("; ")), LEVEL_INDENT);
        let _ = writeln!(page, "{:<5} {}", v.shown_level, text.trim_start());
    }
    for level in &v.levels {
        let mut own = lacks(&level.next);
        own.retain(|what| !common.contains(what));
        let next = match (common.is_empty(), own.is_empty()) {
            (true, _) => level.next.clone(),
            (false, true) => "E1 needs nothing else".into(),
            (false, false) => format!("E1 needs as well: {}", own.join("; ")),
        };
        let text = wrap(&format!("{}: {next}", level.aspect), LEVEL_INDENT);
        let _ = writeln!(page, "{:<5} {}", level.shown.as_str(), text.trim_start());
    }
    page.push_str(&wrap(&format!("{NEVER_BY_FILES}."), 0));
    page
}

/// A sampling plan, at most 80 columns wide.
pub fn sampling_text(s: &Sampling) -> String {
    let items: Vec<String> = s.items.iter().map(u64::to_string).collect();
    let mut page = String::new();
    let head = format!("{} of {} items, by the seed {}:", items.len(), s.population, s.seed);
    let _ = writeln!(page, "{head}\n{}\n", wrap(&items.join(" "), 2));
    let _ =
        writeln!(page, "If none of the items drawn exceeds the limit, then with a confidence of");
    for catch in &s.catches {
        let share = 100.0 * catch.share;
        let _ = writeln!(
            page,
            "  {:.0} %: fewer than {} of the lot do ({share:.2} %)",
            100.0 * catch.confidence,
            catch.bad
        );
    }
    page.push_str(&wrap(
        "An item that a measurement did not show to exceed the limit may still do. The items are those that were drawn: \
         a lot of which somebody else chose the items shows nothing of the rest.",
        0,
    ));
    page
}

/// Schema `tierbench.sampling/1`.
pub fn sampling_json(s: &Sampling) -> Result<String> {
    let value = serde_json::to_value(s).map_err(|e| Error::Internal(e.to_string()))?;
    shown::json(&value)
}

/// Schema `tierbench.verification/1`.
pub fn verification_json(v: &Verification) -> Result<String> {
    let value = serde_json::to_value(v).map_err(|e| Error::Internal(e.to_string()))?;
    shown::json(&value)
}

/// One suite, a case for each check; what cannot be assessed is skipped.
pub fn verification_junit(v: &Verification) -> Result<String> {
    let mut suite = TestSuite::new(format!("verify {}", v.subject.id));
    for check in &v.checks {
        let status = match check.state {
            Outcome::Pass => TestCaseStatus::success(),
            Outcome::Fail => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_type("verify").set_message(check.why.clone());
                status
            }
            Outcome::NotAssessable => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(check.why.clone());
                status
            }
        };
        let mut case = TestCase::new(check.id, status);
        case.set_classname("tierbench.verify");
        suite.add_test_case(case);
    }
    let mut report = Report::new("tierbench verify");
    report.add_test_suite(suite);
    report.to_string().map_err(|e| Error::Internal(format!("a report that is no XML: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::sample;

    #[test]
    fn a_sampling_plan_says_what_a_sample_without_an_excess_shows_and_what_not() {
        let text = sampling_text(&sample(1_000, 60, 7));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("If none of the items drawn exceeds the limit, then with a"),
            "{text}"
        );
        assert!(text.contains("95 %: fewer than 48 of the lot do (4.80 %)"), "{text}");
        assert!(text.contains("did not show to exceed the limit may still do"), "{text}");
    }
}
