//! Sources of telemetry on made-up devices, and the thread that reads them.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use tierbench::adapter::Identity;
use tierbench::telemetry::{
    DeviceFacts, INTERVAL, Log, Reading, Recorded, Sampler, Sysfs, Telemetry, find,
};

fn identity(vendor_id: &str, pci_bus: Option<&str>) -> Identity {
    Identity {
        name: "made up".into(),
        backend: "vulkan".into(),
        device_type: "discrete-gpu".into(),
        vendor_id: vendor_id.into(),
        device_id: "0001".into(),
        pci_bus: pci_bus.map(str::to_owned),
        driver: "made up".into(),
        driver_info: String::new(),
        subgroup_min: 32,
        subgroup_max: 32,
        software: false,
    }
}

/// Writes files below a folder, with the line end that kernels write.
fn write(root: &Path, files: &[(&str, &str)]) {
    for (file, text) in files {
        let path = root.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("{text}\n")).unwrap();
    }
}

fn amdgpu_card(root: &Path, card: &str, address: &str) {
    let folder = root.join(card);
    write(
        &folder,
        &[
            ("device/vendor", "0x1002"),
            ("device/device", "0x744C"),
            ("device/uevent", &format!("DRIVER=amdgpu\nPCI_SLOT_NAME={address}")),
            ("device/pp_dpm_sclk", "0: 500Mhz\n1: 1800Mhz *\n2: 2575Mhz"),
            ("device/pp_dpm_mclk", "0: 96Mhz *\n1: 1249Mhz"),
            ("device/hwmon/hwmon3/power1_average", "271000000"),
            ("device/hwmon/hwmon3/power1_cap", "300000000"),
            ("device/hwmon/hwmon3/power1_cap_default", "339000000"),
            ("device/hwmon/hwmon3/temp1_input", "61500"),
            ("device/gpu_busy_percent", "99"),
            ("device/mem_info_vram_total", "25753026560"),
            ("device/vbios_version", "113-D7020100-102"),
            ("device/unique_id", "a1b2c3d4e5f60718"),
        ],
    );
}

#[test]
fn amdgpu_files_become_facts_and_readings() {
    let root = tempfile::tempdir().unwrap();
    amdgpu_card(root.path(), "card1", "0000:03:00.0");
    write(root.path(), &[("card1-DP-1/status", "connected"), ("version", "drm 1.1.0")]);
    let mut source = Sysfs::find(root.path(), &identity("1002", Some("0000:03:00.0"))).unwrap();
    assert_eq!(source.source(), "amdgpu");
    let expected = DeviceFacts {
        uuid: Some("a1b2c3d4e5f60718".into()),
        pci_bus: Some("0000:03:00.0".into()),
        pci_id: Some("1002:744c".into()),
        vbios: Some("113-D7020100-102".into()),
        memory_bytes: Some(25_753_026_560),
        max_sm_mhz: Some(2575),
        max_memory_mhz: Some(1249),
        default_power_limit_w: Some(339.0),
        enforced_power_limit_w: Some(300.0),
        ..DeviceFacts::default()
    };
    assert_eq!(source.facts(), &expected);
    let expected = Reading {
        t_ns: 0,
        sm_mhz: Some(1800),
        memory_mhz: Some(96),
        power_w: Some(271.0),
        power_limit_w: Some(300.0),
        temperature_c: Some(61.5),
        limits: vec![],
        gpu_busy_percent: Some(99),
    };
    assert_eq!(source.read(), Ok(expected));
}

#[test]
fn a_forced_performance_level_is_a_limit_and_a_partition_is_a_split_device() {
    let root = tempfile::tempdir().unwrap();
    amdgpu_card(root.path(), "card0", "0000:03:00.0");
    let level = "card0/device/power_dpm_force_performance_level";
    write(root.path(), &[(level, "auto"), ("card0/device/current_compute_partition", "CPX")]);
    let mut source = Sysfs::find(root.path(), &identity("1002", None)).unwrap();
    assert_eq!(source.facts().mig_enabled, Some(true));
    assert!(source.read().unwrap().limits.is_empty());
    write(root.path(), &[(level, "low")]);
    assert_eq!(source.read().unwrap().limits, ["forced-performance-level"]);
}

#[test]
fn i915_reasons_become_limits_and_a_sleeping_device_has_no_clock() {
    let root = tempfile::tempdir().unwrap();
    let files = [
        ("card0/device/vendor", "0x8086"),
        ("card0/device/device", "0x56a0"),
        ("card0/device/uevent", "PCI_SLOT_NAME=0000:03:00.0"),
        ("card0/gt_act_freq_mhz", "1900"),
        ("card0/gt_cur_freq_mhz", "2100"),
        ("card0/gt_max_freq_mhz", "2000"),
        ("card0/gt_RP0_freq_mhz", "2400"),
        ("card0/gt/gt0/throttle_reason_status", "1"),
        ("card0/gt/gt0/throttle_reason_pl1", "1"),
        ("card0/gt/gt0/throttle_reason_pl2", "1"),
        ("card0/gt/gt0/throttle_reason_thermal", "0"),
        ("card0/gt/gt0/throttle_reason_fast_vmode", "1"),
        ("card0/device/hwmon/hwmon1/power1_max", "190000000"),
        ("card0/device/hwmon/hwmon1/power1_rated_max", "225000000"),
    ];
    write(root.path(), &files);
    let mut source = Sysfs::find(root.path(), &identity("8086", Some("03:00.0"))).unwrap();
    assert_eq!(source.source(), "i915");
    let facts = source.facts();
    assert_eq!((facts.applications_sm_mhz, facts.max_sm_mhz), (Some(2000), Some(2400)));
    assert_eq!(facts.enforced_power_limit_w.zip(facts.default_power_limit_w), Some((190.0, 225.0)));
    let reading = source.read().unwrap();
    assert_eq!(reading.sm_mhz, Some(1900));
    assert_eq!(reading.limits, ["fast-vmode", "sw-power-cap"]);
    write(root.path(), &[("card0/gt_act_freq_mhz", "0")]);
    assert_eq!(source.read().unwrap().sm_mhz, None);
}

#[test]
fn xe_files_lie_elsewhere_and_its_power_comes_from_its_energy() {
    let root = tempfile::tempdir().unwrap();
    let energy = "card0/device/hwmon/hwmon1/energy1_input";
    let files = [
        ("card0/device/vendor", "0x8086"),
        ("card0/device/tile0/gt0/freq0/act_freq", "2600"),
        ("card0/device/tile0/gt0/freq0/max_freq", "2850"),
        ("card0/device/tile0/gt0/freq0/rp0_freq", "2850"),
        ("card0/device/tile0/gt0/freq0/throttle/status", "1"),
        ("card0/device/tile0/gt0/freq0/throttle/reason_thermal", "1"),
        (energy, "1000000"),
    ];
    write(root.path(), &files);
    let mut source = Sysfs::find(root.path(), &identity("8086", None)).unwrap();
    assert_eq!(source.source(), "xe");
    let first = source.read().unwrap();
    assert_eq!((first.sm_mhz, first.power_w), (Some(2600), None));
    assert_eq!(first.limits, ["hw-thermal-slowdown"]);
    write(root.path(), &[(energy, "3000000")]);
    assert!(source.read().unwrap().power_w.is_some_and(|power_w| power_w > 0.0));
    write(root.path(), &[(energy, "2000000")]);
    assert_eq!(source.read().unwrap().power_w, None, "a counter that wrapped tells nothing");
}

#[test]
fn the_card_is_picked_by_address_and_never_guessed() {
    let root = tempfile::tempdir().unwrap();
    amdgpu_card(root.path(), "card0", "0000:03:00.0");
    amdgpu_card(root.path(), "card1", "0000:43:00.0");
    let pick = |address| Sysfs::find(root.path(), &identity("1002", address));
    let at = |address| pick(Some(address)).unwrap().facts().pci_bus.clone().unwrap();
    assert_eq!(at("00000000:43:00.0"), "0000:43:00.0");
    assert_eq!(at("0000:03:00.0"), "0000:03:00.0");
    assert!(pick(Some("0000:44:00.0")).is_none());
    assert!(pick(None).is_none());
    assert!(Sysfs::find(root.path(), &identity("8086", None)).is_none(), "another vendor");
    assert!(Sysfs::find(&root.path().join("nothing"), &identity("1002", None)).is_none());
}

#[cfg(unix)]
#[test]
fn without_a_uevent_the_address_is_where_the_link_leads() {
    let root = tempfile::tempdir().unwrap();
    let device = root.path().join("pci0000:00/0000:0a:00.0");
    write(&device, &[("vendor", "0x1002")]);
    std::fs::create_dir_all(root.path().join("drm/card0")).unwrap();
    std::os::unix::fs::symlink(&device, root.path().join("drm/card0/device")).unwrap();
    let source = Sysfs::find(&root.path().join("drm"), &identity("1002", None)).unwrap();
    assert_eq!(source.facts().pci_bus.as_deref(), Some("0000:0a:00.0"));
}

#[test]
fn files_with_nonsense_are_unknown_and_a_card_that_is_gone_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("card0");
    write(
        &folder,
        &[
            ("device/vendor", "0x1002"),
            ("device/uevent", "PCI_SLOT_NAME=none"),
            ("device/pp_dpm_sclk", "99999999999: x\n: *\n1: 99999999999999Mhz *"),
            ("device/gpu_busy_percent", "-5"),
            ("device/mem_info_vram_total", ""),
            ("device/hwmon/hwmon0/temp1_input", "warm"),
        ],
    );
    let mut source = Sysfs::find(root.path(), &identity("1002", None)).unwrap();
    assert_eq!(source.facts().memory_bytes, None);
    assert_eq!(source.read(), Ok(Reading::default()));
    std::fs::remove_dir_all(folder).unwrap();
    assert!(source.read().unwrap_err().contains("gone"));
}

#[test]
fn a_software_adapter_and_an_unknown_vendor_have_no_telemetry() {
    for vendor in ["10de", "1002", "8086"] {
        assert!(find(&Identity { software: true, ..identity(vendor, None) }).is_none());
    }
    assert!(find(&identity("10005", None)).is_none());
}

fn at_mhz(sm_mhz: u32) -> Reading {
    Reading { sm_mhz: Some(sm_mhz), ..Reading::default() }
}

/// A source that tells when it was read and when it was dropped.
struct Watched {
    facts: DeviceFacts,
    events: mpsc::Sender<&'static str>,
}

impl Telemetry for Watched {
    fn source(&self) -> &'static str {
        "recorded"
    }

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn read(&mut self) -> Result<Reading, String> {
        let _ = self.events.send("read");
        Ok(Reading::default())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.events.send("dropped");
    }
}

/// Long enough for any machine; a test that passes never waits for it.
const AGES: Duration = Duration::from_secs(60);

#[test]
fn the_sampler_keeps_before_between_and_after() {
    let (events, seen) = mpsc::channel();
    let facts = DeviceFacts { max_sm_mhz: Some(7), ..DeviceFacts::default() };
    let source = Watched { facts: facts.clone(), events };
    let sampler = Sampler::start(Box::new(source), Duration::from_millis(1));
    for _ in 0..4 {
        assert_eq!(seen.recv_timeout(AGES), Ok("read"));
    }
    let log = sampler.stop();
    assert_eq!((log.source.as_str(), &log.facts), ("recorded", &facts));
    assert_eq!((log.failed_reads, &log.lost), (0, &None));
    assert!(log.readings.len() >= 2, "{log:?}");
    let all = log.before.iter().chain(&log.readings).chain(&log.after);
    let times: Vec<u64> = all.map(|reading| reading.t_ns).collect();
    assert_eq!(times.len(), log.readings.len() + 2);
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_run_shorter_than_the_interval_still_has_before_and_after() {
    let source = Recorded::new(DeviceFacts::default(), vec![at_mhz(1), at_mhz(2)]);
    let log = Sampler::start(Box::new(source), AGES).stop();
    assert!(log.readings.is_empty());
    assert_eq!(log.before.and_then(|reading| reading.sm_mhz), Some(1));
    assert_eq!(log.after.and_then(|reading| reading.sm_mhz), Some(2));
}

#[test]
fn dropping_the_sampler_ends_its_thread() {
    let (events, seen) = mpsc::channel();
    let source = Watched { facts: DeviceFacts::default(), events };
    drop(Sampler::start(Box::new(source), INTERVAL));
    assert!(std::iter::from_fn(|| seen.recv_timeout(AGES).ok()).any(|event| event == "dropped"));
}

/// The log of a source that gives these answers after a first good one.
fn log_of(mut answers: Vec<Result<Reading, String>>) -> Log {
    struct Script(DeviceFacts, std::vec::IntoIter<Result<Reading, String>>, mpsc::Sender<()>);
    impl Telemetry for Script {
        fn source(&self) -> &'static str {
            "recorded"
        }
        fn facts(&self) -> &DeviceFacts {
            &self.0
        }
        fn read(&mut self) -> Result<Reading, String> {
            self.1.next().unwrap_or_else(|| {
                let _ = self.2.send(());
                Ok(Reading::default())
            })
        }
    }
    // The thread ends by itself when the source is lost, and drops the other end.
    let (end, ended) = mpsc::channel();
    answers.insert(0, Ok(Reading::default()));
    let source = Script(DeviceFacts::default(), answers.into_iter(), end);
    let sampler = Sampler::start(Box::new(source), Duration::from_millis(1));
    assert_ne!(ended.recv_timeout(AGES), Err(mpsc::RecvTimeoutError::Timeout));
    sampler.stop()
}

#[test]
fn a_source_that_fails_three_times_in_a_row_is_lost_and_what_it_told_is_kept() {
    let broken = || Err("fell off the bus".to_owned());
    let log = log_of(vec![Ok(at_mhz(1)), broken(), broken(), broken(), Ok(at_mhz(2))]);
    assert_eq!(log.lost.as_deref(), Some("fell off the bus"));
    assert_eq!((log.failed_reads, log.readings.len(), log.after), (3, 1, None));
}

#[test]
fn single_failures_are_counted_and_forgiven() {
    let broken = || Err("busy".to_owned());
    let log = log_of(vec![broken(), broken(), Ok(at_mhz(1)), broken(), broken(), Ok(at_mhz(2))]);
    assert_eq!((log.failed_reads, &log.lost), (4, &None));
    assert!(log.after.is_some());
}

#[test]
fn a_short_run_without_any_answer_has_no_readings_but_counts_the_failures() {
    let source = Recorded::new(DeviceFacts::default(), vec![]).then_error("gone");
    let sampler = Sampler::start(Box::new(source), AGES);
    let log = sampler.stop();
    assert_eq!((log.before, log.after, log.failed_reads), (None, None, 2));
}

#[test]
fn a_source_that_panics_does_not_take_the_run_with_it() {
    struct Panics(DeviceFacts, bool);
    impl Telemetry for Panics {
        fn source(&self) -> &'static str {
            "recorded"
        }
        fn facts(&self) -> &DeviceFacts {
            &self.0
        }
        fn read(&mut self) -> Result<Reading, String> {
            assert!(!std::mem::replace(&mut self.1, true), "on purpose");
            Ok(at_mhz(1))
        }
    }
    let source = Panics(DeviceFacts::default(), false);
    let log = Sampler::start(Box::new(source), Duration::from_millis(1)).stop();
    assert!(log.lost.is_some());
    assert_eq!(log.before.and_then(|reading| reading.sm_mhz), Some(1));
}

#[test]
fn a_log_fits_its_schema_and_survives_being_written() {
    let source = Recorded::new(DeviceFacts::default(), vec![at_mhz(1), at_mhz(2)]);
    let log = Sampler::start(Box::new(source), AGES).stop();
    let value = serde_json::to_value(&log).unwrap();
    let schema = schemars::schema_for!(Log).to_value();
    jsonschema::validate(&schema, &value).unwrap();
    assert_eq!(serde_json::from_value::<Log>(value).unwrap(), log);
}
