//! Three figures for one peak: what the maker declares, what units and clocks come to, and what was measured.

use super::Chip;
use super::working_set::is_dram_evidence;
use crate::record::{Peak, Record, WorkloadRecord};

/// How far two figures of one peak may differ before it is said: data sheets round to three digits.
const ROUNDING: f64 = 0.02;

/// One row for each peak that something is known of besides the measurement.
pub(super) fn peaks(record: &Record, chip: Option<&Chip>) -> Vec<Peak> {
    let formats = ["fp32", "fp16_acc32", "fp16_acc16", "int8"];
    let compute = formats.into_iter().filter_map(|format| compute(record, chip, format));
    compute.chain(dram(record, chip)).collect()
}

/// Units times operations per clock is the declared rate over the clock that it was declared at; times the
/// highest clock that the device ran at, it is what this device could do.
fn compute(record: &Record, chip: Option<&Chip>, format: &str) -> Option<Peak> {
    let fits = |w: &&WorkloadRecord| w.declared_format() == Some(format) && w.ops_per_s().is_some();
    let best = record
        .workloads
        .iter()
        .filter(fits)
        .max_by(|a, b| a.ops_per_s().unwrap_or(0.0).total_cmp(&b.ops_per_s().unwrap_or(0.0)));
    let chip = chip?;
    let declared = chip.declared_ops_per_s(format)?;
    let seen = highest_sm_mhz(record)
        .map(|mhz| (mhz, "telemetry"))
        .or(chain_mhz(record, chip).map(|mhz| (mhz, "the dependent chain")));
    let clock = seen.zip(chip.peak_mhz.or(chip.boost_mhz));
    let derived = clock.map(|((seen, _), stated)| declared * seen / stated);
    let how = clock.map(|((seen, by), stated)| {
        format!("declared at {stated:.0} MHz, and the device ran at up to {seen:.0} MHz by {by}")
    });
    Some(named(Peak {
        what: format!("{format} operations per second"),
        declared: Some(declared),
        derived,
        derived_how: how,
        measured: best.and_then(WorkloadRecord::ops_per_s),
        measured_uncertainty: best.and_then(uncertainty),
        disagreements: Vec::new(),
    }))
}

fn dram(record: &Record, chip: Option<&Chip>) -> Option<Peak> {
    let derived = record.telemetry.iter().find_map(|log| log.facts.theoretical_dram_gb_per_s);
    let streams = record.workloads.iter();
    let streams = streams.filter(|w| is_dram_evidence(w, chip, &record.adapter.device_type));
    let best = streams
        .max_by(|a, b| a.bytes_per_s().unwrap_or(0.0).total_cmp(&b.bytes_per_s().unwrap_or(0.0)));
    let declared = chip.and_then(Chip::dram_gb_per_s);
    declared.or(derived)?;
    Some(named(Peak {
        what: "DRAM bytes per second".into(),
        declared: declared.map(|x| x * 1e9),
        derived: derived.map(|x| x * 1e9),
        derived_how: derived
            .map(|_| "bus width times twice the memory clock, as the device tells".into()),
        measured: best.and_then(WorkloadRecord::bytes_per_s),
        measured_uncertainty: best.and_then(uncertainty),
        disagreements: Vec::new(),
    }))
}

fn uncertainty(w: &WorkloadRecord) -> Option<f64> {
    w.verified()?.uncertainty.as_ref().map(|budget| budget.expanded)
}

fn highest_sm_mhz(record: &Record) -> Option<f64> {
    let readings = record.telemetry.iter().flat_map(|log| &log.readings);
    readings.filter_map(|reading| reading.sm_mhz).map(f64::from).reduce(f64::max)
}

/// The clock that the known work between workloads tells, where the latency of its operation is known.
fn chain_mhz(record: &Record, chip: &Chip) -> Option<f64> {
    let ticks = record.metronome.iter().map(|tick| tick.ns_per_operation);
    let fastest = ticks.filter(|ns| *ns > 0.0).reduce(f64::min)?;
    Some(chip.chain_cycles? / fastest * 1e3)
}

/// With every pair that disagrees by more than it may.
fn named(mut peak: Peak) -> Peak {
    let mut say = |text: String| peak.disagreements.push(text);
    if let (Some(declared), Some(derived)) = (peak.declared, peak.derived)
        && (derived / declared - 1.0).abs() > ROUNDING
    {
        say(format!("derived is {:.3} times declared", derived / declared));
    }
    let u = peak.measured_uncertainty.unwrap_or(0.0);
    for (name, figure) in [("declared", peak.declared), ("derived", peak.derived)] {
        if let (Some(measured), Some(figure)) = (peak.measured, figure)
            && measured * (1.0 - u) > figure * (1.0 + ROUNDING)
        {
            say(format!("measured is {:.3} times {name}", measured / figure));
        }
    }
    peak
}
