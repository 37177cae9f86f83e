//! `audit rerun`: a stranger's plan, on the adapter here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::args::{Format, Rerun};
use super::interrupt::interrupt_flag;
use super::measure::{How, admitted, chosen, measured};
use super::output::{print, say};
use super::verify::{Verified, failure};
use crate::audit::{self, Sameness};
use crate::compare::adapters_differ;
use crate::error::{Error, Result};
use crate::files;
use crate::normalize::Book;
use crate::plan::{ChallengeFile, Plan};
use crate::record::Record;
use crate::units::counted;
use crate::{report, run};

/// Does what `tierbench audit rerun` says.
pub(super) fn run(args: &Rerun) -> Result<()> {
    let book = Book::load()?;
    let name = files::name(&args.bundle);
    let asked = args.challenge.as_deref().map(ChallengeFile::read).transpose()?;
    let verified = Verified::open(&args.bundle, &args.key, asked.as_ref(), &book)?;
    failure(&verified.found)?;
    let filed = &verified.derived.record;
    let plan = plan_of(filed, &name)?;
    let minutes = fitting_minutes(&plan, filed, args.max_minutes)?;
    let found = chosen(args.adapter.as_deref(), args.require_hardware)?;
    admitted(&found, &plan, &name)?;
    let differ = adapters_differ(&filed.adapter, &found.identity);
    if !differ.is_empty() {
        say(
            "note: another adapter or driver than the one filed; a difference will say nothing about that one",
        );
        for what in &differ {
            say(format_args!("  {what}"));
        }
    }
    say(format_args!("{}: up to {minutes} min", size(&plan)));
    let interrupted = interrupt_flag(false)?;
    stop_after(args.max_minutes, &interrupted);
    let how = How {
        adapter: args.adapter.as_deref(),
        require_hardware: args.require_hardware,
        defaults: args.defaults,
        out: &args.out,
        into: None,
        attest: &[],
    };
    let (record, folder) = measured(&how, &found, &plan, &interrupted, &book)?;
    let new_name = files::name(folder.path());
    let sha256 = &verified.found.subject.sha256;
    let rerun = audit::rerun((&name, filed, sha256), (&new_name, &record), args.tolerance);
    let shown = match args.format {
        Format::Text => report::rerun_text(&rerun),
        Format::Json => report::rerun_json(&rerun),
    };
    let shown = shown.and_then(|text| print(&text));
    say(format_args!("record: {}", files::name(&folder.record_path())));
    shown?;
    run::outcome(&record)?;
    differing(&rerun)
}

/// The plan that a record was made by, as it was checked: no other file of a bundle says what is run.
fn plan_of(filed: &Record, name: &str) -> Result<Plan> {
    let fail = |what: String| Error::input(name, what);
    if let Some(why) = &filed.without_samples {
        return Err(fail(format!("{why}; there is nothing to hold a repetition against")));
    }
    let plan = filed.plan.as_ref();
    let plan = plan.ok_or_else(|| fail("this record holds no plan that could be run".into()))?;
    Plan::of_record(plan).map_err(|(key, what)| fail(format!("key `plan.{key}`: {what}")))
}

/// Minutes that a plan can take, if they are within the limit. How long a dispatch takes is what the filed record says
/// of it: where that is made up, the run is stopped at the limit.
fn fitting_minutes(plan: &Plan, filed: &Record, most: u32) -> Result<u64> {
    let dispatch_ms = |at: usize| {
        let summary = filed.workloads.get(at).and_then(|w| w.verified());
        summary.map_or(0.0, |summary| summary.median_ns / 1e6)
    };
    let minutes = plan.longest(dispatch_ms).as_secs().div_ceil(60);
    if minutes <= u64::from(most) {
        return Ok(minutes);
    }
    let remedy = if minutes <= MOST_MINUTES {
        format!("add --max-minutes {minutes} if it may")
    } else {
        "that is longer than a day, and not for this command".into()
    };
    Err(Error::Usage(format!(
        "the plan of this record can take {minutes} minutes ({}), and --max-minutes is {most}\n  {remedy}",
        size(plan)
    )))
}

fn size(plan: &Plan) -> String {
    let workloads = counted(plan.workloads.len(), "workload");
    format!("{workloads} in {}", counted(plan.process_starts as usize, "process start"))
}

/// The most that `--max-minutes` takes.
const MOST_MINUTES: u64 = 1440;

/// Sets the flag when the time is up.
fn stop_after(minutes: u32, interrupted: &Arc<AtomicBool>) {
    let flag = interrupted.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(60 * u64::from(minutes)));
        if !flag.swap(true, Ordering::SeqCst) {
            say(format_args!(
                "stopped after {minutes} min (--max-minutes): keeping what was measured"
            ));
        }
    });
}

fn differing(rerun: &audit::Rerun) -> Result<()> {
    let different: Vec<&str> = rerun.of(Sameness::Different).map(|w| w.label.as_str()).collect();
    if different.is_empty() {
        return Ok(());
    }
    Err(Error::Regression(format!(
        "different: {} of {} workloads, by more than {} %\n  {}",
        different.len(),
        rerun.workloads.len(),
        rerun.tolerance_percent,
        different.join("\n  ")
    )))
}
