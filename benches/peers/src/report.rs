//! What a comparison says: rates, ratios within rounds, and their intervals. The JSON form.

use serde::Serialize;
use tierbench::adapter::Identity;
use tierbench::stats::{median, median_ci95};

use crate::contestant::Role;
use crate::rounds::{State, Track};

/// Name and version of the JSON form.
pub const SCHEMA: &str = "tierbench.peers/1";

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// When the run began, in seconds since 1970.
    pub began_unix_s: u64,
    /// The adapter that ours ran on; peers that tell theirs were held against it.
    pub adapter: Identity,
    /// Makes all inputs.
    pub seed: u64,
    /// Rounds of each workload.
    pub rounds: u32,
    /// Wanted length of one sample.
    pub sample_ms: f64,
    /// Processors that this process may use.
    pub processors: usize,
    /// Settings of the software adapter, from the environment.
    pub variables: Vec<(String, String)>,
    /// In the order of the run.
    pub workloads: Vec<Comparison>,
}

/// One workload.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Its text form.
    pub workload: String,
    /// Everybody who takes part.
    pub contestants: Vec<Line>,
}

/// One contestant with its statistics.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Raw times and how they came about.
    pub track: Track,
    /// Operations per second, or bytes per second where nothing is computed.
    pub rate: Option<Estimate>,
    /// Our rate over this one's, from the same rounds.
    pub ours_over_it: Option<Estimate>,
}

/// A median with its spread.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Estimate {
    /// Median.
    pub median: f64,
    /// 95 % interval of the median; needs six rounds.
    pub ci95: Option<(f64, f64)>,
}

impl Comparison {
    /// Computes the statistics.
    pub fn new(workload: String, tracks: Vec<Track>) -> Self {
        let ours: Vec<f64> =
            tracks.iter().find(|t| t.role == Role::Ours).map(rates).unwrap_or_default();
        let line = |track: Track| {
            let rates = rates(&track);
            let ratios: Vec<f64> = ours.iter().zip(&rates).map(|(ours, it)| ours / it).collect();
            let ratio = estimate(&ratios).filter(|_| track.role != Role::Ours);
            Line { rate: estimate(&rates), ours_over_it: ratio, track }
        };
        Self { workload, contestants: tracks.into_iter().map(line).collect() }
    }
}

/// Rate of each round; none where the contestant did not last through all of them.
fn rates(track: &Track) -> Vec<f64> {
    if track.state != State::Measured {
        return Vec::new();
    }
    let sample = track.work as f64 * f64::from(track.operations);
    track.ns.iter().map(|ns| sample / (*ns as f64 / 1e9)).collect()
}

fn estimate(values: &[f64]) -> Option<Estimate> {
    Some(Estimate { median: median(values)?, ci95: median_ci95(values) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::Unit;

    fn track(role: Role, ns: &[u64]) -> Track {
        Track {
            name: format!("{role:?}"),
            role,
            version: String::new(),
            how: None,
            state: State::Measured,
            reason: None,
            relative_error: None,
            work: 1000,
            unit: Unit::Flop,
            operations: 2,
            ns: ns.to_vec(),
        }
    }

    #[test]
    fn ratios_come_from_the_same_rounds() {
        // The machine halves its speed after three rounds; the ratio stays.
        let ours = track(Role::Ours, &[100, 100, 100, 200, 200, 200]);
        let peer = track(Role::Peer, &[150, 150, 150, 300, 300, 300]);
        let comparison = Comparison::new("w".into(), vec![ours, peer]);
        let [ours, peer] = comparison.contestants.as_slice() else { panic!("two lines") };
        assert!(ours.ours_over_it.is_none());
        let ratio = peer.ours_over_it.unwrap();
        assert!((ratio.median - 1.5).abs() < 1e-9, "{ratio:?}");
        assert!(ratio.ci95.is_some_and(|(low, high)| high - low < 1e-9));
        let rate = ours.rate.unwrap();
        assert!((rate.ci95.unwrap().1 - 2e10).abs() < 1.0, "{rate:?}");
    }

    #[test]
    fn without_ours_there_are_rates_and_no_ratios() {
        let mut ours = track(Role::Ours, &[100]);
        ours.state = State::Failed;
        let comparison = Comparison::new("w".into(), vec![ours, track(Role::Peer, &[150; 6])]);
        assert!(comparison.contestants[0].rate.is_none());
        assert!(comparison.contestants[1].rate.is_some());
        assert!(comparison.contestants[1].ours_over_it.is_none());
    }
}
