//! Faults of clocks, each with the choice that follows.

use super::*;
use crate::measure::Phase;

const OPERATIONS: u64 = 1_000_000;

/// Batches of a device whose dispatch takes 2 ms, with 50 us of submission on the host's clock.
fn healthy() -> ClockTest {
    let mut at = 1_000_000_000;
    let batches = (0..4).flat_map(|_| [5, 10, 20]);
    let samples = batches
        .map(|n| {
            let gpu_ns = 2_000_000 * u64::from(n);
            let host_ns = gpu_ns + 50_000;
            at += host_ns + 1_000_000;
            Sample {
                start_ns: at,
                gpu_start_ns: Some(at + 30_000),
                gpu_ns: Some(gpu_ns),
                host_ns,
                dispatches: n,
                phase: Phase::Scaling,
                proven: Some(true),
                process: 0,
                tally: None,
            }
        })
        .collect();
    ClockTest {
        operations: OPERATIONS,
        timestamps: true,
        resolution_ns: Some(1.0),
        samples,
        host_cross_check: None,
        work_problems: Vec::new(),
    }
}

fn judged(change: impl Fn(usize, &mut Sample)) -> TimerProof {
    let mut test = healthy();
    test.samples.iter_mut().enumerate().for_each(|(at, sample)| change(at, sample));
    TimerProof::judge(test)
}

fn ids(proof: &TimerProof) -> Vec<&'static str> {
    proof.signs().iter().map(|sign| sign.id).collect()
}

#[test]
fn a_healthy_pair_of_clocks_is_trusted_and_says_nothing() {
    let proof = judged(|_, _| ());
    assert_eq!(proof.choice, Some(ClockChoice::ClocksAgree), "{}", proof.why());
    assert!(proof.gpu_trusted && proof.host_trusted && proof.signs().is_empty());
    assert!(proof.drift_ppm.unwrap().abs() < 1.0);
}

#[test]
fn timestamps_that_cannot_be_right_leave_the_host_clock() {
    type Fault = fn(usize, &mut Sample);
    let faults: [(&str, Fault); 4] = [
        ("80 times too short", |_, s| s.gpu_ns = s.gpu_ns.map(|ns| ns / 80)),
        ("zero", |_, s| (s.gpu_start_ns, s.gpu_ns) = (None, None)),
        ("descending", |at, s| {
            s.gpu_start_ns = s.gpu_start_ns.map(|ns| ns - 2 * at as u64 * ns / 30);
        }),
        ("wrapped", |at, s| {
            if at == 3 {
                s.gpu_ns = None;
            }
        }),
    ];
    for (name, fault) in faults {
        let proof = judged(fault);
        assert!(!proof.gpu_trusted && proof.host_trusted, "{name}");
        assert_eq!(ids(&proof), ["timer/gpu-clock"], "{name}");
    }
}

#[test]
fn where_the_clocks_disagree_the_longer_time_counts() {
    let host_halved = judged(|_, s| s.host_ns /= 2);
    assert_eq!(host_halved.choice, Some(ClockChoice::LongerGpu), "{}", host_halved.why());
    assert!(host_halved.gpu_trusted && !host_halved.host_trusted);
    assert_eq!(ids(&host_halved), ["timer/host-clock"]);
    let gpu_tripled = judged(|_, s| s.gpu_ns = s.gpu_ns.map(|ns| ns * 3));
    assert_eq!(gpu_tripled.choice, Some(ClockChoice::LongerGpu));
    let gpu_halved = judged(|_, s| s.gpu_ns = s.gpu_ns.map(|ns| ns / 2));
    assert_eq!(gpu_halved.choice, Some(ClockChoice::LongerHost));
    // The longer one fails a test of its own: the shorter one is no way out.
    let both_wrong = judged(|at, s| {
        s.host_ns /= 2;
        s.gpu_start_ns = s.gpu_start_ns.map(|ns| ns - 2 * at as u64 * ns / 30);
    });
    assert_eq!(both_wrong.choice, Some(ClockChoice::Neither));
    assert_eq!(ids(&both_wrong), ["timer/impossible"]);
}

#[test]
fn an_adapter_without_timestamps_has_the_host_clock_and_no_sign() {
    let mut test = healthy();
    test.timestamps = false;
    test.samples.iter_mut().for_each(|s| (s.gpu_start_ns, s.gpu_ns) = (None, None));
    let proof = TimerProof::judge(test);
    assert_eq!(proof.choice, Some(ClockChoice::NoTimestamps));
    assert!(proof.gpu.is_none() && proof.drift_ppm.is_none() && proof.signs().is_empty());
}

#[test]
fn a_busy_machine_is_no_wrong_clock() {
    let busy = |n: usize| if n % 3 == 1 { 13u64 } else { 10 };
    let proof = judged(|at, s| {
        s.gpu_ns = s.gpu_ns.map(|ns| ns * busy(at) / 10);
        s.host_ns = s.host_ns * busy(at) / 10;
    });
    assert!(proof.gpu_trusted && proof.host_trusted, "{}", proof.why());
    assert_eq!(ids(&proof), ["timer/unsteady"]);
}

#[test]
fn work_in_no_time_is_impossible_on_any_clock() {
    let proof = judged(|_, s| (s.gpu_ns, s.host_ns) = (Some(100), 120));
    assert!(!proof.host_trusted);
    assert_eq!(ids(&proof), ["timer/impossible"]);
}

#[test]
fn a_dependent_multiply_add_takes_four_cycles_of_six_gigahertz() {
    let at_ns_per_operation = |hundredths: u64| {
        judged(|_, s| {
            let ns = OPERATIONS * u64::from(s.dispatches) * hundredths / 100;
            (s.gpu_ns, s.host_ns) = (Some(ns), ns + 50_000);
        })
    };
    assert_eq!(at_ns_per_operation(68).choice, Some(ClockChoice::ClocksAgree));
    let proof = at_ns_per_operation(66);
    assert_eq!(proof.choice, Some(ClockChoice::Neither));
    assert!(proof.why().contains("0.667"), "{}", proof.why());
}

#[test]
fn time_that_does_not_grow_with_the_work_gives_no_clock() {
    let gpu_only = judged(|_, s| s.gpu_ns = Some(8_000_000));
    assert!(!gpu_only.gpu_trusted && gpu_only.host_trusted, "{}", gpu_only.why());
    let both = judged(|_, s| (s.gpu_ns, s.host_ns) = (Some(40_000_000), 40_050_000));
    assert_eq!(both.choice, Some(ClockChoice::Neither));
    // It grows, but has little to do with the work.
    let made_up = judged(|at, s| {
        let ns = 20_000_000 + 2_000_000 * [30, 1, 20][at % 3];
        (s.gpu_ns, s.host_ns) = (Some(ns), ns + 50_000);
    });
    assert_eq!(made_up.choice, Some(ClockChoice::Neither), "{:?}", made_up.host);
    let slow_to_submit = judged(|_, s| {
        let ns = s.gpu_ns.unwrap_or_default() + 9_000_000;
        (s.gpu_ns, s.host_ns) = (Some(ns), ns + 50_000);
    });
    assert_eq!(slow_to_submit.choice, Some(ClockChoice::ClocksAgree));
    assert_eq!(ids(&slow_to_submit), ["timer/unsteady"]);
}

#[test]
fn steps_that_are_too_coarse_leave_the_host_clock() {
    let proof = TimerProof::judge(ClockTest { resolution_ns: Some(100_000.0), ..healthy() });
    assert!(proof.problems[0].what.contains("coarse"), "{}", proof.why());
    assert_eq!(proof.problems[0].clock, Some(Clock::Gpu));
    assert_eq!(proof.choice, Some(ClockChoice::TimestampsFailed));
}

#[test]
fn known_work_that_was_not_done_gives_no_clock() {
    let proof = TimerProof::judge(ClockTest {
        work_problems: vec!["the tally is wrong in 3 of 12 batches".into()],
        ..healthy()
    });
    assert_eq!(proof.choice, Some(ClockChoice::Neither));
    assert_eq!(proof.why(), "known work: the tally is wrong in 3 of 12 batches");
}

#[test]
fn a_drift_of_fifteen_thousand_ppm_is_a_sign_and_changes_no_choice() {
    let proof = judged(|_, s| {
        let slower = |ns: u64| ns - ns * 15 / 1000;
        s.gpu_start_ns = s.gpu_start_ns.map(slower);
        s.gpu_ns = s.gpu_ns.map(slower);
    });
    assert_eq!(proof.choice, Some(ClockChoice::ClocksAgree), "{}", proof.why());
    assert_eq!(ids(&proof), ["timer/drift"], "{:?}", proof.drift_range_ppm);
}

#[test]
fn a_host_clock_that_differs_from_the_machines_gives_no_figure() {
    let check = |raw_ratio| HostCrossCheck {
        over_ns: 3e8,
        uncertainty_ns: 200.0,
        raw_ratio,
        tsc_hz_by_std: Some(2e9 / raw_ratio),
        tsc_hz_by_raw: Some(2e9),
    };
    let judged =
        |ratio| TimerProof::judge(ClockTest { host_cross_check: Some(check(ratio)), ..healthy() });
    assert_eq!(judged(1.0).choice, Some(ClockChoice::ClocksAgree));
    assert!(judged(1.0).signs().is_empty());
    for ratio in [0.1, 0.5, 1.001, 2.0] {
        let proof = judged(ratio);
        assert_eq!(proof.choice, Some(ClockChoice::Neither));
        assert_eq!(ids(&proof), ["timer/host-clock-differs"]);
    }
}
