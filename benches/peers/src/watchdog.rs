//! Ends the program when a contestant in this process hangs, which nothing else here could notice.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest time without news: tuning and compiling take a minute or two on a software adapter.
const PATIENCE: Duration = Duration::from_secs(300);

/// Hears of every step, and loses patience when none follows.
pub struct Watchdog {
    last: Arc<Mutex<(Instant, String)>>,
}

impl Watchdog {
    /// Starts to listen.
    pub fn start() -> Self {
        let last = Arc::new(Mutex::new((Instant::now(), "the start".to_owned())));
        let heard = last.clone();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let (when, what) = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if when.elapsed() > PATIENCE {
                    eprintln!(
                        "error: nothing came after \"{what}\" for {} s: that contestant hangs; \
                         leave it out with --only, or the workload with --workload",
                        PATIENCE.as_secs()
                    );
                    std::process::exit(1);
                }
            }
        });
        Self { last }
    }

    /// Something happened.
    pub fn hear(&self, what: &str) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) =
            (Instant::now(), what.to_owned());
    }
}
