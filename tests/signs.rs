//! Signs about the device: each appears for its fault, and none for a healthy device.

use proptest::prelude::*;
use tierbench::adapter::Identity;
use tierbench::check::{SIGN_IDS as IDS, Sign};
use tierbench::check::{identity_signs, telemetry_signs};
use tierbench::telemetry::{DeviceFacts, Log, Reading};

/// A device at full clock, cool, alone, at its delivered limits.
fn healthy() -> Log {
    let reading = Reading {
        sm_mhz: Some(1980),
        power_w: Some(450.0),
        power_limit_w: Some(700.0),
        temperature_c: Some(55.0),
        gpu_busy_percent: Some(100),
        ..Reading::default()
    };
    let facts = DeviceFacts {
        name: Some("NVIDIA Made Up 80GB HBM3".into()),
        pci_bus: Some("00000000:3b:00.0".into()),
        pci_id: Some("10de:0001".into()),
        memory_bytes: Some(85_520_809_984),
        max_sm_mhz: Some(1980),
        applications_sm_mhz: Some(1980),
        default_applications_sm_mhz: Some(1980),
        default_power_limit_w: Some(700.0),
        enforced_power_limit_w: Some(700.0),
        mig_enabled: Some(false),
        other_processes: Some(0),
        ..DeviceFacts::default()
    };
    Log {
        source: "nvml".into(),
        facts,
        before: Some(Reading::default()),
        after: Some(Reading::default()),
        readings: vec![reading; 100],
        ..Log::default()
    }
}

fn ids(signs: &[Sign]) -> Vec<&str> {
    signs.iter().map(|sign| sign.id).collect()
}

/// Signs of a healthy log in which something was changed.
fn after(change: impl FnOnce(&mut Log)) -> Vec<Sign> {
    let mut log = healthy();
    change(&mut log);
    telemetry_signs(&log)
}

fn limit(log: &mut Log, name: &str, readings: usize) {
    for reading in &mut log.readings[..readings] {
        reading.limits.push(name.into());
    }
}

#[test]
fn a_healthy_log_has_no_sign_and_neither_has_one_that_knows_nothing() {
    assert_eq!(ids(&telemetry_signs(&healthy())), [""; 0]);
    assert_eq!(ids(&telemetry_signs(&Log::default())), [""; 0]);
}

#[test]
fn a_power_limit_below_the_delivered_one_is_a_sign_whenever_it_was_set() {
    let at_start = after(|log| log.facts.enforced_power_limit_w = Some(400.0));
    assert_eq!(ids(&at_start), ["held-back/power-limit"]);
    assert!(at_start[0].text.contains("400 W") && at_start[0].text.contains("700 W"));
    let in_mid_run = after(|log| log.readings[50].power_limit_w = Some(400.0));
    assert_eq!(ids(&in_mid_run), ["held-back/power-limit"]);
    let rounded = after(|log| log.facts.enforced_power_limit_w = Some(699.5));
    assert_eq!(ids(&rounded), [""; 0]);
}

#[test]
fn a_clock_set_below_the_highest_is_a_sign_unless_it_is_the_delivered_one() {
    let lowered = after(|log| log.facts.applications_sm_mhz = Some(1200));
    assert_eq!(ids(&lowered), ["held-back/clock-limit"]);
    let delivered = after(|log| {
        log.facts.applications_sm_mhz = Some(1200);
        log.facts.default_applications_sm_mhz = Some(1200);
    });
    assert_eq!(ids(&delivered), [""; 0]);
}

#[test]
fn a_reason_in_more_than_a_twentieth_of_the_readings_is_named_with_its_share() {
    let found = after(|log| limit(log, "hw-power-brake", 6));
    assert_eq!(ids(&found), ["held-back/event-reason"]);
    assert!(found[0].text.contains("hw-power-brake in 6 %"), "{}", found[0].text);
    assert_eq!(ids(&after(|log| limit(log, "hw-power-brake", 5))), [""; 0]);
}

#[test]
fn pauses_do_not_dilute_a_reason() {
    let found = after(|log| {
        limit(log, "hw-slowdown", 6);
        let idle = Reading { gpu_busy_percent: Some(0), ..Reading::default() };
        log.readings.extend(vec![idle; 900]);
    });
    assert_eq!(ids(&found), ["held-back/event-reason"]);
}

#[test]
fn a_power_cap_at_the_delivered_limit_is_a_note_and_at_a_lower_one_is_not() {
    let ordinary = after(|log| limit(log, "sw-power-cap", 90));
    assert_eq!(ids(&ordinary), ["telemetry/power-capped"]);
    let lowered = after(|log| {
        limit(log, "sw-power-cap", 90);
        log.facts.enforced_power_limit_w = Some(400.0);
    });
    assert_eq!(ids(&lowered), ["held-back/power-limit", "held-back/event-reason"]);
    let unknown = after(|log| {
        limit(log, "sw-power-cap", 90);
        log.facts.default_power_limit_w = None;
    });
    assert_eq!(ids(&unknown), ["held-back/event-reason"]);
    let with_another = after(|log| {
        limit(log, "sw-power-cap", 90);
        limit(log, "sync-boost", 90);
    });
    assert_eq!(ids(&with_another), ["held-back/event-reason", "telemetry/power-capped"]);
    assert!(!with_another[0].text.contains("sw-power-cap"));
}

#[test]
fn heat_is_a_sign_already_in_a_small_share() {
    let found = after(|log| {
        limit(log, "sw-thermal-slowdown", 2);
        log.readings[1].temperature_c = Some(88.0);
    });
    assert_eq!(ids(&found), ["held-back/thermal"]);
    assert!(found[0].text.contains("88 C"));
}

#[test]
fn a_clock_that_falls_is_a_sign_unless_the_delivered_power_limit_explains_it() {
    let fall = |log: &mut Log| log.readings[60..].iter_mut().for_each(|r| r.sm_mhz = Some(1500));
    assert_eq!(ids(&after(fall)), ["held-back/clock-drop"]);
    let at_limit = after(|log| {
        fall(log);
        log.readings[60..].iter_mut().for_each(|r| r.power_w = Some(690.0));
    });
    assert_eq!(ids(&at_limit), [""; 0]);
    let capped = after(|log| {
        fall(log);
        limit(log, "sw-power-cap", 100);
    });
    assert_eq!(ids(&capped), ["telemetry/power-capped"]);
    let small = after(|log| log.readings[60..].iter_mut().for_each(|r| r.sm_mhz = Some(1800)));
    assert_eq!(ids(&small), [""; 0]);
}

#[test]
fn an_idle_device_at_the_end_is_no_fallen_clock() {
    let found = after(|log| {
        for reading in &mut log.readings[60..] {
            (reading.sm_mhz, reading.gpu_busy_percent) = (Some(345), Some(0));
        }
    });
    assert_eq!(ids(&found), [""; 0]);
}

#[test]
fn a_split_device_and_other_processes_are_signs() {
    assert_eq!(ids(&after(|log| log.facts.mig_enabled = Some(true))), ["held-back/mig"]);
    let found = after(|log| log.facts.other_processes = Some(2));
    assert_eq!(ids(&found), ["held-back/other-process"]);
}

#[test]
fn telemetry_that_is_lost_in_mid_run_is_a_sign() {
    let found = after(|log| log.lost = Some("fell off the bus".into()));
    assert_eq!(ids(&found), ["telemetry/lost"]);
    assert!(found[0].text.contains("nvml") && found[0].text.contains("fell off the bus"));
}

fn card() -> Identity {
    Identity {
        name: "NVIDIA Made Up 80GB HBM3".into(),
        backend: "vulkan".into(),
        device_type: "discrete-gpu".into(),
        vendor_id: "10de".into(),
        device_id: "0001".into(),
        pci_bus: Some("0000:3B:00.0".into()),
        driver: "NVIDIA".into(),
        driver_info: "580.105.08".into(),
        subgroup_min: 32,
        subgroup_max: 32,
        software: false,
    }
}

fn lavapipe() -> Identity {
    Identity {
        name: "llvmpipe (LLVM 19.1.7, 256 bits)".into(),
        device_type: "cpu".into(),
        vendor_id: "10005".into(),
        device_id: "0000".into(),
        pci_bus: None,
        driver: "llvmpipe".into(),
        driver_info: "Mesa 25.0.7 (LLVM 19.1.7)".into(),
        subgroup_min: 8,
        subgroup_max: 8,
        software: true,
        ..card()
    }
}

fn identity_ids(identity: &Identity, log: Option<&Log>) -> Vec<&'static str> {
    identity_signs(identity, log).iter().map(|sign| sign.id).collect()
}

#[test]
fn a_device_that_is_what_it_says_has_no_sign_with_and_without_telemetry() {
    let radeon = Identity {
        name: "AMD Radeon Made Up (RADV NAVI31)".into(),
        vendor_id: "1002".into(),
        driver: "radv".into(),
        driver_info: "Mesa 25.0.7".into(),
        subgroup_max: 64,
        ..card()
    };
    let arc = Identity {
        name: "Intel(R) Arc(tm) Made Up Graphics (DG2)".into(),
        vendor_id: "8086".into(),
        driver: "Intel open-source Mesa driver".into(),
        subgroup_min: 8,
        ..card()
    };
    let metal = Identity { name: "AMD Radeon Pro".into(), vendor_id: "0000".into(), ..card() };
    let metal = Identity { driver: String::new(), driver_info: String::new(), ..metal };
    let unknown_subgroups = Identity { subgroup_min: 4, subgroup_max: 128, ..card() };
    for identity in [card(), lavapipe(), radeon, arc, metal, unknown_subgroups] {
        assert_eq!(identity_ids(&identity, None), [""; 0], "{identity:?}");
    }
    assert_eq!(identity_ids(&card(), Some(&healthy())), [""; 0]);
    assert_eq!(identity_ids(&card(), Some(&Log::default())), [""; 0]);
}

#[test]
fn telemetry_that_contradicts_the_adapter_is_a_sign() {
    let differs = |change: fn(&mut DeviceFacts)| {
        let mut log = healthy();
        change(&mut log.facts);
        identity_ids(&card(), Some(&log))
    };
    assert_eq!(differs(|f| f.name = Some("NVIDIA Another".into())), ["identity/name"]);
    assert_eq!(differs(|f| f.name = Some("Made Up".into())), [""; 0]);
    assert_eq!(differs(|f| f.pci_id = Some("10de:0002".into())), ["identity/pci"]);
    assert_eq!(differs(|f| f.pci_bus = Some("0000:5e:00.0".into())), ["identity/pci"]);
    let less_memory = |f: &mut DeviceFacts| {
        f.name = None;
        f.memory_bytes = Some(42_949_672_960);
    };
    assert_eq!(differs(less_memory), ["identity/memory"]);
    // A size that the maker's own name states is a name, not a promise.
    assert_eq!(differs(|f| f.memory_bytes = Some(42_949_672_960)), [""; 0]);
    // One of several sizes fits: a part of a device names both.
    let part = Identity { name: "NVIDIA Made Up 80GB MIG 1g.10gb".into(), ..card() };
    let mut log = healthy();
    (log.facts.name, log.facts.memory_bytes) = (None, Some(10_737_418_240));
    assert_eq!(identity_ids(&part, Some(&log)), [""; 0]);
}

#[test]
fn a_cpu_driver_behind_a_hardware_vendor_shows_in_driver_and_subgroup() {
    for vendor_id in ["10de", "1002"] {
        let spoofed = Identity { vendor_id: vendor_id.into(), ..lavapipe() };
        assert_eq!(identity_ids(&spoofed, None), ["identity/subgroup", "identity/driver"]);
    }
    let small = Identity { subgroup_min: 4, subgroup_max: 8, ..card() };
    assert_eq!(identity_ids(&small, None), ["identity/subgroup"]);
    let cpu = Identity { device_type: "cpu".into(), ..card() };
    assert_eq!(identity_ids(&cpu, None), ["identity/driver"]);
    let hidden = Identity { software: false, ..lavapipe() };
    assert_eq!(identity_ids(&hidden, None), ["identity/driver"]);
}

#[test]
fn a_name_of_one_maker_with_the_vendor_id_of_another_is_a_sign() {
    for (name, vendor_id) in [("NVIDIA Made Up", "1ed5"), ("AMD Radeon Made Up", "10de")] {
        let driver = String::new();
        let identity =
            Identity { name: name.into(), vendor_id: vendor_id.into(), driver, ..card() };
        assert_eq!(identity_ids(&identity, None), ["identity/driver"], "{name}");
    }
}

#[test]
fn every_sign_is_listed_and_documented() {
    let document = include_str!("../docs/signs.md");
    for id in IDS {
        assert!(document.contains(&format!("| `{id}` |")), "docs/signs.md lacks {id}");
    }
    let rows = document.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, IDS.len());
}

fn any_reading() -> impl Strategy<Value = Reading> {
    let number = || proptest::option::of(any::<f64>());
    let count = || proptest::option::of(any::<u32>());
    let limits = proptest::collection::vec("sw-power-cap|hw-thermal-slowdown|\\PC{0,9}", 0..4);
    let numbers = (number(), number(), number());
    let counts = (count(), count(), count());
    (any::<u64>(), counts, numbers, limits).prop_map(|(t_ns, counts, numbers, limits)| Reading {
        t_ns,
        sm_mhz: counts.0,
        memory_mhz: counts.1,
        power_w: numbers.0,
        power_limit_w: numbers.1,
        temperature_c: numbers.2,
        limits,
        gpu_busy_percent: counts.2,
    })
}

fn any_facts() -> impl Strategy<Value = DeviceFacts> {
    let text = || proptest::option::of("\\PC{0,20}|[0-9]{1,12} ?GB?");
    let count = || proptest::option::of(any::<u32>());
    let number = || proptest::option::of(any::<f64>());
    let texts = (text(), text(), text());
    let counts = (count(), count(), count(), count());
    let rest = (number(), number(), proptest::option::of(any::<u64>()), any::<Option<bool>>());
    (texts, counts, rest).prop_map(|(texts, counts, rest)| DeviceFacts {
        name: texts.0,
        pci_bus: texts.1,
        pci_id: texts.2,
        max_sm_mhz: counts.0,
        applications_sm_mhz: counts.1,
        default_applications_sm_mhz: counts.2,
        other_processes: counts.3,
        default_power_limit_w: rest.0,
        enforced_power_limit_w: rest.1,
        memory_bytes: rest.2,
        mig_enabled: rest.3,
        ..DeviceFacts::default()
    })
}

proptest! {
    #[test]
    fn signs_never_panic_and_are_always_listed(
        facts in any_facts(),
        readings in proptest::collection::vec(any_reading(), 0..40),
        (lost, name, bus) in (any::<Option<String>>(), "\\PC{0,30}", "\\PC{0,14}"),
        (vendor_id, min, max) in ("10de|1002|8086|0000|\\PC{0,5}", any::<u32>(), any::<u32>()),
    ) {
        let before = readings.first().cloned();
        let log = Log { facts, before, readings, lost, ..Log::default() };
        let (subgroup_min, subgroup_max) = (min, max);
        let identity = Identity {
            name, vendor_id, subgroup_min, subgroup_max, pci_bus: Some(bus), ..card()
        };
        let mut found = telemetry_signs(&log);
        found.extend(identity_signs(&identity, Some(&log)));
        for sign in found {
            prop_assert!(IDS.contains(&sign.id));
            prop_assert!(!sign.text.is_empty() && !sign.advice.is_empty());
        }
    }
}
