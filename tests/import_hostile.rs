//! Files that say more than was measured, and files that are more than one: what a cheat and a careless log make.

use std::path::Path;

use tierbench::import::import;
use tierbench::record::{External, ExternalFigure};

/// Imports a text as a file of this name.
fn read(name: &str, text: &str) -> Vec<External> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    import(&file, None).unwrap_or_else(|e| panic!("{e}\n{}", text.lines().next().unwrap()))
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(Path::new("tests/fixtures/import").join(name)).unwrap()
}

fn counted(all: &[External]) -> Vec<&ExternalFigure> {
    all.iter().flat_map(|external| &external.figures).filter(|figure| figure.counts).collect()
}

/// Every counted rate in units of 1e9.
fn giga(all: &[External]) -> Vec<f64> {
    counted(all).into_iter().map(|figure| (figure.rate() / 1e8).round() / 10.0).collect()
}

fn why(all: &[External]) -> String {
    let figures = all.iter().flat_map(|external| &external.figures);
    figures.filter_map(|figure| figure.why.clone()).collect::<Vec<_>>().join("\n")
}

#[test]
fn lines_of_a_log_behind_a_test_of_clpeak_are_no_rates_of_it() {
    let text = fixture("clpeak1.txt");
    let cut = text.find("    No half precision").unwrap();
    let own = giga(&read("a.txt", &text[..cut]));
    for more in ["Job id: 140000\n", "exit code: 1\n", "\nCUDA Runtime Version: 12080\n"] {
        assert_eq!(giga(&read("a.txt", &format!("{}{more}", &text[..cut]))), own, "{more}");
    }
}

#[test]
fn columns_of_collectives_are_found_by_their_names() {
    let head = "# Collective test starting: sendrecv_perf\n# Using devices\n\
                #  Rank  0 Group  0 Pid  1 on a device  0 [0000:19:00] NVIDIA H100 80GB HBM3\n\
                #  Rank  1 Group  0 Pid  1 on a device  1 [0000:3b:00] NVIDIA H100 80GB HBM3\n";
    let text = format!(
        "{head}#  size count type redop root time algbw busbw #wrong i_min i_max i_p99 i_cv% time algbw busbw #wrong\n\
         1014000 256 float none -1 3.9 260.0 260.0 0 3990 4050 4040 0 4.056 250.0 250.0 0\n"
    );
    assert_eq!(giga(&read("a.txt", &text)), [260.0, 250.0, 260.0, 250.0]);
    // Two ranks on one card: nothing need go over a link.
    let shared = text.replace("0000:3b:00", "0000:19:00");
    assert!(giga(&read("a.txt", &shared)).is_empty());
    // The same address on another machine is another card.
    let apart = shared.replace("on a device  1", "on b device  1");
    assert_eq!(giga(&read("a.txt", &apart)).len(), 4);
    // A loop appends: each run has its own ranks and rows.
    let twice = text.repeat(2);
    let all = read("a.txt", &twice);
    assert_eq!((all.len(), giga(&all).len()), (2, 8));
}

#[test]
fn llama_bench_without_a_gpu_at_work_says_nothing_of_one() {
    let text = fixture("llama-bench.json");
    assert_eq!(counted(&read("a.json", &text)).len(), 1);
    for (from, to) in [
        ("\"devices\": \"auto\"", "\"devices\": \"none\""),
        ("\"fit_target\": 0", "\"fit_target\": 1024"),
        ("\"embeddings\": false", "\"embeddings\": true"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(counted(&read("a.json", &text.replace(from, to))).is_empty(), "{to}");
    }
}

#[test]
fn a_file_without_a_device_may_be_of_the_cpu() {
    let vkpeak = "fp32-scalar  = 17.46 GFLOPS\nfp32-vec4    = 16.07 GFLOPS\n";
    assert!(why(&read("a.txt", vkpeak)).contains("names no device"));
    let mixbench = fixture("mixbench_cuda.txt");
    let table = &mixbench[mixbench.find("Experiment ID").unwrap()..];
    assert!(counted(&read("a.txt", table)).is_empty());
}

#[test]
fn published_tables_say_sparse_and_cache_in_words() {
    let table = |workload: &str, dtype: &str, unit: &str| {
        let text = format!(
            "chip_id,chip,kind,workload,dtype,value,unit,library,conditions,source\n\
             nv-h100-sxm,NVIDIA H100 80GB HBM3,measured,{workload},{dtype},500,{unit},a,,https://example.org\n"
        );
        counted(&read("a.csv", &text)).len()
    };
    assert_eq!(table("GEMM", "fp8", "TFLOPS") + table("triad", "", "GB/s"), 2);
    assert_eq!(table("GEMM", "fp8", "PFLOPS") + table("triad", "", "TB/s"), 2);
    for (workload, dtype) in
        [("GEMM", "fp8 2:4"), ("GEMM 2:4 sparse", "fp8"), ("GEMM", "int8 sparse")]
    {
        assert_eq!(table(workload, dtype, "TFLOPS"), 0, "{workload} {dtype}");
    }
    for workload in ["L2 read bandwidth", "NVLink all-reduce", "host to device"] {
        assert_eq!(table(workload, "", "GB/s"), 0, "{workload}");
    }
}

#[test]
fn a_bad_row_of_a_published_table_costs_no_other_one() {
    let text = "chip_id,chip,kind,workload,dtype,value,unit,library,conditions,source\n\
                a,X,measured,GEMM,fp16,n/a,TFLOPS,l,,https://example.org\n\
                a,X,measured,GEMM,fp16,\"1,234\",TFLOPS,l,,https://example.org\n\
                a,X,measured,GEMM,fp16,5,TFLOPS,l,,\n\
                a,X,measured,GEMM\n\
                a,X,measured,GEMM,fp16,7,TFLOPS,l,,https://example.org\n\
                b,X,measured,GEMM,fp16,9,TFLOPS,l,,https://example.org\n";
    let all = read("a.csv", text);
    // One name with two labels is two items.
    assert_eq!(all.iter().map(|e| e.chip.as_deref().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(giga(&all), [7_000.0, 9_000.0]);
    assert_eq!(all[0].figures.len(), 5);
}

/// A row of hipblaslt-bench.
fn hipblaslt(a: &str, d: &str, compute: &str, sizes: [f64; 3], us: f64, more: &str) -> String {
    let [m, n, k] = sizes;
    let gflops = 2.0 * m * n * k / us / 1e3;
    format!(
        "Device ID 0 : AMD Instinct MI300X gfx942\n\
         [0]:transA,transB,grouped_gemm,batch_count,m,n,k,alpha,lda,a_type,b_type,c_type,d_type,compute_type,\
         hipblaslt-Gflops,hipblaslt-GB/s,us,CPU-Gflops,CPU-us,norm_error,atol,rtol\n    \
         N,N,0,1,{m},{n},{k},1,1,{a},{a},{d},{d},{compute},{gflops},1,{us},1,1,{more}\n"
    )
}

#[test]
fn only_a_known_compute_type_says_what_the_multiply_takes() {
    let bits = |a: &str, d: &str, compute: &str| {
        let text = hipblaslt(a, d, compute, [512.0; 3], 10.0, "1e-7,1e-05,1e-05");
        counted(&read("a.txt", &text)).first().map(|f| (f.bit_length, f.verified))
    };
    assert_eq!(bits("f32_r", "f32_r", "f32_r"), Some((Some(32), true)));
    assert_eq!(bits("f32_r", "f32_r", "xf32_r"), Some((Some(19), true)));
    for compute in ["non-supported compute type", "c_f32_fast_bf16_r", "f16_r", ""] {
        assert_eq!(bits("f32_r", "f32_r", compute), None, "{compute}");
    }
}

#[test]
fn a_narrow_product_whose_tool_passed_it_is_not_called_wrong() {
    let of = |more: &str| {
        let text = hipblaslt("f4_r", "f32_r", "f32_r", [512.0; 3], 10.0, more);
        let all = read("a.txt", &text);
        (counted(&all).first().map(|f| f.verified), why(&all))
    };
    assert_eq!(of("1e-6,1e-05,1e-05").0, Some(true));
    // Above the library's bound for f32 results, and passed by its own comparison: no proof, and not wrong.
    assert_eq!(of("1e-4,1e-05,1e-05").0, Some(false));
    assert!(of("1e-4,failed,failed").1.contains("wrong"));
    assert!(of("nan,1e-05,1e-05").1.contains("wrong"));
}

#[test]
fn f32_of_rocblas_counts_only_where_its_error_is_too_small_for_xf32() {
    let of = |norm: &str| {
        let text = format!(
            "Device ID 0 : AMD Instinct MI300X gfx942\n\
             transA,transB,M,N,K,alpha,lda,beta,ldb,ldc,ldd,batch_count,a_type,b_type,c_type,d_type,compute_type,\
             rocblas-Gflops,us,CPU-Gflops,CPU-us,norm_error_1\n\
             N,N,1000,1000,1000,1,1,0,1,1,1,1,f32_r,f32_r,f32_r,f32_r,f32_r, 2000, 1000,1,1,{norm}\n"
        );
        counted(&read("a.txt", &text)).first().map(|figure| figure.verified)
    };
    assert_eq!(of("2e-7"), Some(true));
    // Whole numbers give none in either.
    assert_eq!(of("0"), None);
    assert_eq!(of("5e-4"), None);
}

/// A table of `cutlass_profiler`, without and with one more column.
fn cutlass(kind: &str, sizes: [f64; 3], batch: f64, ms: f64, gflops: f64) -> String {
    let [m, n, k] = sizes;
    format!(
        "Problem,Provider,OperationKind,Operation,Disposition,Status,gemm_kind,m,n,k,A,B,batch_count,op_class,Runtime,GB/s,\
         GFLOPs\n1,CUTLASS,gemm,{kind},passed,success,universal,{m},{n},{k},f16:row,f16:row,{batch},tensorop,{ms},1,\
         {gflops}\n"
    )
}

#[test]
fn a_time_that_says_more_than_the_tools_own_rate_is_refused_whatever_the_sizes() {
    let counts = |sizes, batch, ms: f64, gflops| {
        counted(&read("a.csv", &cutlass("f16_gemm", sizes, batch, ms, gflops))).len()
    };
    // 2 x 1000 x 1000 operations in 1 us are 2e12 a second; the tool adds the epilogue and says 4e12.
    assert_eq!(counts([1000.0, 1000.0, 1.0], 1.0, 0.001, 4000.0), 1);
    // The other way round nothing explains it.
    assert_eq!(counts([1000.0, 1000.0, 1.0], 1.0, 0.001, 1000.0), 0);
    assert_eq!(counts([1000.0; 3], 1.0, 0.001, 2_002_000.0), 1);
    assert_eq!(counts([1000.0; 3], -1.0, -0.001, 2_002_000.0), 0);
    assert_eq!(counts([0.5, 1000.0, 1000.0], 1.0, 0.001, 1001.0), 0);
    let sparse = cutlass("a_sptensorop_gemm", [1000.0; 3], 1.0, 0.001, 2_002_000.0);
    assert!(why(&read("a.csv", &sparse)).contains("2:4 sparsity"));
}

#[test]
fn several_tables_in_one_output_are_read_by_their_own_headers() {
    let first = cutlass("f16_gemm", [1000.0; 3], 1.0, 0.001, 2_002_000.0);
    let second = first.replace("Problem,", "tag,Problem,").replace("\n1,CUTLASS", "\nx,1,CUTLASS");
    let log = "a \"log of Problem,Provider,OperationKind is coming\n";
    let all = read("a.txt", &format!("{log}{first}\"quoted\nCSV Results:\n\n{second}"));
    assert_eq!(giga(&all), [2_000_000.0, 2_000_000.0]);
    assert_eq!(all[0].figures.len(), 2);
}

#[test]
fn names_of_clpeak_that_contradict_or_extend_one_another_do_not_count() {
    let of = |test: &str, metric: &str, unit: &str| {
        let text = format!(
            r#"{{"format_version":2,"clpeak_version":"2.1.2","entries":[{{"backend":"CUDA","device":"X","test":"{test}",
               "metric":"{metric}","unit":"{unit}","value":1.0}}]}}"#
        );
        counted(&read("a.json", &text)).len()
    };
    assert_eq!(
        of("cublas-fp", "fp16", "tflops") + of("global_memory_bandwidth", "float", "gbps"),
        2
    );
    assert_eq!(of("cublas-fp", "fp8_fp16", "tflops"), 0);
    assert_eq!(of("cublas-fp", "fp16 structured", "tflops"), 0);
    assert_eq!(of("global_memory_bandwidth_l2", "float", "gbps"), 0);
    let vkpeak = "device = X\n\nfp32-scalar = 1.0 GFLOPS\nfp32-vec4 = 1.0 GFLOPS\nfp16-sparse-matrix = 9.0 GFLOPS\n";
    assert_eq!(counted(&read("a.txt", vkpeak)).len(), 2);
}

#[test]
fn equal_cards_without_numbers_are_told_apart_by_what_comes_again() {
    let row = |value: f64| {
        format!(
            r#"{{"backend":"CUDA","device":"X","test":"single_precision_compute","metric":"float","unit":"gflops","value":{value}}}"#
        )
    };
    let run = |rows: &[String]| {
        format!(r#"{{"format_version":2,"clpeak_version":"2.1.2","entries":[{}]}}"#, rows.join(","))
    };
    let two = run(&[row(10.0), row(11.0)]);
    let all = read("a.json", &two);
    assert_eq!(all.iter().map(|e| e.device_number).collect::<Vec<_>>(), [None, Some(1)]);
    // Another run of the same card in one file is of the same card.
    let again = format!("{}\n{}", run(&[row(10.0)]), run(&[row(12.0)]));
    let all = read("a.json", &again);
    assert_eq!((all.len(), giga(&all)), (1, vec![10.0, 12.0]));
}

#[test]
fn runs_that_were_appended_keep_their_own_devices() {
    let one = fixture("babelstream-5.0-hip.csv");
    let two = format!("{one}{}", one.replace("MI250X", "MI300X"));
    let all = read("a.csv", &two);
    let names: Vec<_> = all.iter().map(|e| e.device.as_deref().unwrap()).collect();
    assert_eq!(names, ["AMD Instinct MI250X", "AMD Instinct MI300X"]);
    assert_eq!(giga(&all).len(), 10);
    let log = fixture("mamf-finder-v2.log");
    let all = read("a.log", &format!("{log}{}", log.replace("H100 80GB HBM3", "H20")));
    let rates: Vec<usize> = all.iter().map(|e| e.figures.len()).collect();
    assert_eq!(rates, [4, 4]);
    let json = fixture("nvbandwidth-0.8.json");
    let all = read("a.json", &format!("[{json},\n{}]", json.replace("1312.", "1512.")));
    assert_eq!(all.len(), 2);
    assert!(all[0].figures.len() >= 6, "{}", all[0].figures.len());
}

#[test]
fn directions_of_nvbandwidth_are_not_added_up_by_an_unknown_version() {
    let text = |version: &str| {
        format!(
            r#"{{"nvbandwidth":{{{version}"GPU Device list":["0: A (00000000:1a:00)","1: A (00000000:2a:00)"],"testcases":[{{
            "name":"device_to_device_bidirectional_memcpy_read_sm","status":"Passed","bandwidth_matrix":[["N/A","700"],
            ["700","N/A"]]}}]}}}}"#
        )
    };
    assert!(counted(&read("a.json", &text(""))).is_empty());
    assert!(counted(&read("a.json", &text(r#""version":"v0.5","#))).is_empty());
    assert_eq!(counted(&read("a.json", &text(r#""version":"v0.10","#))).len(), 2);
    let nodes = "nvbandwidth Version: v0.8\nDriver Version: 1\nProcess 0 (a): device 0: NVIDIA H200 (00000000:1a:00)\n\
                 Process 1 (b): device 0: NVIDIA H200 (00000000:1a:00)\n\nRunning multinode_device_to_device_memcpy_read_ce.\n\
                 memcpy\n           0         1\n 0       N/A    390.00\n 1    390.00       N/A\n";
    let all = read("a.txt", nodes);
    assert_eq!(
        all.iter().map(|e| e.device.as_deref().unwrap()).collect::<Vec<_>>(),
        ["NVIDIA H200"; 2]
    );
    assert!(why(&all).contains("several machines"));
}

#[test]
fn devices_of_nvbench_that_were_not_used_make_no_result() {
    let text = fixture("nvbench-two-devices.json");
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut idle = value["devices"][0].clone();
    idle["id"] = 7.into();
    value["devices"].as_array_mut().unwrap().push(idle);
    assert_eq!(read("a.json", &value.to_string()).len(), 2);
    value["benchmarks"][0]["states"][0]["device"] = serde_json::Value::Null;
    let all = read("a.json", &value.to_string());
    assert_eq!(all.len(), 3);
    assert!(why(&all[2..]).contains("no device of the file"));
}

#[test]
fn a_monitors_table_keeps_its_indexes_and_passes_over_log_lines() {
    let text = "starting\nindex, name, pci.bus_id\n3, NVIDIA A, 00000000:03:00.0\n1, NVIDIA B, 00000000:01:00.0\ndone\n";
    let all = read("a.csv", text);
    assert_eq!(all.iter().map(|e| e.device_number.unwrap()).collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn other_programs_in_the_same_log_are_named() {
    let text = format!("{}\n{}", fixture("nvbandwidth-0.8.txt"), fixture("nccl-tests.txt"));
    let all = read("a.txt", &text);
    assert_eq!(all[0].program, "nvbandwidth");
    assert!(all[0].notes.iter().any(|note| note.text.contains("nccl-tests")));
}

#[test]
fn what_launchers_terminals_and_shells_add_is_read_past() {
    let text = fixture("nccl-tests.txt");
    let own = giga(&read("a.txt", &text));
    assert_eq!(own.len(), 6);
    let each = |change: fn(&str) -> String| text.lines().map(change).collect::<Vec<_>>().join("\n");
    assert_eq!(giga(&read("a.txt", &each(|line| format!("0: {line}")))), own, "srun -l");
    assert_eq!(giga(&read("a.txt", &each(|line| format!("[1,0]<stdout>: {line}")))), own, "mpirun");
    assert_eq!(
        giga(&read("a.txt", &each(|line| format!("\u{1b}[32m{line}\u{1b}[0m")))),
        own,
        "colours"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    let mut bytes = b"host caf\xE9\n".to_vec();
    bytes.extend(text.bytes());
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(giga(&import(&file, None).unwrap()), own, "a name in Latin-1");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&file, wide).unwrap();
    assert_eq!(giga(&import(&file, None).unwrap()), own, "UTF-16 without a mark");
}

#[test]
fn long_names_and_many_devices_take_no_more_room_than_short_and_few() {
    let long = "x".repeat(1 << 20);
    let metrics = vec![r#"{"id":"float","value":1e12}"#; 1_900].join(",");
    let text = format!(
        r#"{{"format_version":3,"clpeak_version":"3.0.0","devices":[{{"backend":"CUDA","name":"X","device_index":0,"tests":[{{"id":"{long}",
        "unit":"FLOPS","metrics":[{metrics}]}}]}}]}}"#
    );
    let all = read("a.json", &text);
    assert!(all[0].figures.iter().all(|figure| figure.label.len() < 400));
    let ranks = (0..1_000).map(|rank| {
        format!("#  Rank  {rank} Group  0 Pid  1 on a device  0 [0000:{rank:x}:00] NVIDIA X\n")
    });
    let rows =
        (1..1_000).map(|row| format!("{} 256 float sum -1 3.9 {row}.0 {row}.0 0\n", row * 3_900));
    let header = "#  size count type redop root time algbw busbw #wrong\n".to_owned();
    let text =
        std::iter::once("# Using devices\n".to_owned()).chain(ranks).chain([header]).chain(rows);
    let all = read("a.txt", &text.collect::<String>());
    let figures: usize = all.iter().map(|external| external.figures.len()).sum();
    assert!(all.len() == 1_000 && figures < 50_000, "{figures}");
    // The fastest is still there.
    assert!(giga(&all[..1]).contains(&999.0));
}

#[test]
fn columns_that_people_put_in_front_are_not_the_tools() {
    let own = cutlass("f16_gemm", [1000.0; 3], 1.0, 0.001, 2_002_000.0);
    let tagged = |name: &str, value: &str, text: &str| {
        let text = text.replace("Problem,", &format!("{name},Problem,"));
        text.replace("\n1,CUTLASS", &format!("\n{value},1,CUTLASS"))
    };
    let wrong = own.replace("passed", "incorrect");
    assert!(counted(&read("a.csv", &tagged("Disposition", "passed", &wrong))).is_empty());
    for (name, value) in [("A", "f64"), ("n", "4"), ("Runtime", "0.0001"), ("m", "h100")] {
        let all = read("a.csv", &tagged(name, value, &own));
        assert_eq!(
            (giga(&all), counted(&all)[0].bit_length),
            (vec![2_000_000.0], Some(16)),
            "{name}"
        );
    }
}

#[test]
fn a_product_times_zero_and_a_reference_prove_nothing() {
    let own = cutlass("f16_gemm", [1000.0; 3], 1.0, 0.001, 2_002_000.0);
    let zero =
        own.replace("batch_count,", "alpha,batch_count,").replace("f16:row,1,", "f16:row,0,1,");
    assert!(why(&read("a.csv", &zero)).contains("alpha is 0"));
    assert!(counted(&read("a.csv", &own.replace("1,CUTLASS", "1,reference_host"))).is_empty());
    let text = hipblaslt("f16_r", "f16_r", "f32_r", [512.0; 3], 10.0, "0,1e-05,1e-05");
    assert_eq!(counted(&read("a.txt", &text)).len(), 1);
    assert!(why(&read("a.txt", &text.replace(",1,1,f16_r", ",0,1,f16_r"))).contains("alpha is 0"));
    assert!(counted(&read("a.txt", &text.replace("0,1e-05,1e-05", "0,FAILED,1e-05"))).is_empty());
    assert!(counted(&read("a.txt", &text.replace("0,1e-05,1e-05", "0.9,1e-05,1e-05"))).is_empty());
}

#[test]
fn a_collectives_rate_follows_from_its_size_and_time() {
    let text = |us: f64| {
        format!(
            "# Collective test starting: sendrecv_perf\n# Using devices\n\
             #  Rank  0 Group  0 Pid  1 on a device  0 [0000:19:00] X\n#  Rank  1 Group  0 Pid  1 on a device  1 [0000:3b:00] X\n\
             #  size count type redop root time algbw busbw #wrong\n1073741824 1 float none -1 {us} 134.01 134.01 0\n"
        )
    };
    assert_eq!(giga(&read("a.txt", &text(8012.2))), [134.0, 134.0]);
    assert!(why(&read("a.txt", &text(801.2))).contains("contradicts itself"));
    // With -C the column is the processor's time, and says nothing of it.
    let cpu = text(801.2).replace("root time", "root cputime");
    assert_eq!(giga(&read("a.txt", &cpu)), [134.0, 134.0]);
}
