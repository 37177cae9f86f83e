//! Pairs the workloads of two records and takes their ratios.

use std::collections::HashMap;

use super::{Against, COMPARISON_SCHEMA, Comparison, PerClock, Row, Run, Side, Word};
use crate::adapter::Identity;
use crate::record::{Record, State, Summary, WorkloadRecord};
use crate::stats::ratio;
use crate::workload::ElementType;

/// Compares records, each under the name of its file, with a base.
pub fn compare(
    base: (&str, &Record),
    others: &[(String, Record)],
    band_percent: f64,
) -> Comparison {
    Comparison {
        schema: COMPARISON_SCHEMA.into(),
        band_percent,
        confidence: 0.95,
        base: run(base.0, base.1),
        comparisons: others
            .iter()
            .map(|(file, record)| Against {
                new: run(file, record),
                differs: circumstances(base.1, record),
                workloads: rows(base.1, record, band_percent),
            })
            .collect(),
    }
}

/// What sets two adapters apart, as `name: this against that`; empty for the same adapter and driver.
pub fn adapters_differ(base: &Identity, new: &Identity) -> Vec<String> {
    let driver = |a: &Identity| format!("{} {}", a.driver, a.driver_info).trim().to_owned();
    let facts = [
        ("name", base.name.clone(), new.name.clone()),
        ("PCI id", base.pci_id(), new.pci_id()),
        ("API", base.backend.clone(), new.backend.clone()),
        ("driver", driver(base), driver(new)),
    ];
    differences(facts)
}

fn differences<const N: usize>(facts: [(&str, String, String); N]) -> Vec<String> {
    let differing = facts.into_iter().filter(|(_, base, new)| base != new);
    differing.map(|(what, base, new)| format!("{what}: {base} against {new}")).collect()
}

fn run(file: &str, record: &Record) -> Run {
    Run {
        file: file.to_owned(),
        id: record.id.clone(),
        created: record.created.clone(),
        tool: record.tool.clone(),
        adapter: record.adapter.clone(),
    }
}

fn circumstances(base: &Record, new: &Record) -> Vec<String> {
    let tool = |r: &Record| format!("{} {}", r.tool.version, r.tool.commit);
    let machine = |r: &Record| {
        let e = &r.environment;
        format!("{} {}, {} processors", e.os, e.arch, e.processors)
    };
    let checks = |r: &Record| if r.environment.checked_shaders { "on" } else { "off" }.to_owned();
    let slot = |r: &Record| r.adapter.pci_bus.clone().unwrap_or("unknown".into());
    let variables = |r: &Record| {
        let all = r.environment.variables.iter();
        let all: Vec<String> = all.map(|(name, value)| format!("{name}={value}")).collect();
        if all.is_empty() { "none".into() } else { all.join(" ") }
    };
    let mut differ = adapters_differ(&base.adapter, &new.adapter);
    differ.extend(differences([
        ("PCI address", slot(base), slot(new)),
        ("tierbench", tool(base), tool(new)),
        ("machine", machine(base), machine(new)),
        ("checks in the kernels", checks(base), checks(new)),
        ("variables", variables(base), variables(new)),
    ]));
    differ
}

/// What makes two workloads the same; the last part tells repetitions within a record apart.
type Key = (String, Option<ElementType>, Option<ElementType>, String, usize);

fn keys(record: &Record) -> Vec<(Key, &WorkloadRecord)> {
    let mut seen: HashMap<Key, usize> = HashMap::new();
    let key =
        |w: &WorkloadRecord| (w.workload.clone(), w.input_type, w.accumulate, w.shape.clone(), 0);
    let all = record.workloads.iter().map(|w| {
        let mut key = key(w);
        let before = seen.entry(key.clone()).or_default();
        key.4 = *before;
        *before += 1;
        (key, w)
    });
    all.collect()
}

fn rows(base: &Record, new: &Record, band_percent: f64) -> Vec<Row> {
    let clocks = (base, new);
    let software = base.adapter.software || new.adapter.software;
    let base = keys(base);
    let of_new = keys(new);
    let mut unpaired: HashMap<&Key, &WorkloadRecord> =
        of_new.iter().map(|(key, w)| (key, *w)).collect();
    let mut pair = |(key, b): &(Key, &WorkloadRecord)| {
        let n = unpaired.remove(key);
        let mut row = row(Some(b), n, band_percent, software);
        let mhz = n.and_then(|n| Some((clocks.0.clock_mhz(b)?, clocks.1.clock_mhz(n)?)));
        row.per_clock = mhz.zip(row.ratio).map(|((base_mhz, new_mhz), ratio)| {
            let ratio = ratio.times(base_mhz / new_mhz);
            PerClock { base_mhz, new_mhz, ratio, word: Word::of(ratio, band_percent) }
        });
        row
    };
    let mut rows: Vec<Row> = base.iter().map(&mut pair).collect();
    let added = of_new.iter().filter(|(key, _)| unpaired.contains_key(key));
    rows.extend(added.map(|(_, n)| row(None, Some(n), band_percent, software)));
    rows
}

fn row(
    base: Option<&WorkloadRecord>,
    new: Option<&WorkloadRecord>,
    band_percent: f64,
    shared_processors: bool,
) -> Row {
    let any = base.or(new).expect("a row is made from at least one workload");
    let mut row = Row {
        label: any.label(),
        workload: any.workload.clone(),
        input_type: any.input_type,
        accumulate: any.accumulate,
        shape: any.shape.clone(),
        base: base.map(side),
        new: new.map(side),
        ratio: None,
        word: None,
        per_clock: None,
        why: None,
        differs: Vec::new(),
    };
    let (Some(b), Some(n)) = (base, new) else {
        row.why =
            Some(format!("only in {}", if new.is_none() { "the base" } else { "the new run" }));
        return row;
    };
    if let Some(why) = [("the base", b), ("the new run", n)].into_iter().find_map(not_measured) {
        row.why = Some(why);
        return row;
    }
    row.differs = method(b, n);
    row.ratio = ratio_of(b, n);
    row.word = Some(row.ratio.map_or(Word::Ambiguous, |ratio| Word::of(ratio, band_percent)));
    if row.ratio.is_none() {
        row.why = Some("too few samples to tell the scatter; an interval needs six".into());
    }
    let few = |w: &WorkloadRecord| w.verified().is_some_and(|s| !s.shows_changes_between_starts());
    if shared_processors && row.ratio.is_some() && (few(b) || few(n)) && b.samples != n.samples {
        row.word = Some(Word::Ambiguous);
        row.why = Some(
            "fewer than three process starts on shared processors say nothing of the next; runs with --process-starts 16 do"
                .into(),
        );
    }
    let load = [b, n].into_iter().filter(|w| w.is_disturbed()).filter_map(|w| w.others_load);
    if let Some(load) = load.reduce(f64::max) {
        row.word = Some(Word::Ambiguous);
        row.why = Some(format!(
            "other processes used up to {:.0} % of the machine meanwhile",
            100.0 * load
        ));
    }
    row
}

/// New rate over base rate. The same samples on both sides are one sample, not two: their ratio is 1 and certain.
fn ratio_of(base: &WorkloadRecord, new: &WorkloadRecord) -> Option<crate::stats::RatioInterval> {
    let (b, n) = (base.verified()?, new.verified()?);
    // Rates are work over time; a kernel may have been given other work by another version.
    let rate = |w: &WorkloadRecord, s: &Summary| work(w) / s.median_ns;
    let (of_base, of_new) = if base.samples == new.samples {
        (Vec::new(), Vec::new())
    } else {
        (b.repeatability()?, n.repeatability()?)
    };
    ratio(rate(new, n), &of_new, rate(base, b), &of_base)
}

fn side(w: &WorkloadRecord) -> Side {
    let summary = w.verified();
    Side {
        state: w.state,
        verified: summary.is_some(),
        reason: w.reason.clone(),
        kernel: w.kernel.clone(),
        parameters: w.parameters.clone(),
        samples: summary.map_or(0, |s| s.samples),
        process_starts: summary.map_or(0, |s| s.process_medians_ns.len()),
        median_ns: summary.map(|s| s.median_ns),
        ops_per_s: summary.and_then(|s| s.ops_per_s),
        bytes_per_s: summary.and_then(|s| s.bytes_per_s),
        others_load: w.others_load,
    }
}

fn not_measured((whose, w): (&str, &WorkloadRecord)) -> Option<String> {
    let state = match w.state {
        State::Unsupported => "unsupported",
        State::Failed => "failed",
        State::Measured if w.verified().is_some() => return None,
        State::Measured => "not verified",
    };
    let reason = w.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    Some(format!("{state} in {whose}{reason}"))
}

/// What the rate counts: operations where there are any, else bytes, else dispatches.
fn work(w: &WorkloadRecord) -> f64 {
    [w.work.ops, w.work.bytes].into_iter().find(|amount| *amount > 0).unwrap_or(1) as f64
}

fn method(base: &WorkloadRecord, new: &WorkloadRecord) -> Vec<String> {
    let kernel = |w: &WorkloadRecord| w.kernel.clone().unwrap_or("none".into());
    let parameters = |w: &WorkloadRecord| {
        let all: Vec<String> = w.parameters.iter().map(|(name, n)| format!("{name}={n}")).collect();
        if all.is_empty() { "none".into() } else { all.join(" ") }
    };
    let clock =
        |w: &WorkloadRecord| w.verified().map_or(String::new(), |s| s.clock.as_str().to_owned());
    let text = |w: &WorkloadRecord| {
        let digest = w.kernel_sha256.as_deref().unwrap_or("unknown");
        digest.get(..12).unwrap_or(digest).to_owned()
    };
    let counted = |w: &WorkloadRecord| format!("{} ops, {} bytes", w.work.ops, w.work.bytes);
    let mut differ = differences([
        ("kernel", kernel(base), kernel(new)),
        ("parameters", parameters(base), parameters(new)),
        ("clock", clock(base), clock(new)),
        ("work", counted(base), counted(new)),
    ]);
    if differ.is_empty() {
        differ = differences([("kernel text", text(base), text(new))]);
    }
    differ
}
