//! A rate that cannot be is no rate.

/// How far above our own roof a kernel may measure: both have scatter.
const ABOVE_ROOF: f64 = 1.02;
/// How far above the maker's figure for its unit a rate is still a contradiction, and no mistake. No maker
/// is known to state less than a quarter of what a chip does; a wrong clock or a wrong match easily does.
const ABOVE_DECLARED: f64 = 4.0;

/// Why a rate is refused; `None` when it is plausible. `what` is counted per second: operations, or bytes of a
/// working set that no cache holds. `roof` is what the simplest kernel for it reached in this run (register-only, of
/// the same unit and type, for operations), with the share of its rate that its uncertainty spans; `declared` is
/// what the catalogue states. Each is left out where it is unknown.
pub fn refusal(
    per_s: f64,
    roof: Option<(f64, f64)>,
    declared: Option<f64>,
    what: &str,
) -> Option<String> {
    if !per_s.is_finite() || per_s < 0.0 {
        return Some(format!("{per_s} {what} per second is no rate"));
    }
    if let Some((roof, spread)) = roof.filter(|(roof, spread)| per_s > roof * (ABOVE_ROOF + spread))
    {
        return Some(format!(
            "{per_s:.4e} {what} per second is {:.2} times what the simplest kernel of the same kind reached ({roof:.4e}, interval {:.1} %): \
             work was not done, or a clock is wrong",
            per_s / roof,
            100.0 * spread
        ));
    }
    let declared = declared.filter(|declared| per_s > declared * ABOVE_DECLARED)?;
    Some(format!(
        "{per_s:.4e} {what} per second is {:.1} times the maker's figure of {declared:.4e}: \
         the chip is not what it says, or a clock is wrong",
        per_s / declared
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_operations(
        per_s: f64,
        roof: Option<(f64, f64)>,
        declared: Option<f64>,
    ) -> Option<String> {
        refusal(per_s, roof, declared, "operations")
    }

    #[test]
    fn only_the_impossible_is_refused() {
        assert_eq!(of_operations(50.0, Some((100.0, 0.01)), Some(60.0)), None);
        assert_eq!(of_operations(102.0, Some((100.0, 0.01)), None), None);
        let above = of_operations(110.0, Some((100.0, 0.01)), None).unwrap();
        assert!(above.contains("1.10 times"), "{above}");
        // Faster than declared is a finding, not a mistake.
        assert_eq!(of_operations(90.0, Some((100.0, 0.0)), Some(60.0)), None);
        assert!(of_operations(250.0, None, Some(60.0)).unwrap().contains("4.2 times"));
        assert_eq!(of_operations(250.0, None, None), None);
        for none in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(of_operations(none, None, None).is_some());
        }
    }

    #[test]
    fn bytes_pass_the_same_gate() {
        let declared = Some(3.35e12);
        assert_eq!(refusal(3.0e12, None, declared, "bytes"), None);
        let refused = refusal(1.4e13, None, declared, "bytes").unwrap();
        assert!(refused.contains("bytes per second is 4.2 times"), "{refused}");
    }
}
