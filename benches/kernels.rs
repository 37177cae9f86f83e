//! GPU time of every kernel that can compute a workload, on the adapter that is here.
//!
//! Criterion's own clock is not used: each iteration counts the time between the timestamps around
//! the compute pass, or host time where the adapter has none. Compare two states of the code with
//! `cargo bench --bench kernels -- --save-baseline before`, then `-- --baseline before`.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tierbench::adapter::{Gpu, choose, find_all};
use tierbench::measure::{Bench, Phase};
use tierbench::workload::Workload;

/// Most dispatches in one submission: keeps each well below a driver's watchdog.
const BATCH: u64 = 16;

const WORKLOADS: &[&str] = &[
    "empty",
    "roof:f32:16384",
    "bandwidth-read:67108864",
    "bandwidth-write:67108864",
    "bandwidth-copy:67108864",
    "matmul:f32:512x512x512",
    "matmul:f16:512x512x512",
    "attention:f32:1x4x512x64",
    "attention-causal:f32:1x4x512x64",
];

fn kernels(c: &mut Criterion) {
    let named = std::env::var("TIERBENCH_TEST_ADAPTER").ok();
    let found = choose(find_all(), named.as_deref(), false).expect("an adapter");
    for text in WORKLOADS {
        let workload: Workload = text.parse().expect("a workload");
        let Ok(jobs) = workload.jobs(&found.capability) else { continue };
        let work = workload.work();
        let mut group = c.benchmark_group(*text);
        group.throughput(if work.ops > 0 {
            Throughput::Elements(work.ops)
        } else {
            Throughput::Bytes(work.bytes)
        });
        for job in jobs {
            let gpu = Gpu::open(&found).expect("a device");
            let mut bench = Bench::new(&gpu, &job, 1, false).expect("a job");
            group.bench_function(BenchmarkId::from_parameter(job.kernel), |b| {
                b.iter_custom(|iterations| time(&mut bench, iterations));
            });
        }
        group.finish();
    }
}

fn time(bench: &mut Bench, iterations: u64) -> Duration {
    let mut left = iterations;
    let mut total = Duration::ZERO;
    while left > 0 {
        let batch = left.min(BATCH);
        let sample = bench.sample(batch as u32, Phase::Timed).expect("a sample");
        total += Duration::from_nanos(sample.gpu_ns.unwrap_or(sample.host_ns));
        left -= batch;
    }
    total
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = kernels
}
criterion_main!(benches);
