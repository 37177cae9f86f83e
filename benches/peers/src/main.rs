//! Times our kernels and peers on one adapter, interleaved, and prints ratios with their spread.

mod burn;
mod contestant;
mod ours;
mod problem;
mod process;
mod python;
mod report;
mod rounds;
mod table;
mod watchdog;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, ValueEnum};
use tierbench::adapter::{Found, Gpu, Identity, choose, find_all};
use tierbench::workload::Workload;

use contestant::{Contestant, Role};
use ours::Ours;
use problem::{For, Kind, Problem};
use python::{Python, Start};
use report::{Comparison, Report};
use rounds::Rule;
use watchdog::Watchdog;

const DEFAULT_WORKLOADS: [&str; 6] = [
    "matmul:f32:512x512x512",
    "matmul:f32:1024x1024x1024",
    "matmul:f16:1024x1024x1024",
    "attention:f32:1x4x512x64",
    "attention-causal:f32:1x4x512x64",
    "bandwidth-copy:67108864",
];

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Times tierbench's kernels and peers on one adapter, interleaved.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// What to run, for instance matmul:f32:512x512x512; may be given again
    #[arg(long, default_values = DEFAULT_WORKLOADS)]
    workload: Vec<Workload>,
    /// Rounds that count; an interval needs six
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Wanted length of one sample
    #[arg(long, default_value_t = 250.0)]
    sample_ms: f64,
    /// Adapter by index, part of its name, or pci:ADDRESS
    #[arg(long)]
    adapter: Option<String>,
    /// Contestants to run beside ours; all without it
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Makes all inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Also write the JSON form, with every raw time, here
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Python with the packages of requirements.txt
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// The Python peers
    #[arg(long, default_value = "benches/peers/python_peers.py")]
    script: PathBuf,
    /// Loader that starts Python, with its arguments
    #[arg(long, env = "TIERBENCH_RUNNER", default_value = "", hide_env_values = true)]
    runner: String,
}

fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(out) = &args.out {
        // A path that cannot be written fails before the measurement, not after.
        std::fs::write(out, "").with_context(|| format!("cannot write {}", out.display()))?;
    }
    for workload in &args.workload {
        if Kind::of(workload).is_none() {
            bail!("{workload}: peers compute matmul, attention and bandwidth-copy only");
        }
    }
    let report = compare(&args)?;
    let json = format!("{}\n", serde_json::to_string_pretty(&report)?);
    if let Some(out) = &args.out {
        std::fs::write(out, &json).with_context(|| format!("cannot write {}", out.display()))?;
    }
    let page = match args.format {
        Format::Text => table::text(&report),
        Format::Json => json,
    };
    std::io::stdout().write_all(page.as_bytes()).context("cannot write to the standard output")
}

fn compare(args: &Args) -> Result<Report> {
    let all = find_all();
    let identities: Vec<Identity> = all.iter().map(|found| found.identity.clone()).collect();
    let found = choose(all, args.adapter.as_deref(), false)?;
    let mut others = others(args, &identities, &found);
    let roof: Workload = "roof:f32:16384".parse().map_err(anyhow::Error::msg)?;
    let rule = Rule { rounds: args.rounds, sample_ms: args.sample_ms };
    let mut workloads = Vec::new();
    let watchdog = Watchdog::start();
    for workload in &args.workload {
        // A device of its own for every workload: a fault in one does not spoil the next.
        let gpu = Gpu::open(&found)?;
        let problem = Problem::new(*workload, args.seed, For::Peers);
        let problem = problem.context("no peer computes this")?;
        let mut ours = Ours::kernel(&found, &gpu);
        let mut roof = Ours::roof(&found, &gpu, roof);
        let mut contestants: Vec<&mut dyn Contestant> = vec![&mut ours, &mut roof];
        contestants.extend(others.iter_mut().map(|other| other.as_mut() as &mut dyn Contestant));
        let say = |what: &str| {
            eprintln!("{workload}: {what}");
            watchdog.hear(&format!("{workload}: {what}"));
        };
        let tracks = rounds::run(&mut contestants, &problem, rule, &say);
        workloads.push(Comparison::new(workload.to_string(), tracks));
    }
    let variables = std::env::vars()
        .filter(|(name, _)| name.starts_with("LP_") || name.starts_with("GALLIVM_"));
    Ok(Report {
        schema: report::SCHEMA,
        adapter: found.identity,
        seed: args.seed,
        rounds: args.rounds,
        sample_ms: args.sample_ms,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        variables: variables.collect(),
        workloads,
    })
}

/// Peers, and the ceiling of the kind of chip that the adapter runs on.
fn others(args: &Args, all: &[Identity], found: &Found) -> Vec<Box<dyn Contestant>> {
    let start = Start {
        runner: args.runner.clone(),
        python: args.python.clone(),
        script: args.script.clone(),
    };
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let mut others: Vec<Box<dyn Contestant>> = Vec::new();
    if wanted("burn") {
        others.push(Box::new(burn::Burn::open(all, found)));
    }
    let ceiling = if found.identity.software { "numpy" } else { "torch" };
    let python = [
        ("onnxruntime", Role::Peer),
        ("onnxruntime-composed", Role::Peer),
        (ceiling, Role::Ceiling),
    ];
    for (name, role) in python {
        if wanted(name) {
            others.push(Box::new(Python::new(name, role, &start)));
        }
    }
    others
}
