use super::*;
use crate::adapter::Capability;
use crate::workload::{ElementType, TAG_A, TAG_B, inputs};

const PLAN: &str = "the digest of a plan";
const SEED: u64 = 77;

fn job(text: &str) -> (Workload, Job) {
    job_on(text, &Capability::least())
}

fn job_on(text: &str, adapter: &Capability) -> (Workload, Job) {
    let workload: Workload = text.parse().unwrap();
    let job = workload.candidates(adapter).unwrap().remove(0);
    (workload, job)
}

/// A product as a device would give it, with its padding.
fn product_of(workload: &Workload, job: &Job) -> Vec<u8> {
    let Workload::Matmul(shape) = *workload else { panic!("no product") };
    let integers = shape.input == ElementType::I8;
    let row = |tag, at, n| -> Vec<f64> {
        inputs::row(SEED, tag, at, n, shape.input).map(f64::from).collect()
    };
    let a: Vec<Vec<f64>> = (0..shape.m).map(|at| row(TAG_A, at, shape.k)).collect();
    let (rows, columns) = if integers { (shape.n, shape.k) } else { (shape.k, shape.n) };
    let b: Vec<Vec<f64>> = (0..rows).map(|at| row(TAG_B, at, columns)).collect();
    let entry =
        |inner: usize, column: usize| if integers { b[column][inner] } else { b[inner][column] };
    let mut output = vec![0u8; job.output_bytes as usize];
    for (i, a) in a.iter().enumerate() {
        for j in 0..shape.n as usize {
            let sum: f64 = (0..shape.k as usize).map(|inner| a[inner] * entry(inner, j)).sum();
            let at = 4 * (i * job.output_padded[1] as usize + j);
            let word =
                if integers { (sum as i32).to_le_bytes() } else { (sum as f32).to_le_bytes() };
            output[at..at + 4].copy_from_slice(&word);
        }
    }
    output
}

#[test]
fn a_product_is_confirmed_from_its_seed_and_no_other_one_is() {
    for text in ["matmul:f32:70x90x40", "matmul:i8:70x90x40", "matmul:f32:1x300x20"] {
        let (workload, job) = job(text);
        let output = product_of(&workload, &job);
        let said = commit(&workload, &job, PLAN, &output);
        let confirmed = confirm(&workload, &job, SEED, PLAN, &said).unwrap();
        assert!(confirmed.sketched && confirmed.leaves > 0, "{text}: {confirmed:?}");
        assert!(confirm(&workload, &job, SEED + 1, PLAN, &said).is_err(), "{text}: another seed");
        assert!(confirm(&workload, &job, SEED, "another", &said).is_err(), "{text}: another plan");
    }
}

/// Who did not compute a row and is not asked to show it still has to tell its sketch.
#[test]
fn one_row_left_out_is_seen_wherever_it_is() {
    let (workload, job) = job("matmul:f32:70x90x40");
    for row in [0, 13, 69] {
        let mut output = product_of(&workload, &job);
        let stride = 4 * job.output_padded[1] as usize;
        output[row * stride..(row + 1) * stride].fill(0);
        let said = commit(&workload, &job, PLAN, &output);
        assert!(confirm(&workload, &job, SEED, PLAN, &said).is_err(), "row {row}");
    }
}

/// The sketch alone can be computed without the product; the rows that must be shown can not.
#[test]
fn a_right_sketch_of_a_product_that_was_not_computed_is_seen() {
    let (workload, job) = job("matmul:f32:70x90x40");
    let right = product_of(&workload, &job);
    let mut halved = right.clone();
    halved[..right.len() / 2].fill(0);
    let mut said = commit(&workload, &job, PLAN, &halved);
    let Workload::Matmul(shape) = workload else { panic!() };
    let signs = Signs::new(shape.n, key("signs", PLAN, &said.root_sha256, None));
    let stride = 4 * job.output_padded[1] as usize;
    let sums = right.chunks(stride).take(70).flat_map(|row| signs.of_row(row, ElementType::F32));
    said.sketch = Some(Base64::encode_string(&sums.flat_map(f64::to_le_bytes).collect::<Vec<_>>()));
    let leaves = Leaves::of(&workload, &job);
    let tree = Tree::over(&halved, leaves.bytes);
    let chosen = leaves.chosen(key("leaves", PLAN, &said.root_sha256, said.sketch.as_deref()));
    let open = |leaf: u64| Opened {
        leaf,
        data: Base64::encode_string(leaves.data(&halved, leaf)),
        path: tree.path(leaf as usize).iter().map(|hash| hex(hash)).collect(),
    };
    said.opened = chosen.into_iter().map(open).collect();
    let why = confirm(&workload, &job, SEED, PLAN, &said).unwrap_err();
    assert!(why.contains("not the result of these inputs"), "{why}");
}

#[test]
fn every_part_of_a_commitment_matters() {
    let (workload, job) = job("matmul:f32:70x90x40");
    let output = product_of(&workload, &job);
    let said = commit(&workload, &job, PLAN, &output);
    let refused = |what: &str, change: &dyn Fn(&mut Commitment)| {
        let mut other = said.clone();
        change(&mut other);
        assert!(confirm(&workload, &job, SEED, PLAN, &other).is_err(), "{what}");
    };
    refused("root", &|c| {
        let other = if c.root_sha256.starts_with('0') { "1" } else { "0" };
        c.root_sha256.replace_range(..1, other);
    });
    refused("root that is none", &|c| c.root_sha256 = "x".into());
    refused("no sketch", &|c| c.sketch = None);
    refused("cut sketch", &|c| c.sketch = Some("AAAA".into()));
    refused("a leaf less", &|c| drop(c.opened.pop()));
    refused("no leaf", &|c| c.opened.clear());
    refused("another place", &|c| c.opened[0].leaf = u64::MAX);
    refused("a path that is cut", &|c| drop(c.opened[0].path.pop()));
    refused("data", &|c| c.opened[0].data = c.opened[1].data.clone());
    refused("data that is none", &|c| c.opened[0].data = "?".into());
}

#[test]
fn streams_and_probes_are_confirmed_by_their_leaves() {
    let (workload, job) = job("bandwidth-write:100000");
    let words = (0..job.output_bytes as u32 / 4).map(crate::workload::written_word);
    let mut output: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    let said = commit(&workload, &job, PLAN, &output);
    let confirmed = confirm(&workload, &job, SEED, PLAN, &said).unwrap();
    assert_eq!((confirmed.leaves > 20, confirmed.of, confirmed.sketched), (true, 98, false));
    for byte in &mut output {
        *byte ^= 1;
    }
    let said = commit(&workload, &job, PLAN, &output);
    assert!(confirm(&workload, &job, SEED, PLAN, &said).is_err());
}

#[test]
fn zeros_are_confirmed_as_zeros() {
    let (workload, job) = job("matmul:f32:70x90x40");
    let job = job.with_zero_inputs();
    let zeros = vec![0; job.output_bytes as usize];
    let said = commit(&workload, &job, PLAN, &zeros);
    assert_eq!(said.sketch, None);
    assert!(confirm(&workload, &job, SEED, PLAN, &said).is_ok());
    let ones = vec![1; job.output_bytes as usize];
    let said = commit(&workload, &job, PLAN, &ones);
    assert!(confirm(&workload, &job, SEED, PLAN, &said).is_err());
}

#[test]
fn what_a_stranger_makes_too_large_is_not_computed() {
    let takes = |text: &str| {
        let (workload, job) = job_on(
            text,
            &Capability {
                max_buffer_bytes: 1 << 50,
                max_binding_bytes: 1 << 50,
                max_workgroups_per_dimension: u32::MAX,
                ..Capability::least()
            },
        );
        confirming_takes(&workload, &job)
    };
    assert!(takes("matmul:f32:16384x16384x16384").unwrap() < 1 << 30);
    assert!(takes("attention:f32:2x16x8192x128").unwrap() < 1 << 28);
    assert!(takes("matmul:f32:100000x100000x100000").unwrap() > 1 << 34);
    assert_eq!(takes("matmul:f32:1x1x1073741824"), None);
    assert_eq!(takes("attention:f32:1x1x16777216x64"), None);
}
