//! `run`: the main job.

use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::args::{Run, Which};
use super::interrupt::{interrupt_flag, interrupt_when_stdin_closes};
use super::output::{print_exactly, say, show};
use super::progress::Bar;
use super::workloads;
use crate::adapter::{Found, Identity, choose, find_all, twins};
use crate::digest::sha256_hex;
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::plan::{Asked, ChallengeFile, Plan};
use crate::program;
use crate::record::{Folder, Record};
use crate::run::{self, Request, Starts, ThisMachine};
use crate::tune::Cache;

/// Adapter and plan that the flags ask for.
pub(super) fn adapter_and_plan(
    which: &Which,
    matches: &ArgMatches,
    seed: Option<u64>,
) -> Result<(Found, Plan)> {
    let workloads = workloads::from_matches(matches)?;
    let found = adapter(which)?;
    let plan = Plan::new(&which.profile, workloads, found.identity.software, seed)?;
    let plan = plan.fitted(&found.capability);
    Ok((found, plan))
}

fn adapter(which: &Which) -> Result<Found> {
    chosen(which.adapter.as_deref(), which.require_hardware)
}

/// The adapter that the flags mean, told to people with what tells it apart.
pub(super) fn chosen(selector: Option<&str>, require_hardware: bool) -> Result<Found> {
    let all = find_all();
    let others: Vec<Identity> = all.iter().map(|f| f.identity.clone()).collect();
    let found = choose(all, selector, require_hardware)?;
    say(format_args!("{}  [{}]", found.identity.line(), found.identity.kind()));
    if selector.is_none() {
        for twin in twins(&others, &found.identity) {
            say(format_args!("note: {twin} is here as well; --adapter chooses"));
        }
    }
    Ok(found)
}

/// The adapter, and the plan of a file or of flags.
fn prepared(args: &Run, matches: &ArgMatches) -> Result<(Found, Plan)> {
    if let (Some(process), Some(file)) = (args.process, &args.plan_file) {
        // Before the adapter: a plan that was changed starts nothing.
        let plan = Plan::read(file)?;
        let fail = |what: &str| Err(Error::input(files::name(file), what));
        let digest = plan.record().digest().map_err(|e| Error::Internal(e.to_string()))?;
        if args.plan_sha256.as_ref().is_some_and(|fixed| *fixed != digest) {
            return fail("the plan was changed after the run began; start again");
        }
        if process >= plan.process_starts {
            return fail("key `process_starts`: --process is beyond it; count from 0");
        }
        return Ok((adapter(&args.which)?, plan.start(process)));
    }
    if let Some(file) = &args.plan {
        let plan = Plan::read(file)?;
        let found = adapter(&args.which)?;
        admitted(&found, &plan, &files::name(file))?;
        return Ok((found, plan));
    }
    let challenge = args.challenge.as_deref().map(ChallengeFile::read).transpose()?;
    if let Some((challenge, Asked::Plan(asked))) = challenge.as_ref().map(|c| (c, &c.plan)) {
        fixed_by_challenge(matches)?;
        let plan = Plan::of_record(asked).map_err(|(key, what)| {
            Error::Usage(format!("--challenge: key `plan.{key}`: {what}"))
        })?;
        let found = adapter(&args.which)?;
        admitted(&found, &plan, "--challenge")?;
        return Ok((found, plan.answering(challenge.challenge())));
    }
    let which = match challenge.as_ref().map(|c| &c.plan) {
        Some(Asked::Profile(profile)) => {
            fixed_by_challenge(matches)?;
            Which { profile: profile.clone(), ..args.which.clone() }
        }
        _ => args.which.clone(),
    };
    let (found, mut plan) = adapter_and_plan(&which, matches, args.seed)?;
    plan.process_starts = args.process_starts.unwrap_or(plan.process_starts);
    plan.zero_inputs = args.zero_inputs;
    plan.checked_shaders = args.checked_shaders;
    run::fit_memory(&found, &mut plan);
    Ok((found, challenge.map_or(plan.clone(), |c| plan.answering(c.challenge()))))
}

/// What a challenge asks for is not for flags to change.
fn fixed_by_challenge(matches: &ArgMatches) -> Result<()> {
    let fixed = [
        "profile",
        "workload",
        "input",
        "size",
        "accumulate",
        "causal",
        "zero_inputs",
        "checked_shaders",
        "process_starts",
    ];
    let given = |name: &&&str| matches.value_source(name) == Some(ValueSource::CommandLine);
    match fixed.iter().find(given) {
        None => Ok(()),
        Some(name) => {
            let flag = name.replace('_', "-");
            Err(Error::Usage(format!("--{flag}: the challenge says what is run; leave it out")))
        }
    }
}

/// That nothing in a plan from a file is too large to be tried here.
pub(super) fn admitted(found: &Found, plan: &Plan, file: &str) -> Result<()> {
    let remedy = "a plan from a file runs as it is or not at all";
    run::refuse_excess(found, plan)
        .map_err(|what| Error::input(file, format!("key `workloads`: {what}; {remedy}")))
}

/// Does what `tierbench run` says.
pub(super) fn run(args: &Run, matches: &ArgMatches) -> Result<()> {
    let (found, plan) = prepared(args, matches)?;
    if args.plan_only {
        let bytes = plan.record().canonical().map_err(|e| Error::Internal(e.to_string()))?;
        print_exactly(&bytes)?;
        say(format_args!("SHA-256 of the plan: {}", sha256_hex(&bytes)));
        return Ok(());
    }
    let interrupted = interrupt_flag(args.until_stdin_closes)?;
    if args.until_stdin_closes {
        interrupt_when_stdin_closes(&interrupted);
    }
    let attest = args.attest_cmd.as_deref().map(run::attest_command).transpose()?;
    let attest = attest.unwrap_or_default();
    let book = Book::load()?;
    let how = How {
        adapter: args.which.adapter.as_deref(),
        require_hardware: args.which.require_hardware,
        defaults: args.defaults,
        out: &args.out,
        into: args.into.as_deref(),
        attest: &attest,
    };
    let (record, folder) = measured(&how, &found, &plan, &interrupted, &book)?;
    let shown = show(&record, args.format, &book);
    say(format_args!("record: {}", files::name(&folder.record_path())));
    shown?;
    run::outcome(&record)
}

/// What a run needs beside its adapter and plan.
pub(super) struct How<'a> {
    /// The words that chose the adapter: process starts choose by the same.
    pub(super) adapter: Option<&'a str>,
    pub(super) require_hardware: bool,
    /// Leave tuned choices alone.
    pub(super) defaults: bool,
    /// Where the record gets a folder of its own.
    pub(super) out: &'a Path,
    /// The folder itself, for a process start.
    pub(super) into: Option<&'a Path>,
    /// What asks the device what it is; empty where nothing does.
    pub(super) attest: &'a [String],
}

/// Runs a plan, in this process or in several starts, and keeps the record.
pub(super) fn measured(
    how: &How<'_>,
    found: &Found,
    plan: &Plan,
    interrupted: &AtomicBool,
    book: &Book,
) -> Result<(Record, Folder)> {
    if plan.process_starts > 1 {
        let begin = |process: u32| {
            say(format_args!("process start {} of {}", process + 1, plan.process_starts));
        };
        let program = program::words().map_err(|e| Error::Internal(e.to_string()))?;
        let flags = flags_of_starts(how);
        let starts = Starts {
            program: &program,
            flags: &flags,
            attest: how.attest,
            interrupted,
            begin: &begin,
        };
        return run::run_starts(&starts, found, plan, how.out, book);
    }
    let bar = Bar::new(plan.workloads.len());
    let request = Request {
        machine: &ThisMachine,
        found,
        plan,
        book,
        cache: &if how.defaults { Cache::empty() } else { Cache::load() },
        attest: how.attest,
        interrupted,
        listener: &bar,
    };
    let result = match how.into {
        Some(into) => {
            let folder = Folder::at(into)?;
            run::run_to_folder(&request, &folder).map(|record| (record, folder))
        }
        None => run::run_to_new_folder(&request, how.out),
    };
    bar.finish();
    result
}

/// What every process start must choose as this one did.
fn flags_of_starts(how: &How<'_>) -> Vec<OsString> {
    let mut flags: Vec<OsString> = Vec::new();
    if let Some(adapter) = how.adapter {
        flags.extend(["--adapter".into(), adapter.into()]);
    }
    if how.require_hardware {
        flags.push("--require-hardware".into());
    }
    if how.defaults {
        flags.push("--defaults".into());
    }
    flags
}
