//! Signs that a device could not, or was not allowed to, do its best.

use super::Sign;
use super::load::{
    POWER_CAP, has_default_power_limit, is_at_power_limit, is_lowered, power_limits_w, shares,
    under_load,
};
use crate::stats;
use crate::telemetry::{Log, Reading};

/// A limit in fewer readings than this is a passing one: changes of the power state raise some for
/// a moment.
const REASON_SHARE: f64 = 0.05;

/// Readings under load below which a share of them says nothing: two seconds of them. A change of the power state
/// raises a reason in one or two readings, which is more than the share of fewer.
const LEAST_READINGS: usize = 20;

/// Heat shows in a smaller share already: such a slowdown halves the clock or worse.
const THERMAL_SHARE: f64 = 0.01;

/// Reasons that heat gives.
const THERMAL: &[&str] = &["hw-thermal-slowdown", "sw-thermal-slowdown"];

/// Boost clocks wander by some percent with temperature; a tenth is more than that.
const CLOCK_DROP_SHARE: f64 = 0.9;

/// Readings in each third below which a median says nothing.
const LEAST_READINGS_PER_THIRD: usize = 5;

/// Every sign that a log shows, none for a device that was free to do its best.
pub fn telemetry_signs(log: &Log) -> Vec<Sign> {
    let load = under_load(log);
    let found = [
        lowered_power_limit(log),
        clock_limit(log),
        event_reason(log, &load),
        power_capped(log, &load),
        thermal(&load),
        clock_drop(log, &load),
        split_device(log),
        other_process(log),
        lost(log),
    ];
    found.into_iter().flatten().collect()
}

fn lowered_power_limit(log: &Log) -> Option<Sign> {
    let limits @ (lowest, default) = power_limits_w(log)?;
    is_lowered(limits).then(|| {
        Sign::new(
            "held-back/power-limit",
            format!("the power limit was {lowest:.0} W; delivered is {default:.0} W"),
            format!("set the power limit to {default:.0} W or more and run again"),
        )
    })
}

/// Some devices are delivered with a target below the highest clock and go beyond it by
/// themselves, so the target as delivered is no sign.
fn clock_limit(log: &Log) -> Option<Sign> {
    let (set, most) = log.facts.applications_sm_mhz.zip(log.facts.max_sm_mhz)?;
    let as_delivered = log.facts.default_applications_sm_mhz == Some(set);
    (set < most && !as_delivered).then(|| {
        Sign::new(
            "held-back/clock-limit",
            format!("the clock is set to {set} MHz; the device can run at {most} MHz"),
            "reset the application clocks and unlock the clocks, then run again",
        )
    })
}

fn event_reason(log: &Log, load: &[&Reading]) -> Option<Sign> {
    if load.len() < LEAST_READINGS {
        return None;
    }
    let ordinary_cap = has_default_power_limit(log);
    let named: Vec<String> = shares(load)
        .into_iter()
        .filter(|(limit, share)| *share > REASON_SHARE && !(ordinary_cap && *limit == POWER_CAP))
        .map(|(limit, share)| format!("{limit} in {}", percent(share)))
        .collect();
    (!named.is_empty()).then(|| {
        Sign::new(
            "held-back/event-reason",
            format!("the driver held the clock down: {} of the readings", named.join(", ")),
            "remove the cause that the driver names and run again",
        )
    })
}

/// At the limit that the maker chose, a cap under load is what many boards do all day.
fn power_capped(log: &Log, load: &[&Reading]) -> Option<Sign> {
    let share = *shares(load).get(POWER_CAP)?;
    let much = share > REASON_SHARE && load.len() >= LEAST_READINGS;
    (much && has_default_power_limit(log)).then(|| {
        Sign::new(
            "telemetry/power-capped",
            format!("at the delivered power limit in {} of the readings", percent(share)),
            "nothing to do: ordinary under sustained load; a cooler chip draws a little less",
        )
    })
}

fn thermal(load: &[&Reading]) -> Option<Sign> {
    let is_hot = |r: &&&Reading| r.limits.iter().any(|limit| THERMAL.contains(&limit.as_str()));
    let share = load.iter().filter(is_hot).count() as f64 / load.len() as f64;
    let hottest = load.iter().filter_map(|r| r.temperature_c).reduce(f64::max);
    let hottest = hottest.map(|c| format!(", hottest {c:.0} C")).unwrap_or_default();
    (share > THERMAL_SHARE && load.len() >= LEAST_READINGS).then(|| {
        Sign::new(
            "held-back/thermal",
            format!("slowed down by heat in {} of the readings{hottest}", percent(share)),
            "see to fans, dust and air flow, let the device cool, and run again",
        )
    })
}

/// The clock at the end against the clock at the beginning. Readings at the delivered power limit
/// are left out, for there a lower clock is what the limit does.
fn clock_drop(log: &Log, load: &[&Reading]) -> Option<Sign> {
    let ordinary_cap = has_default_power_limit(log);
    let clocks: Vec<f64> = load
        .iter()
        .filter(|reading| !(ordinary_cap && is_at_power_limit(reading, log)))
        .filter_map(|reading| reading.sm_mhz.map(f64::from))
        .collect();
    let third = clocks.len() / 3;
    if third < LEAST_READINGS_PER_THIRD {
        return None;
    }
    let first = stats::median(&clocks[..third])?;
    let last = stats::median(&clocks[clocks.len() - third..])?;
    (last < first * CLOCK_DROP_SHARE).then(|| {
        Sign::new(
            "held-back/clock-drop",
            format!("the clock fell from {first:.0} to {last:.0} MHz in the course of the run"),
            "look for heat, power or a limiter; compare a short run on the rested device",
        )
    })
}

fn split_device(log: &Log) -> Option<Sign> {
    (log.facts.mig_enabled == Some(true)).then(|| {
        Sign::new(
            "held-back/mig",
            "the device is split into parts: this may be one part of it",
            "turn multi-instance mode or partitions off and run again",
        )
    })
}

fn other_process(log: &Log) -> Option<Sign> {
    let others = log.facts.other_processes.filter(|others| *others > 0)?;
    let processes = if others == 1 { "another process" } else { "other processes" };
    Some(Sign::new(
        "held-back/other-process",
        format!("{processes} ({others}) had the device open at the start"),
        "end what else uses the device, a desktop included, and run again",
    ))
}

fn lost(log: &Log) -> Option<Sign> {
    let why = log.lost.as_ref()?;
    Some(Sign::new(
        "telemetry/lost",
        format!("the readings of {} ended in mid-run: {why}", log.source),
        "see the kernel log for the device's driver; nothing is known about the rest of the run",
    ))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
