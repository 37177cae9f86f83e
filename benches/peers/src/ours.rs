//! Our kernels, through the library: the workload's own and the register-only roof.

use std::sync::atomic::AtomicBool;

use half::f16;
use tierbench::adapter::{DeviceError, Found, Gpu};
use tierbench::check::verify;
use tierbench::measure::{Bench, Phase, StopRule, Watch, measure};
use tierbench::tune::{Cache, choose_job};
use tierbench::workload::{ElementType, Job, Workload};

use crate::contestant::{Contestant, Ready, Refusal, Role};
use crate::problem::{Kind, Problem};

/// One of our kernels on an opened device.
pub struct Ours<'g> {
    found: &'g Found,
    gpu: &'g Gpu,
    roof: Option<Workload>,
}

impl<'g> Ours<'g> {
    /// The kernel of whatever workload comes.
    pub fn kernel(found: &'g Found, gpu: &'g Gpu) -> Self {
        Self { found, gpu, roof: None }
    }

    /// The roof, beside a compute workload.
    pub fn roof(found: &'g Found, gpu: &'g Gpu, roof: Workload) -> Self {
        Self { found, gpu, roof: Some(roof) }
    }

    /// The job that the main program would measure on this adapter, and how it was chosen.
    fn preferred_job(&self, workload: &Workload) -> Result<(Job, &'static str), Refusal> {
        choose_job(self.found, workload, &Cache::load()).map_err(Refusal::Unsupported)
    }

    /// Measures one batch the way the main program does and lets it check the result.
    fn verified_output(&self, w: &Workload, job: &Job, seed: u64) -> Result<Vec<u8>, Refusal> {
        let once = StopRule::once();
        let watch = Watch { interrupted: &AtomicBool::new(false), progress: &|_| () };
        let measured = measure(self.gpu, job, seed, &once, false, &watch).map_err(failed)?;
        let verification = verify(w, job, seed, &measured);
        if !verification.passed {
            let error = verification.max_error.unwrap_or(f64::NAN);
            return Err(Refusal::Failed(format!(
                "the result is wrong by {} ({error:.1e} of {}, allowed {:.1e})",
                verification.method, verification.relative_to, verification.bound
            )));
        }
        Ok(measured.output)
    }
}

impl Contestant for Ours<'_> {
    fn name(&self) -> &str {
        if self.roof.is_some() { "our roof" } else { "ours" }
    }

    fn role(&self) -> Role {
        if self.roof.is_some() { Role::Roof } else { Role::Ours }
    }

    fn version(&self) -> String {
        concat!("tierbench ", env!("CARGO_PKG_VERSION")).into()
    }

    fn takes_part(&self, problem: &Problem) -> bool {
        self.roof.is_none() || !matches!(problem.kind, Kind::Copy(_))
    }

    fn ready<'a>(&'a mut self, problem: &Problem) -> Result<Ready<'a>, Refusal> {
        let workload = self.roof.unwrap_or(problem.workload);
        let (job, chosen_by) = self.preferred_job(&workload)?;
        let output = self.verified_output(&workload, &job, problem.seed)?;
        let relative_error = match self.roof {
            Some(_) => None,
            None => relative_error(problem, &job, &output)?,
        };
        let how = format!("{}, {chosen_by}, SHA-256 {}", job.kernel, &job.sha256()[..12]);
        let mut bench = Bench::new(self.gpu, &job, problem.seed, false).map_err(failed)?;
        let sampler = Box::new(move |operations| {
            let sample = bench.sample(operations, Phase::Timed).map_err(failed)?;
            Ok(sample.host_ns)
        });
        Ok(Ready { how, relative_error, work: workload.work(), sampler })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn failed(error: DeviceError) -> Refusal {
    Refusal::Failed(error.to_string())
}

/// Error of the unpadded output; `None` for a copy, which was compared word by word.
fn relative_error(problem: &Problem, job: &Job, output: &[u8]) -> Result<Option<f64>, Refusal> {
    let (planes, rows, columns) = match problem.kind {
        Kind::Matmul([m, n, _]) => (1, m, n),
        Kind::Attention([batch, heads, sequence, size], _) => (batch * heads, sequence, size),
        Kind::Copy(_) => return Ok(None),
    };
    let element = problem.workload.accumulate().unwrap_or(ElementType::F32);
    let value = |bytes: &[u8]| match *bytes {
        [a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
        [a, b] => f16::from_le_bytes([a, b]).to_f32(),
        _ => f32::NAN,
    };
    let size = element.bytes() as usize;
    let [padded_rows, padded_columns] = job.output_padded;
    let rows = (0..planes * rows).flat_map(|at| {
        let start = ((at / rows * padded_rows + at % rows) * padded_columns) as usize * size;
        output[start..][..columns as usize * size].chunks_exact(size)
    });
    let output: Vec<f32> = rows.map(value).collect();
    problem.relative_error(&output).map(Some)
}
