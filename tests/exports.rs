//! Exports, each read by the means of those who will read it.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;
use tierbench::conclude::{Standing, rederive};
use tierbench::normalize::Book;
use tierbench::record::{self, Record, State};
use tierbench::report::ExportForm;

const MESA_26: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";
const AUDIT: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit";
const MESA_22: &str = "results/2026-11-24-llvmpipe-mesa22-epyc-2core";

fn report(flags: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.env_remove("GITHUB_ACTIONS").arg("report").args(flags);
    command
}

fn stdout(flags: &[&str]) -> String {
    let output = report(flags).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

fn read(folder: &str) -> Record {
    record::read(Path::new(folder)).unwrap()
}

fn export(form: ExportForm, records: &[Record]) -> String {
    form.export(records).unwrap()
}

/// A record with everything that can go wrong, and names that somebody chose to break things.
fn troubled() -> Record {
    let mut record = read(MESA_26);
    record.adapter.name = "=Fast|<b>GPU</b>".into();
    let w = &mut record.workloads[1];
    (w.state, w.summary) = (State::Failed, None);
    w.reason = Some("lost: 100 %,\nsaid the \u{1} \"driver\" & <left>".into());
    let w = &mut record.workloads[2];
    (w.state, w.summary, w.verification) = (State::Unsupported, None, None);
    w.reason = Some("no f16".into());
    let w = &mut record.workloads[4];
    w.state = State::Failed;
    w.reason = Some("error 1 is above the bound 0".into());
    let check = w.verification.as_mut().unwrap();
    (check.passed, check.max_error) = (false, None);
    record
}

/// The same as a run leaves it, in a folder with both files: it follows from its samples.
fn troubled_folder(folder: &Path) -> String {
    let mut record = troubled();
    // A run leaves no figures to what is not verified.
    record.workloads[4].summary = None;
    let derived = rederive(&record, &Book::load().unwrap()).unwrap();
    assert!(matches!(derived.standing, Standing::Agrees { .. }), "{:?}", derived.standing);
    let mut record = derived.record;
    let samples = record.detach_samples().unwrap();
    let path = folder.join("troubled");
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join(record::SAMPLES), samples).unwrap();
    std::fs::write(path.join("record.json"), serde_json::to_string(&record).unwrap()).unwrap();
    path.display().to_string()
}

fn fits(schema: &str, text: &str) -> Value {
    let schema = std::fs::read_to_string(format!("tests/fixtures/schemas/{schema}")).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &value).unwrap();
    value
}

#[test]
fn csv_has_one_row_per_workload_and_record_and_empty_cells_for_the_unknown() {
    let text = export(ExportForm::Csv, &[read(MESA_22), troubled()]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 28);
    let cell = |row: usize, name: &str| {
        rows[row][header.iter().position(|column| column == name).unwrap()].to_owned()
    };
    let mesa_22 = read(MESA_22);
    for (at, w) in mesa_22.workloads.iter().enumerate() {
        let rate: Option<f64> = cell(at, "ops_per_s").parse().ok();
        assert_eq!(rate, w.ops_per_s(), "{}", w.label());
        assert_eq!(cell(at, "verified") == "true", w.summary.is_some());
    }
    for row in [15, 16, 18] {
        for column in ["ops_per_s", "bytes_per_s", "median_ns", "timed_samples", "ci95_low_ns"] {
            assert_eq!(cell(row, column), "", "{column} of row {row}");
        }
    }
    assert_eq!(cell(15, "state"), "failed");
    assert!(cell(15, "reason").contains(r"100 %,\nsaid the \x01"));
    // A spreadsheet must not take a driver's name for a formula.
    assert_eq!(cell(15, "adapter"), "'=Fast|<b>GPU</b>");
}

#[test]
fn junit_has_a_suite_per_record_and_says_failed_and_skipped() {
    let text = export(ExportForm::Junit, &[read(MESA_22), troubled()]);
    let typed = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!((typed.tests, typed.failures, typed.errors, typed.skipped), (28, 2, 0, 2));
    let tree = roxmltree::Document::parse(&text).unwrap();
    let root = tree.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let number =
        |node: roxmltree::Node, name: &str| node.attribute(name).unwrap().parse::<usize>().unwrap();
    let children = |node: roxmltree::Node<'_, '_>, name: &'static str| -> usize {
        node.descendants().filter(|n| n.tag_name().name() == name).count()
    };
    let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    assert_eq!(suites.len(), 2);
    for suite in suites {
        assert_eq!(suite.tag_name().name(), "testsuite");
        assert!(suite.attribute("name").is_some_and(|name| !name.is_empty()));
        assert_eq!(children(suite, "testcase"), number(suite, "tests"));
        assert_eq!(children(suite, "failure"), number(suite, "failures"));
        assert_eq!(children(suite, "skipped"), number(suite, "skipped"));
        for case in suite.children().filter(|n| n.tag_name().name() == "testcase") {
            let class = case.attribute("classname").unwrap();
            assert!(class.starts_with("tierbench.") && case.attribute("name").is_some());
            assert!(case.attribute("time").unwrap().parse::<f64>().unwrap() >= 0.0);
            // What Jenkins and others know below a case, at most one verdict of them.
            let below: Vec<&str> = case
                .children()
                .filter(roxmltree::Node::is_element)
                .map(|node| node.tag_name().name())
                .collect();
            let verdicts = below.iter().filter(|n| ["failure", "skipped"].contains(n)).count();
            let known = ["failure", "skipped", "system-out"];
            assert!(verdicts <= 1 && below.iter().all(|name| known.contains(name)), "{below:?}");
        }
    }
    let failures: Vec<_> =
        tree.descendants().filter(|node| node.tag_name().name() == "failure").collect();
    assert_eq!(failures[0].attribute("type"), Some("failed"));
    assert!(failures[0].attribute("message").unwrap().contains("\"driver\" & <left>"));
    assert_eq!(failures[1].attribute("type"), Some("unverified"));
    assert!(failures[1].text().unwrap().contains("not a number"));
}

#[test]
fn gha_benchmark_fits_its_form_and_holds_verified_rates_only() {
    let list = fits("gha-benchmark.schema.json", &stdout(&[MESA_26, "--gha-benchmark", "-"]));
    let list = list.as_array().unwrap().clone();
    assert_eq!(list.len(), 14);
    let named = |name: &str| list.iter().find(|entry| entry["name"] == name).unwrap();
    let matmul = named("matmul f32 512x512x512");
    assert_eq!(matmul["unit"], "GFLOP/s");
    assert!((matmul["value"].as_f64().unwrap() - 66.51).abs() < 0.01);
    assert!(matmul["extra"].as_str().unwrap().contains("software adapter"));
    assert_eq!(named("bandwidth-copy 67108864")["unit"], "GB/s");
    assert_eq!(named("empty")["unit"], "dispatches/s");
    let list = fits("gha-benchmark.schema.json", &export(ExportForm::GhaBenchmark, &[troubled()]));
    assert_eq!(list.as_array().unwrap().len(), 11);
    assert!(list.as_array().unwrap().iter().all(|entry| entry["value"].as_f64().unwrap() > 0.0));
    // Several adapters, and the same one twice: every name is its own.
    let list = stdout(&[MESA_22, MESA_26, MESA_26, "--gha-benchmark", "-"]);
    let list = fits("gha-benchmark.schema.json", &list);
    let names: std::collections::BTreeSet<&str> =
        list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 13 + 14 + 14);
    assert!(names.contains("empty on llvmpipe (LLVM 19.1.7, 256 bits) #2"));
}

#[test]
fn bmf_fits_its_form_with_one_unit_per_measure() {
    let all = fits("bmf.schema.json", &stdout(&[AUDIT, "--bmf", "-"]));
    assert_eq!(all.as_object().unwrap().len(), 16);
    for (name, measure) in [
        ("matmul f32 512x512x512", "throughput"),
        ("bandwidth-read 67108864", "bandwidth"),
        ("empty", "latency"),
    ] {
        let metric = |key: &str| all[name][measure][key].as_f64().unwrap();
        assert!(metric("lower_value") <= metric("value"), "{name}");
        assert!(metric("value") <= metric("upper_value"), "{name}");
    }
    let mut troubled = troubled();
    let read = troubled.workloads.iter_mut().find(|w| w.workload == "bandwidth-read").unwrap();
    read.summary.as_mut().unwrap().uncertainty = None;
    let all = fits("bmf.schema.json", &export(ExportForm::Bmf, &[troubled]));
    assert_eq!(all.as_object().unwrap().len(), 11);
    // Without an uncertainty there are no ends, and certainly none at the value.
    assert_eq!(all["bandwidth-read 67108864"]["bandwidth"].as_object().unwrap().len(), 1);
}

#[test]
fn markdown_keeps_its_table_whatever_the_driver_is_called() {
    let page = export(ExportForm::Markdown, &[troubled()]);
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 16);
    assert!(rows.iter().all(|row| row.matches('|').count() == 6), "{page}");
    assert!(page.contains("SOFTWARE ADAPTER") && page.contains("=Fast\\|&lt;b&gt;GPU"));
    assert!(page.contains("| FAILED |") && page.contains("| UNVERIFIED |"), "{page}");
    assert!(page.contains("- roof f16 4096: no f16"));
}

#[test]
fn the_github_summary_is_appended_and_annotations_go_to_stderr_in_a_workflow() {
    let folder = tempfile::tempdir().unwrap();
    let troubled = troubled_folder(folder.path());
    let summary = folder.path().join("summary.md");
    std::fs::write(&summary, "before\n").unwrap();
    let summary = summary.to_str().unwrap();
    report(&[&troubled, "--github", summary])
        .assert()
        .success()
        .stdout("")
        .stderr(contains("::error").not());
    report(&[&troubled, "--github", summary])
        .env("GITHUB_ACTIONS", "true")
        .assert()
        .success()
        .stderr(
            contains(
                r"::error title=roof f32 16384 failed::=Fast|<b>GPU</b>: lost: 100 %25,\nsaid",
            )
            .and(contains("::notice title=roof f16 4096 unsupported::"))
            .and(contains("::error title=chain f32 1048576 unverified::")),
        );
    let text = std::fs::read_to_string(summary).unwrap();
    assert!(text.starts_with("before\n## tierbench: 11 workloads verified, 2 WRONG OR FAILED"));
    assert_eq!(text.matches("## tierbench").count(), 2);
}

#[test]
fn several_files_in_one_call_and_nothing_on_stdout_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let files = ["--csv", "--markdown", "--junit", "--github", "--gha-benchmark", "--bmf"];
    let mut flags = vec![MESA_26.to_owned(), MESA_22.to_owned()];
    for flag in files {
        flags.extend([flag.to_owned(), path(flag.trim_start_matches('-'))]);
    }
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    report(&flags).assert().success().stdout("").stderr(contains("gha-benchmark: "));
    for flag in files {
        let file = path(flag.trim_start_matches('-'));
        assert!(std::fs::read_to_string(&file).unwrap().len() > 500, "{file}");
    }
    let text = [&flags[..], &["--format", "text"]].concat();
    report(&text).assert().success().stdout(contains("profile quick"));
    report(&[MESA_26, "--csv", "-", "--bmf", "-"]).assert().code(2).stderr(contains("one form"));
    report(&[MESA_26, "--csv", "-", "--format", "json"]).assert().code(2);
}

#[test]
fn every_form_of_a_committed_run_is_the_same_by_the_command_and_by_the_library() {
    for (flag, form) in [
        ("--csv", ExportForm::Csv),
        ("--markdown", ExportForm::Markdown),
        ("--junit", ExportForm::Junit),
        ("--github", ExportForm::Github),
        ("--gha-benchmark", ExportForm::GhaBenchmark),
        ("--bmf", ExportForm::Bmf),
    ] {
        let records = [read(AUDIT), read(MESA_22)];
        assert_eq!(stdout(&[AUDIT, MESA_22, flag, "-"]).trim(), export(form, &records).trim());
    }
}

#[test]
fn a_doctored_record_is_exported_by_its_samples_and_ends_in_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut record = read(MESA_26);
    let samples = record.detach_samples().unwrap();
    for w in &mut record.workloads {
        let summary = w.summary.as_mut().unwrap();
        summary.ops_per_s = summary.ops_per_s.map(|rate| 1000.0 * rate);
    }
    std::fs::write(folder.path().join(record::SAMPLES), samples).unwrap();
    let text = serde_json::to_string(&record).unwrap();
    std::fs::write(folder.path().join("record.json"), text).unwrap();
    let folder = folder.path().to_str().unwrap();
    let exported = |flag: &str| {
        let assert = report(&[folder, flag, "-"]).assert().code(9);
        let assert = assert.stderr(contains("disagrees with itself"));
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    };
    // There is no place for words in this form; the figures are those of the samples in all of them.
    assert_eq!(exported("--bmf"), stdout(&[MESA_26, "--bmf", "-"]));
    let marked = exported("--csv");
    assert_eq!(marked.matches(",record/disagrees,").count(), 14);
    assert_eq!(marked.replace(",record/disagrees,", ",,"), stdout(&[MESA_26, "--csv", "-"]));
    let marked = exported("--gha-benchmark");
    let line = r"\nTHIS RECORD DISAGREES WITH ITSELF";
    assert_eq!(marked.matches(line).count(), 14);
    assert_eq!(marked.replace(line, ""), stdout(&[MESA_26, "--gha-benchmark", "-"]));
    assert!(exported("--markdown").contains("**THIS RECORD DISAGREES WITH ITSELF**"));
    assert!(exported("--github").contains(", 1 of the records PROVING NOTHING\n"));
    let junit = quick_junit::Report::deserialize_from_str(&exported("--junit")).unwrap();
    assert_eq!((junit.tests, junit.failures, junit.errors), (15, 0, 1));
    let summary = Path::new(folder).join("summary.md");
    report(&[folder, "--github", summary.to_str().unwrap()])
        .env("GITHUB_ACTIONS", "true")
        .assert()
        .code(9)
        .stderr(contains("::error title=this record disagrees with itself::"));
}

#[test]
fn exports_of_a_record_without_its_samples_say_so() {
    let mut record = read(MESA_26);
    record.workloads.iter_mut().for_each(|w| w.samples.clear());
    record.without_samples = Some("samples.jsonl is not beside it".into());
    let record = rederive(&record, &Book::load().unwrap()).unwrap().record;
    let records = [record];
    for form in [ExportForm::Csv, ExportForm::Junit] {
        assert!(export(form, &records).contains("record/without-samples"), "{}", form.name());
    }
    for form in [ExportForm::Markdown, ExportForm::Github, ExportForm::GhaBenchmark] {
        assert!(export(form, &records).contains("WITHOUT ITS SAMPLES"), "{}", form.name());
    }
}

#[test]
fn an_unwritable_file_has_its_code_and_the_others_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.xml");
    let good = good.to_str().unwrap();
    let missing = folder.path().join("no/such/folder.csv");
    for bad in [missing.to_str().unwrap(), folder.path().to_str().unwrap()] {
        report(&[MESA_26, "--csv", bad, "--junit", good])
            .assert()
            .code(8)
            .stderr(contains("cannot write").and(contains(bad)).and(contains("--out").not()));
        assert!(std::fs::read_to_string(good).unwrap().contains("testsuites"));
        std::fs::remove_file(good).unwrap();
        report(&[MESA_26, "--github", bad]).assert().code(8);
    }
    #[cfg(unix)]
    {
        let link = folder.path().join("link.csv");
        std::os::unix::fs::symlink(good, &link).unwrap();
        std::fs::write(good, "old").unwrap();
        report(&[MESA_26, "--csv", link.to_str().unwrap()]).assert().success();
        assert!(std::fs::read_to_string(good).unwrap().starts_with("record_id"));
        report(&[MESA_26, "--csv", "/dev/null"]).assert().success();
        assert!(!Path::new("/dev/null").is_file());
    }
}

#[test]
fn imports_are_shown_beside_runs_but_not_exported() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let mut import = Command::cargo_bin("tierbench").unwrap();
    import.args(["import", "tests/fixtures/import/clpeak.json", "--out", out]).assert().success();
    let import = std::fs::read_dir(out).unwrap().next().unwrap().unwrap().path();
    let import = import.to_str().unwrap();
    let text = stdout(&[MESA_26, import]);
    assert!(text.contains("EXTERNAL: clpeak") && text.contains("profile quick"));
    let value: Value =
        serde_json::from_str(&stdout(&[MESA_26, import, "--format", "json"])).unwrap();
    assert_eq!(value["schema"], "tierbench.reports/1");
    assert_eq!(value["records"].as_array().unwrap().len(), 1);
    assert_eq!(value["imports"].as_array().unwrap().len(), 1);
    report(&[MESA_26, import, "--csv", "-"])
        .assert()
        .code(9)
        .stdout(contains("matmul"))
        .stderr(contains("--html and --format json take one"));
    let page = stdout(&[MESA_26, import, "--html", "-"]);
    assert!(page.contains("Report of 2 measurements") && page.contains("EXTERNAL"));
    // Every figure of the import stands with its exact value and where it is from.
    let fp8 = "data-value=\"1402250000000000.0\" data-key=";
    assert!(page.contains(fp8), "{fp8}");
    assert!(page.contains("2:4 sparsity: not a dense rate"));
    report(&[import, "--csv", "-"]).assert().code(9).stdout("");
    let mut compare = Command::cargo_bin("tierbench").unwrap();
    compare.args(["compare", MESA_26, import]).assert().code(9).stderr(contains("an import"));
}
