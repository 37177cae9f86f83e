//! Which items of a lot to measure, and what the sample can tell of the others.
//!
//! The items follow from the seed alone, so whoever is given it afterwards can hold the choice against it: the lot is
//! numbered and the list fixed first, then the seed is drawn. An item is bad here if a measurement would show that it
//! exceeds a limit; none shows that an item is not bad. What a sample without a bad item shows is hypergeometric: of `N` items with `D` bad ones, `n` drawn without replacement miss
//! all of them with probability `C(N - D, n) / C(N, n)`.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::workload::inputs;

/// The `schema` key of a sampling plan.
pub const SAMPLING_SCHEMA: &str = "tierbench.sampling/1";

/// Confidences that a plan is told for.
const CONFIDENCES: [f64; 3] = [0.90, 0.95, 0.99];
/// Largest lot: every number of it is exact in JSON and in arithmetic here.
pub const LARGEST_LOT: u64 = 1 << 32;
/// Largest sample: it is printed.
pub const LARGEST_SAMPLE: u64 = 100_000;
/// Tag of these draws among all that follow from a seed.
const TAG: u32 = 301;

/// A choice of items, and what it can catch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sampling {
    /// [`SAMPLING_SCHEMA`].
    pub schema: &'static str,
    /// Items of the lot, numbered from 1.
    pub population: u64,
    /// The seed that the items follow from.
    pub seed: u64,
    /// The items to measure, in order.
    pub items: Vec<u64>,
    /// What a sample without a bad item shows.
    pub catches: Vec<Catch>,
}

/// The least number of bad items of which at least one would have been among those drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Catch {
    /// With this probability.
    pub confidence: f64,
    /// So many bad items, or more.
    pub bad: u64,
    /// The same as a share of the lot.
    pub share: f64,
}

/// The items that a seed chooses: `n` of `population`.
pub fn sample(population: u64, n: u64, seed: u64) -> Sampling {
    let catches = CONFIDENCES.iter().map(|confidence| {
        let bad = least_caught(population, n, *confidence);
        Catch { confidence: *confidence, bad, share: bad as f64 / population as f64 }
    });
    Sampling {
        schema: SAMPLING_SCHEMA,
        population,
        seed,
        items: items(population, n, seed),
        catches: catches.collect(),
    }
}

/// Floyd's choice without replacement, each subset as likely as any other.
fn items(population: u64, n: u64, seed: u64) -> Vec<u64> {
    let mut drawn = 0;
    let mut below = |bound: u64| {
        // Numbers above the last whole multiple would favour the small ones.
        let whole = u64::MAX - u64::MAX % bound;
        loop {
            let [high, low, ..] = inputs::words(seed, TAG, drawn);
            drawn += 1;
            let number = u64::from(high) << 32 | u64::from(low);
            if number < whole {
                return number % bound;
            }
        }
    };
    let mut chosen = BTreeSet::new();
    for last in population - n..population {
        let candidate = below(last + 1);
        if !chosen.insert(candidate) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().map(|item| item + 1).collect()
}

/// Probability that no bad item is among those drawn.
fn missed(population: u64, n: u64, bad: u64) -> f64 {
    // The product over the lesser of the two numbers, which is the same.
    let (few, many) = (n.min(bad), n.max(bad));
    (0..few)
        .map(|i| (population - many).saturating_sub(i) as f64 / (population - i) as f64)
        .product()
}

fn least_caught(population: u64, n: u64, confidence: f64) -> u64 {
    let (mut low, mut high) = (1, population);
    while low < high {
        let middle = low + (high - low) / 2;
        if missed(population, n, middle) <= 1.0 - confidence {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_of_the_lot_and_follows_from_its_seed() {
        let first = sample(1_000, 60, 7);
        assert_eq!((first.items.len(), sample(1_000, 60, 7) == first), (60, true));
        assert!(first.items.iter().all(|item| (1..=1_000).contains(item)));
        assert!(sample(1_000, 60, 8).items != first.items);
        assert_eq!(sample(5, 5, 1).items, [1, 2, 3, 4, 5]);
        // Every item is drawn about as often as any other.
        let mut drawn = [0; 10];
        for seed in 0..2_000 {
            sample(10, 3, seed).items.iter().for_each(|item| drawn[*item as usize - 1] += 1);
        }
        assert!(drawn.iter().all(|count| (500..700).contains(count)), "{drawn:?}");
    }

    #[test]
    fn what_it_catches_is_hypergeometric() {
        // One of two, one bad: missed every second time.
        assert!((missed(2, 1, 1) - 0.5).abs() < 1e-12);
        // C(8, 3) / C(10, 3) = 56 / 120.
        assert!((missed(10, 3, 2) - 56.0 / 120.0).abs() < 1e-12);
        assert_eq!(missed(10, 3, 8), 0.0);
        // The rule of three: about 3 / n of a large lot at 95 %.
        let found = sample(1_000_000, 300, 1);
        assert!((found.catches[1].share - 0.00994).abs() < 0.0001, "{:?}", found.catches);
        // The whole lot catches one.
        assert!(sample(50, 50, 1).catches.iter().all(|catch| catch.bad == 1));
        let least = least_caught(1_000, 60, 0.95);
        assert!(missed(1_000, 60, least) <= 0.05 && missed(1_000, 60, least - 1) > 0.05);
    }
}
