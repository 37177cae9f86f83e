//! What each subcommand does, in a few lines of library calls.

use std::ffi::OsString;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use super::args::{Args, Command, Format, List, Run, Tune, Which};
use super::interrupt::interrupt_flag;
use super::output::{print, show};
use super::progress::Bar;
use super::workloads;
use crate::adapter::{Found, choose, drivers, find_all};
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::plan::Plan;
use crate::record::Folder;
use crate::report;
use crate::run::{self, Here, Listener, Request, Starts};
use crate::tune::{Cache, tune};

/// Parses the command line and does what it says.
pub fn execute() -> Result<()> {
    let matches = Args::command().get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
    match args.command {
        Command::List(args) => list(&args),
        Command::Run(args) => measure(&args, matches.subcommand_matches("run").unwrap_or(&matches)),
        Command::Check(args) => super::check::run(&args),
        Command::Completions { shell } => super::manual::completions(shell),
        Command::Man { out } => super::manual::pages(&out),
        Command::Tune(args) => {
            search(&args, matches.subcommand_matches("tune").unwrap_or(&matches))
        }
        Command::Classify(args) => super::classify::run(&args),
        Command::Data(args) => super::data::run(&args),
        Command::Import(args) => super::import::run(&args),
        Command::Compare(args) => super::compare::run(&args),
        Command::Report(args) => super::report::run(&args),
    }
}

fn list(args: &List) -> Result<()> {
    let found = find_all();
    let software = found.first().is_some_and(|f| f.identity.software);
    let plan = Plan::new("quick", Vec::new(), software, None)?;
    let plan = match found.first() {
        Some(first) => plan.fitted(&first.capability),
        None => plan,
    };
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
    if found.is_empty() { Err(Error::NoAdapter) } else { Ok(()) }
}

/// Adapter and plan that the flags ask for.
fn prepare(which: &Which, matches: &ArgMatches, seed: Option<u64>) -> Result<(Found, Plan)> {
    let workloads = workloads::from_matches(matches)?;
    let found = choose(find_all(), which.adapter.as_deref(), which.require_hardware)?;
    let plan = Plan::new(&which.profile, workloads, found.identity.software, seed)?;
    let plan = plan.fitted(&found.capability);
    eprintln!("{}  [{}]", found.identity.name, found.identity.kind());
    Ok((found, plan))
}

fn search(args: &Tune, matches: &ArgMatches) -> Result<()> {
    let (found, plan) = prepare(&args.which, matches, None)?;
    let interrupted = interrupt_flag()?;
    let mut cache = Cache::load();
    if let Some(ignored) = &cache.ignored {
        eprintln!("note: {ignored}");
    }
    let bar = Bar::new(plan.workloads.len());
    let budget = Duration::from_secs(args.budget);
    let mut outcomes = Vec::new();
    for (index, workload) in plan.workloads.iter().enumerate() {
        bar.begin(index, workload);
        let progress = |share| bar.progress(share);
        match tune(&found, workload, plan.seed, budget, &interrupted, &progress) {
            // An interrupted search has not seen all; it must not decide.
            _ if interrupted.load(Ordering::Relaxed) => break,
            Ok((outcome, winner)) => {
                if let Some(job) = winner {
                    cache.keep(&found.identity, workload, &job)?;
                }
                outcomes.push(outcome);
            }
            Err(reason) => bar.say(&format!("{workload}: unsupported: {reason}")),
        }
    }
    bar.finish();
    match args.format {
        Format::Json => print(&report::tune_json(&found.identity.name, &outcomes)?)?,
        Format::Text => print(&report::tune_text(&outcomes))?,
    }
    let fruitless = outcomes.iter().filter(|outcome| outcome.winner.is_none()).count();
    if interrupted.load(Ordering::Relaxed) {
        Err(Error::Interrupted)
    } else if fruitless > 0 {
        Err(Error::WorkloadFailed(fruitless, plan.workloads.len()))
    } else if outcomes.is_empty() {
        Err(Error::NothingRan(plan.workloads.len()))
    } else {
        Ok(())
    }
}

fn measure(args: &Run, matches: &ArgMatches) -> Result<()> {
    let (found, mut plan) = prepare(&args.which, matches, args.seed)?;
    if let Some(starts) = args.process_starts {
        plan.process_starts = starts;
    }
    plan.zero_inputs = args.zero_inputs;
    plan.checked_shaders = args.checked_shaders;
    let interrupted = interrupt_flag()?;
    let book = Book::load()?;
    if let (Some(process), Some(file)) = (args.process, &args.plan_file) {
        plan = Plan::of_process(file, process)?;
    } else {
        run::fit_memory(&found, &mut plan);
    }
    let bar = Bar::new(plan.workloads.len());
    let (record, folder) = if plan.process_starts > 1 {
        let begin = |process: u32| {
            eprintln!("process start {} of {}", process + 1, plan.process_starts);
        };
        let program = this_program()?;
        let flags = flags_of_starts(args);
        let starts =
            Starts { program: &program, flags: &flags, interrupted: &interrupted, begin: &begin };
        run::run_starts(&starts, &found, &plan, &args.out, &book)?
    } else {
        let request = Request {
            lab: &Here,
            found: &found,
            plan: &plan,
            book: &book,
            cache: &if args.defaults { Cache::empty() } else { Cache::load() },
            interrupted: &interrupted,
            listener: &bar,
        };
        let result = match &args.into {
            Some(into) => {
                let folder = Folder::at(into)?;
                run::run_in(&request, &folder).map(|record| (record, folder))
            }
            None => run::run(&request, &args.out),
        };
        bar.finish();
        result?
    };
    show(&record, args.format, &book)?;
    eprintln!("record: {}", folder.record_path().display());
    run::outcome(&record)
}

/// How to start this program once more. Behind a loader (`ld.so [OPTIONS] tierbench ...`) the words in
/// front belong to it: those that the process was started with, less the arguments that it sees.
fn this_program() -> Result<Vec<OsString>> {
    let own = std::env::args_os().count().saturating_sub(1);
    #[cfg(target_os = "linux")]
    if let Ok(line) = std::fs::read("/proc/self/cmdline") {
        use std::os::unix::ffi::OsStringExt;
        let words = line.strip_suffix(b"\0").unwrap_or(&line).split(|byte| *byte == 0);
        let words: Vec<OsString> = words.map(|word| OsString::from_vec(word.to_vec())).collect();
        let front = words.len().saturating_sub(own);
        if front > 1 {
            return Ok(words[..front].to_vec());
        }
    }
    let _ = own;
    let program = std::env::current_exe().map_err(|e| Error::Internal(e.to_string()))?;
    Ok(vec![program.into_os_string()])
}

/// What every process start must choose as this one did.
fn flags_of_starts(args: &Run) -> Vec<String> {
    let mut flags = Vec::new();
    if let Some(adapter) = &args.which.adapter {
        flags.extend(["--adapter".into(), adapter.clone()]);
    }
    if args.which.require_hardware {
        flags.push("--require-hardware".into());
    }
    if args.defaults {
        flags.push("--defaults".into());
    }
    flags
}
