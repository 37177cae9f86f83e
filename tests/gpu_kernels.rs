//! Every kernel at awkward sizes against its reference, on the adapter that is here.

mod common;

use std::sync::atomic::AtomicBool;

use tierbench::adapter::{DeviceError, Found, Gpu, choose, find_all};
use tierbench::check;
use tierbench::measure::{Bench, Measurement, StopRule, Watch, measure};
use tierbench::workload::{Finish, Job, POISON, Unit, Workload};

const SEED: u64 = 12_345;

fn adapter() -> Found {
    let named = std::env::var("TIERBENCH_TEST_ADAPTER").ok();
    choose(find_all(), named.as_deref(), false).expect("`make test` provides an adapter")
}

fn measured(found: &Found, job: &Job, checked: bool) -> Measurement {
    let watch = Watch { interrupted: &AtomicBool::new(false), progress: &|_| () };
    let gpu = Gpu::open(found).unwrap();
    measure(&gpu, job, SEED, &StopRule::once(), checked, &watch).unwrap()
}

/// Runs every kernel that can compute the workload, compiled as it is timed.
fn every_kernel_is_right(workload: &str) {
    every_kernel(workload, |found, workload, job| {
        let verification = check::verify(workload, job, SEED, &measured(found, job, false));
        assert!(verification.passed, "{workload}, {}: {verification:?}", job.kernel);
    });
}

/// The same, and once more with wgpu's run-time checks: were an access out of bounds, the two
/// results would differ.
fn every_kernel_is_right_and_needs_no_checks(workload: &str) {
    every_kernel(workload, |found, workload, job| {
        let timed = measured(found, job, false);
        let verification = check::verify(workload, job, SEED, &timed);
        assert!(verification.passed, "{workload}, {}: {verification:?}", job.kernel);
        let same = measured(found, job, true).output == timed.output;
        assert!(same, "{workload}, {}: run-time checks matter", job.kernel);
    });
}

fn every_kernel(workload: &str, test: impl Fn(&Found, &Workload, &Job)) {
    let found = adapter();
    let workload: Workload = workload.parse().unwrap();
    match workload.jobs(&found.capability) {
        Ok(jobs) => jobs.iter().for_each(|job| test(&found, &workload, job)),
        Err(reason) => {
            let lacks_f16 = reason.contains("SHADER_F16") && !found.capability.f16;
            let lacks_matrix = reason.contains("cooperative matrix")
                && found.capability.cooperative_matrices.is_empty();
            assert!(lacks_f16 || lacks_matrix, "{workload} on {}: {reason}", found.identity.name);
        }
    }
}

#[test]
fn matmul_is_right_at_any_size() {
    for types in ["f32", "f16", "f16/f16", "i8"] {
        for size in ["1x1x1", "8x65x9", "64x64x64", "130x66x70"] {
            every_kernel_is_right(&format!("matmul:{types}:{size}"));
        }
        every_kernel_is_right_and_needs_no_checks(&format!("matmul:{types}:97x101x103"));
    }
}

#[test]
fn attention_is_right_at_any_size() {
    for (mask, input) in [("", "f32"), ("-causal", "f16"), ("-decode", "f32"), ("-decode", "f16")] {
        for size in ["1x1x1x1", "1x1x7x3", "1x1x9x130"] {
            every_kernel_is_right(&format!("attention{mask}:{input}:{size}"));
        }
    }
    for (mask, input) in [("", "f16"), ("-causal", "f32"), ("-decode", "f16")] {
        every_kernel_is_right_and_needs_no_checks(&format!("attention{mask}:{input}:2x6/2x65x16"));
    }
}

#[test]
fn attention_is_right_at_the_head_sizes_in_use_and_over_many_key_blocks() {
    for workload in [
        "attention:f16:1x2x300x64",
        "attention-causal:f16:1x2/1x161x128",
        "attention-decode:f16:1x8/1x1025x128",
        "attention-decode:f32:2x4/4x600x64",
    ] {
        every_kernel_is_right(workload);
    }
}

#[test]
fn attention_for_gpus_is_right_on_cpus_too() {
    let mut found = adapter();
    found.capability.barriers_are_slow = false;
    for workload in [
        "attention:f32:1x2x37x40",
        "attention-causal:f32:1x6/2x100x128",
        "attention-decode:f16:1x8/2x300x40",
    ] {
        let workload: Workload = workload.parse().unwrap();
        for job in workload.candidates(&found.capability).unwrap() {
            let verification = check::verify(&workload, &job, SEED, &measured(&found, &job, false));
            let name = (job.kernel, &job.parameters);
            assert!(verification.passed, "{workload}, {name:?}: {verification:?}");
        }
    }
}

/// A grid that has nothing to do with the tiles, as where these are too many along one dimension.
fn linear(source: &str, [x, y]: [u64; 2]) -> (String, [u64; 2]) {
    let text = source.replace("const LINEAR = false;", "const LINEAR = true;");
    (text, [3, (x * y).div_ceil(3) + 1])
}

#[test]
fn tiles_that_are_counted_row_by_row_are_done_all() {
    for workload in [
        "attention-causal:f16:1x6/2x70x8",
        "attention-decode:f16:2x6/2x700x8",
        "matmul:f16:130x140x20",
        "matmul:f16/f16:70x140x20",
        "matmul:i8:130x140x20",
        "matmul:f32:3x1030x20",
    ] {
        every_kernel(workload, |found, workload, job| {
            let (source, grid) = linear(&job.source, job.grid);
            assert_ne!(source, job.source, "{} does not say which tile it takes", job.kernel);
            let finish = job.finish.clone().map(|f| {
                let (source, grid) = linear(&f.source, f.grid);
                Finish { source, grid, ..f }
            });
            let job = Job { source, grid, finish, ..job.clone() };
            let verification = check::verify(workload, &job, SEED, &measured(found, &job, false));
            assert!(verification.passed, "{workload}, {}: {verification:?}", job.kernel);
        });
    }
}

#[test]
fn a_dispatch_never_has_more_workgroups_along_a_dimension_than_all_devices_allow() {
    let found = adapter();
    for workload in [
        "attention:f32:65536x1x1x8",
        "attention-decode:f16:1x70000/7000x16x8",
        "matmul:f16:1050000x1x2",
        "roof:f32:2097216",
    ] {
        for job in workload.parse::<Workload>().unwrap().jobs(&found.capability).unwrap() {
            let second = job.finish.map_or([1, 1], |finish| finish.grid);
            let most = job.grid.into_iter().chain(second).max();
            assert!(most <= Some(65_535), "{workload}, {}: {most:?}", job.kernel);
        }
    }
}

#[test]
fn large_groups_of_query_heads_are_split_over_workgroups() {
    let mut found = adapter();
    // Workgroup memory of NVIDIA's and Apple's GPUs under Mesa, and the least of any.
    for (bytes, shape) in
        [(49_152, "1x71/1x256x64"), (32_768, "1x128/1x300x16"), (16_384, "2x46/2x300x128")]
    {
        found.capability.max_workgroup_storage_bytes = bytes;
        let workload: Workload = format!("attention-decode:f16:{shape}").parse().unwrap();
        let candidates = workload.candidates(&found.capability).unwrap();
        assert_eq!(candidates.len(), 3, "{shape} with {bytes} bytes");
        for job in candidates {
            let verification = check::verify(&workload, &job, SEED, &measured(&found, &job, false));
            assert!(verification.passed, "{shape} with {bytes} bytes: {verification:?}");
        }
    }
}

/// Drivers choose the size of a subgroup where it varies, and may choose a smaller one than the kernels are made for.
#[test]
fn matrix_kernels_are_right_on_smaller_subgroups() {
    let name = "matrix_kernels_are_right_on_smaller_subgroups";
    let mut found = adapter();
    let Some(real) = found.capability.subgroup_size else {
        return common::account(name, Some("subgroups of no one size"));
    };
    if found.capability.matrix_edge("f16", "f32").is_err() {
        return common::account(name, Some("no cooperative matrices"));
    }
    common::account(name, None);
    found.capability.barriers_are_slow = false;
    found.capability.subgroup_size = None;
    found.capability.subgroup_most = Some(2 * real);
    found.capability.int16 = false; // the other tests take halves from words by 16-bit integers
    for workload in [
        "matmul:f16:97x101x103",
        "matmul:f16/f16:70x140x20",
        "attention:f16:1x2x65x16",
        "attention-causal:f16:1x4/2x161x40",
        "roof-matrix:f16:64",
    ] {
        let workload: Workload = workload.parse().unwrap();
        let jobs = workload.candidates(&found.capability).unwrap();
        let jobs: Vec<&Job> = jobs.iter().filter(|job| job.unit == Unit::Matrix).collect();
        assert!(!jobs.is_empty(), "{workload}");
        for job in jobs {
            let measured = measured(&found, job, false);
            let verification = check::verify(&workload, job, SEED, &measured);
            let name = format!("{workload}, {} {:?}", job.kernel, job.parameters);
            assert!(verification.passed, "{name}: {verification:?}");
        }
    }
}

#[test]
fn bandwidth_and_probes_are_exact() {
    for access in ["read", "write", "copy", "triad"] {
        for bytes in [16, 16 * 1021, 1 << 20] {
            every_kernel_is_right_and_needs_no_checks(&format!("bandwidth-{access}:{bytes}"));
        }
    }
    for probe in
        ["roof:f32:64", "roof:i8:100", "roof:f16:100", "roof-matrix:f16:64", "chain:4096", "empty"]
    {
        every_kernel_is_right(probe);
    }
}

#[test]
fn padding_of_a_roof_does_no_work() {
    let found = adapter();
    for workload in ["roof:f32:64", "roof:f16:64", "roof-matrix:f16:32"] {
        let Ok(jobs) = workload.parse::<Workload>().unwrap().jobs(&found.capability) else {
            continue;
        };
        let job = &jobs[0];
        // A mark in front of the work instead of the work; four times the grid, as if it were all padding.
        let (front, rest) = job.source.split_once("  var ").unwrap();
        let mark = if job.kernel == "roof" {
            "dst[at] = vec4<f32>(1.0); _ = given.x;"
        } else {
            "dst[index] = 1.0; _ = lhs[0]; _ = rhs[0];"
        };
        assert!(rest.contains("for ("), "the work lies behind the mark");
        let job = Job {
            source: format!("{front}{mark}\n}}"),
            grid: [2, 2],
            output_bytes: 4 * job.output_bytes,
            ..job.clone()
        };
        let output = measured(&found, &job, false).output;
        let words = output.chunks_exact(4).map(bytemuck::pod_read_unaligned::<u32>);
        let marks = words.filter(|word| *word != POISON).count();
        assert_eq!(marks, if job.kernel == "roof" { 64 * 4 } else { 1 }, "{workload}");
    }
}

#[test]
fn inputs_are_the_same_on_gpu_and_cpu_bit_for_bit() {
    // The copy kernel hands the filled buffer through; its reference is the Rust generator.
    every_kernel_is_right("bandwidth-copy:65536");
}

#[test]
fn a_kernel_that_skips_work_is_not_verified() {
    let found = adapter();
    for (workload, from, to) in [
        ("matmul:f32:64x64x64", "k0 < K; k0 += DEPTH", "k0 < K - DEPTH; k0 += DEPTH"),
        ("matmul:f32:64x64x64", "k < TILE_K; k++", "k < TILE_K - 1u; k++"),
        (
            "attention:f32:1x1x32x8",
            "j < KEY_BLOCK; j++) {\n      // A",
            "j < KEY_BLOCK - 1u; j++) {\n      // A",
        ),
        ("attention-causal:f32:1x1x32x8", "key <= row", "key <= row + 1u"),
        ("bandwidth-copy:4096", "(at < VECTORS)", "(at < VECTORS - 1u)"),
        ("bandwidth-triad:4096", "vec4<f32>(3.0)", "vec4<f32>(2.0)"),
        ("attention-decode:f32:1x1x300x8", "s < SPLITS", "s < SPLITS - 1u"),
        ("roof:f32:64", "step < BLOCK", "step < BLOCK - UNROLL"),
        ("roof:f32:64", "done < STEPS", "done < STEPS - BLOCK"),
        ("roof:f16:64", "step < BLOCK", "step < BLOCK - 3u * UNROLL"),
        ("roof:f16:64", "done < STEPS", "done < STEPS - BLOCK"),
        ("chain:4096", "done < STEPS", "done < STEPS - BLOCK"),
    ] {
        let workload: Workload = workload.parse().unwrap();
        let Ok(jobs) = workload.jobs(&found.capability) else {
            assert!(!found.capability.f16, "{workload} is for every adapter with f16");
            continue;
        };
        let finish = |job: &Job| job.finish.as_ref().is_some_and(|f| f.source.contains(from));
        let job = jobs.into_iter().find(|job| job.source.contains(from) || finish(job)).unwrap();
        let job = Job {
            source: job.source.replace(from, to),
            finish: job.finish.map(|f| Finish { source: f.source.replace(from, to), ..f }),
            ..job
        };
        let verification = check::verify(&workload, &job, SEED, &measured(&found, &job, false));
        assert!(!verification.passed, "{workload}: the fault went unnoticed");
    }
}

#[test]
fn poison_that_stays_and_a_touched_canary_are_seen() {
    let found = adapter();
    let workload: Workload = "empty".parse().unwrap();
    let job = workload.jobs(&found.capability).unwrap().remove(0);
    let idle = Job {
        source: job.source.replace("dst[0] = 0x600DF00Du;", "let _x = dst[0];"),
        ..job.clone()
    };
    let measurement = measured(&found, &idle, false);
    assert_eq!(measurement.output, POISON.to_le_bytes());
    assert!(!check::verify(&workload, &idle, SEED, &measurement).passed);
    let intact = measured(&found, &job, false);
    let touched = Measurement { canary_intact: false, ..intact };
    assert!(!check::verify(&workload, &job, SEED, &touched).passed);
}

#[test]
fn a_shader_that_does_not_compile_is_an_error_not_a_panic() {
    let found = adapter();
    let workload: Workload = "empty".parse().unwrap();
    let job = workload.jobs(&found.capability).unwrap().remove(0);
    let broken = Job { source: "this is no WGSL".into(), ..job };
    let watch = Watch { interrupted: &AtomicBool::new(false), progress: &|_| () };
    let gpu = Gpu::open(&found).unwrap();
    assert!(measure(&gpu, &broken, SEED, &StopRule::once(), false, &watch).is_err());
}

/// naga 30 panics on expressions inside coopStore; the kernels here work around it. When this test
/// fails, naga was mended, and the workaround in the matrix kernels can go.
#[test]
fn a_panic_of_the_shader_compiler_is_an_error() {
    let found = adapter();
    let name = "a_panic_of_the_shader_compiler";
    let Ok((edge, _)) = found.capability.matrix_edge("f16", "f32") else {
        return common::account(name, Some("no cooperative matrices"));
    };
    common::account(name, None);
    let job = "empty".parse::<Workload>().unwrap().jobs(&found.capability).unwrap().remove(0);
    let source = format!(
        "enable f16;\nenable wgpu_cooperative_matrix;\n\
         @group(0) @binding(0) var<storage, read_write> dst: array<f32>;\n\
         @compute @workgroup_size(8) fn main(@builtin(workgroup_id) group: vec3<u32>) {{\n\
         var sums: array<coop_mat{edge}x{edge}<f32, C>, 2>;\n\
         coopStoreT(sums[1], &dst[group.x * 64u], group.y + {edge}u);\n}}"
    );
    let gpu = Gpu::open(&found).unwrap();
    let error = Bench::new(&gpu, &Job { source, ..job }, SEED, false).err().unwrap();
    assert!(matches!(error, DeviceError::Panicked(_)), "{error}");
}

#[test]
fn a_size_beyond_the_limits_is_unsupported_and_names_the_limit() {
    let found = adapter();
    let workload: Workload = "matmul:f32:1048576x1048576x64".parse().unwrap();
    let reason = workload.jobs(&found.capability).unwrap_err();
    assert!(reason.contains("bytes in one buffer"), "{reason}");
}
