//! Flags. Nothing outside this folder sees them.

mod classify;
mod data;
mod measure;
mod records;
mod rerun;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

pub(super) use classify::Classify;
pub(super) use data::{Chips, Data, DataCommand, Equivalents, Rules};
pub(super) use measure::{Check, Run, Tune, Which};
pub(super) use records::{
    Audit, AuditCommand, Compare, Exports, Import, Record, RecordCommand, Report, TestReport,
    Upgrade, Verify, VerifyFormat,
};
pub(super) use rerun::Rerun;

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
    /// Take over what clpeak, the CUTLASS profiler, nvbandwidth and a dozen other programs measured, marked as external
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
    /// Look after records
    Record(Record),
    /// Keys, bundles, signatures and reruns: evidence that changes hands
    Audit(Audit),
    /// Does a record follow from its own samples, plan and rules? No GPU, no network
    Verify(Verify),
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
