//! Every shader under every prelude in use: parsed, validated and written as SPIR-V, without a GPU.

use std::collections::BTreeSet;
use std::path::Path;

use naga::valid::{Capabilities, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator};
use tierbench::adapter::{Capability, MatrixShape};
use tierbench::workload::{Job, Workload};

const WORKLOADS: &[&str] = &[
    "empty",
    "chain:4096",
    "roof:f32:64",
    "roof:f16:64",
    "roof-matrix:f16:64",
    "bandwidth-read:4096",
    "bandwidth-write:4096",
    "bandwidth-copy:4096",
    "bandwidth-triad:4096",
    "matmul:f32:300x300x300",
    "matmul:f16:300x300x300",
    "matmul:f16/f16:300x300x300",
    "matmul:i8:300x300x300",
    "roof:i8:64",
    "matmul:f32:3x300x300",
    "attention:f32:1x2x100x64",
    "attention:f16:1x4/2x100x128",
    "attention-causal:f16:1x2x100x40",
    "attention-decode:f32:1x2x100x64",
    "attention-decode:f16:1x8/2x100x128",
    "attention-decode:f16:1x71/1x100x64",
    "attention:f32:70000x1x1x8",
];

/// Adapters as they exist: CPU with vectors of 8 and 4, GPUs with matrices of 16 and 8 and with subgroups of 32 or 64, the least GPU.
fn adapters() -> Vec<Capability> {
    let least = Capability {
        f16: false,
        int16: false,
        int64: false,
        subgroups: false,
        subgroup_size: None,
        subgroup_least: None,
        subgroup_most: None,
        timestamps: false,
        cooperative_matrices: Vec::new(),
        max_workgroup_storage_bytes: 16_384,
        max_invocations_per_workgroup: 256,
        max_workgroups_per_dimension: 65_535,
        max_binding_bytes: 1 << 27,
        max_buffer_bytes: 1 << 28,
        barriers_are_slow: false,
    };
    let with = |cpu: bool, subgroup: u32, edge: u32| Capability {
        f16: subgroup != 4,
        int16: subgroup != 4,
        int64: subgroup != 4,
        subgroups: true,
        subgroup_size: Some(subgroup),
        subgroup_least: Some(subgroup),
        subgroup_most: Some(subgroup),
        cooperative_matrices: ["f16", "f32"]
            .map(|sum| MatrixShape {
                m: edge,
                n: edge,
                k: edge,
                input: "f16".into(),
                accumulate: sum.into(),
            })
            .into_iter()
            .filter(|_| edge > 0)
            .collect(),
        max_workgroup_storage_bytes: 49_152,
        max_invocations_per_workgroup: 1024,
        barriers_are_slow: cpu,
        ..least.clone()
    };
    vec![
        with(true, 8, 0),
        with(true, 8, 8),
        with(true, 4, 0),
        with(false, 32, 16),
        with(false, 32, 8),
        Capability { int16: false, ..with(false, 32, 16) },
        Capability { subgroup_size: None, ..with(false, 64, 16) },
        least,
    ]
}

fn jobs() -> Vec<(String, Job)> {
    let mut jobs = Vec::new();
    for adapter in adapters() {
        for text in WORKLOADS {
            let workload: Workload = text.parse().unwrap();
            let candidates = workload.candidates(&adapter).unwrap_or_default();
            assert!(candidates.len() <= 40, "{text}: {} candidates", candidates.len());
            jobs.extend(candidates.into_iter().map(|job| ((*text).to_owned(), job)));
        }
    }
    jobs
}

#[test]
fn every_shader_compiles_under_every_prelude_in_use() {
    let mut texts = BTreeSet::new();
    for (workload, job) in jobs() {
        let name = format!("{workload}, {} {:?}", job.kernel, job.parameters);
        for source in [Some(job.source), job.finish.map(|f| f.source)].into_iter().flatten() {
            if texts.insert(source.clone()) {
                compile(&name, &source);
            }
        }
    }
    assert!(texts.len() > 150, "only {} texts: are candidates missing?", texts.len());
}

fn compile(name: &str, source: &str) {
    let capabilities = Capabilities::all();
    let mut options = naga::front::wgsl::Options::new();
    options.capabilities = capabilities;
    let mut parser = naga::front::wgsl::Frontend::new_with_options(options);
    let module =
        parser.parse(source).unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(source)));
    let info = Validator::new(ValidationFlags::all(), capabilities)
        .subgroup_stages(ShaderStages::all())
        .subgroup_operations(SubgroupOperationSet::all())
        .validate(&module)
        .unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(source)));
    let options = naga::back::spv::Options { lang_version: (1, 6), ..Default::default() };
    let words = naga::back::spv::write_vec(&module, &info, &options, None);
    assert!(words.unwrap_or_else(|e| panic!("{name}: {e}")).len() > 100, "{name}");
}

#[test]
fn every_file_is_used_and_says_what_it_does_and_where_its_twin_is() {
    let used: String = jobs()
        .into_iter()
        .flat_map(|(_, job)| [Some(job.source), job.finish.map(|f| f.source)])
        .flatten()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = std::fs::read_dir(root.join("shaders")).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    for path in files.map(|file| file.unwrap().path()) {
        let folder = path.parent().unwrap().file_name().unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("// "), "{name} has no header");
        assert!(text.lines().count() <= 160, "{name} is long");
        // These fill, poison, tally and digest buffers, and are tested by what they do there.
        if folder == "setup" || name == "philox.wgsl" {
            continue;
        }
        assert!(used.contains(&text), "{name} is used by no candidate");
        if folder == "shared" {
            continue;
        }
        let twin = text.split("CPU twin: ").nth(1).and_then(|rest| rest.split(".rs").next());
        let twin = format!("{}.rs", twin.unwrap_or_else(|| panic!("{name} names no twin")));
        assert!(root.join(&twin).exists(), "{name}: its twin {twin} does not exist");
        let counts = ["Operations", "Bytes", "what a dispatch costs"];
        assert!(counts.iter().any(|word| text.contains(word)), "{name} does not count its work");
    }
}
