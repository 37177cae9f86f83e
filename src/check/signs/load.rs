//! Which readings count: those under load.

use std::collections::BTreeMap;

use crate::telemetry::{Log, Reading};

/// From here on a reading is one under load. Drivers tell the share over up to a second, so the
/// edges of a pause are smeared; half lies in the middle of the smear.
const BUSY_PERCENT: u32 = 50;

/// Below this share of its maker's limit a power limit is lowered; drivers round to whole watts.
const DEFAULT_POWER_SHARE: f64 = 0.99;

/// From this share of the limit on, the limit decides the clock: boards swing some percent around
/// it.
const AT_POWER_LIMIT_SHARE: f64 = 0.95;

/// The reason that a power limit gives.
pub(super) const POWER_CAP: &str = "sw-power-cap";

/// The readings in which the device worked. Pauses between workloads, in which the processor
/// checks results, would hide what happens under load.
pub(super) fn under_load(log: &Log) -> Vec<&Reading> {
    let worked = |r: &&Reading| r.gpu_busy_percent.is_none_or(|busy| busy >= BUSY_PERCENT);
    log.readings.iter().filter(worked).collect()
}

/// Share of these readings in which each limit was active.
pub(super) fn shares<'a>(readings: &[&'a Reading]) -> BTreeMap<&'a str, f64> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reading in readings {
        let mut limits: Vec<&str> = reading.limits.iter().map(String::as_str).collect();
        limits.sort_unstable();
        limits.dedup();
        for limit in limits {
            *counts.entry(limit).or_default() += 1;
        }
    }
    counts.into_iter().map(|(limit, n)| (limit, n as f64 / readings.len() as f64)).collect()
}

/// The lowest power limit seen and the maker's, in watts, where both are known.
pub(super) fn power_limits_w(log: &Log) -> Option<(f64, f64)> {
    let ends = [&log.before, &log.after].into_iter().flatten();
    let seen = ends.chain(&log.readings).filter_map(|reading| reading.power_limit_w);
    let lowest = seen.chain(log.facts.enforced_power_limit_w).reduce(f64::min)?;
    Some((lowest, log.facts.default_power_limit_w?))
}

/// Whether the lower of two limits is a lowered one.
pub(super) fn is_lowered((lowest_w, default_w): (f64, f64)) -> bool {
    lowest_w < default_w * DEFAULT_POWER_SHARE
}

/// Whether the power limit is the maker's; false where that is unknown.
pub(super) fn has_default_power_limit(log: &Log) -> bool {
    power_limits_w(log).is_some_and(|limits| !is_lowered(limits))
}

/// Whether a reading shows the device at its power limit.
pub(super) fn is_at_power_limit(reading: &Reading, log: &Log) -> bool {
    let limit_w = reading.power_limit_w.or(log.facts.enforced_power_limit_w);
    reading.limits.iter().any(|limit| limit == POWER_CAP)
        || reading
            .power_w
            .zip(limit_w)
            .is_some_and(|(drawn, limit)| drawn >= limit * AT_POWER_LIMIT_SHARE)
}
