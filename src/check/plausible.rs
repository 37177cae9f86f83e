//! A rate that cannot be is no rate.

/// How far above our own roof a kernel may measure: both have scatter.
const ABOVE_ROOF: f64 = 1.02;
/// How far above the maker's figure for its unit a rate is still a contradiction, and no mistake. No maker
/// is known to state less than a quarter of what a chip does; a wrong clock or a wrong match easily does.
const ABOVE_DECLARED: f64 = 4.0;

/// Why a rate is refused; `None` when it is plausible. `roof` is what the register-only kernel of the same
/// unit and type reached in this run, with the share of its rate that its interval spans; `declared` is what
/// the catalogue states.
pub fn refusal(per_s: f64, roof: Option<(f64, f64)>, declared: Option<f64>) -> Option<String> {
    if let Some((roof, spread)) = roof.filter(|(roof, spread)| per_s > roof * (ABOVE_ROOF + spread))
    {
        return Some(format!(
            "{per_s:.4e} per second is {:.2} times what the register-only kernel of the same unit reached ({roof:.4e}, interval {:.1} %): \
             work was not done, or a clock is wrong",
            per_s / roof,
            100.0 * spread
        ));
    }
    let declared = declared.filter(|declared| per_s > declared * ABOVE_DECLARED)?;
    Some(format!(
        "{per_s:.4e} per second is {:.1} times the maker's figure of {declared:.4e}: \
         the chip is not what it says, or a clock is wrong",
        per_s / declared
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_impossible_is_refused() {
        assert_eq!(refusal(50.0, Some((100.0, 0.01)), Some(60.0)), None);
        assert_eq!(refusal(102.0, Some((100.0, 0.01)), None), None);
        assert!(refusal(110.0, Some((100.0, 0.01)), None).unwrap().contains("1.10 times"));
        // Faster than declared is a finding, not a mistake.
        assert_eq!(refusal(90.0, Some((100.0, 0.0)), Some(60.0)), None);
        assert!(refusal(250.0, None, Some(60.0)).unwrap().contains("4.2 times"));
        assert_eq!(refusal(250.0, None, None), None);
    }
}
