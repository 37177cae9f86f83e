//! Flags. Nothing outside this folder sees them.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::compare::{BAND_PERCENT, Gate};
use crate::normalize::{Aggregation, AppWeight, Clock, DieArea, MicroScaling, Tf32};

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
    /// Is every kernel right on this adapter? No figures, for CI
    Check(Check),
    /// Search the best kernels for an adapter; `run` then uses them
    Tune(Tune),
    /// Which lines does a chip, a record or a set of figures cross, under which rule, on which date
    Classify(Box<Classify>),
    /// Chips, rules, tiers and compute equivalents: list, show with sources, export
    Data(Data),
    /// Take over results of clpeak, cutlass-profiler, nvbandwidth or NVBench, marked as external
    Import(Import),
    /// Completions for a shell, to stdout
    Completions {
        /// bash, elvish, fish, powershell or zsh
        shell: clap_complete::Shell,
    },
    /// Manual pages, one for each command
    Man {
        /// Folder for the pages
        #[arg(value_name = "DIR")]
        out: PathBuf,
    },
    /// Is a run faster or slower than another, workload by workload, and can that be said
    Compare(Compare),
    /// Show records again: on the terminal, as a page, or in other programs' forms
    Report(Report),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Also show where drivers were looked for, and what the environment changes about that
    #[arg(long)]
    pub(super) why: bool,
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
pub(super) struct Check {
    /// Which adapter: index of `list`, part of its name, or pci:ADDRESS [default: the first]
    #[arg(long)]
    pub(super) adapter: Option<String>,
    /// Refuse a software adapter
    #[arg(long)]
    pub(super) require_hardware: bool,
    /// Seed of all inputs, to repeat a check; new each time otherwise
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
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
    /// Take zeros as inputs, to see what the inputs' power costs; such figures prove nothing
    #[arg(long)]
    pub(super) zero_inputs: bool,
    /// Keep wgpu's run-time checks in the kernels, to see what they cost
    #[arg(long)]
    pub(super) checked_shaders: bool,
    /// Run the list in so many processes, one after the other [default: the profile's]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(super) process_starts: Option<u32>,
    /// Which process start of a plan this is
    #[arg(long, hide = true, requires = "plan_file", requires = "into")]
    pub(super) process: Option<u32>,
    /// Plan that the starting process wrote
    #[arg(long, hide = true)]
    pub(super) plan_file: Option<String>,
    /// The folder for the record itself
    #[arg(long, hide = true)]
    pub(super) into: Option<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// Output file of the other program, JSON or CSV
    pub(super) file: PathBuf,
    /// clpeak, cutlass-profiler, nvbandwidth, nvbench or measured-csv [default: by content]
    #[arg(long, value_name = "PROGRAM")]
    pub(super) from: Option<String>,
    /// Which chip of the catalogue the results are about
    #[arg(long, value_name = "ID")]
    pub(super) chip: Option<String>,
    /// Only the device whose name contains this
    #[arg(long, value_name = "NAME")]
    pub(super) device: Option<String>,
    /// Folder for the results; each device gets a folder of its own in there
    #[arg(long, default_value = "results/local")]
    pub(super) out: PathBuf,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// A record.json, an external.json or its folder; repeat it
    #[arg(required = true, value_name = "RECORD")]
    pub(super) records: Vec<PathBuf>,
    /// Form of the output [default: text, or none when something is exported]
    #[arg(long, value_enum)]
    pub(super) format: Option<Format>,
    #[command(flatten)]
    pub(super) exports: Exports,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Exports (several at once; - is stdout, for one of them)")]
pub(super) struct Exports {
    /// One self-contained page about all records
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Flat table, one row per workload and record
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Tables to paste in an issue
    #[arg(long, value_name = "FILE")]
    pub(super) markdown: Option<PathBuf>,
    /// JUnit XML: failed is a failure, unsupported is skipped
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Append a summary, as to `$GITHUB_STEP_SUMMARY`; in a workflow also annotate, on stderr
    #[arg(long, value_name = "FILE")]
    pub(super) github: Option<PathBuf>,
    /// JSON for github-action-benchmark, tool customBiggerIsBetter
    #[arg(long, value_name = "FILE")]
    pub(super) gha_benchmark: Option<PathBuf>,
    /// JSON in Bencher Metric Format
    #[arg(long, value_name = "FILE")]
    pub(super) bmf: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Compare {
    /// The base, then one or more runs to compare with it: record.json files or their folders
    #[arg(required = true, value_name = "RECORD")]
    pub(super) records: Vec<PathBuf>,
    /// The base, if it is not the first record
    #[arg(long, value_name = "RECORD")]
    pub(super) reference: Option<PathBuf>,
    /// Ratios within this of 1 count as the same
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value_t = BAND_PERCENT)]
    pub(super) band: f64,
    /// Compare although adapter or driver differ
    #[arg(long)]
    pub(super) across_adapters: bool,
    /// End with exit code 10 if a workload is slower, slower:PERCENT (by more than that, its
    /// interval's high end decides) or unverified (failed, or no longer measured); repeat it
    #[arg(long, value_name = "CONDITION", value_delimiter = ',')]
    pub(super) fail_on: Vec<Gate>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: PageFormat,
}

fn percent(text: &str) -> Result<f64, String> {
    let value = text.trim_end_matches('%').parse().ok().filter(|v| (0.0..100.0).contains(v));
    value.ok_or("a percentage from 0 to below 100 is needed".into())
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum PageFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For issues and pull requests
    Markdown,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum, PartialEq, Eq)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct Classify {
    /// A record.json, an external.json or its folder; several of the same item are taken together
    pub(super) records: Vec<PathBuf>,
    /// A chip of the catalogue
    #[arg(long, value_name = "ID")]
    pub(super) chip: Option<String>,
    /// Dense rate by hand: bit length of the multiply's inputs, and tera-operations per second
    #[arg(long, value_name = "BITS=VALUE")]
    pub(super) tops: Vec<String>,
    /// Applicable die area
    #[arg(long, value_name = "MM2")]
    pub(super) die_mm2: Option<String>,
    /// Total DRAM bandwidth
    #[arg(long, value_name = "GB/S")]
    pub(super) dram_gb_per_s: Option<String>,
    /// Link bandwidth to other chips, both directions together
    #[arg(long, value_name = "GB/S")]
    pub(super) io_gb_per_s: Option<String>,
    /// Peak of 64-bit floating point
    #[arg(long, value_name = "TFLOPS")]
    pub(super) fp64_tflops: Option<String>,
    /// Designed or marketed for data centers
    #[arg(long, value_name = "yes|no")]
    pub(super) data_center: Option<String>,
    /// Day on which it was first marketed
    #[arg(long, value_name = "DATE")]
    pub(super) first_marketed: Option<String>,
    /// Any other quantity, by the name that rules use
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) quantity: Vec<String>,
    /// Any other fact, by the name that rules use
    #[arg(long, value_name = "NAME=yes|no")]
    pub(super) fact: Vec<String>,
    /// Day whose rules are applied [default: today]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
    /// Only this rule, whatever its status; repeat it
    #[arg(long, value_name = "ID")]
    pub(super) rule: Vec<String>,
    /// Bills, drafts, superseded and foreign rules too
    #[arg(long)]
    pub(super) all: bool,
    /// Also show what would have to change for each clause to flip, and every margin
    #[arg(long)]
    pub(super) what_if: bool,
    /// Clock of the peak: data-sheet or maximum
    #[arg(long, default_value = "data-sheet")]
    pub(super) clock: Clock,
    /// Processing units that count: engine (the fastest alone) or sum
    #[arg(long, default_value = "engine")]
    pub(super) aggregation: Aggregation,
    /// Bit length of TF32: used (19) or stored (32)
    #[arg(long, default_value = "used")]
    pub(super) tf32: Tf32,
    /// Bit length of 4-bit floats: element (4) or with-scale (4.5)
    #[arg(long, default_value = "element")]
    pub(super) micro_scaling: MicroScaling,
    /// Die area that counts: stated or with-io-dies
    #[arg(long, default_value = "stated")]
    pub(super) die_area: DieArea,
    /// Weight of APP: vector (0.9) or other (0.3)
    #[arg(long, default_value = "vector")]
    pub(super) app_weight: AppWeight,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Data {
    #[command(subcommand)]
    pub(super) command: DataCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum DataCommand {
    /// The chip catalogue
    Chips(Chips),
    /// The rule book
    Rules(Rules),
    /// The display tiers
    Tiers(Tiers),
    /// Chips counted in units of another, and the model of two supplies
    Equivalents(Equivalents),
}

#[derive(Debug, clap::Args)]
pub(super) struct Chips {
    /// Show one chip with its sources
    #[arg(long)]
    pub(super) id: Option<String>,
    /// Only chips whose vendor contains this
    #[arg(long)]
    pub(super) vendor: Option<String>,
    /// Only chips of this grade: V, S, A or U
    #[arg(long)]
    pub(super) grade: Option<String>,
    /// Only chips whose id or name contains this
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TableFormat,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    /// Show one rule with its clauses
    #[arg(long)]
    pub(super) id: Option<String>,
    /// Only rules of this status
    #[arg(long)]
    pub(super) status: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TableFormat,
}

#[derive(Debug, clap::Args)]
pub(super) struct Tiers {
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TableFormat,
}

#[derive(Debug, clap::Args)]
pub(super) struct Equivalents {
    /// A chip and how many of it; repeat it
    #[arg(long, value_name = "ID[=COUNT]")]
    pub(super) chip: Vec<String>,
    /// A figure by hand in the unit of the basis (TPP or GB/s), and how many of it; repeat it
    #[arg(long, value_name = "VALUE[=COUNT]")]
    pub(super) figure: Vec<String>,
    /// What is counted: tpp, tpp:BITS or dram
    #[arg(long, default_value = "tpp")]
    pub(super) basis: String,
    /// List the published analyses and what of them can be computed again
    #[arg(long)]
    pub(super) scenarios: bool,
    /// Supply model: production for the one side
    #[arg(long)]
    pub(super) p_us: Option<f64>,
    /// Supply model: exports to the other side
    #[arg(long)]
    pub(super) exports: Option<f64>,
    /// Supply model: share of the exports that the one side then lacks, 0 to 1
    #[arg(long)]
    pub(super) displaced: Option<f64>,
    /// Supply model: domestic production of the other side
    #[arg(long)]
    pub(super) domestic: Option<f64>,
    /// Supply model: smuggled to the other side
    #[arg(long)]
    pub(super) smuggled: Option<f64>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

impl Equivalents {
    pub(super) fn json(&self) -> bool {
        matches!(self.format, Format::Json)
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum TableFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}
