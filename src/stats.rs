//! Order statistics of small samples. Nothing here assumes a normal distribution.
//!
//! Method: Hoefler and Belli, "Scientific Benchmarking of Parallel Computing Systems" (SC15),
//! rule 5: nonparametric confidence interval of the median from the binomial distribution of ranks.

pub mod uncertainty;

use statrs::distribution::{Binomial, DiscreteCDF};

mod ratio;

pub use ratio::{RatioInterval, ratio};

/// Median of an unsorted sample; `None` when it is empty.
pub fn median(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values);
    let n = sorted.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(sorted[n / 2]),
        _ => Some(f64::midpoint(sorted[n / 2 - 1], sorted[n / 2])),
    }
}

/// Nonparametric 95 % confidence interval of the median, from order statistics.
///
/// Below six samples no pair of order statistics covers 95 %: the answer is `None`.
/// ```
/// let times = [5.0, 1.0, 4.0, 2.0, 3.0, 6.0];
/// assert_eq!(tierbench::stats::median_ci95(&times), Some((1.0, 6.0)));
/// ```
pub fn median_ci95(values: &[f64]) -> Option<(f64, f64)> {
    let sorted = sorted(values);
    let n = sorted.len() as u64;
    if n < 6 {
        return None;
    }
    let ranks = Binomial::new(0.5, n).ok()?;
    // Largest r with P(fewer than r+1 of n lie below the median) <= 2.5 %.
    let r = (0..n / 2).take_while(|&r| ranks.cdf(r) <= 0.025).last()? as usize;
    Some((sorted[r], sorted[sorted.len() - 1 - r]))
}

/// Standard error of the median, from order statistics: half the distance of those that enclose it with 95 %, over
/// 1.96 (`McKean` and Schrader, "A comparison of methods for studentizing the sample median", 1984). A value far off, as
/// a process start has that was left half a processor, moves it little; the standard deviation it would double.
pub fn median_standard_error(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values);
    let n = sorted.len();
    if n < 2 {
        return None;
    }
    let place = f64::midpoint(n as f64, 1.0) - 1.96 * (n as f64 / 4.0).sqrt();
    let place = (place.round() as usize).max(1);
    Some((sorted[n - place] - sorted[place - 1]) / (2.0 * 1.96))
}

/// Half the width of the interval as a share of the median.
pub fn relative_half_width(median: f64, (low, high): (f64, f64)) -> f64 {
    (high - low) / 2.0 / median
}

/// Least-squares line: slope, intercept, and the share of the variation that it explains. `None` below
/// three points, when all stand at the same place, and where no finite line comes out.
pub fn line(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    if points.len() < 3 {
        return None;
    }
    let n = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / n;
    let sxx: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let sxy: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let syy: f64 = points.iter().map(|(_, y)| (y - mean_y).powi(2)).sum();
    if sxx == 0.0 {
        return None;
    }
    // Points on a level line: no variation, and none explained by it.
    let r_squared = if syy == 0.0 { 0.0 } else { sxy * sxy / (sxx * syy) };
    let slope = sxy / sxx;
    let intercept = mean_y - slope * mean_x;
    [slope, intercept, r_squared]
        .iter()
        .all(|x| x.is_finite())
        .then_some((slope, intercept, r_squared))
}

/// A quantile of an unsorted sample by linear interpolation; `None` when it is empty.
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let sorted = sorted(values);
    let place = share.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    Some(sorted[low] + (sorted[high] - sorted[low]) * place.fract())
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_ranks_of_the_median_interval() {
        // Ranks (1-based) for n = 10 are 2 and 9, for n = 20 they are 6 and 15.
        for (n, low, high) in [(10, 2.0, 9.0), (20, 6.0, 15.0)] {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            assert_eq!(median_ci95(&values), Some((low, high)), "n = {n}");
        }
    }

    #[test]
    fn five_samples_give_no_interval() {
        assert_eq!(median_ci95(&[1.0; 5]), None);
    }

    proptest! {
        #[test]
        fn interval_holds_the_median(values in proptest::collection::vec(0.1f64..1e9, 6..80)) {
            let (low, high) = median_ci95(&values).unwrap();
            let median = median(&values).unwrap();
            prop_assert!(low <= median && median <= high);
        }
    }
}
