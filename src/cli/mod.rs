//! The command line: flags in, one short function per subcommand, an exit code out.

mod args;
mod classify;
mod commands;
mod data;
mod import;
mod progress;
mod report;
mod workloads;

pub use commands::execute;
