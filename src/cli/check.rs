//! `check`: every kernel that this adapter can run, each once, against its reference.

use super::args::{Check, Format};
use super::interrupt::interrupt_flag;
use super::measure::chosen;
use super::output::print;
use super::progress::Bar;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::report;
use crate::run::{ThisMachine, check_kernels};

/// The list of workloads: small, and with every kernel in it.
const PROFILE: &str = "smoke";

/// Does what `tierbench check` says.
pub(super) fn run(args: &Check) -> Result<()> {
    let found = chosen(args.adapter.as_deref(), args.require_hardware)?;
    let plan = Plan::new(PROFILE, Vec::new(), found.identity.software, args.seed)?;
    let plan = plan.fitted(&found.capability);
    let interrupted = interrupt_flag(false)?;
    let bar = Bar::new(plan.workloads.len());
    let rows = check_kernels(&ThisMachine, &found, &plan, &interrupted, &bar);
    bar.finish();
    print(&match args.format {
        Format::Json => report::kernel_checks_json(&found.identity, plan.seed, &rows)?,
        Format::Text => report::kernel_checks_text(&rows),
    })?;
    let wrong = rows.iter().filter(|row| row.verdict == "wrong").count();
    let failed = rows.iter().filter(|row| row.verdict == "failed").count();
    if interrupted.load(std::sync::atomic::Ordering::Relaxed) {
        Err(Error::Interrupted)
    } else if wrong > 0 {
        Err(Error::Unverified(wrong, rows.len()))
    } else if failed > 0 {
        Err(Error::WorkloadFailed(failed, rows.len()))
    } else if rows.iter().all(|row| row.verdict == "unsupported") {
        Err(Error::NothingRan(rows.len()))
    } else {
        Ok(())
    }
}
