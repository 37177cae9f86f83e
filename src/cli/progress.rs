//! Progress of a run, on stderr; it hides itself where stderr is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::record::{State, WorkloadRecord};
use crate::run::Listener;
use crate::workload::Workload;

/// Steps of the bar for one workload.
const STEPS: u64 = 1000;

pub(super) struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub(super) fn new(workloads: usize) -> Self {
        let bar = ProgressBar::with_draw_target(
            Some(workloads as u64 * STEPS),
            ProgressDrawTarget::stderr(),
        );
        let style =
            ProgressStyle::with_template("{bar:20} {percent:>3} % {elapsed:>4}, {eta} left  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// A line for people, above the bar.
    pub(super) fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Listener for Bar {
    fn begin(&self, index: usize, workload: &Workload) {
        self.bar.set_position(index as u64 * STEPS);
        self.bar.set_message(workload.to_string());
    }

    fn progress(&self, share: f64) {
        let done = self.bar.position() / STEPS * STEPS;
        self.bar.set_position(done + (share.min(0.999) * STEPS as f64) as u64);
    }

    fn end(&self, record: &WorkloadRecord) {
        if record.state != State::Measured {
            let reason = record.reason.as_deref().unwrap_or_default();
            self.say(&format!("{} {:?}: {reason}", record.workload, record.state));
        }
    }
}
