//! Host code that a run spends time in: inputs, verification, rules, the record.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use tierbench::adapter::Capability;
use tierbench::check;
use tierbench::conclude;
use tierbench::measure::{Clock, DispatchProof, Measurement};
use tierbench::normalize::{Book, Figures, Options, Rule, Truth};
use tierbench::record::{self, Record};
use tierbench::workload::{ElementType, Workload, inputs};

/// The committed run that the figures are about.
const COMMITTED: &str = "results/2026-11-24-llvmpipe-mesa26-epyc-2core";

fn committed() -> Record {
    record::read(COMMITTED.as_ref()).expect("a committed record")
}

fn generate_inputs(c: &mut Criterion) {
    let mut group = c.benchmark_group("inputs");
    group.throughput(Throughput::Elements(1 << 16));
    group.bench_function("philox-row", |b| {
        b.iter(|| inputs::row(black_box(7), 1, 0, 1 << 16, ElementType::F32).sum::<f32>());
    });
    group.finish();
}

/// A wrong output of the right size takes as long to reject as a right one takes to accept.
fn verify(c: &mut Criterion) {
    for (name, text) in [
        ("verify-every-element", "matmul:f32:256x256x256"),
        ("verify-freivalds", "matmul:f32:1040x1040x1040"),
        ("verify-attention", "attention:f32:1x2x256x64"),
    ] {
        let workload: Workload = text.parse().expect("a workload");
        let job = workload.jobs(&committed().capability).expect("a job").remove(0);
        let measured = Measurement {
            samples: Vec::new(),
            stop_reason: None,
            clock: Clock::Host,
            steady: true,
            output: vec![0; job.output_bytes as usize],
            canary_intact: true,
            inputs_intact: true,
            output_proven: true,
            dispatches: DispatchProof::Recomputed,
            tally_ns: None,
            resolution_ns: None,
            others_load: None,
            compile_ns: 0,
        };
        c.bench_function(name, |b| b.iter(|| check::verify(&workload, &job, 7, &measured)));
    }
}

/// A product as a device gives it, in f32.
fn product(n: u64, padded: usize, seed: u64) -> Vec<u8> {
    let matrix = |tag: u32| -> Vec<f32> {
        let row = |at| inputs::row(seed, tag, at, n, ElementType::F32);
        (0..n).into_par_iter().flat_map_iter(row).collect()
    };
    let size = n as usize;
    let b = Array2::from_shape_vec((size, size), matrix(2)).expect("a square");
    let rows = matrix(1);
    let block = |rows: &[f32]| -> Vec<u8> {
        let a = ArrayView2::from_shape((rows.len() / size, size), rows).expect("whole rows");
        let c = a.dot(&b);
        let padding = vec![0u8; 4 * (padded - size)];
        let bytes = |row: ndarray::ArrayView1<'_, f32>| -> Vec<u8> {
            row.iter().flat_map(|x| x.to_le_bytes()).chain(padding.iter().copied()).collect()
        };
        c.rows().into_iter().flat_map(bytes).collect()
    };
    rows.par_chunks(256 * size).map(block).collect::<Vec<_>>().concat()
}

/// What it takes to commit to a product, and to confirm it from its seed. `TIERBENCH_LARGE=1` adds one of 16384, which takes
/// minutes to make on a CPU.
fn commitment(c: &mut Criterion) {
    let mut group = c.benchmark_group("commitment");
    group.sample_size(10);
    let large = std::env::var_os("TIERBENCH_LARGE").is_some();
    for n in [2048u64, 16_384].into_iter().take(if large { 2 } else { 1 }) {
        let workload: Workload = format!("matmul:f32:{n}x{n}x{n}").parse().expect("a workload");
        let limits = Capability {
            max_buffer_bytes: 1 << 40,
            max_binding_bytes: 1 << 40,
            ..committed().capability
        };
        let job = workload.jobs(&limits).expect("a job").remove(0);
        let output = product(n, job.output_padded[1] as usize, 7);
        let said = check::commit(&workload, &job, "plan", &output);
        let confirm = || check::confirm(&workload, &job, 7, "plan", &said);
        confirm().expect("the product of these inputs");
        group.bench_function(format!("commit-{n}"), |b| {
            b.iter(|| check::commit(&workload, &job, "plan", &output));
        });
        group.bench_function(format!("confirm-{n}"), |b| b.iter(confirm));
    }
    group.finish();
}

fn concluding(c: &mut Criterion) {
    c.bench_function("load-book", |b| b.iter(|| Book::load().expect("valid data")));
    c.bench_function("read-record", |b| b.iter(committed));
    let kept = committed();
    let book = Book::load().expect("valid data");
    c.bench_function("conclude", |b| {
        b.iter_batched(
            || kept.clone(),
            |mut record| conclude::conclude(&mut record, &book).expect("a conclusion"),
            criterion::BatchSize::LargeInput,
        );
    });
}

/// All rules in force on one set of figures: what a table of many chips asks for.
fn classify(c: &mut Criterion) {
    let Book { rules: book, catalogue, .. } = Book::load().expect("valid data");
    let rules: Vec<&Rule> = book.in_force("2026-11-24").collect();
    let chips: Vec<Figures> = catalogue.chips.iter().map(Figures::of).collect();
    let options = Options::default();
    let mut group = c.benchmark_group("classify");
    group.throughput(Throughput::Elements(chips.len() as u64));
    group.bench_function("catalogue", |b| {
        b.iter(|| {
            let met = |figures: &Figures| {
                let truths = book.truths(&rules, figures, options).expect("known names");
                truths.filter(|(.., truth)| *truth == Truth::Met).count()
            };
            chips.iter().map(met).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = generate_inputs, verify, commitment, concluding, classify
}
criterion_main!(benches);
