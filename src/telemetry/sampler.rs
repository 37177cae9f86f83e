//! Reads a source all through a run, beside it.
//!
//! The thread is never joined: a driver that hangs must not hang the run. What was read until
//! then is kept.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DeviceFacts, Reading, Telemetry};

/// Ten a second: drivers refresh their own figures no faster, and each reading costs them work.
pub const INTERVAL: Duration = Duration::from_millis(100);

/// Failures in a row after which a source counts as lost: one or two happen when a driver is busy.
const FAILURES_UNTIL_LOST: u32 = 3;

/// How long the end of a run waits for a last reading.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a device's driver told through a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Log {
    /// `nvml`, `amdgpu`, `i915`, `xe` or `recorded`.
    pub source: String,
    /// What stays the same through the run.
    pub facts: DeviceFacts,
    /// State before the first workload.
    pub before: Option<Reading>,
    /// State after the last workload.
    pub after: Option<Reading>,
    /// States in between, in order; in a record they stand in the samples' file.
    #[serde(skip)]
    pub readings: Vec<Reading>,
    /// Readings that failed.
    pub failed_reads: u32,
    /// The error that ended the readings before the run ended; null when nothing did.
    pub lost: Option<String>,
}

/// A thread that reads a source. Dropping it ends the thread, too.
pub struct Sampler {
    log: Arc<Mutex<Log>>,
    stop: Sender<()>,
    ended: Receiver<()>,
}

impl Sampler {
    /// Reads once now, and from now on once in every interval.
    pub fn start(mut source: Box<dyn Telemetry>, interval: Duration) -> Self {
        let start = Instant::now();
        let log = Log {
            source: source.source().to_owned(),
            facts: source.facts().clone(),
            ..Log::default()
        };
        let log = Arc::new(Mutex::new(log));
        let (stop, stopped) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let mut reader = Reader { start, log: Arc::clone(&log), failures_in_a_row: 0 };
        let before = reader.read(&mut *source);
        locked(&log).before = before;
        let interval = interval.max(Duration::from_millis(1));
        let work = move || {
            reader.read_until(&stopped, &mut *source, interval);
            let _ = end.send(()); // nobody waits after a drop
        };
        let thread = std::thread::Builder::new().name("telemetry".into()).spawn(work);
        if let Err(e) = thread {
            locked(&log).lost = Some(format!("no thread for the readings: {e}"));
        }
        Self { log, stop, ended }
    }

    /// Reads a last time and ends.
    pub fn stop(self) -> Log {
        drop(self.stop);
        let ended = self.ended.recv_timeout(PATIENCE);
        let mut log = locked(&self.log).clone();
        let why = match ended {
            Ok(()) => None,
            Err(RecvTimeoutError::Timeout) => Some("the driver no longer answers"),
            Err(RecvTimeoutError::Disconnected) => Some("reading the driver failed badly"),
        };
        log.lost = log.lost.or(why.map(str::to_owned));
        log
    }
}

/// The side of the thread.
struct Reader {
    start: Instant,
    log: Arc<Mutex<Log>>,
    failures_in_a_row: u32,
}

impl Reader {
    fn read_until(&mut self, stopped: &Receiver<()>, source: &mut dyn Telemetry, every: Duration) {
        let mut next = Instant::now() + every;
        loop {
            let wait = next.saturating_duration_since(Instant::now());
            if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                break;
            }
            if let Some(reading) = self.read(source) {
                locked(&self.log).readings.push(reading);
            }
            if self.is_lost() {
                return;
            }
            // A slow answer skips turns instead of catching up with them.
            next = (next + every).max(Instant::now());
        }
        let after = self.read(source);
        locked(&self.log).after = after;
    }

    /// One reading; a failure is counted, and too many in a row lose the source.
    fn read(&mut self, source: &mut dyn Telemetry) -> Option<Reading> {
        let answer = source.read();
        let t_ns = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        match answer {
            Ok(reading) => {
                self.failures_in_a_row = 0;
                Some(Reading { t_ns, ..reading })
            }
            Err(why) => {
                self.failures_in_a_row += 1;
                let mut log = locked(&self.log);
                log.failed_reads += 1;
                if self.is_lost() {
                    log.lost = Some(why);
                }
                None
            }
        }
    }

    fn is_lost(&self) -> bool {
        self.failures_in_a_row >= FAILURES_UNTIL_LOST
    }
}

/// The log; a reader that panicked left it whole, for it never reads a source while it holds it.
fn locked(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
