//! Ratio of two medians with a nonparametric interval.
//!
//! The order-statistic intervals of both medians are combined at their far ends:
//! `[low(a) / high(b), high(a) / low(b)]`. Chosen over a bootstrap because it needs no seed, a reader
//! can work it out by hand from the two intervals that stand in the records, it turns over exactly
//! when the two samples are swapped, and it does not crumble at the eight or so samples that slow
//! adapters give, where resampled medians take a handful of values only.
//!
//! Its price is width. Where medians scatter about normally it covers at least 95 %, and 99 % when
//! both samples are equally wide; whatever the distributions, it covers 90 %, for it can miss only
//! when one of the two intervals misses.
//!
//! Two equal lists are one sample, not two: their ratio is 1 and certain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{median, median_ci95};

/// A ratio and its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RatioInterval {
    /// Median over median.
    pub value: f64,
    /// Low end of the 95 % interval.
    pub low: f64,
    /// High end of the 95 % interval.
    pub high: f64,
}

impl RatioInterval {
    /// The same in other units: all three times a factor.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { value: self.value * factor, low: self.low * factor, high: self.high * factor }
    }
}

/// Median of `a` over median of `b` with its 95 % interval; `None` when either has fewer than six
/// values, or one that is not above zero.
/// ```
/// use tierbench::stats::ratio_of_medians;
/// let a = [10.0, 10.1, 10.2, 10.3, 10.4, 10.5, 10.6];
/// let b = a.map(|t| 2.0 * t);
/// let ratio = ratio_of_medians(&a, &b).unwrap();
/// assert_eq!(ratio.value, 0.5);
/// assert_eq!((ratio.low, ratio.high), (10.0 / 21.2, 10.6 / 20.0));
/// assert_eq!(ratio_of_medians(&a, &a).unwrap().low, 1.0);
/// ```
pub fn ratio_of_medians(a: &[f64], b: &[f64]) -> Option<RatioInterval> {
    let usable = |values: &[f64]| values.iter().all(|v| v.is_finite() && *v > 0.0);
    if !usable(a) || !usable(b) {
        return None;
    }
    let (low_a, high_a) = median_ci95(a)?;
    let (low_b, high_b) = median_ci95(b)?;
    if a == b {
        return Some(RatioInterval { value: 1.0, low: 1.0, high: 1.0 });
    }
    Some(RatioInterval {
        value: median(a)? / median(b)?,
        low: low_a / high_b,
        high: high_a / low_b,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn too_few_and_unusable_values_give_no_ratio() {
        assert_eq!(ratio_of_medians(&[1.0; 5], &[1.0; 9]), None);
        assert_eq!(ratio_of_medians(&[1.0; 9], &[]), None);
        assert_eq!(ratio_of_medians(&[0.0; 9], &[1.0; 9]), None);
        assert_eq!(ratio_of_medians(&[f64::NAN; 9], &[1.0; 9]), None);
    }

    /// The promise of 95 %, on times with a long tail such as a shared machine gives.
    #[test]
    fn the_true_ratio_lies_inside() {
        let mut state = 1u64;
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut times = |n: usize| -> Vec<f64> {
            (0..n).map(|_| 1.0 - 0.05 * (1.0 - uniform()).ln()).collect()
        };
        for (n, m) in [(6, 6), (9, 20), (17, 17), (8, 60)] {
            let inside = (0..2000).filter(|_| {
                let ratio = ratio_of_medians(&times(n), &times(m)).unwrap();
                ratio.low <= 1.0 && 1.0 <= ratio.high
            });
            let inside = inside.count();
            assert!(inside >= 1900, "{inside} of 2000 with {n} and {m} samples");
        }
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_ratio_and_turns_over_with_it(
            a in proptest::collection::vec(1.0f64..1e9, 6..40),
            b in proptest::collection::vec(1.0f64..1e9, 6..40),
        ) {
            let ratio = ratio_of_medians(&a, &b).unwrap();
            prop_assert!(ratio.low <= ratio.value && ratio.value <= ratio.high);
            let turned = ratio_of_medians(&b, &a).unwrap();
            prop_assert!((turned.low * ratio.high - 1.0).abs() < 1e-12);
            prop_assert!((turned.high * ratio.low - 1.0).abs() < 1e-12);
        }
    }
}
