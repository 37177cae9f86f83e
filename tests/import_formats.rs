//! Every form of every tool: how many devices, what counts and as what, and why the rest does not.

use std::path::Path;

use tierbench::import::{FORMATS, Format, import};
use tierbench::record::{External, ExternalFigure};

fn read(file: &str) -> Vec<External> {
    import(&Path::new("tests/fixtures/import").join(file), None).unwrap()
}

/// The one device of a file.
fn only(file: &str) -> External {
    let mut all = read(file);
    assert_eq!(all.len(), 1, "{file}");
    all.remove(0)
}

fn counted(external: &External) -> impl Iterator<Item = &ExternalFigure> {
    external.figures.iter().filter(|figure| figure.counts)
}

/// Best TPP, DRAM and link rate in GB/s, rounded to whole numbers; 0 where nothing counts.
fn best(external: &External) -> [f64; 3] {
    let most = |value: fn(&ExternalFigure) -> Option<f64>| {
        counted(external).filter_map(value).fold(0.0, f64::max).round()
    };
    [
        most(|f| Some(f.ops_per_s? * f64::from(f.bit_length?) / 1e12)),
        most(|f| f.bytes_per_s.map(|x| x / 1e9)),
        most(|f| f.link_bytes_per_s.map(|x| x / 1e9)),
    ]
}

/// How many figures are left out for a reason that holds this.
fn left_out(external: &External, why: &str) -> u64 {
    external.reasons().iter().filter(|(text, _)| text.contains(why)).map(|(_, n)| n).sum()
}

#[test]
fn every_fixture_is_recognised_as_its_programs_and_nobody_elses() {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir("tests/fixtures/import").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "README.md" || name == "mamf-finder-interrupted.log" {
            continue;
        }
        let all = import(&path, None).unwrap_or_else(|e| panic!("{name}: {e}"));
        let program = all[0].program.clone();
        let begins = match program.as_str() {
            "cutlass-profiler" => "cutlass",
            "nccl-tests" if name.starts_with("rccl") => "rccl",
            other => other,
        };
        assert!(name.starts_with(begins), "{name} was taken for {program}");
        seen.push(program);
    }
    for format in FORMATS.iter().filter(|format| format.program != "measured-csv") {
        assert!(seen.iter().any(|p| p == format.program), "no fixture of {}", format.program);
    }
}

#[test]
fn clpeak_says_the_same_in_all_forms_of_one_version() {
    // fp16 with fp16 sums is the fastest dense rate; the forms hold different selections of one run.
    for (file, tpp, dram) in [
        ("clpeak2.json", 83.4134 * 16.0, 425.0),
        ("clpeak2.xml", 83.4134 * 16.0, 425.0),
        ("clpeak2.csv", 83.4134 * 16.0, 425.0),
        ("clpeak3_full.json", 83.42244 * 16.0, 420.0),
        ("clpeak3_early_scale.json", 133.3349 * 8.0, 420.0),
    ] {
        let all = read(file);
        let card = all.iter().find(|e| e.device.as_deref() == Some("NVIDIA GeForce RTX 5060"));
        assert_eq!(best(card.unwrap()), [f64::round(tpp), dram, 0.0], "{file}");
        assert!(all.iter().flat_map(counted).all(|figure| !figure.verified), "{file}");
    }
    let text = only("clpeak2.txt");
    // The text tells no version, so WMMA may be the inflated one; library rates are not touched by that.
    assert_eq!(best(&text), [(79.12_f64 * 16.0).round(), 420.0, 0.0]);
    assert_eq!(left_out(&text, "before 2.0.17"), 1);
    assert_eq!(left_out(&text, "2:4 sparsity"), 1);
    for file in ["clpeak1.txt", "clpeak1.xml"] {
        let first = &read(file)[0];
        assert_eq!(best(first), [382.0, 448.0, 0.0], "{file}");
        // mad24, and what of it is no rate at all.
        assert_eq!(left_out(first, "no multiply-adds of a stated type"), 5, "{file}");
    }
}

#[test]
fn clpeak_of_one_name_on_one_platform_are_several_cards() {
    let all = read("clpeak1_failed.txt");
    let cards: Vec<_> =
        all.iter().map(|e| (e.device.as_deref().unwrap(), e.device_number)).collect();
    assert_eq!(cards, [("Tesla T4", None), ("Tesla T4", Some(1))]);
    assert_eq!(left_out(&all[1], "clEnqueueNDRangeKernel (-5)"), 1);
    let two = read("clpeak3_two_devices.json");
    assert_eq!(two.iter().map(|e| e.device_number).collect::<Vec<_>>(), [Some(0), Some(1)]);
    assert_eq!(left_out(&two[1], "Failed to allocate buffers"), 1);
    let cancelled = &read("clpeak3_full.json")[0];
    assert!(cancelled.notes.iter().any(|note| note.id == "external/cancelled"));
}

#[test]
fn clpeak_of_2_0_13_keeps_its_library_rates_and_loses_its_wmma() {
    let all = read("clpeak2_old.json");
    assert_eq!(best(&all[0]), [(79.1209_f64 * 16.0).round(), 425.0, 0.0]);
    assert_eq!(left_out(&all[0], "four times"), 1);
    // WMMA of ROCm is another kernel.
    assert_eq!(best(&all[1]), [(187.441_f64 * 16.0).round(), 0.0, 0.0]);
}

#[test]
fn cutlass_counts_dense_products_of_every_kind_and_no_others() {
    let rows = |file| {
        let external = only(file);
        counted(&external).map(|f| (f.bit_length, f.verified)).collect::<Vec<_>>()
    };
    assert_eq!(
        rows("cutlass-2x-tags.gemm.csv"),
        [(Some(16), true), (Some(16), true), (Some(19), false), (Some(32), true)]
    );
    // e4m3 beside f16 is widened to 16 bits; what is wrong or failed does not count.
    assert_eq!(
        rows("cutlass-4.7.gemm.csv"),
        [(Some(16), true), (Some(8), false), (Some(16), true)]
    );
    assert_eq!(rows("cutlass-4.7.block_scaled_gemm.csv"), [(Some(4), true)]);
    let grouped = only("cutlass-4.7.grouped_gemm.csv");
    assert_eq!(left_out(&grouped, "a group of products"), 1);
    assert_eq!(left_out(&only("cutlass-2x.spgemm.csv"), "2:4 sparsity"), 1);
}

#[test]
fn nvbandwidth_tells_dram_and_links_of_each_device_in_all_its_forms() {
    for (file, version) in [("nvbandwidth-0.8.json", "v0.8"), ("nvbandwidth-0.8.txt", "v0.8")] {
        let all = read(file);
        assert_eq!(all.len(), 2, "{file}");
        for (external, dram) in all.iter().zip([1313.0, 1311.0]) {
            // Of a bidirectional test one direction counts, never the sum of both, 782.
            assert_eq!(best(external), [0.0, dram, 392.0], "{file}");
            assert_eq!(external.program_version.as_deref(), Some(version));
        }
        assert_eq!(all[1].pci_address.as_deref(), Some("00000000:3b:00"));
    }
    let unnamed = read("nvbandwidth-0.7-waived.json");
    assert_eq!(unnamed.len(), 2);
    assert!(unnamed.iter().all(|external| external.device.is_none()));
    assert_eq!(best(&unnamed[0]), [0.0, 438.0, 0.0]);
    assert_eq!(left_out(&unnamed[0], "Waived"), 1);
    let broken = read("nvbandwidth-nop2p.txt");
    assert_eq!(best(&broken[0]), [0.0, 438.0, 0.0]);
    assert!(broken[0].notes.iter().any(|note| note.text.contains("not found")));
    assert_eq!(best(&read("nvbandwidth-0.4.txt")[0]), [0.0, 0.0, 214.0]);
}

#[test]
fn nvbench_says_the_same_as_json_and_as_csv() {
    for file in ["nvbench-two-devices.json", "nvbench.csv"] {
        let all = read(file);
        assert_eq!(all.iter().map(|e| e.device_number).collect::<Vec<_>>(), [Some(0), Some(1)]);
        assert_eq!([best(&all[0])[1], best(&all[1])[1]], [2620.0, 2610.0], "{file}");
    }
    let skipped = &read("nvbench-two-devices.json")[0];
    assert_eq!(left_out(skipped, "Not enough device memory"), 1);
}

#[test]
fn hipblaslt_and_rocblas_count_where_types_are_printed_and_prove_where_the_result_was_compared() {
    let external = only("hipblaslt-bench.txt");
    let rows: Vec<_> = counted(&external).map(|f| (f.bit_length, f.verified)).collect();
    let unverified = |bits| (Some(bits), false);
    // xf32 is 19 bits; the second product of the group counts too.
    assert_eq!(
        rows,
        [unverified(16), unverified(8), unverified(8), (Some(19), true), unverified(16)]
    );
    let group = counted(&external).last().unwrap().ops_per_s.unwrap();
    let work = 2.0 * (1024.0 * 1024.0 + 2048.0 * 1024.0) * 4096.0;
    assert!((work / group * 1e6 - 71.26).abs() < 0.05, "{group}");
    assert_eq!(left_out(&external, "wrong"), 1);
    assert_eq!(left_out(&only("hipblaslt-bench-rocm6.0.txt"), "type"), 1);
    let rocblas = only("rocblas-bench.txt");
    let rows: Vec<_> = counted(&rocblas).map(|f| (f.bit_length, f.verified)).collect();
    assert_eq!(rows, [unverified(16), (Some(64), true)]);
    assert_eq!(left_out(&rocblas, "type"), 2);
    assert_eq!(left_out(&rocblas, "complex"), 1);
}

#[test]
fn collectives_are_links_of_every_rank_by_the_lesser_of_two_rates() {
    for file in ["nccl-tests.txt", "nccl-tests.json"] {
        let all = read(file);
        assert_eq!(all.len(), 2, "{file}");
        for external in &all {
            assert_eq!(best(external), [0.0, 0.0, 268.0], "{file}");
            assert!(counted(external).all(|figure| figure.verified));
            // In place, #wrong was above 0: that rate is none, though it is the higher one.
            assert_eq!(left_out(external, "wrong"), 1, "{file}");
        }
    }
    // It names no collective and adds nothing up: it may be one in which only the root sends.
    assert!(read("rccl-tests.txt").iter().all(|external| counted(external).count() == 0));
}

#[test]
fn streams_are_dram_unless_their_check_failed() {
    assert_eq!(best(&only("babelstream-4.0-cuda.txt")), [0.0, 1858.0, 0.0]);
    // 1,362,789 MiB a second.
    assert_eq!(best(&only("babelstream-5.0-hip-mib.txt")), [0.0, 1429.0, 0.0]);
    let csv = only("babelstream-5.0-hip.csv");
    assert_eq!(best(&csv), [0.0, 1858.0, 0.0]);
    assert_eq!(counted(&csv).next().unwrap().working_set_bytes, Some(3 * 8 * 33_554_432));
    assert_eq!(left_out(&only("babelstream-main-cuda-failed.txt"), "validation failed"), 5);
    let streams = read("gpu_stream.txt");
    assert_eq!([best(&streams[0])[1], best(&streams[1])[1]], [7379.0, 7377.0]);
    let failed = read("gpu_stream-failed.txt");
    assert!(failed.iter().all(|external| left_out(external, "check of the data failed") == 16));
}

#[test]
fn llama_bench_is_dram_by_dense_models_alone_and_never_tpp() {
    for file in ["llama-bench.json", "llama-bench.jsonl", "llama-bench.csv", "llama-bench.md"] {
        for external in read(file) {
            assert_eq!(best(&external)[0], 0.0, "{file}");
            let rates: Vec<f64> = counted(&external).filter_map(|f| f.bytes_per_s).collect();
            assert!(rates.len() <= 1, "{file}: {rates:?}");
        }
    }
    let all = read("llama-bench.jsonl");
    let card = &all[0];
    assert_eq!(best(card)[1], (4_912_898_304.0_f64 * 145.342_704 / 1e9).round());
    for why in ["prompt processing", "at a depth", "not on the GPU"] {
        assert!(left_out(card, why) > 0, "{why}");
    }
    let two = only("llama-bench-2gpu.md");
    assert_eq!(two.device.as_deref(), Some("NVIDIA H100 80GB HBM3"));
    assert_eq!(left_out(&two, "mixture of experts"), 1);
}

#[test]
fn mamf_finder_counts_the_mean_of_each_shape_in_every_version_of_its_log() {
    for (file, bits, tera, shapes) in [
        ("mamf-finder-v1.log", 16, 766.8, 2),
        ("mamf-finder-v2.log", 16, 748.9, 4),
        ("mamf-finder-v2-stdout.txt", 16, 748.9, 4),
        ("mamf-finder-fp8-v2-2025.log", 8, 1210.1, 1),
    ] {
        let external = only(file);
        let most = counted(&external).filter_map(|f| f.ops_per_s).fold(0.0, f64::max);
        assert!((most / 1e12 - tera).abs() < 1.0, "{file}: {most}");
        assert!(counted(&external).all(|figure| figure.bit_length == Some(bits)), "{file}");
        assert_eq!(counted(&external).count(), shapes, "{file}");
    }
    let nothing = import(Path::new("tests/fixtures/import/mamf-finder-interrupted.log"), None);
    assert!(nothing.unwrap_err().to_string().contains("no result"));
}

#[test]
fn vkpeak_takes_zero_for_unsupported_and_a_second_device_for_itself() {
    let two = read("vkpeak_two_runs.txt");
    assert_eq!(two.len(), 2);
    assert_eq!(best(&two[0])[0], (202.9478_f64 * 8.0).round());
    assert_eq!(left_out(&two[0], "0.00 is no rate"), 7);
    assert_eq!(left_out(&two[0], "buffer"), 4);
    // Without stderr there is no name.
    assert_eq!(only("vkpeak_20260527_stdout.txt").device, None);
}

#[test]
fn mixbench_columns_are_told_apart_by_their_groups() {
    for (file, packed) in [("mixbench_cuda.txt", false), ("mixbench_hip.txt", true)] {
        let external = only(file);
        let has = |name: &str| counted(&external).any(|f| f.label.starts_with(name));
        assert!(has("Single") && has("Double") && has("Half") && has("Integer"), "{file}");
        assert_eq!(has("Packed Single"), packed, "{file}");
        let double = counted(&external).filter(|f| f.bit_length == Some(64)).count();
        assert_eq!(double, 1, "{file}");
    }
    let cuda = only("mixbench_cuda.txt");
    assert_eq!(best(&cuda), [(79.0099_f64 * 32.0).round(), 922.0, 0.0]);
    // OpenCL of this card has no half: `inf` in every row.
    assert_eq!(left_out(&only("mixbench_opencl.txt"), "inf is no rate"), 1);
    assert_eq!(only("mixbench_sycl.txt").device.as_deref(), Some("Intel(R) Arc(TM) A770 Graphics"));
}

#[test]
fn nvidia_smi_tells_which_chip_and_how_it_is_set_and_no_rate() {
    for file in ["nvidia-smi-q.txt", "nvidia-smi-q-x.xml"] {
        let first = &read(file)[0];
        let identity = first.identity.as_ref().unwrap();
        assert_eq!(first.device.as_deref(), Some("NVIDIA L4"), "{file}");
        assert_eq!(first.pci_address.as_deref(), Some("00000000:01:00.0"), "{file}");
        assert_eq!(identity.pci_id.as_deref(), Some("10de:27b8"), "{file}");
        // Of the frame buffer, not of BAR1; the highest clock, not that of the moment.
        assert_eq!(identity.memory_bytes, Some(23_034 << 20), "{file}");
        assert_eq!(identity.max_sm_mhz, Some(2040.0), "{file}");
        assert_eq!(identity.max_memory_mhz, Some(6251.0), "{file}");
        assert_eq!(identity.power_limit_w, Some(72.0), "{file}");
        assert!(first.figures.is_empty());
    }
    let mig = &read("nvidia-smi-q-x.xml")[1];
    assert_eq!(mig.identity.as_ref().unwrap().mig, Some(true));
    assert!(mig.notes.iter().any(|note| note.id == "external/part-of-a-chip"));
    let query = read("nvidia-smi-query-gpu.csv");
    assert_eq!(query.len(), 3);
    assert!(query[1].notes.iter().any(|note| note.id == "external/power-limit"));
    assert_eq!(query[2].identity.as_ref().unwrap().memory_bytes, None);
}

/// The table of docs/import.md, from the readers.
fn table() -> String {
    let head = "| program | how the file is made | what counts | what is kept and does not | verified by | written against |\n\
                |---|---|---|---|---|---|\n";
    let row = |f: &Format| {
        let cells = [f.made_by, f.counts, f.kept, f.verified, f.versions]
            .map(|cell| if cell.is_empty() { "-".to_owned() } else { cell.replace('|', "\\|") });
        format!("| `{}` | {} |\n", f.program, cells.join(" | "))
    };
    FORMATS.iter().map(row).fold(head.to_owned(), |table, row| table + &row)
}

#[test]
fn the_table_of_the_documentation_is_that_of_the_readers() {
    let path = "docs/import.md";
    let page = std::fs::read_to_string(path).unwrap();
    let (front, rest) = page.split_once("<!-- table -->\n").unwrap();
    let (known, back) = rest.split_once("<!-- /table -->").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let page = format!("{front}<!-- table -->\n{}<!-- /table -->{back}", table());
        std::fs::write(path, page).unwrap();
    } else {
        assert!(known == table(), "{path}: run `UPDATE_DOCS=1 cargo test --test import_formats`");
    }
}
