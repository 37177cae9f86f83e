//! Uncertainty of one figure: components, their combination, and the expanded uncertainty that a decision
//! takes.
//!
//! JCGM 100:2008 (GUM): components of type A come from scatter, those of type B from anything else; they are
//! combined as a root of squares, the degrees of freedom by Welch and Satterthwaite (annex G.4).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// One-sided confidence of a lower bound: at most one in forty such bounds is wrong.
pub const CONFIDENCE: f64 = 0.975;

/// How a component was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    /// By statistics of repeated observations.
    A,
    /// By other means.
    B,
}

/// One source of uncertainty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Stable name.
    pub name: String,
    /// How it was found.
    pub kind: Kind,
    /// Standard uncertainty as a share of the figure.
    pub relative: f64,
    /// Degrees of freedom; null where the value is known beyond doubt.
    pub degrees_of_freedom: Option<f64>,
    /// What it was made from.
    pub how: String,
}

/// All of them, and what they come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// Sources of uncertainty.
    pub components: Vec<Component>,
    /// Combined standard uncertainty, as a share of the figure.
    pub combined: f64,
    /// Effective degrees of freedom; null where there is no limit.
    pub degrees_of_freedom: Option<f64>,
    /// Student's quantile at [`CONFIDENCE`].
    pub coverage_factor: f64,
    /// Expanded uncertainty U as a share of the figure: `combined` times `coverage_factor`.
    pub expanded: f64,
}

impl Budget {
    /// Combines components.
    pub fn of(components: Vec<Component>) -> Self {
        let combined = components.iter().map(|c| c.relative.powi(2)).sum::<f64>().sqrt();
        let shares =
            components.iter().filter_map(|c| Some(c.relative.powi(4) / c.degrees_of_freedom?));
        let limited: f64 = shares.sum();
        let degrees_of_freedom =
            (limited > 0.0).then(|| combined.powi(4) / limited).filter(|nu| nu.is_finite());
        let coverage_factor = coverage(degrees_of_freedom);
        let expanded = combined * coverage_factor;
        Self { components, combined, degrees_of_freedom, coverage_factor, expanded }
    }

    /// Whether it says anything.
    pub fn is_finite(&self) -> bool {
        let all = self.components.iter().map(|component| component.relative);
        all.chain([self.combined, self.coverage_factor, self.expanded]).all(f64::is_finite)
    }
}

/// Student's quantile; Welch and Satterthwaite's degrees of freedom are rounded down, as GUM G.4.1 advises.
fn coverage(degrees_of_freedom: Option<f64>) -> f64 {
    let nu = degrees_of_freedom.map_or(1e6, |nu| nu.floor().clamp(1.0, 1e6));
    StudentsT::new(0.0, 1.0, nu).map_or(f64::INFINITY, |t| t.inverse_cdf(CONFIDENCE))
}

/// Mean-free scatter: the sample standard deviation of values as a share of their mean.
pub fn relative_deviation(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Some(variance.sqrt() / mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn a(relative: f64, degrees_of_freedom: f64) -> Component {
        Component {
            name: "scatter".into(),
            kind: Kind::A,
            relative,
            degrees_of_freedom: Some(degrees_of_freedom),
            how: String::new(),
        }
    }

    fn b(relative: f64) -> Component {
        Component { kind: Kind::B, degrees_of_freedom: None, ..a(relative, 1.0) }
    }

    #[test]
    fn six_process_starts_with_nine_per_mille_give_the_worked_example() {
        let budget = Budget::of(vec![a(0.009, 5.0)]);
        assert!((budget.coverage_factor - 2.571).abs() < 1e-3, "{budget:?}");
        assert!((budget.expanded - 0.0231).abs() < 1e-4);
    }

    #[test]
    fn welch_and_satterthwaite_lie_between_the_parts() {
        let budget = Budget::of(vec![a(0.01, 4.0), b(0.01)]);
        // u_c^4 / (u^4 / 4) = 4 u^4 * 4 / u^4 = 16.
        assert!((budget.degrees_of_freedom.unwrap() - 16.0).abs() < 1e-9);
        assert!((budget.coverage_factor - 2.120).abs() < 1e-3);
        assert!((Budget::of(vec![b(0.01)]).coverage_factor - 1.96).abs() < 1e-3);
    }

    proptest! {
        #[test]
        fn another_component_never_makes_a_figure_more_certain(
            parts in proptest::collection::vec(0.0f64..0.2, 1..5), more in 0.0f64..0.2,
        ) {
            let components: Vec<Component> = parts.iter().map(|u| b(*u)).collect();
            let before = Budget::of(components.clone()).expanded;
            let after = Budget::of([components, vec![b(more)]].concat()).expanded;
            prop_assert!(after >= before);
        }
    }
}
