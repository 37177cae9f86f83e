//! `tune`: a search for each workload, and what it found kept for later runs.

use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::ArgMatches;

use super::args::{Format, Tune};
use super::interrupt::interrupt_flag;
use super::measure::adapter_and_plan;
use super::output::{print, say};
use super::progress::Bar;
use crate::error::{Error, Result};
use crate::report;
use crate::run::Listener;
use crate::tune::{Cache, tune};

/// Does what `tierbench tune` says.
pub(super) fn run(args: &Tune, matches: &ArgMatches) -> Result<()> {
    let (found, plan) = adapter_and_plan(&args.which, matches, None)?;
    let interrupted = interrupt_flag(false)?;
    let mut cache = Cache::load();
    if let Some(ignored) = &cache.ignored {
        say(format_args!("note: {ignored}"));
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
