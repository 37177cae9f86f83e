//! Everything that a record shows of its device and of the machine around it.

use crate::check::{self, Series, Sign, Thresholds};
use crate::normalize::Book;
use crate::record::{Note, Record, WorkloadRecord};
use crate::units::counted;

pub(super) fn signs(record: &Record, book: &Book) -> Vec<Note> {
    let thresholds = Thresholds::of(record.adapter.software);
    let calm = |w: &&WorkloadRecord| !(record.adapter.software && w.is_disturbed());
    let series: Vec<Series<'_>> = record.workloads.iter().filter(calm).filter_map(series).collect();
    let ticks: Vec<f64> = record.metronome.iter().map(|tick| tick.ns_per_operation).collect();
    let mut signs = check::sample_signs(&series, thresholds);
    signs.extend(check::slower_metronome(&ticks, thresholds));
    signs.extend(depth_pairs(record).filter_map(|(label, times, depths, samples)| {
        check::scaling_with_depth(&label, times, depths, samples, thresholds)
    }));
    signs.extend(check::identity_signs(&record.adapter, record.telemetry.first()));
    let memory = record.telemetry.first().and_then(|log| log.facts.memory_bytes);
    if !record.adapter.software
        && let Some(text) = book.catalogue.contradiction(&record.adapter, memory)
    {
        let advice = "find out which chip it is: read the board, and ask the driver";
        signs.push(Sign::new("identity/catalogue", text, advice));
    }
    for log in &record.telemetry {
        for sign in check::telemetry_signs(log) {
            if !signs.iter().any(|known| known.id == sign.id) {
                signs.push(sign);
            }
        }
    }
    signs.extend(ops_per_clock(record));
    let mut notes: Vec<Note> = signs.into_iter().map(Note::from).collect();
    let disturbed = record.workloads.iter().filter(|w| w.is_disturbed());
    let worst = disturbed.clone().filter_map(|w| w.others_load).reduce(f64::max);
    if let Some(worst) = worst {
        let count = disturbed.count();
        notes.push(Note {
            id: "environment/busy-host".into(),
            text: format!(
                "other processes used up to {:.0} % of the processors during {}",
                100.0 * worst,
                counted(count, "workload")
            ),
            advice: if record.adapter.software {
                "those figures are too low, and signs of being held back were not looked for there; run on an idle machine"
            } else {
                "host times hold waiting; run on an idle machine"
            }
            .into(),
        });
    }
    notes
}

/// Of the first process start, whose time scale the workloads share with the telemetry.
fn ops_per_clock(record: &Record) -> Option<Sign> {
    let log = record.telemetry.first()?;
    let thresholds = Thresholds::of(record.adapter.software);
    record.workloads.iter().find_map(|w| {
        let series = series(w)?;
        check::ops_per_clock(&series, w.started_ns?, log, thresholds)
    })
}

/// Pairs of products that differ in depth by a factor of two and in nothing else.
fn depth_pairs(record: &Record) -> impl Iterator<Item = (String, f64, f64, usize)> + '_ {
    let products = |w: &&WorkloadRecord| w.workload == "matmul" && w.verified().is_some();
    let split = |w: &WorkloadRecord| -> Option<(String, f64)> {
        let (face, depth) = w.shape.rsplit_once('x')?;
        Some((face.to_owned(), depth.parse().ok()?))
    };
    let all: Vec<&WorkloadRecord> = record.workloads.iter().filter(products).collect();
    all.clone().into_iter().flat_map(move |long| {
        let (face, depth) = split(long).unwrap_or_default();
        let half = all.iter().filter(move |short| {
            (short.input_type, short.accumulate, &short.kernel)
                == (long.input_type, long.accumulate, &long.kernel)
                && split(short) == Some((face.clone(), depth / 2.0))
        });
        let pairs = half.filter_map(|short| {
            let (deep, flat) = (long.verified()?, short.verified()?);
            let times = deep.median_ns / flat.median_ns;
            Some((
                format!("{} against {}", long.label(), short.label()),
                times,
                2.0,
                deep.samples.min(flat.samples),
            ))
        });
        pairs.collect::<Vec<_>>()
    })
}

fn series(w: &WorkloadRecord) -> Option<Series<'_>> {
    let summary = w.verified()?;
    let amount = if w.work.ops > 0 { w.work.ops } else { w.work.bytes };
    let types = [w.input_type, w.accumulate].map(|t| format!("{t:?}")).join(" ");
    Some(Series {
        label: w.label(),
        family: format!("{} {types} {:?}", w.workload, w.unit),
        amount,
        per_s: amount as f64 / summary.median_ns * 1e9,
        clock: summary.clock,
        samples: &w.samples,
    })
}
