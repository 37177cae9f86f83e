//! A rate that cannot be is no rate.

/// How far above the maker's figure for its unit a rate is still a contradiction, and no mistake. No maker
/// is known to state less than a quarter of what a chip does; a wrong clock or a wrong match easily does.
const ABOVE_DECLARED: f64 = 4.0;

/// Why a rate is refused; `None` when it is plausible. `what` is counted per second: operations, or bytes of a
/// working set that no cache holds. `declared` is what the catalogue states, where it is known. That a kernel is faster
/// than our own register-only one is no contradiction: it shows that a compiler made less of that one.
pub fn refusal(per_s: f64, declared: Option<f64>, what: &str) -> Option<String> {
    if !per_s.is_finite() || per_s < 0.0 {
        return Some(format!("{per_s} {what} per second is no rate"));
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

    #[test]
    fn only_the_impossible_is_refused() {
        // Faster than declared is a finding, not a mistake.
        assert_eq!(refusal(90.0, Some(60.0), "operations"), None);
        assert!(refusal(250.0, Some(60.0), "operations").unwrap().contains("4.2 times"));
        assert_eq!(refusal(250.0, None, "operations"), None);
        for none in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(refusal(none, None, "operations").is_some());
        }
    }

    #[test]
    fn bytes_pass_the_same_gate() {
        let declared = Some(3.35e12);
        assert_eq!(refusal(3.0e12, declared, "bytes"), None);
        let refused = refusal(1.4e13, declared, "bytes").unwrap();
        assert!(refused.contains("bytes per second is 4.2 times"), "{refused}");
    }
}
