//! When enough has been measured, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stats;

/// Conditions that end the sampling of one workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StopRule {
    /// Wanted half width of the 95 % interval of the median, as a share of the median.
    pub relative_half_width: f64,
    /// Samples to take at the least.
    pub min_samples: usize,
    /// Samples to take at the most.
    pub max_samples: usize,
    /// Length that one sample should have; batches are sized to it.
    pub sample_ms: f64,
    /// Longest warm-up.
    pub warm_up_ms: f64,
    /// Shortest sampling after the warm-up, so that slow limiters show.
    #[serde(default)]
    pub sustain_ms: f64,
    /// Longest sampling after the warm-up. The sample floor is kept even beyond it.
    pub budget_ms: f64,
}

/// Why the sampling ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The interval of the median was narrow enough.
    Converged,
    /// The time was used up before that; the interval says how wide it still is.
    BudgetSpent,
    /// The most samples were taken before that.
    MaxSamples,
}

impl StopReason {
    /// As it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::BudgetSpent => "budget-spent",
            Self::MaxSamples => "max-samples",
        }
    }
}

/// Windows that must agree before the rate counts as steady.
const STEADY_WINDOWS: usize = 5;
/// Dispatches outside of samples: the first two, singles before and behind, and one for each choice of inputs.
const SINGLE_DISPATCHES: f64 = 16.0;

impl StopRule {
    /// One dispatch, for those who want the result and not the time.
    pub fn once() -> Self {
        Self {
            relative_half_width: 1.0,
            min_samples: 1,
            max_samples: 1,
            sample_ms: 0.001,
            warm_up_ms: 0.0,
            sustain_ms: 0.0,
            budget_ms: 0.0,
        }
    }

    /// The longest that a workload takes by this rule where one dispatch takes `dispatch_ms`: the sample floor is kept
    /// beyond the budget, and a batch that was begun is finished.
    pub fn longest_ms(&self, dispatch_ms: f64) -> f64 {
        let sample = self.sample_ms + dispatch_ms;
        let [least, most] = [self.min_samples, self.max_samples].map(|n| n as f64 * sample);
        let timed = least.max(most.min(self.budget_ms.max(self.sustain_ms)));
        self.warm_up_ms + timed + 2.0 * sample + SINGLE_DISPATCHES * dispatch_ms
    }

    /// Whether the last windows of the warm-up agree within the wanted width.
    pub(crate) fn is_steady(&self, ns_per_dispatch: &[f64]) -> bool {
        let Some(start) = ns_per_dispatch.len().checked_sub(STEADY_WINDOWS) else { return false };
        let last = &ns_per_dispatch[start..];
        let low = last.iter().copied().fold(f64::INFINITY, f64::min);
        let high = last.iter().copied().fold(0.0, f64::max);
        // Twice the half width: full spread against the wanted interval.
        high - low <= 2.0 * self.relative_half_width * high
    }

    /// Whether to stop after these samples.
    pub(crate) fn decide(&self, ns_per_dispatch: &[f64], spent_ms: f64) -> Option<StopReason> {
        let n = ns_per_dispatch.len();
        if n < self.min_samples || (spent_ms < self.sustain_ms && n < self.max_samples) {
            return None;
        }
        let median = stats::median(ns_per_dispatch)?;
        let narrow = stats::median_ci95(ns_per_dispatch).is_some_and(|interval| {
            stats::relative_half_width(median, interval) <= self.relative_half_width
        });
        if narrow {
            Some(StopReason::Converged)
        } else if spent_ms >= self.budget_ms {
            Some(StopReason::BudgetSpent)
        } else {
            (n >= self.max_samples).then_some(StopReason::MaxSamples)
        }
    }

    /// Dispatches that make one sample long enough, given the time of one.
    pub(crate) fn batch(&self, ns_per_dispatch: f64) -> u32 {
        (self.sample_ms * 1e6 / ns_per_dispatch.max(1.0)).ceil().clamp(1.0, 4096.0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> StopRule {
        StopRule {
            relative_half_width: 0.01,
            min_samples: 10,
            max_samples: 50,
            sample_ms: 10.0,
            warm_up_ms: 100.0,
            sustain_ms: 0.0,
            budget_ms: 1000.0,
        }
    }

    #[test]
    fn stops_only_when_narrow_or_out_of_time() {
        let steady = [100.0; 10];
        let noisy: Vec<f64> = (0..10).map(|i| 100.0 + f64::from(i) * 5.0).collect();
        assert_eq!(rule().decide(&steady[..9], 5000.0), None);
        assert_eq!(rule().decide(&steady, 0.0), Some(StopReason::Converged));
        assert_eq!(rule().decide(&noisy, 0.0), None);
        assert_eq!(rule().decide(&noisy, 1000.0), Some(StopReason::BudgetSpent));
        assert_eq!(rule().decide(&noisy.repeat(5), 0.0), Some(StopReason::MaxSamples));
    }

    #[test]
    fn sustained_sampling_goes_on_although_the_interval_is_narrow() {
        let rule = StopRule { sustain_ms: 500.0, ..rule() };
        assert_eq!(rule.decide(&[100.0; 20], 400.0), None);
        assert_eq!(rule.decide(&[100.0; 20], 500.0), Some(StopReason::Converged));
    }

    #[test]
    fn a_drifting_start_is_not_steady() {
        assert!(!rule().is_steady(&[100.0; 4]));
        assert!(!rule().is_steady(&[200.0, 104.0, 103.0, 102.0, 101.0]));
        assert!(rule().is_steady(&[200.0, 100.0, 100.5, 100.0, 101.0, 100.2]));
    }

    #[test]
    fn the_longest_time_holds_the_floor_beyond_the_budget() {
        // Warm-up, budget, two batches.
        assert_eq!(rule().longest_ms(0.0), 100.0 + 500.0 + 20.0);
        let floor = StopRule { min_samples: 40, budget_ms: 50.0, ..rule() };
        assert_eq!(floor.longest_ms(0.0), 100.0 + 400.0 + 20.0);
        let sustained = StopRule { sustain_ms: 450.0, budget_ms: 50.0, ..rule() };
        assert_eq!(sustained.longest_ms(0.0), 100.0 + 450.0 + 20.0);
        // A dispatch that is longer than a sample shall be makes samples as long.
        let slow = rule().longest_ms(1000.0);
        assert_eq!(slow, 100.0 + 10.0 * 1010.0 + 2.0 * 1010.0 + 16_000.0);
    }

    #[test]
    fn batches_fill_the_sample_time() {
        assert_eq!(rule().batch(1e6), 10);
        assert_eq!(rule().batch(1e9), 1);
        assert_eq!(rule().batch(0.0), 4096);
    }
}
