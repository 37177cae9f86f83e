//! Files of the amdgpu driver.

use super::sysfs::Card;
use super::{DeviceFacts, Reading};

/// Performance levels under which the driver is free to go as fast as it can.
const FREE_LEVELS: &[&str] = &["auto", "high", "profile_peak"];

/// The partition that is the whole device.
const WHOLE: &str = "SPX";

const MICRO: f64 = 1e-6;
const MILLI: f64 = 1e-3;

pub(super) fn facts(card: &Card, of_every_card: DeviceFacts) -> DeviceFacts {
    DeviceFacts {
        uuid: card.text("device/unique_id"),
        serial: card.text("device/serial_number"),
        vbios: card.text("device/vbios_version"),
        memory_bytes: card.number("device/mem_info_vram_total"),
        max_sm_mhz: highest(card, "device/pp_dpm_sclk"),
        max_memory_mhz: highest(card, "device/pp_dpm_mclk"),
        default_power_limit_w: card.sensor(&["power1_cap_default"], MICRO),
        enforced_power_limit_w: power_limit_w(card),
        max_power_limit_w: card.sensor(&["power1_cap_max"], MICRO),
        mig_enabled: card.text("device/current_compute_partition").map(|part| part != WHOLE),
        ..of_every_card
    }
}

pub(super) fn read(card: &Card) -> Reading {
    let level = card.text("device/power_dpm_force_performance_level");
    let forced = level.is_some_and(|level| !FREE_LEVELS.contains(&level.as_str()));
    Reading {
        t_ns: 0,
        sm_mhz: current(card, "device/pp_dpm_sclk"),
        memory_mhz: current(card, "device/pp_dpm_mclk"),
        power_w: card.sensor(&["power1_average", "power1_input"], MICRO),
        power_limit_w: power_limit_w(card),
        temperature_c: card.sensor(&["temp1_input"], MILLI),
        limits: if forced { vec!["forced-performance-level".into()] } else { Vec::new() },
        gpu_busy_percent: card.number("device/gpu_busy_percent"),
    }
}

fn power_limit_w(card: &Card) -> Option<f64> {
    card.sensor(&["power1_cap"], MICRO)
}

fn highest(card: &Card, file: &str) -> Option<u32> {
    states(&card.text(file)?).into_iter().map(|(mhz, _)| mhz).max()
}

fn current(card: &Card, file: &str) -> Option<u32> {
    states(&card.text(file)?).into_iter().find_map(|(mhz, active)| active.then_some(mhz))
}

/// Lines like `1: 2575Mhz *`: the clock of each state, and whether it is the current one.
fn states(table: &str) -> Vec<(u32, bool)> {
    let state = |line: &str| {
        let (_, clock) = line.split_once(':')?;
        let digits: String = clock.trim().chars().take_while(char::is_ascii_digit).collect();
        Some((digits.parse().ok()?, clock.trim_end().ends_with('*')))
    };
    table.lines().filter_map(state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_states_is_read_and_what_is_no_state_is_left_out() {
        let table = "S: 19Mhz *\n0: 500Mhz\n1: 2575Mhz\nOD_RANGE\n2: what";
        assert_eq!(states(table), [(19, true), (500, false), (2575, false)]);
        assert_eq!(states(""), []);
    }
}
