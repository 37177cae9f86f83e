//! Flags of what runs on a device.

use std::path::PathBuf;

use super::Format;
use crate::plan::Plan;
use crate::run::DEFAULT_COMMAND;

#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Which {
    #[arg(long, default_value = "quick", help = profile_help())]
    pub(in crate::cli) profile: String,
    /// Instead of the profile's list: matmul, attention[-causal|-decode],
    /// bandwidth-read|write|copy|triad, roof, roof-matrix, chain or empty. Repeat it, each with its
    /// --input and --size behind it, or whole as `list` prints it: matmul:f16:512x512x512
    #[arg(long, value_name = "WORKLOAD")]
    pub(in crate::cli) workload: Vec<String>,
    /// Input type of the workload before it: f32, f16, or i8 for matmul and roof [default: f32]
    #[arg(long, value_name = "TYPE")]
    pub(in crate::cli) input: Vec<String>,
    /// Size of the workload before it: MxNxK, BATCHxHEADS[/KVHEADS]xSEQUENCExHEADSIZE, bytes,
    /// invocations or steps
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub(in crate::cli) size: Vec<String>,
    /// Type of the sums of the matmul before it: f32, f16, or i32 for i8 inputs [default: f32, or i32]
    #[arg(long, value_name = "TYPE")]
    pub(in crate::cli) accumulate: Vec<String>,
    /// The attention before it has a causal mask
    #[arg(long, action = clap::ArgAction::Count)]
    pub(in crate::cli) causal: u8,
    /// Which adapter: index of `list`, part of its name, pci:ADDRESS or driver:PART [default: the first]
    #[arg(long, allow_hyphen_values = true)]
    pub(in crate::cli) adapter: Option<String>,
    /// Refuse a software adapter
    #[arg(long)]
    pub(in crate::cli) require_hardware: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Check {
    /// Which adapter: index of `list`, part of its name, pci:ADDRESS or driver:PART [default: the first]
    #[arg(long, allow_hyphen_values = true)]
    pub(in crate::cli) adapter: Option<String>,
    /// Refuse a software adapter
    #[arg(long)]
    pub(in crate::cli) require_hardware: bool,
    /// Seed of all inputs, to repeat a check; new each time otherwise
    #[arg(long)]
    pub(in crate::cli) seed: Option<u64>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Tune {
    #[command(flatten)]
    pub(in crate::cli) which: Which,
    /// Longest search for one workload, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(in crate::cli) budget: u64,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Run {
    #[command(flatten)]
    pub(in crate::cli) which: Which,
    /// Use the defaults of the adapter's class, not what `tune` found
    #[arg(long)]
    pub(in crate::cli) defaults: bool,
    /// Run exactly this plan: a plan.json, a record.json or the folder of one. It says everything but
    /// the adapter and whether tuned kernels are used
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "profile", "workload", "input", "size", "accumulate", "causal", "seed", "zero_inputs",
        "checked_shaders", "process_starts", "process",
    ])]
    pub(in crate::cli) plan: Option<PathBuf>,
    /// Answer an auditor's challenge, whose nonce seeds the inputs and enters the plan: a file with the
    /// keys nonce, auditor, `issued_at` and plan (`audit challenge` makes one)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan", "seed", "process"])]
    pub(in crate::cli) challenge: Option<PathBuf>,
    /// Ask the device before and behind what it is, and keep the answers as they are [default
    /// command: nvattest collect-evidence]; {nonce} stands for the nonce
    #[arg(
        long, value_name = "COMMAND", num_args = 0..=1, default_missing_value = DEFAULT_COMMAND,
        conflicts_with = "process",
    )]
    pub(in crate::cli) attest_cmd: Option<String>,
    /// Run nothing: print the plan, whose SHA-256 is the digest to publish beforehand; --plan runs it
    #[arg(long)]
    pub(in crate::cli) plan_only: bool,
    /// Folder for the record; it gets a folder of its own in there
    #[arg(long, default_value = "results/local")]
    pub(in crate::cli) out: PathBuf,
    /// Seed of all inputs, to repeat a run; new for each run otherwise
    #[arg(long)]
    pub(in crate::cli) seed: Option<u64>,
    /// Take zeros as inputs, to see what the inputs' power costs; such figures prove nothing
    #[arg(long)]
    pub(in crate::cli) zero_inputs: bool,
    /// Keep wgpu's run-time checks in the kernels, to see what they cost
    #[arg(long)]
    pub(in crate::cli) checked_shaders: bool,
    /// Run the list in so many processes, one after the other [default: the profile's]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(in crate::cli) process_starts: Option<u32>,
    /// Which process start of a plan this is
    #[arg(long, hide = true, requires = "plan_file", requires = "into")]
    pub(in crate::cli) process: Option<u32>,
    /// Plan that the starting process wrote
    #[arg(long, hide = true)]
    pub(in crate::cli) plan_file: Option<PathBuf>,
    /// Digest of that plan when it was written
    #[arg(long, hide = true, requires = "plan_file")]
    pub(in crate::cli) plan_sha256: Option<String>,
    /// Stop as on an interrupt when standard input ends
    #[arg(long, hide = true)]
    pub(in crate::cli) until_stdin_closes: bool,
    /// The folder for the record itself
    #[arg(long, hide = true)]
    pub(in crate::cli) into: Option<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

fn profile_help() -> String {
    let names = Plan::profiles().unwrap_or_default().join(", ");
    format!("List of workloads and stop rule, one of: {names}")
}
