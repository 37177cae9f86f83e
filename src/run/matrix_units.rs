//! The matrix units' self-test: a driver's list can be wrong, and has been.

use std::cell::OnceCell;
use std::sync::atomic::AtomicBool;

use super::Request;
use crate::adapter::DeviceError;
use crate::check;
use crate::measure::{Bench, StopRule, Trusted, Watch};
use crate::workload::{Unit, Workload};

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
