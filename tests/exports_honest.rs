//! What no export may leave out: missing workloads, the one uncertainty, busy machines, and which card it was.

use std::path::Path;

use serde_json::Value;
use tierbench::normalize::Book;
use tierbench::record::{self, Record};
use tierbench::report::{self, ExportForm, Source};

const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";
const ALL: [&str; 3] = [
    AUDIT,
    "results/2026-11-24-llvmpipe-mesa26-epyc-2core",
    "results/2026-11-24-llvmpipe-mesa22-epyc-2core",
];

fn read(folder: &str) -> Record {
    record::read(Path::new(folder)).unwrap()
}

fn export(form: ExportForm, records: &[Record]) -> String {
    form.export(records).unwrap()
}

fn text(record: &Record) -> String {
    report::text(record, None, &Book::load().unwrap()).unwrap()
}

fn html(records: &[Record]) -> String {
    let source = |record: &Record| Source {
        record: record.clone(),
        sha256: String::new(),
        standing: String::new(),
    };
    let sources: Vec<Source> = records.iter().map(source).collect();
    report::html(&sources, &[], &Book::load().unwrap()).unwrap()
}

/// The words of a text, however its lines are broken.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_run_that_was_cut_off_is_green_nowhere() {
    let mut record = read(AUDIT);
    let planned = record.workloads.len();
    record.workloads.truncate(4);
    let missing = planned - 4;
    let sentence = format!("{missing} of {planned} planned workloads are missing: ");
    assert!(report::is_incomplete(&record) && !report::is_incomplete(&read(AUDIT)));
    assert!(flat(&text(&record)).contains(&format!("INCOMPLETE: {sentence}")));
    let one = [record.clone()];
    let junit = export(ExportForm::Junit, &one);
    let typed = quick_junit::Report::deserialize_from_str(&junit).unwrap();
    assert_eq!((typed.tests, typed.errors), (planned, missing));
    assert_eq!(junit.matches("type=\"missing\"").count(), missing);
    let summary = export(ExportForm::Github, &one);
    assert!(summary.contains(&format!("{missing} MISSING")) && summary.contains(&sentence));
    assert_eq!(summary.matches("| MISSING |").count(), missing);
    assert_eq!(export(ExportForm::Markdown, &one).matches("| MISSING |").count(), missing);
    let annotations = report::annotations(&one).unwrap();
    let error = annotations.iter().find(|line| line.starts_with("::error title=workloads missing"));
    assert!(error.unwrap().contains(&sentence));
    let csv = export(ExportForm::Csv, &one);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let state = reader.headers().unwrap().iter().position(|name| name == "state").unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), planned);
    assert_eq!(rows.iter().filter(|row| &row[state] == "missing").count(), missing);
    assert!(html(&one).contains(&sentence));
}

#[test]
fn a_record_with_nothing_in_it_is_not_green_either() {
    let mut record = read(AUDIT);
    let planned = record.workloads.len();
    record.workloads.clear();
    let typed =
        quick_junit::Report::deserialize_from_str(&export(ExportForm::Junit, &[record.clone()]));
    assert_eq!(typed.unwrap().errors, planned);
    assert_eq!(export(ExportForm::Csv, &[record]).matches(",missing,").count(), planned);
}

#[test]
fn bounds_hold_the_value_in_every_committed_record_and_are_its_uncertainty() {
    for folder in ALL {
        let record = read(folder);
        let bmf: Value =
            serde_json::from_str(&export(ExportForm::Bmf, std::slice::from_ref(&record))).unwrap();
        for (name, measures) in bmf.as_object().unwrap() {
            for metric in measures.as_object().unwrap().values() {
                let at = |key: &str| metric[key].as_f64();
                let value = at("value").unwrap();
                let w = record.workloads.iter().find(|w| w.label() == *name).unwrap();
                let u = w.summary.as_ref().unwrap().uncertainty.as_ref().map(|u| u.expanded);
                let Some(u) = u else {
                    assert_eq!((at("lower_value"), at("upper_value")), (None, None), "{name}");
                    continue;
                };
                let (low, high) = (at("lower_value").unwrap(), at("upper_value").unwrap());
                assert!(low <= value && value <= high, "{name}: {low} {value} {high}");
                assert!((high / value - 1.0 - u).abs() < 1e-9, "{name}");
            }
        }
    }
}

#[test]
fn what_is_no_uncertainty_bounds_nothing() {
    let mut record = read(AUDIT);
    for (w, u) in record.workloads.iter_mut().zip([-1e6, f64::MAX, 3.0]) {
        w.summary.as_mut().unwrap().uncertainty.as_mut().unwrap().expanded = u;
    }
    record.workloads[3].summary.as_mut().unwrap().ops_per_s = Some(-5.0);
    let absent = record.workloads[3].label();
    let bmf: Value = serde_json::from_str(&export(ExportForm::Bmf, &[record])).unwrap();
    assert!(bmf.get(absent).is_none(), "a negative rate is drawn");
    for measures in bmf.as_object().unwrap().values() {
        for metric in measures.as_object().unwrap().values() {
            let at = |key: &str| metric[key].as_f64().unwrap_or_else(|| at_value(metric));
            assert!(0.0 <= at("lower_value") && at("lower_value") <= at("value"));
            assert!(at("value") <= at("upper_value"));
        }
    }
}

fn at_value(metric: &Value) -> f64 {
    metric["value"].as_f64().unwrap()
}

#[test]
fn the_same_uncertainty_stands_beside_a_rate_in_every_output() {
    let record = read(AUDIT);
    let w = record.workloads.iter().find(|w| w.label() == "matmul f32 512x512x512").unwrap();
    let u = w.summary.as_ref().unwrap().uncertainty.as_ref().unwrap().expanded;
    let shown = format!("{:.1} %", 100.0 * u);
    let row = |page: &str| page.lines().find(|l| l.contains(&w.label())).unwrap().to_owned();
    assert!(row(&text(&record)).contains(&shown));
    let one = [record.clone()];
    assert!(row(&export(ExportForm::Markdown, &one)).contains(&shown));
    assert!(export(ExportForm::Junit, &one).contains(&format!("U {shown}")));
    assert!(html(&one).contains(&format!(">±{shown}<")));
    let gha: Value = serde_json::from_str(&export(ExportForm::GhaBenchmark, &one)).unwrap();
    let entry = gha.as_array().unwrap().iter().find(|e| e["name"] == w.label()).unwrap();
    let range = entry["range"].as_str().unwrap().trim_start_matches("± ").parse::<f64>().unwrap();
    assert!((range / entry["value"].as_f64().unwrap() - u).abs() < 1e-4);
}

#[test]
fn at_least_stands_before_the_value_less_its_uncertainty_only() {
    let record = read(AUDIT);
    let tpp = &record.conclusion.quantities.tpp;
    let (x, low) = (tpp.demonstrated.unwrap(), tpp.demonstrated_lower.unwrap());
    let bound =
        format!(">= {} (measured {})", tierbench::units::number(low), tierbench::units::number(x));
    assert!(text(&record).contains(&bound), "{}", text(&record));
    assert!(
        export(ExportForm::Github, std::slice::from_ref(&record))
            .contains(&bound.replace('>', "&gt;"))
    );
    let mut unknown = record;
    unknown.conclusion.quantities.tpp.demonstrated_lower = None;
    let line = text(&unknown).lines().find(|l| l.starts_with("TPP ")).unwrap().to_owned();
    assert!(line.contains("U unknown") && !line.contains(">="), "{line}");
}

#[test]
fn a_busy_machine_is_said_beside_the_rate_in_every_output_that_has_room() {
    let mut record = read(AUDIT);
    for w in &mut record.workloads {
        w.others_load = None;
    }
    record.workloads[5].others_load = Some(0.66);
    let label = record.workloads[5].label();
    let said = "other programs used 66 % of the processors meanwhile";
    let line = text(&record).lines().find(|l| l.starts_with(&label)).unwrap().to_owned();
    assert!(line.contains("* "), "{line}");
    assert!(flat(&text(&record)).contains(said));
    let one = [record];
    for form in [ExportForm::Markdown, ExportForm::Junit, ExportForm::GhaBenchmark] {
        assert_eq!(export(form, &one).matches(said).count(), 1, "{}", form.name());
    }
    assert!(export(ExportForm::Github, &one).contains("1 measured beside other programs"));
    assert!(
        report::annotations(&one)
            .unwrap()
            .iter()
            .any(|line| line.contains("other programs used 66 %25"))
    );
    assert!(html(&one).contains(said));
}

#[test]
fn two_cards_of_one_name_are_told_apart_everywhere() {
    let twin = |bus: &str| {
        let mut record = read(ALL[1]);
        record.adapter.name = "Twin 3000".into();
        record.adapter.software = false;
        record.adapter.pci_bus = Some(bus.into());
        record.id = format!("twin-{}", &bus[5..7]);
        record
    };
    let twins = [twin("0000:01:00.0"), twin("0000:41:00.0")];
    let mut outputs: Vec<String> = twins.iter().map(text).collect();
    assert!(outputs.iter().zip(["01:00.0", "41:00.0"]).all(|(text, bus)| text.contains(bus)));
    outputs.clear();
    for form in ExportForm::ALL {
        let text = export(form, &twins);
        assert!(text.contains("01:00.0") && text.contains("41:00.0"), "{}", form.name());
    }
    let comparison =
        tierbench::compare::compare(("a", &twins[0]), &[("b".into(), twins[1].clone())], 1.0);
    for text in [report::comparison_text(&comparison), report::comparison_markdown(&comparison)] {
        let text = text.unwrap();
        assert!(text.contains("01:00.0") && text.contains("41:00.0"), "{text}");
    }
    // A test's identity is its class and name: two cards share none.
    let junit = export(ExportForm::Junit, &twins);
    let tree = roxmltree::Document::parse(&junit).unwrap();
    let cases = || tree.descendants().filter(|node| node.has_tag_name("testcase"));
    let identity: std::collections::BTreeSet<(&str, &str)> = cases()
        .map(|n| (n.attribute("classname").unwrap(), n.attribute("name").unwrap()))
        .collect();
    assert_eq!(identity.len(), cases().count());
    assert!(
        tree.descendants().filter(|n| n.has_tag_name("testsuite")).all(|n| {
            n.attribute("timestamp").is_some_and(|time| time.starts_with("2026-11-24T"))
        })
    );
    let page = html(&twins);
    assert!(page.contains(">Twin 3000 at 0000:01:00.0</a>"));
    assert!(page.contains(">Twin 3000 at 0000:41:00.0</a>"));
}

#[test]
fn a_workload_that_was_run_twice_is_two_tests() {
    let mut record = read(AUDIT);
    let again = record.workloads[8].clone();
    record.workloads.push(again);
    let junit = export(ExportForm::Junit, &[record]);
    assert!(junit.contains("\"matmul f32 256x256x256\""));
    assert!(junit.contains("\"matmul f32 256x256x256 #2\""));
}

#[test]
fn one_card_under_two_drivers_is_two_series() {
    let under = |driver: &str| {
        let mut record = read(ALL[1]);
        record.adapter.driver_info = driver.into();
        record
    };
    let text = export(ExportForm::Bmf, &[under("Mesa 22.3.6"), under("Mesa 26.1.6")]);
    assert!(text.contains("(llvmpipe Mesa 22.3.6)") && text.contains("(llvmpipe Mesa 26.1.6)"));
    assert!(!text.contains("#2"));
}

#[test]
fn spreadsheets_read_no_id_as_a_number_and_run_no_formula_behind_a_space() {
    let mut record = read(ALL[1]);
    record.adapter.device_id = "1e04".into();
    record.adapter.name = " =1+1".into();
    let text = export(ExportForm::Csv, &[record]);
    assert!(text.contains(",0x1e04,") && text.contains(",' =1+1,"), "{text}");
}
