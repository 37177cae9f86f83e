//! Versions as programs print them.

/// The numbers that a version begins with: `v2.0.15-3-gabc` lies between two tags and counts as the first.
/// Compared as lists they are in the order of the versions: 0.10 comes after 0.9.
pub(super) fn numbers(version: &str) -> Vec<u64> {
    let version = version.trim_start_matches(['v', 'V']);
    version
        .split('.')
        .map_while(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        assert!(numbers("v0.10") > numbers("0.9.3"));
        assert_eq!(numbers("2.0.15-3-gabc"), [2, 0, 15]);
        assert!(numbers("odd").is_empty());
    }
}
