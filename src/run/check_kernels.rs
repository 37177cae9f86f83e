//! Correctness only: every kernel of every workload once, compiled as it is timed.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Listener, Machine};
use crate::adapter::Found;
use crate::check::{self, KernelCheck};
use crate::measure::{Bench, StopRule, Trusted, Watch};
use crate::plan::Plan;
use crate::workload::{Job, Workload};

/// Runs them all; an error of one is its verdict, and the next goes on.
pub fn check_kernels(
    machine: &dyn Machine,
    found: &Found,
    plan: &Plan,
    interrupted: &AtomicBool,
    listener: &dyn Listener,
) -> Vec<KernelCheck> {
    let mut rows = Vec::new();
    for (index, workload) in plan.workloads.iter().enumerate() {
        listener.begin(index, workload);
        let blank = KernelCheck {
            workload: workload.to_string(),
            kernel: None,
            verdict: "unsupported",
            reason: None,
            verification: None,
        };
        match workload.jobs(&found.capability) {
            Err(reason) => rows.push(KernelCheck { reason: Some(reason), ..blank }),
            Ok(jobs) => {
                for job in &jobs {
                    if interrupted.load(Ordering::Relaxed) {
                        return rows;
                    }
                    rows.push(KernelCheck {
                        kernel: Some(job.kernel.into()),
                        ..one(machine, found, plan.seed, workload, job, interrupted, &blank)
                    });
                }
            }
        }
    }
    rows
}

fn one(
    machine: &dyn Machine,
    found: &Found,
    seed: u64,
    workload: &Workload,
    job: &Job,
    interrupted: &AtomicBool,
    blank: &KernelCheck,
) -> KernelCheck {
    let watch = Watch { interrupted, progress: &|_| () };
    let rig = machine.rig(found, job, seed, false);
    let measured =
        rig.and_then(|rig| Bench::on(rig).measure(&StopRule::once(), Trusted::Both, &watch));
    match measured {
        Err(error) => {
            KernelCheck { verdict: "failed", reason: Some(error.to_string()), ..blank.clone() }
        }
        Ok(measured) => {
            let verification = check::verify(workload, job, seed, &measured);
            let reason = verification.problems.join("; ");
            KernelCheck {
                verdict: if verification.passed { "right" } else { "wrong" },
                reason: Some(reason).filter(|reason| !reason.is_empty()),
                verification: Some(verification),
                ..blank.clone()
            }
        }
    }
}
