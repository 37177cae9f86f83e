//! Every text that a tuner may choose, compiled with wgpu's run-time checks and without: what is timed unchecked must
//! not need them. Results are compared bit for bit, so heads are of a size at which compilers add up alike either way.

use std::collections::BTreeSet;

use tierbench::adapter::{Capability, Gpu, MatrixShape, choose, find_all};
use tierbench::measure::{Batch, GpuRig, Output, Rig};
use tierbench::workload::{Job, Workload};

const SEED: u64 = 77;

/// Texts for GPUs and for CPUs.
fn candidates(workloads: &[&str], capability: &Capability) -> Vec<(String, Job)> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for barriers_are_slow in [true, false] {
        let class = Capability { barriers_are_slow, ..capability.clone() };
        for text in workloads {
            let jobs = text.parse::<Workload>().unwrap().candidates(&class).unwrap_or_default();
            for job in jobs {
                if seen.insert(job.sha256()) {
                    all.push((format!("{text}, {} {:?}", job.kernel, job.parameters), job));
                }
            }
        }
    }
    all
}

fn result(gpu: &Gpu, job: &Job, checked: bool) -> Output {
    let mut rig = GpuRig::new(gpu, job, SEED, checked).unwrap();
    rig.run(Batch { dispatches: 1, nonce: 1, last: true }).unwrap();
    assert!(rig.inputs_intact().unwrap());
    rig.output().unwrap()
}

fn need_no_checks(workloads: &[&str]) {
    let named = std::env::var("TIERBENCH_TEST_ADAPTER").ok();
    let found =
        choose(find_all(), named.as_deref(), false).expect("`make test` provides an adapter");
    let gpu = Gpu::open(&found).unwrap();
    let all = candidates(workloads, &found.capability);
    assert!(!all.is_empty());
    for (name, job) in &all {
        let [timed, checked] = [false, true].map(|checked| result(&gpu, job, checked));
        assert!(timed.canary_intact && checked.canary_intact, "{name} writes outside its result");
        assert!(timed.bytes == checked.bytes, "{name}: run-time checks matter");
    }
    // What an adapter with everything would run besides.
    let square = |accumulate: &str| MatrixShape {
        m: 16,
        n: 16,
        k: 16,
        input: "f16".into(),
        accumulate: accumulate.into(),
    };
    let everything = Capability {
        f16: true,
        int16: true,
        int64: true,
        subgroup_size: Some(8),
        subgroup_least: Some(8),
        subgroup_most: Some(8),
        cooperative_matrices: vec![square("f16"), square("f32")],
        max_workgroup_storage_bytes: 65_536,
        max_invocations_per_workgroup: 1024,
        ..found.capability.clone()
    };
    let run: BTreeSet<String> = all.iter().map(|(_, job)| job.sha256()).collect();
    let others = candidates(workloads, &everything);
    let skipped = others.iter().filter(|(_, job)| !run.contains(&job.sha256())).count();
    eprintln!("{} candidates run, {skipped} skipped for lack of a feature or room", all.len());
}

#[test]
fn streams_and_probes_need_no_run_time_checks() {
    need_no_checks(&[
        "empty",
        "chain:4096",
        "roof:f32:65",
        "roof:f16:65",
        "roof:i8:65",
        "roof-matrix:f16:65",
        "bandwidth-read:16336",
        "bandwidth-write:16336",
        "bandwidth-copy:16336",
        "bandwidth-triad:16336",
    ]);
}

#[test]
fn products_of_f32_need_no_run_time_checks() {
    need_no_checks(&["matmul:f32:37x43x19", "matmul:f32:3x43x19"]);
}

#[test]
fn products_of_f16_need_no_run_time_checks() {
    need_no_checks(&["matmul:f16:37x43x19", "matmul:f16/f16:37x43x19", "matmul:f16:1x43x19"]);
}

#[test]
fn products_of_i8_need_no_run_time_checks() {
    need_no_checks(&["matmul:i8:37x43x190", "matmul:i8:3x43x19"]);
}

#[test]
fn attention_needs_no_run_time_checks() {
    need_no_checks(&["attention:f32:1x2x37x16", "attention-causal:f16:1x4/2x37x16"]);
}

#[test]
fn decoding_needs_no_run_time_checks() {
    need_no_checks(&["attention-decode:f16:1x3/1x1037x16", "attention-decode:f32:1x3/1x37x16"]);
}
