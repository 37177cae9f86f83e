//! Whether this machine shall try what somebody else's plan asks for.

use crate::adapter::{Capability, Found};
use crate::check::reference_bytes;
use crate::plan::Plan;
use crate::workload::{Job, Workload};

/// What one workload may take. Profiles take 12 GiB at the most, on a device and its host together.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes of the host's memory.
    pub host_bytes: u64,
    /// Buffers of the device lie in the same memory.
    pub shared: bool,
    /// Operations of one dispatch. A dispatch cannot be interrupted; what takes longer than a minute fails, and a driver may
    /// hang on.
    pub dispatch_ops: u64,
    /// Threads of the references.
    pub threads: u64,
}

/// More memory for one workload is a mistake.
const MOST_BYTES: u64 = 16 << 30;
/// Operations of a dispatch: twenty seconds at 56 TFLOP/s, two minutes at 70 GFLOP/s.
const MOST_OPS_OF_A_GPU: u64 = 1 << 50;
const MOST_OPS_OF_A_CPU: u64 = 1 << 43;
/// Copies of a result that the host holds at once: the one that was timed, the one of another input, and where they land.
const COPIES: u64 = 3;

/// Refuses a plan of which a workload is too large for this machine, before anything is run; the error names it. What the
/// adapter cannot run at all is not run, so it may be of any size.
pub fn refuse_excess(found: &Found, plan: &Plan) -> Result<(), String> {
    let room = Room {
        host_bytes: available_bytes().map_or(MOST_BYTES, |bytes| bytes.min(MOST_BYTES)),
        shared: found.identity.device_type != "discrete-gpu",
        dispatch_ops: if found.identity.software { MOST_OPS_OF_A_CPU } else { MOST_OPS_OF_A_GPU },
        threads: std::thread::available_parallelism().map_or(1, |n| n.get() as u64),
    };
    plan.workloads.iter().try_for_each(|workload| room.admits(workload, &found.capability))
}

impl Room {
    /// Whether a workload fits; the error says what it needs.
    pub fn admits(&self, workload: &Workload, adapter: &Capability) -> Result<(), String> {
        let Ok(jobs) = workload.jobs(adapter) else { return Ok(()) };
        let ops = workload.work().ops;
        if ops > self.dispatch_ops {
            return Err(format!(
                "{workload}: {ops} operations in one dispatch, which cannot be interrupted; {} are the most on such \
                 an adapter",
                self.dispatch_ops
            ));
        }
        // A tuned choice pads otherwise, and by little.
        let result = jobs.iter().map(|job| job.output_bytes).max().unwrap_or_default();
        let buffers = jobs.iter().map(Job::total_bytes).max().unwrap_or_default();
        let needed = (COPIES * result)
            .saturating_add(reference_bytes(workload, self.threads))
            .saturating_add(if self.shared { buffers } else { 0 });
        if needed > self.host_bytes {
            return Err(format!(
                "{workload}: needs about {:.1} GiB of this machine's memory for buffers, results and reference; {:.1} \
                 GiB are the most that it gets",
                gib(needed),
                gib(self.host_bytes)
            ));
        }
        Ok(())
    }
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / (1u64 << 30) as f64
}

/// Memory that the system can give without swapping, where it says so.
fn available_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
