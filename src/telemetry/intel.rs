//! Files of Intel's two drivers, which differ in where they lie, not in what they mean.

use std::time::Instant;

use super::sysfs::{Card, sorted};
use super::{DeviceFacts, Reading};

/// Where a driver keeps what; the first file that is there counts.
pub(super) struct Layout {
    actual: &'static [&'static str],
    requested: &'static [&'static str],
    limit: &'static [&'static str],
    highest: &'static [&'static str],
    reasons_folder: &'static str,
    reasons_prefix: &'static str,
}

pub(super) const I915: Layout = Layout {
    actual: &["gt/gt0/rps_act_freq_mhz", "gt_act_freq_mhz"],
    requested: &["gt/gt0/rps_cur_freq_mhz", "gt_cur_freq_mhz"],
    limit: &["gt/gt0/rps_max_freq_mhz", "gt_max_freq_mhz"],
    highest: &["gt/gt0/rps_RP0_freq_mhz", "gt_RP0_freq_mhz"],
    reasons_folder: "gt/gt0",
    reasons_prefix: "throttle_reason_",
};

pub(super) const XE: Layout = Layout {
    actual: &["device/tile0/gt0/freq0/act_freq"],
    requested: &["device/tile0/gt0/freq0/cur_freq"],
    limit: &["device/tile0/gt0/freq0/max_freq"],
    highest: &["device/tile0/gt0/freq0/rp0_freq"],
    reasons_folder: "device/tile0/gt0/freq0/throttle",
    reasons_prefix: "reason_",
};

/// The drivers' words and ours; a word that is not here is kept as it is.
const REASONS: &[(&str, &str)] = &[
    ("pl1", "sw-power-cap"),
    ("pl2", "sw-power-cap"),
    ("pl4", "hw-slowdown"),
    ("vr_tdc", "hw-slowdown"),
    ("thermal", "hw-thermal-slowdown"),
    ("prochot", "hw-thermal-slowdown"),
    ("vr_thermalert", "hw-thermal-slowdown"),
    ("ratl", "sw-thermal-slowdown"),
];

const MICRO: f64 = 1e-6;
const MILLI: f64 = 1e-3;

pub(super) fn facts(card: &Card, layout: &Layout, of_every_card: DeviceFacts) -> DeviceFacts {
    DeviceFacts {
        max_sm_mhz: first(card, layout.highest),
        applications_sm_mhz: first(card, layout.limit),
        default_applications_sm_mhz: first(card, layout.highest),
        default_power_limit_w: card.sensor(&["power1_rated_max", "power2_rated_max"], MICRO),
        enforced_power_limit_w: power_limit_w(card),
        ..of_every_card
    }
}

pub(super) fn read(card: &Card, layout: &Layout, energy: &mut EnergyMeter) -> Reading {
    let clock = match first(card, layout.actual) {
        Some(0) => None, // asleep
        Some(mhz) => Some(mhz),
        None => first(card, layout.requested),
    };
    Reading {
        sm_mhz: clock,
        power_w: energy.power_w(card),
        power_limit_w: power_limit_w(card),
        temperature_c: card.sensor(&["temp1_input", "temp2_input"], MILLI),
        limits: limits(card, layout),
        ..Reading::default()
    }
}

fn first(card: &Card, files: &[&str]) -> Option<u32> {
    files.iter().find_map(|file| card.number(file))
}

fn power_limit_w(card: &Card) -> Option<f64> {
    card.sensor(&["power1_max", "power2_max"], MICRO)
}

/// Names of the reasons whose files hold a 1.
fn limits(card: &Card, layout: &Layout) -> Vec<String> {
    let mut limits = Vec::new();
    for file in sorted(&card.folder(layout.reasons_folder)) {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(word) = name.strip_prefix(layout.reasons_prefix) else { continue };
        let path = format!("{}/{name}", layout.reasons_folder);
        // `status` only says that one of the others is set.
        if word != "status" && card.number(&path) == Some(1) {
            let ours = REASONS.iter().find(|(theirs, _)| *theirs == word);
            limits.push(ours.map_or_else(|| word.replace('_', "-"), |(_, ours)| (*ours).into()));
        }
    }
    limits.sort();
    limits.dedup();
    limits
}

/// Power from a counter of energy, which is all that these drivers show.
#[derive(Default)]
pub(super) struct EnergyMeter {
    last: Option<(Instant, f64)>,
}

impl EnergyMeter {
    /// Mean power since the last call; unknown on the first one.
    fn power_w(&mut self, card: &Card) -> Option<f64> {
        let joules = card.sensor(&["energy1_input", "energy2_input"], MICRO)?;
        let now = Instant::now();
        let (then, before) = self.last.replace((now, joules))?;
        let seconds = now.duration_since(then).as_secs_f64();
        (seconds > 0.0 && joules >= before).then(|| (joules - before) / seconds)
    }
}
