//! Figures that people type.

use crate::error::{Error, Result};

/// Figures beyond this, and below its inverse, are no figures: products of a few of them stay finite.
const LARGEST: f64 = 1e60;

/// A figure above 0 that a flag holds.
pub(super) fn positive(flag: &str, text: &str) -> Result<f64> {
    let what = match value(text) {
        Ok(value) if value > 0.0 => return Ok(value),
        Ok(_) => "a figure is a number above 0; leave the flag out where it is unknown".into(),
        Err(what) => what,
    };
    Err(Error::Usage(format!("{flag} {text:?}: {what}")))
}

/// A figure from 0 on, for clap.
pub(super) fn not_negative(text: &str) -> Result<f64, String> {
    match value(text) {
        Ok(value) if value >= 0.0 => Ok(value),
        Ok(_) => Err("a number from 0 on is needed".into()),
        Err(what) => Err(what),
    }
}

/// Commas stand between whole groups of three digits and nowhere else: where people write a decimal comma,
/// dropping it would make ten or a thousand times the figure.
fn value(text: &str) -> Result<f64, String> {
    let (whole, rest) = text.split_at(text.find(['.', 'e', 'E']).unwrap_or(text.len()));
    let mut groups = whole.trim_start_matches('-').split(',');
    let first = groups.next().unwrap_or_default();
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = (1..=3).contains(&first.len()) && digits(first) && !first.starts_with('0');
    if rest.contains(',')
        || (whole.contains(',') && !(grouped && groups.all(|g| g.len() == 3 && digits(g))))
    {
        return Err("write a decimal point, and commas only between groups of three digits, \
                    as in 1,979.5"
            .into());
    }
    match text.replace(',', "").parse::<f64>() {
        Ok(value) if value == 0.0 || (1.0 / LARGEST..=LARGEST).contains(&value.abs()) => Ok(value),
        Ok(value) if value.is_finite() => Err("it is too large or too small for a figure".into()),
        _ => Err("a number is needed, as in 1979.5".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_group_digits_and_are_no_decimal_point() {
        for (text, figure) in [
            ("1979", 1979.0),
            ("1,979.5", 1979.5),
            ("1,000,000", 1e6),
            ("0.5", 0.5),
            ("2e3", 2000.0),
        ] {
            assert_eq!(positive("--x", text).unwrap(), figure, "{text}");
        }
        for text in ["814,5", "1,5", "19,79", "1.979,5", "0,500", ",500", "1,97,900", "1,", "1,9e3"]
        {
            let said = positive("--x", text).unwrap_err().to_string();
            assert!(said.contains("decimal point") && said.contains(text), "{said}");
        }
        for text in ["", "nan", "inf", "1e308", "1e-300", "0", "-5", "x"] {
            assert!(positive("--x", text).is_err(), "{text}");
        }
        assert_eq!(not_negative("0"), Ok(0.0));
        assert!(not_negative("-1").is_err() && not_negative("inf").is_err());
    }
}
