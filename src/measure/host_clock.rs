//! The host's clock, read by another road as well.
//!
//! A library that is loaded into the program can stand in front of the C library's clock and let time run at any
//! rate. It reaches neither the system call itself nor the processor's counter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rate of the host's clock against the same clock read past the C library.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostCrossCheck {
    /// Time between the two comparisons, past the C library.
    pub over_ns: f64,
    /// What the comparisons may be off by together: the host's clock was read between two readings of the other.
    pub uncertainty_ns: f64,
    /// Time that the host's clock counted, over `over_ns`.
    pub raw_ratio: f64,
    /// Rate of the processor's counter by the host's clock; null where there is none.
    pub tsc_hz_by_std: Option<f64>,
    /// The same by the clock past the C library: what an auditor holds against the processor's data.
    pub tsc_hz_by_raw: Option<f64>,
}

/// How far the two readings of one clock may be apart. They are the same clock, so there is no drift to allow for,
/// and a clock that somebody scaled is off by more than what it is worth to him.
const MOST_PPM: f64 = 200.0;
/// Time below which a comparison says nothing.
const LEAST_NS: f64 = 1e8;

impl HostCrossCheck {
    /// Whether the host's clock beyond doubt runs at another rate.
    pub fn differs(&self) -> bool {
        let apart_ns = (self.raw_ratio - 1.0).abs() * self.over_ns;
        // Written so that a figure that is none counts as different.
        let same = apart_ns <= MOST_PPM / 1e6 * self.over_ns + self.uncertainty_ns;
        self.over_ns >= LEAST_NS && !same
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::Instant;

    use rustix::time::{ClockId, clock_gettime};

    use super::HostCrossCheck;

    /// Tries of which the one with the closest readings counts: the others were interrupted.
    const TRIES: usize = 16;

    /// The clocks side by side.
    #[derive(Clone, Copy, Debug)]
    pub struct HostMoment {
        std: Instant,
        /// The same clock past the C library: before and after.
        raw_ns: [f64; 2],
        ticks: Option<u64>,
    }

    impl HostMoment {
        /// Reads all of them.
        pub fn now() -> Option<Self> {
            let read = |_| {
                let before = raw_ns();
                let (std, ticks) = (Instant::now(), COUNTER.map(|read| read()));
                Self { std, raw_ns: [before, raw_ns()], ticks }
            };
            (0..TRIES).map(read).min_by(|a, b| a.width_ns().total_cmp(&b.width_ns()))
        }

        fn width_ns(&self) -> f64 {
            self.raw_ns[1] - self.raw_ns[0]
        }

        fn middle_ns(&self) -> f64 {
            f64::midpoint(self.raw_ns[0], self.raw_ns[1])
        }

        /// What the clocks made of the time since an earlier moment.
        pub fn since(&self, before: &Self) -> Option<HostCrossCheck> {
            let over_ns = self.middle_ns() - before.middle_ns();
            let std_ns = self.std.saturating_duration_since(before.std).as_nanos() as f64;
            let ticks = self.ticks.zip(before.ticks);
            let ticks = ticks.and_then(|(now, then)| now.checked_sub(then)).map(|n| n as f64);
            let rate = |ns: f64| ticks.map(|n| n / ns * 1e9).filter(|hz| hz.is_finite());
            (over_ns > 0.0).then(|| HostCrossCheck {
                over_ns,
                uncertainty_ns: f64::midpoint(self.width_ns(), before.width_ns()),
                raw_ratio: std_ns / over_ns,
                tsc_hz_by_std: rate(std_ns),
                tsc_hz_by_raw: rate(over_ns),
            })
        }
    }

    /// The clock that `Instant` stands on, by the kernel's own page or call: nothing that is loaded comes between.
    fn raw_ns() -> f64 {
        let now = clock_gettime(ClockId::Monotonic);
        now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
    }

    /// The processor's counter.
    #[cfg(target_arch = "x86_64")]
    const COUNTER: Option<fn() -> u64> = Some(tick_counter::x86_64_tick_counter);
    #[cfg(target_arch = "aarch64")]
    const COUNTER: Option<fn() -> u64> = Some(tick_counter::aarch64_tick_counter);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    const COUNTER: Option<fn() -> u64> = None;
}

#[cfg(target_os = "linux")]
pub use linux::HostMoment;

/// Elsewhere there is no second road to the clock.
#[cfg(not(target_os = "linux"))]
#[derive(Clone, Copy, Debug)]
pub struct HostMoment;

#[cfg(not(target_os = "linux"))]
impl HostMoment {
    /// Nothing to read.
    pub fn now() -> Option<Self> {
        None
    }

    /// Nothing to compare.
    pub fn since(&self, _: &Self) -> Option<HostCrossCheck> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(over_ns: f64, raw_ratio: f64) -> HostCrossCheck {
        HostCrossCheck {
            over_ns,
            uncertainty_ns: 1000.0,
            raw_ratio,
            tsc_hz_by_std: None,
            tsc_hz_by_raw: None,
        }
    }

    #[test]
    fn another_rate_is_seen_and_a_short_or_interrupted_comparison_is_not_judged() {
        for ratio in [0.0, 0.5, 0.999, 1.001, 2.0, f64::NAN] {
            assert!(check(3e8, ratio).differs(), "{ratio}");
            assert!(!check(0.9e8, ratio).differs(), "{ratio}");
        }
        for ratio in [1.0, 1.0 - 1e-4, 1.0 + 1e-4] {
            assert!(!check(3e8, ratio).differs(), "{ratio}");
        }
        assert!(!HostCrossCheck { uncertainty_ns: 1e6, ..check(3e8, 1.003) }.differs());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_reads_one_clock_by_both_roads() {
        let before = HostMoment::now().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
        let check = HostMoment::now().unwrap().since(&before).unwrap();
        let apart_ns = (check.raw_ratio - 1.0).abs() * check.over_ns;
        assert!(apart_ns <= check.uncertainty_ns + 200e-6 * check.over_ns, "{check:?}");
    }
}
