//! Ratio of two figures with its interval.
//!
//! Each figure brings a relative standard uncertainty with its degrees of freedom. They are combined as a root of
//! squares, with Welch and Satterthwaite's degrees of freedom, and the interval is symmetric in the logarithm, so that
//! it turns over exactly when the two are swapped.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::uncertainty::{Budget, Component};

/// A ratio and its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RatioInterval {
    /// One figure over the other.
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

/// `a` over `b`, each with the components of its uncertainty that the other does not share; `None` where a figure is
/// not above zero.
/// ```
/// use tierbench::stats::ratio;
/// let certain = ratio(3.0, &[], 2.0, &[]).unwrap();
/// assert_eq!((certain.low, certain.value, certain.high), (1.5, 1.5, 1.5));
/// ```
pub fn ratio(a: f64, of_a: &[Component], b: f64, of_b: &[Component]) -> Option<RatioInterval> {
    let value = Some(a / b).filter(|x| a > 0.0 && b > 0.0 && x.is_finite() && *x > 0.0)?;
    let both = Budget::of([of_a, of_b].concat());
    let width = both.expanded.exp();
    Some(RatioInterval { value, low: value / width, high: value * width })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::uncertainty::Kind;

    fn scatter(relative: f64, degrees_of_freedom: f64) -> Component {
        Component {
            name: String::new(),
            kind: Kind::A,
            relative,
            degrees_of_freedom: Some(degrees_of_freedom),
            how: String::new(),
        }
    }

    #[test]
    fn what_is_no_figure_has_no_ratio() {
        assert_eq!(ratio(0.0, &[], 1.0, &[]), None);
        assert_eq!(ratio(1.0, &[], f64::NAN, &[]), None);
        assert_eq!(ratio(1.0, &[], -1.0, &[]), None);
    }

    #[test]
    fn two_starts_each_decide_nothing_and_many_decide_a_tenth() {
        let few = ratio(1.0, &[scatter(0.03, 1.0)], 0.9, &[scatter(0.03, 1.0)]).unwrap();
        assert!(few.low < 1.0);
        let many = ratio(1.0, &[scatter(0.02, 9.0)], 0.9, &[scatter(0.02, 9.0)]).unwrap();
        assert!(many.low > 1.0);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_ratio_and_turns_over_with_it(
            a in 1.0f64..1e9, b in 1.0f64..1e9, u in 0.0f64..0.3, v in 0.0f64..0.3, n in 1.0f64..50.0,
        ) {
            let (u, v) = ([scatter(u, n)], [scatter(v, n)]);
            let there = ratio(a, &u, b, &v).unwrap();
            prop_assert!(there.low <= there.value && there.value <= there.high);
            let back = ratio(b, &v, a, &u).unwrap();
            prop_assert!((back.low * there.high - 1.0).abs() < 1e-9);
        }
    }
}
