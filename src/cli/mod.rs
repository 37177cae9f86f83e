//! The command line: flags in, one short function per subcommand, an exit code out.

mod args;
mod commands;
mod progress;
mod workloads;

pub use commands::execute;
