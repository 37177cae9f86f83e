//! What an import may not prove: figures that the catalogue, the device's own words or the tool's faults speak against.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Value, json};

fn tierbench(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.args(arguments);
    command
}

/// Writes a file, imports it, and says in which folders the results are.
fn imported(folder: &Path, name: &str, text: &str, more: &[&str]) -> Vec<PathBuf> {
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    let out = folder.join(format!("{name}.out"));
    let flags =
        [&["import", file.to_str().unwrap(), "--out", out.to_str().unwrap()], more].concat();
    tierbench(&flags).assert().success();
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn classified(results: &[PathBuf], more: &[&str]) -> Value {
    let paths: Vec<&str> = results.iter().map(|path| path.to_str().unwrap()).collect();
    let flags =
        [&["classify", "--format", "json", "--as-of", "2026-03-01"], &paths[..], more].concat();
    let output = tierbench(&flags).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

/// clpeak's JSON of one rate, from a library.
fn clpeak(device: &str, metric: &str, tera: f64) -> String {
    json!({"format_version": 2, "clpeak_version": "2.1.2", "entries": [{
        "backend": "CUDA", "platform": "CUDA", "device": device, "driver": "1", "category": "fp_compute",
        "test": "cublas-fp", "metric": metric, "unit": "tflops", "value": tera}]})
    .to_string()
}

/// CUTLASS's CSV of one verified product of f16.
fn cutlass(milliseconds: f64) -> String {
    let work = 2.0 * 8192.0_f64.powi(3);
    format!(
        "Problem,Provider,OperationKind,Operation,Disposition,Status,gemm_kind,m,n,k,A,B,C,D,batch_count,op_class,\
         Runtime,GB/s,GFLOPs\n1,CUTLASS,gemm,a_f16_gemm,passed,success,universal,8192,8192,8192,f16:row,f16:row,\
         f16:row,f16:row,1,tensorop,{milliseconds},1,{}\n",
        work / milliseconds / 1e6
    )
}

#[test]
fn a_rate_above_the_declared_peak_proves_nothing_until_the_declaration_is_said_to_be_wrong() {
    let folder = tempfile::tempdir().unwrap();
    // Declared are 119.5 T/s.
    let text = clpeak("NVIDIA L20", "fp16", 165.8);
    let results = imported(folder.path(), "l20.json", &text, &[]);
    let c = classified(&results, &[]);
    assert_eq!(c["quantities"]["tpp"]["demonstrated"], Value::Null);
    assert!(
        c["subject"]["doubts"][0].as_str().unwrap().contains("above the declared peak of nv-l20")
    );
    let c = classified(&results, &["--declaration-is-wrong"]);
    assert_eq!(c["quantities"]["tpp"]["demonstrated"], 165.8 * 16.0);
    assert_eq!(c["subject"]["doubts"], json!([]));
    let page = tierbench(&["classify", results[0].to_str().unwrap()]).assert().success();
    page.stdout(contains("DOUBTED").and(contains("--declaration-is-wrong")));
}

#[test]
fn a_verified_rate_above_the_declared_peak_contradicts_only_when_somebody_says_so() {
    let folder = tempfile::tempdir().unwrap();
    // 1.1e12 operations in 5 ms are 219.9 T/s, of 119.5 declared.
    let text = cutlass(5.0);
    let results = imported(folder.path(), "fast.csv", &text, &["--chip", "nv-l20"]);
    assert_eq!(classified(&results, &[])["tier"]["proven"], Value::Null);
    let c = classified(&results, &["--declaration-is-wrong", "--rule", "us-3a090-2023"]);
    assert_eq!(c["tier"]["proven"], "between-h20-and-h200");
    // More than twice the peak is no matter of a declaration.
    let text = cutlass(2.0);
    let results = imported(folder.path(), "faster.csv", &text, &["--chip", "nv-l20"]);
    let c = classified(&results, &["--declaration-is-wrong"]);
    assert_eq!(c["quantities"]["tpp"]["demonstrated"], Value::Null);
}

#[test]
fn a_rate_beyond_every_chip_known_proves_nothing_of_an_unknown_one() {
    let folder = tempfile::tempdir().unwrap();
    let results = imported(folder.path(), "cut.csv", &cutlass(0.001), &[]);
    let c = classified(&results, &[]);
    assert_eq!(c["tier"]["proven"], Value::Null);
    assert!(c["subject"]["doubts"][0].as_str().unwrap().contains("every chip known"));
    let results = imported(folder.path(), "sound.csv", &cutlass(1.5), &[]);
    assert_eq!(classified(&results, &[])["tier"]["proven"], "h200-class");
}

#[test]
fn a_stream_that_fits_into_the_cache_of_the_chip_is_no_dram_bandwidth() {
    let folder = tempfile::tempdir().unwrap();
    let stream = |elements: u64| {
        format!(
            "Using CUDA device NVIDIA A100-SXM4-80GB\nDriver: 1\nfunction,num_times,n_elements,sizeof,\
             max_mbytes_per_sec,min_runtime,max_runtime,avg_runtime\nCopy,100,{elements},8,1500000,1,1,1\n"
        )
    };
    let shown = |name: &str, elements| {
        let results = imported(folder.path(), name, &stream(elements), &[]);
        classified(&results, &[])["quantities"]["dram_bandwidth_gb_per_s"]["demonstrated"].clone()
    };
    assert_eq!(shown("large.csv", 33_554_432), 1500.0);
    // 24 MB, where 40 MB of L2 are.
    assert_eq!(shown("small.csv", 1_000_000), Value::Null);
}

#[test]
fn links_are_a_lower_bound_for_the_rules_that_ask_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string("tests/fixtures/import/nvbandwidth-0.8.json").unwrap();
    let results =
        imported(folder.path(), "links.json", &text, &["--chip", "nv-h100-sxm", "--device", "0"]);
    let io = &classified(&results, &[])["quantities"]["io_bandwidth_gb_per_s"];
    assert!((io["demonstrated"].as_f64().unwrap() - 391.6).abs() < 0.1, "{io}");
    assert_eq!(io["declared"], 900.0);
}

#[test]
fn a_monitor_says_which_chip_and_contradicts_a_label() {
    let folder = tempfile::tempdir().unwrap();
    let smi = |name: &str, pci: &str, mib: u32| {
        format!(
            "name, pci.bus_id, pci.device_id, memory.total [MiB]\n{name}, 00000000:01:00.0, 0x{pci}10DE, {mib} MiB\n"
        )
    };
    // The H100's id under the H20's name.
    let text = smi("NVIDIA H20", "2330", 97_871);
    let results = imported(folder.path(), "spoofed.csv", &text, &[]);
    let doubts = classified(&results, &[])["subject"]["doubts"].clone();
    assert!(doubts[0].as_str().unwrap().contains("10de:2330"), "{doubts}");
    let sound = smi("NVIDIA H100 80GB HBM3", "2330", 81_559);
    let results = imported(folder.path(), "sound.csv", &sound, &[]);
    let c = classified(&results, &[]);
    assert_eq!(c["subject"]["doubts"], json!([]));
    assert_eq!(c["quantities"]["tpp"]["declared"], 15_832.0);
    let results = imported(folder.path(), "label.csv", &sound, &["--chip", "nv-h20"]);
    let doubts = classified(&results, &[])["subject"]["doubts"].clone();
    assert!(doubts[0].as_str().unwrap().contains("said to be nv-h20"), "{doubts}");
    // Half the memory of the chip.
    let text = smi("NVIDIA H100 80GB HBM3", "2330", 40_000);
    let results = imported(folder.path(), "half.csv", &text, &[]);
    assert!(!classified(&results, &[])["subject"]["doubts"].as_array().unwrap().is_empty());
}

#[test]
fn what_a_processor_did_counts_for_no_gpu_whoever_wrote_it() {
    let folder = tempfile::tempdir().unwrap();
    let table = "chip_id,chip,kind,workload,dtype,value,unit,library,conditions,source\n\
                 ,\"llvmpipe (LLVM 19.1.7, 256 bits)\",measured,gemm,fp32,1,TFLOPS,x,,https://example.org\n";
    let vkpeak = "device       = SwiftShader Device (Subzero)\n\nfp32-scalar  = 17.46 GFLOPS\nfp32-vec4    = 16.07 GFLOPS\n";
    let llama = r#"[{"build_commit":"a","gpu_info":"","backends":"BLAS","model_type":"llama 8B Q4","model_size":5,
        "model_n_params":8,"n_gpu_layers":99,"n_prompt":0,"n_gen":128,"avg_ts":7.0}]"#;
    for (name, text) in [
        ("table.csv", table.to_owned()),
        ("vkpeak.txt", vkpeak.to_owned()),
        ("llama.json", llama.to_owned()),
        ("clpeak.json", clpeak("Intel(R) Xeon(R) Platinum 8568Y+", "fp32", 4.0)),
    ] {
        let results = imported(folder.path(), name, &text, &[]);
        let q = &classified(&results, &[])["quantities"];
        assert_eq!(q["tpp"]["demonstrated"], Value::Null, "{name}");
        assert_eq!(q["dram_bandwidth_gb_per_s"]["demonstrated"], Value::Null, "{name}");
        let shown = std::fs::read_to_string(results[0].join("external.json")).unwrap();
        assert!(shown.contains("on the CPU"), "{name}: {shown}");
    }
}

#[test]
fn imports_of_the_first_schema_are_still_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = clpeak("NVIDIA L20", "fp16", 65.8);
    let results = imported(folder.path(), "old.json", &text, &[]);
    let file = results[0].join("external.json");
    let mut value: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    value["schema"] = "tierbench.external/1".into();
    for key in ["device_number", "pci_address", "identity", "left_out"] {
        value.as_object_mut().unwrap().remove(key);
    }
    for key in ["link_bytes_per_s", "working_set_bytes"] {
        value["figures"][0].as_object_mut().unwrap().remove(key);
    }
    std::fs::write(&file, value.to_string()).unwrap();
    assert_eq!(classified(&results, &[])["quantities"]["tpp"]["demonstrated"], 65.8 * 16.0);
    // A key of the present version that is not there is still a fault there.
    value["schema"] = "tierbench.external/2".into();
    std::fs::write(&file, value.to_string()).unwrap();
    tierbench(&["classify", file.to_str().unwrap()]).assert().code(9).stderr(contains("missing"));
}

#[test]
fn a_label_that_the_devices_own_name_speaks_against_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let text = clpeak("NVIDIA L20", "fp16", 65.8);
    let results = imported(folder.path(), "l20.json", &text, &["--chip", "nv-h200-sxm"]);
    let c = classified(&results, &[]);
    assert_eq!(c["quantities"]["tpp"]["demonstrated"], Value::Null);
    assert!(
        c["subject"]["doubts"][0].as_str().unwrap().contains("its name is that of nv-l20"),
        "{c}"
    );
}

#[test]
fn imports_that_name_neither_chip_nor_device_are_not_taken_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut results = imported(folder.path(), "a.csv", &cutlass(1.5), &[]);
    let unnamed =
        std::fs::read_to_string("tests/fixtures/import/nvbandwidth-0.7-waived.json").unwrap();
    results.extend(imported(folder.path(), "b.json", &unnamed, &["--device", "0"]));
    let paths: Vec<&str> = results.iter().map(|path| path.to_str().unwrap()).collect();
    let flags = [&["classify"], &paths[..]].concat();
    tierbench(&flags).assert().code(2).stderr(contains("nothing shows").and(contains("--chip")));
}

#[test]
fn flags_without_their_objects_are_refused() {
    tierbench(&["classify", "--chip", "nv-h20", "--declaration-is-wrong"]).assert().code(2);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let file = "tests/fixtures/import/nvbandwidth-0.8.json";
    tierbench(&["import", file, "--out", out, "--device", ""])
        .assert()
        .code(2)
        .stderr(contains("empty"));
    tierbench(&["import", file, "--out", out, "--device", "8"])
        .assert()
        .code(2)
        .stderr(contains("matches"));
    tierbench(&["import", file, "--out", out, "--device", "3b:00"]).assert().success();
}
