//! Results of native tools become external records: what counts, what does not, and what they prove.

use std::path::Path;

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::Value;
use tierbench::import::import;
use tierbench::record::External;

fn tierbench(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.args(arguments);
    command
}

fn read(file: &str) -> Vec<External> {
    import(&Path::new("tests/fixtures/import").join(file), None).unwrap()
}

/// Label, bit length, tera per second, verified, of what counts.
fn counted(external: &External) -> Vec<(&str, Option<u32>, f64, bool)> {
    let counts = external.figures.iter().filter(|figure| figure.counts);
    counts
        .map(|f| {
            let rate = f.ops_per_s.or(f.bytes_per_s).unwrap();
            (f.label.as_str(), f.bit_length, (rate / 1e9).round() / 1e3, f.verified)
        })
        .collect()
}

#[test]
fn clpeak_counts_dense_rates_and_global_memory_and_says_why_not_the_rest() {
    let all = read("clpeak.json");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].device.as_deref(), Some("NVIDIA H200"));
    assert_eq!(
        counted(&all[0]),
        [
            ("CUDA single_precision_compute float4", Some(32), 58.211, false),
            ("CUDA cublas-fp fp8_e4m3", Some(8), 1402.25, false),
            ("CUDA cublas-fp tf32", Some(19), 402.1, false),
            ("CUDA global_memory_bandwidth float4", None, 4.31, false),
        ]
    );
    let why = |part: &str| {
        let found = all[0].figures.iter().find(|f| f.label.contains(part)).unwrap();
        found.why.clone().unwrap()
    };
    assert!(why("sparse").contains("not a dense rate"));
    assert!(why("fp4_e2m1").contains("needs compute capability"));
    assert!(why("local_memory").contains("not DRAM"));
}

#[test]
fn cutlass_operations_are_counted_here_and_sparse_wrong_and_absent_ones_are_not() {
    let all = read("cutlass.gemm.csv");
    let rates: Vec<_> = counted(&all[0]).into_iter().map(|(_, b, r, v)| (b, r, v)).collect();
    // 2 x 8192^3 operations in 1.42, 0.76 and 3.1 ms; TF32 by the kernel's name.
    assert_eq!(
        rates,
        [(Some(16), 774.304, true), (Some(8), 1446.726, false), (Some(19), 354.681, true)]
    );
    assert_eq!(all[0].figures.len(), 6);
}

#[test]
fn nvbandwidth_and_nvbench_tell_dram_bandwidth_for_each_device() {
    let all = read("nvbandwidth.json");
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].device.as_deref(), Some("NVIDIA H200 NVL"));
    assert_eq!(counted(&all[0]), [("device_local_copy", None, 2.012, false)]);
    assert_eq!(counted(&all[1]), [("device_local_copy", None, 1.987, false)]);
    let all = read("nvbench.json");
    assert_eq!(counted(&all[0])[0].2, 4.194);
    assert_eq!(all[0].figures.len(), 2);
}

#[test]
fn every_row_of_the_measured_table_is_taken_or_says_why_not() {
    let all = import(Path::new("data/measured.csv"), None).unwrap();
    let figures = all.iter().flat_map(|external| &external.figures);
    let (counts, rest): (Vec<_>, Vec<_>) = figures.partition(|figure| figure.counts);
    assert_eq!(counts.len() + rest.len(), 378);
    assert!(counts.len() > 340 && rest.iter().all(|figure| figure.why.is_some()));
    // Nobody knows whether published figures were verified, so they never prove.
    assert!(counts.iter().all(|figure| !figure.verified && figure.source.is_some()));
}

fn classified(folder: &Path, import_flags: &[&str]) -> Value {
    let out = folder.to_str().unwrap();
    let mut flags = vec!["import", "--out", out];
    flags.extend(import_flags);
    tierbench(&flags).assert().success();
    let mut flags: Vec<String> = vec!["classify".into()];
    for entry in std::fs::read_dir(folder).unwrap() {
        flags.push(entry.unwrap().path().display().to_string());
    }
    flags.extend(["--rule", "us-3a090-2023", "--format", "json"].map(String::from));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let output = tierbench(&flags).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

fn measured<'a>(classification: &'a Value, clause: &str) -> &'a str {
    let findings = classification["findings"].as_array().unwrap();
    findings.iter().find(|f| f["clause"] == clause).unwrap()["measured"].as_str().unwrap()
}

#[test]
fn a_verified_figure_proves_and_an_unverified_one_only_shows() {
    let folder = tempfile::tempdir().unwrap();
    let file = "tests/fixtures/import/cutlass.gemm.csv";
    let c = classified(folder.path(), &[file, "--chip", "nv-h200-sxm"]);
    // 774.3 x 16 less 5 % is above 4,800.
    assert_eq!(measured(&c, "a.1"), "exceeds");
    // The measurement alone takes it out of the note, whatever it is marketed for.
    assert_eq!(measured(&c, "note-2"), "exceeds");
    assert_eq!(c["tier"]["proven"], "h200-class");

    let folder = tempfile::tempdir().unwrap();
    let c =
        classified(folder.path(), &["tests/fixtures/import/clpeak.json", "--chip", "nv-h200-sxm"]);
    assert_eq!(measured(&c, "a.1"), "exceeds-conditionally");
    // Being for data centers is a declared fact: no measurement shows it.
    assert_eq!(measured(&c, "note-2"), "exceeds-by-declaration");
    assert_eq!(c["tier"]["proven"], Value::Null);
}

#[test]
fn several_results_of_one_item_are_taken_together_and_of_two_items_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    for file in ["clpeak.json", "cutlass.gemm.csv"] {
        let file = format!("tests/fixtures/import/{file}");
        tierbench(&["import", &file, "--chip", "nv-h200-sxm", "--out", out]).assert().success();
    }
    let c =
        classified(folder.path(), &["tests/fixtures/import/nvbench.json", "--chip", "nv-h200-sxm"]);
    let q = &c["quantities"];
    assert_eq!(q["dram_bandwidth_gb_per_s"]["demonstrated"], 4310.2);
    assert!(q["tpp"]["demonstrated"].as_f64().unwrap() > 12_300.0);
    let h20 = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";
    let one = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    tierbench(&["classify", h20, one.to_str().unwrap()])
        .assert()
        .code(2)
        .stderr(contains("another item"));
}

#[test]
fn bad_files_name_file_form_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let import = |file: &str, more: &[&str]| {
        tierbench(&[&["import", file, "--out", out], more].concat()).assert()
    };
    import("none.json", &[]).code(9).stderr(contains("none.json"));
    let file = write("a.json", "{}");
    import(&file, &[]).code(9).stderr(contains("--from"));
    import(&file, &["--from", "clpek"]).code(2).stderr(contains("cutlass-profiler"));
    let text = std::fs::read_to_string("tests/fixtures/import/clpeak.json").unwrap();
    let file = write("c.json", &text.replace("\"format_version\":2", "\"format_version\":1"));
    import(&file, &[]).code(9).stderr(contains("format_version"));
    let file = write("d.json", &text[..text.len() / 2]);
    import(&file, &[]).code(9).stderr(contains("as clpeak"));
    let two = "tests/fixtures/import/nvbandwidth.json";
    import(two, &["--chip", "nv-h200-sxm"]).code(2).stderr(contains("--device"));
    import(two, &["--chip", "nv-h200-nvl", "--device", "nvl"]).success();
    import(two, &["--chip", "nv-h20x"]).code(2).stderr(contains("nv-h20"));
}
