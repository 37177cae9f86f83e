//! Flags of `classify`.

use std::path::PathBuf;

use super::Format;
use crate::normalize::{Aggregation, AppWeight, Clock, DieArea, MicroScaling, Tf32};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Classify {
    /// A record.json, an external.json or its folder; several of the same item are taken together
    pub(in crate::cli) records: Vec<PathBuf>,
    /// A chip of the catalogue
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) chip: Option<String>,
    /// Dense rate by hand: bit length of the multiply's inputs, and tera-operations per second
    #[arg(long, value_name = "BITS=VALUE")]
    pub(in crate::cli) tops: Vec<String>,
    /// Applicable die area
    #[arg(long, value_name = "MM2")]
    pub(in crate::cli) die_mm2: Option<String>,
    /// Total DRAM bandwidth
    #[arg(long, value_name = "GB/S")]
    pub(in crate::cli) dram_gb_per_s: Option<String>,
    /// Link bandwidth to other chips, both directions together
    #[arg(long, value_name = "GB/S")]
    pub(in crate::cli) io_gb_per_s: Option<String>,
    /// Peak of 64-bit floating point
    #[arg(long, value_name = "TFLOPS")]
    pub(in crate::cli) fp64_tflops: Option<String>,
    /// Designed or marketed for data centers
    #[arg(long, value_name = "yes|no")]
    pub(in crate::cli) data_center: Option<String>,
    /// Day on which it was first marketed
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) first_marketed: Option<String>,
    /// Any other quantity, by the name that rules use
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) quantity: Vec<String>,
    /// Any other fact, by the name that rules use
    #[arg(long, value_name = "NAME=yes|no")]
    pub(in crate::cli) fact: Vec<String>,
    /// Count imported figures above the declared peak, up to twice: the declaration is what is wrong
    #[arg(long)]
    pub(in crate::cli) declaration_is_wrong: bool,
    /// Day whose rules are applied [default: today]
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) as_of: Option<String>,
    /// Only this rule, whatever its status; repeat it
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) rule: Vec<String>,
    /// Bills, drafts, superseded and foreign rules too
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// The arithmetic and the facts behind every clause
    #[arg(long)]
    pub(in crate::cli) why: bool,
    /// Also show what would have to change for each clause to flip, and every margin
    #[arg(long)]
    pub(in crate::cli) what_if: bool,
    /// Clock of the peak: data-sheet or maximum
    #[arg(long, default_value = "data-sheet")]
    pub(in crate::cli) clock: Clock,
    /// Processing units that count: engine (the fastest alone) or sum
    #[arg(long, default_value = "engine")]
    pub(in crate::cli) aggregation: Aggregation,
    /// Bit length of TF32: used (19) or stored (32)
    #[arg(long, default_value = "used")]
    pub(in crate::cli) tf32: Tf32,
    /// Bit length of 4-bit floats: element (4) or with-scale (4.5)
    #[arg(long, default_value = "element")]
    pub(in crate::cli) micro_scaling: MicroScaling,
    /// Die area that counts: with-io-dies (the text) or stated (compute dies)
    #[arg(long, default_value = "with-io-dies")]
    pub(in crate::cli) die_area: DieArea,
    /// Weight of APP: vector (0.9) or other (0.3)
    #[arg(long, default_value = "vector")]
    pub(in crate::cli) app_weight: AppWeight,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub(in crate::cli) format: Format,
}
