//! The matrix units' self-test: a driver's list can be wrong, and has been.

use std::cell::OnceCell;
use std::sync::atomic::AtomicBool;

use super::Request;
use crate::adapter::DeviceError;
use crate::check;
use crate::measure::{Bench, StopRule, Trusted, Watch};
use crate::workload::{Job, POISON, Unit, Workload, subgroup_job};

/// Whether the matrix units of this adapter compute what they should; found out once, when needed.
#[derive(Default)]
pub(super) struct MatrixUnits(OnceCell<Result<(), String>>);

/// Small product on whose result the matrix units are trusted: several tiles, and padding.
const SELF_TEST: &str = "matmul:f16:72x88x104";

impl MatrixUnits {
    pub(super) fn trusted(&self, request: &Request<'_>) -> Result<(), String> {
        self.0.get_or_init(|| self_test(request)).clone()
    }
}

/// Runs every matrix-unit kernel of a small product once.
fn self_test(request: &Request<'_>) -> Result<(), String> {
    let workload: Workload = SELF_TEST.parse()?;
    let jobs = workload.jobs(&request.found.capability)?;
    let interrupted = AtomicBool::new(false);
    let watch = Watch { interrupted: &interrupted, progress: &|_| () };
    for job in jobs.iter().filter(|job| job.unit == Unit::Matrix) {
        let fail = |e: DeviceError| format!("{}: {e}", job.kernel);
        let seed = request.plan.seed;
        let rig = request.machine.rig(request.found, job, seed, false).map_err(fail)?;
        let measured =
            Bench::on(rig).measure(&StopRule::once(), Trusted::Host, &watch).map_err(fail)?;
        let verification = check::verify(&workload, job, seed, &measured);
        if !verification.passed {
            return Err(format!("{} computes a wrong product", job.kernel));
        }
    }
    Ok(())
}

/// Invocations of a subgroup, as the device itself says, where a kernel depends on it: all those on matrix units.
pub(super) fn subgroup_size(request: &Request<'_>, job: &Job) -> Option<u32> {
    if job.unit != Unit::Matrix {
        return None;
    }
    let interrupted = AtomicBool::new(false);
    let watch = Watch { interrupted: &interrupted, progress: &|_| () };
    let rig = request.machine.rig(request.found, &subgroup_job(job), request.plan.seed, false);
    let measured =
        rig.and_then(|rig| Bench::on(rig).measure(&StopRule::once(), Trusted::Host, &watch));
    let output = measured.ok()?.output;
    let size = output.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))?;
    (size != POISON).then_some(size)
}
