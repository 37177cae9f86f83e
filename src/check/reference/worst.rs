//! Keeps the worst of many comparisons.

use crate::check::verification::{Verification, effective_precision};

/// The element that used up the largest share of its bound, and the overall relative error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worst {
    error: f64,
    bound: f64,
    failed: bool,
    squared_error: f64,
    squared_norm: f64,
}

impl Worst {
    /// Compares one element. Both `error` and `bound` are shares of `scale`.
    pub fn compare(&mut self, found: f64, expected: f64, scale: f64, bound: f64) {
        let error = (found - expected).abs() / scale;
        self.squared_error += (found - expected).powi(2);
        self.squared_norm += expected.powi(2);
        // NaN is never within the bound, so it lands in the first arm and stays there.
        #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN must fail")]
        let fails = !(error <= bound);
        if fails && !(self.failed && self.share() >= error / bound) {
            (self.error, self.bound, self.failed) = (error, bound, true);
        } else if !self.failed && (self.bound == 0.0 || error / bound > self.share()) {
            (self.error, self.bound) = (error, bound);
        }
    }

    fn share(&self) -> f64 {
        self.error / self.bound
    }

    /// The worse of two.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let other_is_worse = match (self.failed, other.failed) {
            (true, false) => false,
            (false, true) => true,
            _ => self.bound == 0.0 || other.share() > self.share() || other.error.is_nan(),
        };
        let worse = if other_is_worse { other } else { self };
        Self {
            squared_error: self.squared_error + other.squared_error,
            squared_norm: self.squared_norm + other.squared_norm,
            ..worse
        }
    }

    /// As a verification. No comparison at all counts as failed.
    pub fn into_verification(self, method: &str, relative_to: &str) -> Verification {
        let relative = (self.squared_error / self.squared_norm).sqrt();
        Verification {
            method: method.into(),
            max_error: self.error.is_finite().then_some(self.error),
            bound: self.bound,
            relative_to: relative_to.into(),
            effective_precision: effective_precision(relative),
            dispatches: None,
            problems: Vec::new(),
            passed: !self.failed && self.bound > 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_nan_fails_and_is_not_hidden_by_later_good_values() {
        let mut worst = Worst::default();
        worst.compare(1.0, 1.0, 1.0, 1e-6);
        worst.compare(f64::NAN, 1.0, 1.0, 1e-6);
        worst.compare(1.0, 1.0, 1.0, 1e-6);
        let verification = worst.into_verification("f64-reference", "");
        assert!(!verification.passed);
        assert_eq!(verification.max_error, None);
    }

    #[test]
    fn infinity_fails() {
        let mut worst = Worst::default();
        worst.compare(f64::INFINITY, 1.0, 1.0, 1e-6);
        assert!(!worst.into_verification("", "").passed);
    }

    #[test]
    fn nothing_compared_is_not_verified() {
        assert!(!Worst::default().into_verification("", "").passed);
    }

    #[test]
    fn merging_keeps_a_failure_from_either_side() {
        let (mut good, mut bad) = (Worst::default(), Worst::default());
        good.compare(1.0, 1.0, 1.0, 1e-6);
        bad.compare(2.0, 1.0, 1.0, 1e-6);
        assert!(!good.merge(bad).into_verification("", "").passed);
        assert!(!bad.merge(good).into_verification("", "").passed);
        assert!(good.merge(Worst::default()).into_verification("", "").passed);
    }
}
