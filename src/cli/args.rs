//! Flags. Nothing outside this folder sees them.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Measures GPUs with verified WGSL kernels, and says what that proves about the export-control
/// tiers.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: docs/exit-codes.md. Words of the verdict: docs/verdicts.md."
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the adapters that are here, and what each can run and why not
    List(List),
    /// Measure an adapter and write a record
    Run(Run),
    /// Search the best kernels for an adapter; `run` then uses them
    Tune(Tune),
    /// Show a record again
    Report(Report),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// List of workloads and stop rule: smoke, quick or standard
    #[arg(long, default_value = "quick")]
    pub(super) profile: String,
    /// Instead of the profile's list: matmul, attention[-causal|-decode],
    /// bandwidth-read|write|copy|triad, roof, roof-matrix, chain or empty. Repeat it, each with its
    /// --input and --size behind it
    #[arg(long, value_name = "WORKLOAD")]
    pub(super) workload: Vec<String>,
    /// Input type of the workload before it: f32 or f16 [default: f32]
    #[arg(long, value_name = "TYPE")]
    pub(super) input: Vec<String>,
    /// Size of the workload before it: MxNxK, BATCHxHEADS[/KVHEADS]xSEQUENCExHEADSIZE, bytes,
    /// invocations or steps
    #[arg(long, value_name = "SIZE")]
    pub(super) size: Vec<String>,
    /// Type of the sums of the matmul before it: f32 or f16 [default: f32]
    #[arg(long, value_name = "TYPE")]
    pub(super) accumulate: Vec<String>,
    /// The attention before it has a causal mask
    #[arg(long, action = clap::ArgAction::Count)]
    pub(super) causal: u8,
    /// Which adapter: index of `list`, part of its name, or pci:ADDRESS [default: the first]
    #[arg(long)]
    pub(super) adapter: Option<String>,
    /// Refuse a software adapter
    #[arg(long)]
    pub(super) require_hardware: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Tune {
    #[command(flatten)]
    pub(super) which: Which,
    /// Longest search for one workload, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) budget: u64,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) which: Which,
    /// Use the defaults of the adapter's class, not what `tune` found
    #[arg(long)]
    pub(super) defaults: bool,
    /// Folder for the record; it gets a folder of its own in there
    #[arg(long, default_value = "results/local")]
    pub(super) out: PathBuf,
    /// Seed of all inputs, to repeat a run; new for each run otherwise
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// A record.json or its folder
    pub(super) record: PathBuf,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}
