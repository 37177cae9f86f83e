//! A stranger's record may hold any text; no output lets it act on whoever reads it.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tierbench::normalize::Book;
use tierbench::record::{self, Record};
use tierbench::report::{self, ExportForm, Source};

const RECORD: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";

/// Clears a screen, sets a title, turns the direction of writing, goes back in the line, begins a new one.
const HOSTILE: &str =
    "x\u{1b}[2J\u{9b}1A\u{1b}]0;t\u{7}\u{202e}\u{2066}\u{61c}\r\nFORGED: tier proven\u{2028}y";

/// Puts the hostile text into every string at which the record is still one; gives their number.
fn poison(whole: &mut Value, pointer: &str) -> usize {
    let children: Vec<String> = match whole.pointer(pointer).unwrap() {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(values) => (0..values.len()).map(|n| n.to_string()).collect(),
        Value::String(old) => {
            let old = Value::from(old.clone());
            *whole.pointer_mut(pointer).unwrap() = HOSTILE.into();
            if serde_json::from_value::<Record>(whole.clone()).is_ok() {
                return 1;
            }
            *whole.pointer_mut(pointer).unwrap() = old;
            return 0;
        }
        _ => return 0,
    };
    children.iter().map(|child| poison(whole, &format!("{pointer}/{child}"))).sum()
}

/// The committed record with few samples, hostile wherever it has text.
fn hostile() -> Record {
    let mut record = record::read(Path::new(RECORD)).unwrap();
    record.workloads.truncate(4);
    for w in &mut record.workloads {
        w.samples.truncate(8);
        w.reason = Some("why".into());
    }
    record.conclusion.findings.truncate(3);
    record.environment.variables.insert("NAME".into(), "value".into());
    let mut value = serde_json::to_value(&record).unwrap();
    assert!(poison(&mut value, "") > 60);
    let samples: Vec<_> = record.workloads.into_iter().map(|w| w.samples).collect();
    let mut record: Record = serde_json::from_value(value).unwrap();
    for (w, samples) in record.workloads.iter_mut().zip(samples) {
        w.samples = samples;
    }
    record.environment.variables.insert(HOSTILE.into(), HOSTILE.into());
    record.workloads[0].parameters.insert(HOSTILE.into(), 1);
    record.workloads[1].state = record::State::Failed;
    record.workloads[2].state = record::State::Unsupported;
    record
}

fn harmless(what: &str, text: &str) {
    let acts = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{2028}')
    };
    // The csv writer ends its lines as RFC 4180 wants it.
    let text = text.replace("\r\n", "\n");
    let found = text.chars().find(acts);
    assert!(found.is_none(), "{what} holds {found:?}");
    let forged = |line: &&str| line.starts_with("FORGED") || line.starts_with("tier proven");
    let found = text.lines().find(forged);
    assert!(found.is_none(), "{what} has the line {found:?}");
}

#[test]
fn no_text_of_a_record_acts_in_any_output() {
    let (record, book) = (hostile(), Book::load().unwrap());
    harmless("text", &report::text(&record, None, &book).unwrap());
    harmless("json", &report::json(&record).unwrap());
    for form in ExportForm::ALL {
        harmless(form.name(), &form.export(std::slice::from_ref(&record)).unwrap());
    }
    harmless(
        "annotations",
        &report::annotations(std::slice::from_ref(&record)).unwrap().join("\n"),
    );
    let source = Source { record: record.clone(), sha256: String::new(), standing: String::new() };
    harmless("html", &report::html(&[source], &[], &book).unwrap());
    let comparison =
        tierbench::compare::compare(("a", &record), &[("b".into(), record.clone())], 1.0);
    harmless("compare", &report::comparison_text(&comparison).unwrap());
    harmless("compare as Markdown", &report::comparison_markdown(&comparison).unwrap());
    harmless("compare as JSON", &report::comparison_json(&comparison).unwrap());
}

#[test]
fn json_is_the_record_itself_for_a_parser() {
    let mut record = hostile();
    let read: Record = serde_json::from_str(&report::json(&record).unwrap()).unwrap();
    // Samples stand in a file of their own.
    record.workloads.iter_mut().for_each(|w| w.samples.clear());
    assert_eq!(read, record);
}

#[test]
fn commands_and_their_errors_show_escapes_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.json");
    let mut record = hostile();
    record.timer.clear();
    record.telemetry.clear();
    let samples = record.detach_samples().unwrap();
    std::fs::write(folder.path().join(record::SAMPLES), samples).unwrap();
    let mut value: Value = serde_json::to_value(record).unwrap();
    value["schema"] = record::SCHEMA.into();
    std::fs::write(&file, value.to_string()).unwrap();
    let said = |args: &[&str]| {
        let mut command = Command::cargo_bin("tierbench").unwrap();
        let output = command.args(args).arg(&file).output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    for command in ["report", "classify"] {
        let text = said(&[command]);
        assert!(text.contains("\\x1b[2J\\x9b1A"), "{text}");
        harmless(command, &text);
    }
    harmless("compare", &said(&["compare", RECORD, "--across-adapters"]));
    value["workloads"][0]["state"] = HOSTILE.into();
    std::fs::write(&file, value.to_string()).unwrap();
    let text = said(&["report"]);
    assert!(text.contains("unknown variant"), "{text}");
    harmless("an error", &text);
}

#[test]
fn a_name_of_fifty_megabytes_is_cut() {
    let (mut record, book) = (hostile(), Book::load().unwrap());
    record.adapter.name = "N".repeat(50_000_000);
    let text = report::text(&record, None, &book).unwrap();
    assert!(text.len() < 20_000 && text.contains("more characters)"));
    let source = Source { record, sha256: String::new(), standing: String::new() };
    assert!(report::html(&[source], &[], &book).unwrap().len() < 1_000_000);
}
