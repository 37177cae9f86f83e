//! Declared, derived and measured peaks side by side, and an identity that belongs to two chips.

use tierbench::normalize::{Book, Catalogue, normalize};
use tierbench::record::{self, Peak, Record, Tick};
use tierbench::telemetry::{DeviceFacts, Log, Reading};

/// The committed run, said to be a chip of the catalogue, with its rates scaled so that f32 comes to a share
/// of the declared peak.
fn as_chip(id: &str, share: f64) -> Record {
    let catalogue = Catalogue::load().unwrap();
    let chip = catalogue.by_id(id).unwrap();
    let mut record =
        record::read("results/2026-11-24-llvmpipe-mesa26-epyc-2core".as_ref()).unwrap();
    let (vendor, device) = chip.pci_ids[0].split_once(':').unwrap();
    record.adapter.name.clone_from(&chip.adapter_names[0]);
    record.adapter.vendor_id = vendor.into();
    record.adapter.device_id = device.into();
    record.adapter.software = false;
    let target = share * chip.declared_ops_per_s("fp32").unwrap();
    let is_f32 = |w: &&record::WorkloadRecord| w.declared_format() == Some("fp32");
    let fastest =
        record.workloads.iter().filter(is_f32).filter_map(record::WorkloadRecord::ops_per_s);
    let factor = target / fastest.fold(0.0, f64::max);
    for summary in record.workloads.iter_mut().filter_map(|w| w.summary.as_mut()) {
        summary.ops_per_s = summary.ops_per_s.map(|rate| rate * factor);
    }
    record
}

fn fp32(record: &Record) -> Peak {
    let peaks = normalize(record, &Book::load().unwrap()).0.peaks;
    peaks.into_iter().find(|peak| peak.what.starts_with("fp32")).unwrap()
}

#[test]
fn telemetry_scales_the_declared_peak_to_the_clock_that_was_seen() {
    let mut record = as_chip("nv-h200-sxm", 0.7);
    assert_eq!(fp32(&record).derived, None);
    let reading = Reading { sm_mhz: Some(1980), ..Reading::default() };
    let facts = DeviceFacts { theoretical_dram_gb_per_s: Some(4814.0), ..DeviceFacts::default() };
    record.telemetry.push(Log { facts, readings: vec![reading], ..Log::default() });
    let peak = fp32(&record);
    // The data sheet's peaks are at 1830 MHz, and the device may run at 1980.
    let ratio = peak.derived.unwrap() / peak.declared.unwrap();
    assert!((ratio - 1980.0 / 1830.0).abs() < 1e-9, "{ratio}");
    assert!(peak.disagreements[0].contains("derived is 1.082 times declared"), "{peak:?}");
    let peaks = normalize(&record, &Book::load().unwrap()).0.peaks;
    let dram = peaks.iter().find(|peak| peak.what.starts_with("DRAM")).unwrap();
    assert_eq!(dram.derived, Some(4814e9));
    assert!(dram.disagreements.is_empty(), "4,814 against 4,800 is rounding");
}

#[test]
fn a_rate_above_what_the_clock_admits_is_named() {
    let peak = fp32(&as_chip("nv-h200-sxm", 1.3));
    assert!(
        peak.disagreements.iter().any(|text| text.contains("measured is 1.300 times declared"))
    );
}

#[test]
fn where_the_latency_is_known_the_chain_is_a_clock() {
    let mut record = as_chip("nv-a100-sxm4-80", 0.7);
    // Four cycles in 2.837 ns are 1,410 MHz.
    record.metronome.push(Tick { at_ns: 0, ns_per_operation: 4.0 / 1.410, process: 0 });
    let peak = fp32(&record);
    assert!((peak.derived.unwrap() / peak.declared.unwrap() - 1.0).abs() < 1e-9);
    assert!(peak.derived_how.unwrap().contains("dependent chain"));
}

#[test]
fn a_name_with_another_chips_id_or_memory_is_a_contradiction() {
    let catalogue = Catalogue::load().unwrap();
    let mut adapter = as_chip("nv-h200-sxm", 0.5).adapter;
    assert_eq!(catalogue.contradiction(&adapter, Some(150_754_820_096)), None);
    let text = catalogue.contradiction(&adapter, Some(80_000_000_000)).unwrap();
    assert!(text.contains("141 GB") && text.contains("80.0 GB"), "{text}");
    let h20 = catalogue.by_id("nv-h20").unwrap().pci_ids[0].split_once(':').unwrap().1;
    adapter.device_id = h20.into();
    let text = catalogue.contradiction(&adapter, None).unwrap();
    assert!(text.contains("nv-h200-sxm") && text.contains("nv-h20"), "{text}");
}
