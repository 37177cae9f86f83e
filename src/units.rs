//! Quantities with their units in the type, and the only conversions between them.

use std::fmt;

/// Operations per second; a multiply-add counts as two.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct OpsPerS(pub f64);

/// Bytes per second.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct BytesPerS(pub f64);

/// Total processing performance: tera-operations per second times bit length.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Tpp(pub f64);

/// TPP of a rate at one bit length (15 CFR 774 Supp. 1, 3A090 Technical Note 2).
///
/// The factor 2 of the rule's `2 x MacTOPS` is already in [`OpsPerS`]; it is never applied again.
/// ```
/// use tierbench::units::{OpsPerS, tpp_from_ops_per_s};
/// assert_eq!(tpp_from_ops_per_s(OpsPerS(600e12), 8).0, 4800.0);
/// ```
pub fn tpp_from_ops_per_s(rate: OpsPerS, bit_length: u32) -> Tpp {
    Tpp(rate.0 / 1e12 * f64::from(bit_length))
}

/// Decimal gigabytes per second, the unit of the rules.
pub fn gb_per_s_from_bytes_per_s(rate: BytesPerS) -> f64 {
    rate.0 / 1e9
}

/// Four significant digits with a decimal prefix: `12.35 G`.
pub fn with_prefix(value: f64) -> String {
    let prefixes = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (scale, prefix) =
        prefixes.into_iter().find(|(scale, _)| value.abs() >= *scale).unwrap_or((1.0, ""));
    format!("{} {prefix}", significant(value / scale))
}

/// A number with its thousands apart and no digit lost: `20,919.2`.
pub fn grouped(value: f64) -> String {
    // Nobody counts that many groups, and a file may hold a number of three hundred digits.
    if value.abs() >= 1e15 {
        return significant(value);
    }
    let text = format!("{:.4}", value.abs());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}{rest}", if value < 0.0 { "-" } else { "" })
}

/// A number of things: `1 workload`, `12 workloads`.
pub fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A number with four significant digits, as a person writes it.
pub fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if magnitude < -4 {
        return format!("{value:.1e}");
    }
    if magnitude >= 15 {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.*}", (3 - magnitude).clamp(0, 8) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A figure as people write it: four significant digits, thousands apart, no whole digit lost.
pub fn number(value: f64) -> String {
    if value.abs() >= 1000.0 { grouped(value.round()) } else { significant(value) }
}

impl OpsPerS {
    /// As people read it, where an operation is called `operation`: those on integers are no FLOP.
    pub fn of(self, operation: &str) -> String {
        format!("{}{operation}/s", with_prefix(self.0))
    }
}

impl fmt::Display for OpsPerS {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.of("FLOP"))
    }
}

impl fmt::Display for BytesPerS {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}B/s", with_prefix(self.0))
    }
}

/// A duration in nanoseconds as a person reads it.
pub fn duration(ns: f64) -> String {
    match ns {
        n if n >= 1e9 => format!("{} s", significant(n / 1e9)),
        n if n >= 1e6 => format!("{} ms", significant(n / 1e6)),
        n if n >= 1e3 => format!("{} us", significant(n / 1e3)),
        n => format!("{} ns", significant(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_significant_digits_with_prefix() {
        assert_eq!(OpsPerS(12_345_678_900.0).to_string(), "12.35 GFLOP/s");
        assert_eq!(OpsPerS(2e12).of("OP"), "2 TOP/s");
        assert_eq!(BytesPerS(999.0).to_string(), "999 B/s");
        assert_eq!(significant(15832.0), "15832");
        assert_eq!(significant(0.04), "0.04");
        assert_eq!(grouped(20_919.2), "20,919.2");
        assert_eq!(grouped(1_234_567.0), "1,234,567");
        assert_eq!(grouped(999.0), "999");
        assert_eq!(number(9_064.879_8), "9,065");
        assert_eq!((grouped(1e308), significant(-1e20)), ("1.000e308".into(), "-1.000e20".into()));
        assert_eq!(duration(1_500_000.0), "1.5 ms");
        assert_eq!(
            (counted(1, "workload"), counted(0, "workload")),
            ("1 workload".into(), "0 workloads".into())
        );
    }
}
