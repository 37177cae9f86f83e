//! Faults between device and driver: each has its own note or refusal, and none gives a clean verdict.

mod common;
#[path = "common/faulty.rs"]
mod faulty;

use std::sync::atomic::AtomicBool;

use faulty::{Fault, FaultyMachine};
use tierbench::adapter::{Found, Identity, choose, find_all};
use tierbench::conclude::conclude;
use tierbench::measure::{Clock, StopRule};
use tierbench::normalize::Book;
use tierbench::plan::Plan;
use tierbench::record::{Measured, Record, State};
use tierbench::run::{self, Request, Silent};
use tierbench::tune::Cache;

fn adapter() -> Found {
    let named = std::env::var("TIERBENCH_TEST_ADAPTER").ok();
    choose(find_all(), named.as_deref(), false).expect("`make test` provides an adapter")
}

const WORKLOAD: &str = "matmul:f32:64x64x512";

fn run_with(fault: Fault, found: &Found, samples: usize) -> Record {
    let workloads = vec![WORKLOAD.parse().unwrap(), "bandwidth-copy:262144".parse().unwrap()];
    let mut plan = Plan::new("smoke", workloads, found.identity.software, Some(5)).unwrap();
    let rule = StopRule { min_samples: samples, max_samples: samples, ..plan.stop_rule };
    plan.stop_rule = StopRule { sample_ms: 8.0, ..rule };
    let out = tempfile::tempdir().unwrap();
    let request = Request {
        machine: &FaultyMachine(fault),
        found,
        plan: &plan,
        cache: &Cache::empty(),
        book: &Book::load().unwrap(),
        interrupted: &AtomicBool::new(false),
        attest: &[],
        listener: &Silent,
    };
    let (record, folder) = run::run_to_new_folder(&request, out.path()).unwrap();
    // What is kept is what came back, and it can be read again.
    assert_eq!(tierbench::record::read(folder.path()).unwrap(), record);
    record
}

fn has(record: &Record, id: &str) -> bool {
    record.notes.iter().any(|note| note.id == id)
}

/// No finding of a run with a fault may call it consistent with a declaration.
fn not_clean(record: &Record) {
    let mut words = record.conclusion.findings.iter().map(|finding| finding.measured);
    assert!(words.all(|word| word != Measured::ConsistentWithBelow));
}

/// Why a test did not show that the sound clock is used: another adapter must have.
const TOO_BUSY: &str = "the machine was too busy to prove the sound clock";

/// Rates come from `clock`. On a busy machine even the sound clock may fail its test: then there are none. Whether it
/// passed.
fn only(clock: Clock, record: &Record) -> bool {
    let proof = record.timer.last().unwrap();
    let proven = match clock {
        Clock::Gpu => proof.gpu_trusted,
        Clock::Host => proof.host_trusted,
    };
    for w in &record.workloads {
        let found = w.summary.as_ref().map(|summary| summary.clock);
        assert_eq!(found, proven.then_some(clock), "{:?}: {}", w.reason, proof.why());
    }
    proven
}

#[test]
fn a_healthy_run_raises_no_sign_and_proves_every_dispatch() {
    let record = run_with(Fault::None, &adapter(), 6);
    assert!(run::outcome(&record).is_ok());
    for w in &record.workloads {
        assert_eq!(w.state, State::Measured, "{:?}", w.reason);
        assert!(w.samples.iter().all(|sample| sample.proven == Some(true)));
    }
    assert!(record.timer_of(0).unwrap().host_trusted);
    assert!(record.plan_sha256.as_ref().is_some_and(|digest| digest.len() == 64));
    assert_eq!(record.plan.as_ref().unwrap().digest().ok(), record.plan_sha256);
}

#[test]
fn a_clock_that_halves_after_three_seconds_is_a_step() {
    // Others on this machine would make the detector look away, so it is asked without their load.
    let mut record = run_with(Fault::HalvesTheClock, &adapter(), 60);
    record.workloads.iter_mut().for_each(|w| w.others_load = None);
    conclude(&mut record, &Book::load().unwrap()).unwrap();
    assert!(has(&record, "held-back/step-down"), "{:?}", record.notes);
    assert!(record.is_held_back());
    not_clean(&record);
}

#[test]
fn waiting_between_dispatches_is_seen_against_single_ones() {
    let mut record = run_with(Fault::SleepsBetweenDispatches, &adapter(), 24);
    record.workloads.iter_mut().for_each(|w| w.others_load = None);
    conclude(&mut record, &Book::load().unwrap()).unwrap();
    assert!(has(&record, "held-back/idle-gaps"), "{:?}", record.notes);
    not_clean(&record);
}

#[test]
fn timestamps_that_cannot_be_right_are_not_used() {
    let found = adapter();
    if run_with(Fault::None, &found, 6).timer[0].gpu.is_none() {
        return common::account("timestamps_that_cannot_be_right", Some("no timestamps to spoil"));
    }
    let mut proven = true;
    for fault in [
        Fault::TimestampsEightyTimesOff,
        Fault::TimestampsAreZero,
        Fault::TimestampsDescend,
        Fault::TimestampsWrap,
    ] {
        let record = run_with(fault, &found, 6);
        let sound = only(Clock::Host, &record);
        let seen = if sound { "timer/gpu-clock" } else { "timer/impossible" };
        assert!(has(&record, seen), "{fault:?}: {:?}", record.timer[0].problems);
        not_clean(&record);
        proven &= sound;
    }
    common::account("timestamps_that_cannot_be_right", (!proven).then_some(TOO_BUSY));
}

#[test]
fn work_in_no_time_gives_no_figure() {
    let record = run_with(Fault::ImpossiblyFast, &adapter(), 6);
    assert!(has(&record, "timer/impossible"));
    assert!(record.workloads.iter().all(|w| w.state == State::Failed && w.summary.is_none()));
    assert_eq!(run::outcome(&record).unwrap_err().exit_code(), 6);
    not_clean(&record);
}

#[test]
fn a_host_clock_that_counts_half_the_time_does_not_make_figures_faster() {
    let found = adapter();
    let record = run_with(Fault::HostClockHalved, &found, 6);
    let proof = record.timer.last().unwrap();
    if proof.gpu.is_none() {
        return common::account("a_host_clock_that_counts_half", Some("no second clock"));
    }
    assert!(!proof.host_trusted);
    let sound = only(Clock::Gpu, &record);
    let seen = if sound { "timer/host-clock" } else { "timer/impossible" };
    assert!(has(&record, seen), "{}", proof.why());
    common::account("a_host_clock_that_counts_half", (!sound).then_some(TOO_BUSY));
    not_clean(&record);
}

#[test]
fn times_that_have_nothing_to_do_with_the_work_give_no_figure() {
    let record = run_with(Fault::MadeUpTimes, &adapter(), 6);
    assert!(has(&record, "timer/impossible"), "{:?}", record.timer[0].problems);
    assert!(record.workloads.iter().all(|w| w.state == State::Failed && w.summary.is_none()));
    assert_eq!(run::outcome(&record).unwrap_err().exit_code(), 6);
    not_clean(&record);
}

#[test]
fn known_work_that_was_not_done_gives_no_figure() {
    let record = run_with(Fault::DropsKnownWork, &adapter(), 6);
    assert!(has(&record, "timer/impossible"), "{:?}", record.timer[0].problems);
    let proof = record.timer_of(0).unwrap();
    assert!(proof.samples.iter().any(|sample| sample.proven == Some(false)));
    assert!(record.workloads.iter().all(|w| w.state == State::Failed && w.summary.is_none()));
    not_clean(&record);
}

#[test]
fn every_test_of_the_clocks_is_kept_and_the_last_one_counts() {
    let record = run_with(Fault::TimestampsEightyTimesOff, &adapter(), 6);
    if record.timer[0].gpu.is_none() {
        return common::account("every_test_of_the_clocks_is_kept", Some("no timestamps to spoil"));
    }
    common::account("every_test_of_the_clocks_is_kept", None);
    let attempts: Vec<u32> = record.timer.iter().map(|proof| proof.attempt).collect();
    assert!(attempts.len() > 1 && attempts.iter().zip(0..).all(|(found, at)| *found == at));
    assert_eq!(record.timer_of(0), record.timer.last());
    assert_eq!(record.timer_of(1), None);
}

#[test]
fn a_driver_that_resolves_to_zeros_has_unknown_timestamps() {
    let record = run_with(Fault::TimestampsAreZero, &adapter(), 6);
    let samples = record.workloads.iter().flat_map(|w| &w.samples);
    assert!(samples.into_iter().all(|s| s.gpu_start_ns.is_none() && s.gpu_ns.is_none()));
}

/// Refused for a reason that holds `word`, with the exit code of a result that is not verified.
fn refused(fault: Fault, word: &str) {
    let record = run_with(fault, &adapter(), 6);
    let matmul = &record.workloads[0];
    let reason = matmul.reason.clone().unwrap_or_default();
    assert!(matmul.state == State::Failed && matmul.summary.is_none(), "{fault:?}: {reason}");
    assert!(reason.contains(word), "{fault:?}: {reason}");
    assert_eq!(run::outcome(&record).unwrap_err().exit_code(), 5);
    not_clean(&record);
}

#[test]
fn dropped_dispatches_are_missed_in_the_tally() {
    refused(Fault::DropsEveryTenth, "tally");
}

#[test]
fn a_remembered_batch_is_not_a_new_one() {
    refused(Fault::RemembersTheLastBatch, "tally");
}

#[test]
fn a_kernel_that_computes_in_less_than_its_label_says_is_refused() {
    refused(Fault::ComputesInF16, "tf32-or-f16");
}

#[test]
fn inputs_that_changed_are_refused() {
    refused(Fault::ChangesItsInputs, "inputs");
}

#[test]
fn a_lost_device_fails_its_workload_and_keeps_the_rest() {
    let record = run_with(Fault::LosesTheDevice, &adapter(), 20);
    assert_eq!(run::outcome(&record).unwrap_err().exit_code(), 6);
    let reason = record.workloads[0].reason.clone().unwrap();
    assert!(reason.contains("lost") && reason.contains("took it away"), "{reason}");
    assert_eq!(record.workloads.len(), 2);
    not_clean(&record);
}

#[test]
fn a_power_limit_below_the_delivered_one_holds_the_chip_back() {
    let record = run_with(Fault::PowerLimitBelowDefault, &adapter(), 6);
    assert!(has(&record, "held-back/power-limit"), "{:?}", record.notes);
    assert_eq!(record.telemetry[0].source, "recorded");
    not_clean(&record);
}

#[test]
fn telemetry_lost_in_mid_run_is_said_and_the_run_goes_on() {
    let record = run_with(Fault::LosesTelemetry, &adapter(), 6);
    assert!(has(&record, "telemetry/lost"), "{:?}", record.notes);
    assert!(run::outcome(&record).is_ok());
    not_clean(&record);
}

#[test]
fn another_chips_name_does_not_fit_the_rest() {
    let mut found = adapter();
    let real = found.identity.clone();
    found.identity = Identity {
        name: "NVIDIA H200".into(),
        vendor_id: "10de".into(),
        device_id: "2335".into(),
        device_type: "discrete-gpu".into(),
        software: false,
        ..real.clone()
    };
    let record = run_with(Fault::None, &found, 6);
    assert!(record.conclusion.chip.is_some(), "the name is in the catalogue");
    let subgroup = has(&record, "identity/subgroup") || real.subgroup_max == 32;
    assert!(has(&record, "identity/driver") && subgroup, "{:?}", record.notes);
    // A rate that is a ten-thousandth of what such chips reach is no evidence.
    let words: Vec<Measured> = record.conclusion.findings.iter().map(|f| f.measured).collect();
    assert!(!words.contains(&Measured::Exceeds));
    not_clean(&record);
}
