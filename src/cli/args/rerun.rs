//! Flags of `audit rerun`.

use std::path::PathBuf;

use super::Format;
use super::records::percent;
use crate::audit::TOLERANCE_PERCENT;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Rerun {
    /// A bundle, a record.json or its folder; it is checked first as by `verify`
    pub(in crate::cli) bundle: PathBuf,
    /// A public key in PEM that must have signed the bundle; repeat it
    #[arg(long, value_name = "PUB.pem")]
    pub(in crate::cli) key: Vec<PathBuf>,
    /// The challenge that the record shall be the answer to
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) challenge: Option<PathBuf>,
    /// Which adapter: index of `list`, part of its name, pci:ADDRESS or driver:PART [default: the first]
    #[arg(long, allow_hyphen_values = true)]
    pub(in crate::cli) adapter: Option<String>,
    /// Refuse a software adapter
    #[arg(long)]
    pub(in crate::cli) require_hardware: bool,
    /// Use the defaults of the adapter's class, not what `tune` found
    #[arg(long)]
    pub(in crate::cli) defaults: bool,
    /// Folder for the new record; it gets a folder of its own in there
    #[arg(long, value_name = "DIR", default_value = "results/local")]
    pub(in crate::cli) out: PathBuf,
    /// Rates that differ by less are the same, and by more are different
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value_t = TOLERANCE_PERCENT)]
    pub(in crate::cli) tolerance: f64,
    /// A plan that can take longer is refused, and a run that does take longer is stopped
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub(in crate::cli) max_minutes: u32,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}
