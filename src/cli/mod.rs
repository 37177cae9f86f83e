//! The command line: flags in, one short function per subcommand, an exit code out.

mod args;
mod check;
mod classify;
mod commands;
mod compare;
mod data;
mod evidence;
mod import;
mod interrupt;
mod manual;
mod output;
mod progress;
mod report;
mod workloads;

pub use commands::execute;
