//! Which kernels are compiled: every candidate of a list of workloads, each text once.

use anyhow::{Context, Result};
use tierbench::adapter::Capability;
use tierbench::plan::Plan;
use tierbench::workload::{Job, Unit, Workload};

/// Profiles whose lists for hardware are taken.
const PROFILES: &[&str] = &["standard", "audit"];

/// What these lists leave out: small and few-rowed matrices, the heads that models have, sizes that the least GPU takes.
const MORE: &[&str] = &[
    "roof:f32:65536",
    "roof:f16:65536",
    "roof:i8:65536",
    "roof-matrix:f16:65536",
    "matmul:f32:512x512x512",
    "matmul:f16:512x512x512",
    "matmul:f16/f16:512x512x512",
    "matmul:f32:4096x4096x4096",
    "matmul:f16/f16:4096x4096x4096",
    "matmul:f32:4x4096x4096",
    "matmul:i8:512x512x512",
    "matmul:i8:4x4096x4096",
    "matmul:f16:1x4096x4096",
    "matmul:f16:16x4096x4096",
    "attention:f32:1x16x4096x64",
    "attention:f32:1x16x4096x128",
    "attention:f16:1x16x4096x64",
    "attention:f16:1x16x4096x128",
    "attention:f16:1x8x2048x256",
    "attention-causal:f16:1x32/8x4096x128",
    "attention-decode:f16:1x32/8x8192x128",
    "attention-decode:f32:1x16/4x4096x64",
];

/// One text to compile.
pub struct Kernel {
    /// Workloads that take it, with " *" behind those of which it is the first candidate.
    pub workloads: Vec<String>,
    /// Its file under `shaders/`; of the second text of a job, the first one's and "+finish".
    pub name: String,
    /// Tile sizes and the like.
    pub parameters: String,
    /// Whether a class takes it by default for one of the workloads.
    pub default: bool,
    /// The whole WGSL text.
    pub source: String,
    /// Multiply-adds of an invocation in one turn of its loop over k or keys, where the parameters tell.
    pub turn_fmas: Option<u64>,
}

/// All of them on such an adapter, and the workloads that it refuses, each with its reason.
pub fn all(capability: &Capability) -> Result<(Vec<Kernel>, Vec<String>)> {
    let mut workloads = Vec::new();
    for profile in PROFILES {
        let plan = Plan::new(profile, Vec::new(), false, None)?.fitted(capability);
        workloads.extend(plan.workloads);
    }
    for text in MORE {
        workloads
            .push(text.parse::<Workload>().ok().with_context(|| format!("{text} is no workload"))?);
    }
    let mut kernels: Vec<Kernel> = Vec::new();
    let mut refused = Vec::new();
    let mut seen = Vec::new();
    for workload in workloads {
        let name = workload.to_string();
        if seen.contains(&name) {
            continue;
        }
        seen.push(name.clone());
        match workload.candidates(capability) {
            Ok(jobs) => {
                for (place, job) in jobs.iter().enumerate() {
                    add(&mut kernels, &workload, job, place == 0);
                }
            }
            Err(why) => refused.push(format!("{name}: {why}")),
        }
    }
    Ok((kernels, refused))
}

fn add(kernels: &mut Vec<Kernel>, workload: &Workload, job: &Job, default: bool) {
    let parameters = job.parameters.iter().map(|(name, value)| format!("{name}={value}"));
    let parameters = parameters.collect::<Vec<_>>().join(" ");
    let finish =
        job.finish.as_ref().map(|finish| (format!("{}+finish", job.kernel), &finish.source, None));
    let first = (job.kernel.to_owned(), &job.source, turn_fmas(workload, job));
    for (name, source, turn_fmas) in [Some(first), finish].into_iter().flatten() {
        let marked = format!("{workload}{}", if default { " *" } else { "" });
        if let Some(known) = kernels.iter_mut().find(|known| known.source == *source) {
            known.default |= default;
            known.workloads.push(marked);
            continue;
        }
        kernels.push(Kernel {
            workloads: vec![marked],
            name,
            parameters: parameters.clone(),
            default,
            source: source.clone(),
            turn_fmas,
        });
    }
}

fn turn_fmas(workload: &Workload, job: &Job) -> Option<u64> {
    let parameter = |wanted: &str| {
        job.parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value)
    };
    let invocations = job.grid[0] * job.grid[1] * u64::from(job.invocations);
    match workload {
        _ if job.unit == Unit::Matrix => None,
        // What is padding is computed as well.
        Workload::Matmul(_) => {
            let [m, n] = job.output_padded;
            Some(m * n * parameter("TILE_K")? / invocations)
        }
        Workload::Attention(shape) if job.finish.is_none() => {
            let [rows, head] = job.output_padded;
            let queries = shape.batch * shape.heads * rows;
            Some(2 * queries * parameter("KEY_BLOCK")? * head / invocations)
        }
        _ => None,
    }
}
