//! Bencher Metric Format: `{"name": {"measure": {"value": .., "lower_value": .., "upper_value": ..}}}`.
//!
//! A measure has one unit there. `throughput` (operations per second) and `latency` (nanoseconds) are
//! Bencher's own; byte rates go under `bandwidth`, which it creates when it first meets it. The bounds are the value
//! less and plus its uncertainty U, and absent where that is unknown.

use serde_json::{Map, json};

use super::series::{Measure, points};
use crate::error::Result;
use crate::record::Record;
use crate::shown;

/// All verified figures.
pub(super) fn bmf(records: &[Record]) -> Result<String> {
    let mut benchmarks = Map::new();
    for point in points(records) {
        let measure = match point.measure {
            Measure::Operations => "throughput",
            Measure::Bytes => "bandwidth",
            Measure::Nanoseconds => "latency",
        };
        let mut metric = json!({"value": point.value});
        let ends = point.uncertainty.map(|u| (point.value * (1.0 - u), point.value * (1.0 + u)));
        if let Some((low, high)) = ends.filter(|(_, high)| high.is_finite()) {
            // A figure that is known to its own size only has no lower end but nothing.
            metric["lower_value"] = low.max(0.0).into();
            metric["upper_value"] = high.into();
        }
        benchmarks.insert(point.name, json!({ measure: metric }));
    }
    shown::json(&benchmarks)
}
