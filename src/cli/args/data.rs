//! Flags of `data`.

use clap::Subcommand;

use super::{Format, TableFormat};
use crate::cli::number::not_negative;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Data {
    #[command(subcommand)]
    pub(in crate::cli) command: DataCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DataCommand {
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
pub(in crate::cli) struct Chips {
    /// Show one chip with its sources
    #[arg(long)]
    pub(in crate::cli) id: Option<String>,
    /// Only chips whose vendor contains this
    #[arg(long)]
    pub(in crate::cli) vendor: Option<String>,
    /// Only chips of this grade: V, S, A or U
    #[arg(long)]
    pub(in crate::cli) grade: Option<String>,
    /// Only chips whose id or name contains this
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: TableFormat,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Rules {
    /// Show one rule with its clauses
    #[arg(long)]
    pub(in crate::cli) id: Option<String>,
    /// Only rules of this status
    #[arg(long)]
    pub(in crate::cli) status: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: TableFormat,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Tiers {
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: TableFormat,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Equivalents {
    /// A chip and how many of it; repeat it
    #[arg(long, value_name = "ID[=COUNT]")]
    pub(in crate::cli) chip: Vec<String>,
    /// A figure by hand in the unit of the basis (TPP or GB/s), and how many of it; repeat it
    #[arg(long, value_name = "VALUE[=COUNT]")]
    pub(in crate::cli) figure: Vec<String>,
    /// What is counted: tpp, tpp:BITS or dram
    #[arg(long, default_value = "tpp")]
    pub(in crate::cli) basis: String,
    /// List the published analyses and what of them can be computed again
    #[arg(long)]
    pub(in crate::cli) scenarios: bool,
    /// Supply model: production for the one side
    #[arg(long, value_parser = not_negative)]
    pub(in crate::cli) p_us: Option<f64>,
    /// Supply model: exports to the other side
    #[arg(long, value_parser = not_negative)]
    pub(in crate::cli) exports: Option<f64>,
    /// Supply model: share of the exports that the one side then lacks, 0 to 1
    #[arg(long, value_parser = not_negative)]
    pub(in crate::cli) displaced: Option<f64>,
    /// Supply model: domestic production of the other side
    #[arg(long, value_parser = not_negative)]
    pub(in crate::cli) domestic: Option<f64>,
    /// Supply model: smuggled to the other side
    #[arg(long, value_parser = not_negative)]
    pub(in crate::cli) smuggled: Option<f64>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}

impl Equivalents {
    pub(in crate::cli) fn json(&self) -> bool {
        matches!(self.format, Format::Json)
    }
}
