//! Flags of what reads records.

use std::path::PathBuf;

use super::{Format, PageFormat, Rerun};
use crate::audit::{LARGEST_LOT, LARGEST_SAMPLE};
use crate::compare::{BAND_PERCENT, Gate};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Import {
    /// Output file of the other program
    pub(in crate::cli) file: PathBuf,
    /// Which program wrote it; a wrong name lists all [default: by content]
    #[arg(long, value_name = "PROGRAM")]
    pub(in crate::cli) from: Option<String>,
    /// Which chip of the catalogue the results are about
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) chip: Option<String>,
    /// Only this device: its number in the file, its PCI address, or a part of its name
    #[arg(long, value_name = "DEVICE")]
    pub(in crate::cli) device: Option<String>,
    /// Folder for the results; each device gets a folder of its own in there
    #[arg(long, default_value = "results/local")]
    pub(in crate::cli) out: PathBuf,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Record {
    #[command(subcommand)]
    pub(in crate::cli) command: RecordCommand,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum RecordCommand {
    /// Bring records of an older schema to the present one, in place; the digest that they had is kept in them
    Upgrade(Upgrade),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Upgrade {
    /// A record.json, its folder, or a folder of such folders; repeat it
    #[arg(required = true, value_name = "RECORD")]
    pub(in crate::cli) records: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Report {
    /// A record.json, an external.json, its folder, or a folder of such folders; repeat it
    #[arg(required = true, value_name = "RECORD")]
    pub(in crate::cli) records: Vec<PathBuf>,
    /// Form of the output [default: text, or none when something is exported]
    #[arg(long, value_enum)]
    pub(in crate::cli) format: Option<Format>,
    #[command(flatten)]
    pub(in crate::cli) exports: Exports,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Exports (several at once; - is stdout, for one of them)")]
pub(in crate::cli) struct Exports {
    /// One self-contained page about all records
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) html: Option<PathBuf>,
    /// Flat table, one row per workload and record
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) csv: Option<PathBuf>,
    /// Tables to paste in an issue
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) markdown: Option<PathBuf>,
    /// JUnit XML: failed is a failure, unsupported is skipped
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) junit: Option<PathBuf>,
    /// Append a summary, as to `$GITHUB_STEP_SUMMARY`; in a workflow also annotate, on stderr
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) github: Option<PathBuf>,
    /// JSON for github-action-benchmark, tool customBiggerIsBetter
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) gha_benchmark: Option<PathBuf>,
    /// JSON in Bencher Metric Format
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) bmf: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Compare {
    /// The base, then one or more runs to compare with it: record.json files or their folders
    #[arg(required = true, value_name = "RECORD")]
    pub(in crate::cli) records: Vec<PathBuf>,
    /// The base, if it is not the first record
    #[arg(long, value_name = "RECORD")]
    pub(in crate::cli) reference: Option<PathBuf>,
    /// Ratios within this of 1 count as the same
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value_t = BAND_PERCENT)]
    pub(in crate::cli) band: f64,
    /// Compare although adapter or driver differ
    #[arg(long)]
    pub(in crate::cli) across_adapters: bool,
    /// End with exit code 10 if a workload is slower, slower:PERCENT (by more than that, its
    /// interval's high end decides) or unverified (failed, or no longer measured); repeat it
    #[arg(long, value_name = "CONDITION", value_delimiter = ',')]
    pub(in crate::cli) fail_on: Vec<Gate>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: PageFormat,
}

pub(super) fn percent(text: &str) -> Result<f64, String> {
    let value = text.trim_end_matches('%').parse().ok().filter(|v| (0.0..100.0).contains(v));
    value.ok_or("a percentage from 0 to below 100 is needed".into())
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Verify {
    /// A record.json, its folder, or a bundle
    pub(in crate::cli) record: PathBuf,
    /// A public key in PEM that must have signed the bundle; repeat it
    #[arg(long, value_name = "PUB.pem")]
    pub(in crate::cli) key: Vec<PathBuf>,
    /// The challenge that the record shall be the answer to
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) challenge: Option<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: VerifyFormat,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(in crate::cli) enum VerifyFormat {
    /// A line for each check
    #[default]
    Text,
    /// Schema `tierbench.verification/1`
    Json,
    /// JUnit XML
    Junit,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Audit {
    #[command(subcommand)]
    pub(in crate::cli) command: AuditCommand,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum AuditCommand {
    /// Make a pair of Ed25519 keys: KEY.pem, for nobody else, and KEY.pub.pem
    Keygen {
        /// File of the private key
        #[arg(long, value_name = "KEY.pem")]
        out: PathBuf,
    },
    /// Put a record and everything that its words rest on into a folder, each file by its digest
    Pack {
        /// A record.json or its folder
        record: PathBuf,
        /// The folder, which must not be there yet
        #[arg(long, value_name = "BUNDLE")]
        out: PathBuf,
        /// What the laboratory states, for the test report in the bundle; without it the report says "not stated"
        #[arg(long, value_name = "LAB.toml")]
        laboratory: Option<PathBuf>,
    },
    /// Make a challenge with a nonce that nobody can know beforehand: `run --challenge` answers it
    Challenge {
        /// Who asks
        #[arg(long, value_name = "NAME")]
        auditor: String,
        /// Ask for exactly this plan: a plan.json, a record.json or the folder of one
        #[arg(long, value_name = "FILE", conflicts_with = "profile")]
        plan: Option<PathBuf>,
        /// Ask for a profile, on sizes that fit the adapter; without either, for anything
        #[arg(long, value_name = "NAME")]
        profile: Option<String>,
        /// The file, which must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Repeat a stranger's plan on the adapter here: same, different or undecided
    Rerun(Rerun),
    /// A laboratory's test report, to be printed: the points of ISO/IEC 17025:2017, 7.8.2.1 and 7.8.6
    Report(TestReport),
    /// Which items of a lot to measure, and what share of bad ones that would catch
    Sample {
        /// Items of the lot, numbered from 1
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=LARGEST_LOT))]
        population: u64,
        /// Items to measure
        #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=LARGEST_SAMPLE))]
        n: u64,
        /// The items follow from it: fix the numbered list of the lot first, then draw it; tell nobody beforehand
        #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(..1 << 53))]
        seed: u64,
        /// Form of the output
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Sign a bundle's list of files; signatures of others stay
    Sign {
        /// The bundle
        bundle: PathBuf,
        /// The private key
        #[arg(long, value_name = "KEY.pem")]
        key: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TestReport {
    /// A record.json, its folder, or a bundle
    #[arg(required_unless_present = "laboratory_template")]
    pub(in crate::cli) record: Option<PathBuf>,
    /// What the laboratory states: who, where, for whom, which item; the rest is "not stated"
    /// [default: the bundle's own laboratory.toml]
    #[arg(long, value_name = "LAB.toml")]
    pub(in crate::cli) laboratory: Option<PathBuf>,
    /// A public key in PEM that must have signed the bundle; repeat it
    #[arg(long, value_name = "PUB.pem")]
    pub(in crate::cli) key: Vec<PathBuf>,
    /// The challenge that the record shall be the answer to
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) challenge: Option<PathBuf>,
    /// The page; - is stdout
    #[arg(long, value_name = "FILE.html", required_unless_present = "laboratory_template")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Print a LAB.toml in which every key stands, commented out
    #[arg(long, exclusive = true)]
    pub(in crate::cli) laboratory_template: bool,
}
