//! Which function does what a subcommand says.

use clap::{CommandFactory, FromArgMatches};

use super::args::{Args, Command, Format, List, RecordCommand};
use super::output::print;
use crate::adapter::{drivers, find_all, no_adapter};
use crate::error::Result;
use crate::plan::Plan;
use crate::report;

/// Parses the command line and does what it says.
pub fn execute() -> Result<()> {
    let matches = Args::command().get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
    let of = |name: &str| matches.subcommand_matches(name).unwrap_or(&matches);
    match args.command {
        Command::List(args) => list(&args),
        Command::Run(args) => super::measure::run(&args, of("run")),
        Command::Check(args) => super::check::run(&args),
        Command::Completions { shell } => super::manual::completions(shell),
        Command::Man { out } => super::manual::pages(&out),
        Command::Tune(args) => super::tune::run(&args, of("tune")),
        Command::Classify(args) => super::classify::run(&args),
        Command::Data(args) => super::data::run(&args),
        Command::Import(args) => super::import::run(&args),
        Command::Compare(args) => super::compare::run(&args),
        Command::Record(args) => match args.command {
            RecordCommand::Upgrade(args) => super::upgrade::run(&args),
        },
        Command::Audit(args) => super::audit::run(&args),
        Command::Verify(args) => super::verify::run(&args),
        Command::Report(args) => super::report::run(&args),
    }
}

fn list(args: &List) -> Result<()> {
    let found = find_all();
    let software = found.first().is_some_and(|f| f.identity.software);
    let plan = Plan::new("quick", Vec::new(), software, None)?;
    let drivers = args.why.then(drivers);
    match args.format {
        Format::Json => print(&report::list_json(&found, &plan.workloads, drivers.as_ref())?)?,
        Format::Text => {
            print(&report::list_text(&found, &plan.workloads))?;
            if let Some(drivers) = &drivers {
                print(&format!("\n{}", report::drivers_text(drivers)))?;
            }
        }
    }
    if found.is_empty() { Err(no_adapter()) } else { Ok(()) }
}
