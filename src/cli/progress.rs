//! Progress of a run, on stderr; it hides itself where stderr is no terminal.

use std::cell::RefCell;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::say;
use crate::record::{State, WorkloadRecord};
use crate::run::Listener;
use crate::workload::Workload;

/// Steps of the bar for one workload.
const STEPS: u64 = 1000;

pub(super) struct Bar {
    drawn: ProgressBar,
    /// What runs, until its first sample shows that its kernel is compiled.
    compiling: RefCell<Option<String>>,
    /// The reason that was said last.
    said: RefCell<String>,
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
        Self { drawn: bar, compiling: RefCell::default(), said: RefCell::default() }
    }

    /// A line for people, above the bar.
    pub(super) fn say(&self, line: &str) {
        self.drawn.suspend(|| say(line));
    }

    pub(super) fn finish(&self) {
        self.drawn.finish_and_clear();
    }
}

impl Listener for Bar {
    fn begin(&self, index: usize, workload: &Workload) {
        self.drawn.set_position(index as u64 * STEPS);
        // A compiler may take minutes, and nothing else moves meanwhile.
        self.drawn.set_message(format!("{workload}: compiling"));
        self.compiling.replace(Some(workload.to_string()));
    }

    fn progress(&self, share: f64) {
        if let Some(workload) = self.compiling.take() {
            self.drawn.set_message(workload);
        }
        let done = self.drawn.position() / STEPS * STEPS;
        self.drawn.set_position(done + (share.min(0.999) * STEPS as f64) as u64);
    }

    fn end(&self, record: &WorkloadRecord) {
        if record.state != State::Measured {
            let reason = record.reason.as_deref().unwrap_or_default();
            let state = format!("{:?}", record.state).to_lowercase();
            // One cause often fails all that follows.
            let mut said = self.said.borrow_mut();
            let again = *said == reason && !reason.is_empty();
            let reason = if again { "the same" } else { reason };
            self.say(&format!("{} {state}: {reason}", record.label()));
            if !again {
                reason.clone_into(&mut said);
            }
        }
    }
}
