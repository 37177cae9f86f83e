//! The command line: flags in, one short function per subcommand, an exit code out.

mod args;
mod audit;
mod check;
mod classify;
mod commands;
mod compare;
mod data;
mod evidence;
mod import;
mod inputs;
mod interrupt;
mod manual;
mod measure;
mod number;
mod output;
mod progress;
mod report;
mod rerun;
mod test_report;
mod tune;
mod upgrade;
mod verify;
mod workloads;

pub use commands::execute;
pub use output::{People, say};
