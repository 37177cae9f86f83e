//! Times our kernels and peers on one adapter, interleaved, and prints ratios with their spread.

mod burn;
mod burn_server;
mod child;
mod contestant;
mod ours;
mod problem;
mod process;
mod report;
mod rounds;
mod table;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use clap::{Parser, ValueEnum};
use tierbench::adapter::{Found, Gpu, Identity, choose, find_all};
use tierbench::workload::Workload;

use child::{Child, Launch};
use contestant::{Contestant, Role};
use ours::Ours;
use problem::{Kind, Problem};
use report::{Comparison, Report};
use rounds::Rule;

const DEFAULT_WORKLOADS: [&str; 6] = [
    "matmul:f32:512x512x512",
    "matmul:f32:1024x1024x1024",
    "matmul:f16:1024x1024x1024",
    "attention:f32:1x4x512x64",
    "attention-causal:f32:1x4x512x64",
    "bandwidth-copy:67108864",
];

const NAMES: [&str; 5] = ["burn", "onnxruntime", "onnxruntime-composed", "numpy", "torch"];

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
    #[arg(long, value_name = "NAME", value_parser = NAMES)]
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
    /// Loader that starts other processes too, with its arguments
    #[arg(long, env = "TIERBENCH_RUNNER", default_value = "", hide_env_values = true)]
    runner: String,
    /// Be burn, for another process of this program
    #[arg(long, hide = true)]
    serve_burn: bool,
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
    // burn's features switch on the GL backend, which the main program is built without.
    let all: Vec<Found> = find_all().into_iter().filter(|f| f.identity.backend != "gl").collect();
    let identities: Vec<Identity> = all.iter().map(|found| found.identity.clone()).collect();
    let found = choose(all, args.adapter.as_deref(), false)?;
    if args.serve_burn {
        return burn_server::serve(&identities, &found);
    }
    let report = compare(&args, found)?;
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

fn compare(args: &Args, found: Found) -> Result<Report> {
    let began_unix_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let mut others = others(args, &found);
    let roof: Workload = "roof:f32:16384".parse().map_err(anyhow::Error::msg)?;
    let rule = Rule { rounds: args.rounds, sample_ms: args.sample_ms };
    let mut workloads = Vec::new();
    for workload in &args.workload {
        // A device of its own for every workload: a fault in one does not spoil the next.
        let gpu = Gpu::open(&found)?;
        let problem = Problem::new(*workload, args.seed);
        let problem = problem.context("no peer computes this")?;
        let mut ours = Ours::kernel(&found, &gpu);
        let mut roof = Ours::roof(&found, &gpu, roof);
        let mut contestants: Vec<&mut dyn Contestant> = vec![&mut ours, &mut roof];
        contestants.extend(others.iter_mut().map(|other| other as &mut dyn Contestant));
        let say = |what: &str| eprintln!("{workload}: {what}");
        let tracks = rounds::run(&mut contestants, &problem, rule, &say);
        workloads.push(Comparison::new(workload.to_string(), tracks));
    }
    let variables = std::env::vars()
        .filter(|(name, _)| name.starts_with("LP_") || name.starts_with("GALLIVM_"));
    Ok(Report {
        schema: report::SCHEMA,
        began_unix_s,
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
fn others(args: &Args, found: &Found) -> Vec<Child> {
    let ceiling = if found.identity.software { "numpy" } else { "torch" };
    let all = [
        ("burn", Role::Peer),
        ("onnxruntime", Role::Peer),
        ("onnxruntime-composed", Role::Peer),
        (ceiling, Role::Ceiling),
    ];
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let wanted = all.into_iter().filter(|(name, _)| wanted(name));
    wanted.map(|(name, role)| Child::new(name, role, launch(args, name))).collect()
}

/// How to start a contestant: burn is this program again, all others are Python.
fn launch(args: &Args, name: &'static str) -> Launch {
    let mut words: Vec<OsString> = args.runner.split_whitespace().map(OsString::from).collect();
    if name == "burn" {
        // Not `current_exe`, which names the loader where one was used.
        words.extend(std::env::args_os().take(1));
        words.push("--serve-burn".into());
        if let Some(adapter) = &args.adapter {
            words.extend(["--adapter".into(), adapter.into()]);
        }
    } else {
        // Without -B, Python would leave its byte code in the source folder.
        words.extend([args.python.clone().into(), "-B".into(), args.script.clone().into()]);
        words.push(name.into());
    }
    Box::new(move || {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    })
}
