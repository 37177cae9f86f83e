//! What a reader must know of a run, as far as it follows from the record; and what only the run itself knew.

use std::collections::BTreeMap;

use crate::check::TimerProof;
use crate::normalize::{Chip, least_working_set_bytes};
use crate::record::{Note, Record, WorkloadRecord};
use crate::workload::Unit;

/// Events of a run that nothing else in its record shows. Every other note is derived again each time.
const EVENTS: &[&str] = &[
    "adapter/matrix-self-test",
    "adapter/matrices-refused",
    "bandwidth/shrunk",
    "run/interrupted",
    START_LOST,
    "timer/metronome-lost",
    "timer/not-tested",
    "tune/cache-ignored",
];

/// The note about workloads that were planned and are not there.
pub const INCOMPLETE: &str = "run/incomplete";

/// The note of a run about a process start that crashed or was left out.
pub const START_LOST: &str = "run/start-lost";

/// The note about process starts that are not there.
pub const START_MISSING: &str = "run/start-missing";

/// Whether a note only repeats what the rest of the record shows.
pub(super) fn is_derived(id: &str) -> bool {
    !EVENTS.contains(&id)
}

/// Everything but the signs.
pub(super) fn notes(record: &Record, chip: Option<&Chip>) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |id: &str, text: String, advice: &str| {
        notes.push(Note { id: id.into(), text, advice: advice.into() });
    };
    let plan = record.plan.as_ref();
    if plan.is_some_and(|plan| plan.zero_inputs) {
        note(
            "inputs/zeros",
            "all inputs were zeros, which cost less power: no figure counts as evidence".into(),
            "compare it with a run on random inputs of the same shape",
        );
    }
    if record.environment.checked_shaders {
        note(
            "kernels/checked",
            "kernels were compiled with run-time checks, which cost time".into(),
            "leave out --checked-shaders for figures",
        );
    }
    if record.adapter.software {
        note(
            "adapter/software",
            "a software adapter: the kernels ran on the CPU".into(),
            "these figures test kernels and harness; run on a GPU for a statement about one",
        );
    }
    let replaced = replaced(&record.environment.variables);
    if !replaced.is_empty() {
        let are = if replaced.len() == 1 { "is" } else { "are" };
        note(
            "environment/preload",
            format!(
                "{} {are} set: the figures rest on clocks and calls that a library could have replaced",
                replaced.join(", ")
            ),
            "run without it for evidence; `environment.driver_files` names what was mapped",
        );
    }
    let made = record.process_seeds.len();
    let planned = plan.map_or(1, |plan| plan.process_starts as usize);
    if made < planned {
        note(
            "uncertainty/few-starts",
            format!("{made} of {planned} planned process starts were made"),
            "run again to the end before you rely on the uncertainty",
        );
    } else if planned == 1 && made <= 1 {
        note(
            "uncertainty/one-run",
            "one process start: the uncertainty covers the scatter inside this run, not what changes between runs"
                .into(),
            "`--profile audit` starts several processes",
        );
    }
    if plan.is_none() {
        note(
            "plan/none",
            "the record holds no plan: nobody can tell what was to be done, or what of it is missing".into(),
            "ask for a record of a later version, or for the plan",
        );
    }
    let absent = starts_without_samples(record);
    if !absent.is_empty() {
        note(
            START_MISSING,
            format!(
                "process starts without samples of every verified workload: {}",
                absent.join(", ")
            ),
            "find out what became of them; run again for a whole record",
        );
    }
    let missing = record.missing();
    if !missing.is_empty() {
        let all = plan.map_or(0, |plan| plan.workloads.len());
        let text = format!(
            "{} of {all} planned workloads are missing: {}",
            missing.len(),
            missing.join(", ")
        );
        let advice = "run again to the end: what was left out may be what speaks against the rest";
        note(INCOMPLETE, text, advice);
    }
    let matrix = record.workloads.iter().any(|w| w.unit == Unit::Matrix && w.verified().is_some());
    if !matrix && record.workloads.iter().any(|w| w.ops_per_s().is_some()) {
        note(
            "coverage/vector-only",
            "only vector units were measured; TPP is declared for the matrix units".into(),
            "read the demonstrated TPP as a weak lower bound",
        );
    }
    notes.extend(low_roofs(record));
    notes.extend(small_subgroups(record));
    notes.extend(no_dram_figure(record, chip));
    notes
        .extend(record.timers_that_count().into_iter().flat_map(TimerProof::signs).map(Note::from));
    notes.dedup();
    notes
}

/// How far above the register-only kernel another one may measure before it is worth a note: both have scatter.
const ABOVE_ROOF: f64 = 1.02;

/// Register-only kernels that a real one outran by more than both are uncertain.
fn low_roofs(record: &Record) -> Vec<Note> {
    let probes = record.workloads.iter().filter(|w| w.workload.starts_with("roof"));
    let note = |probe: &WorkloadRecord| {
        let (first, fastest) = record.roof_of(probe)?;
        let slow_end = fastest.ops_per_s()? * fastest.slow_end_share().unwrap_or(1.0);
        let spread = 1.0 - first.slow_end_share().unwrap_or(1.0);
        let low =
            std::ptr::eq(first, probe) && slow_end > probe.ops_per_s()? * (ABOVE_ROOF + spread);
        low.then(|| Note {
            id: "roof/low".into(),
            text: format!(
                "{} reached {:.2} times what {} did: the register-only kernel shows less than this unit can do here",
                fastest.label(),
                fastest.ops_per_s().unwrap_or_default() / probe.ops_per_s().unwrap_or_default(),
                probe.label()
            ),
            advice: "shares count from the faster one; please report it with adapter and driver".into(),
        })
    };
    probes.filter_map(note).collect()
}

/// That kernels were made for larger subgroups than the driver gave them: right, but not what the device can do.
fn small_subgroups(record: &Record) -> Option<Note> {
    let most = record.capability.subgroup_most?;
    let small = record.workloads.iter().filter(|w| {
        w.verified().is_some()
            && w.unit == Unit::Matrix
            && w.subgroup_size.is_some_and(|s| s < most)
    });
    let small: Vec<String> = small
        .map(|w| format!("{} {} ({})", w.workload, w.shape, w.subgroup_size.unwrap_or_default()))
        .collect();
    (!small.is_empty()).then(|| Note {
        id: "adapter/small-subgroups".into(),
        text: format!(
            "made for subgroups of {most}, but run on smaller ones, which repeat work that does not count: {}",
            small.join(", ")
        ),
        advice: "read these rates as low; a driver that gives the full size shows more".into(),
    })
}

/// That no stream is large enough to say something of the DRAM.
fn no_dram_figure(record: &Record, chip: Option<&Chip>) -> Option<Note> {
    let streamed = record.workloads.iter().filter(|w| w.is_stream() && w.verified().is_some());
    let least = least_working_set_bytes(chip, &record.adapter.device_type);
    let largest = streamed.map(|w| w.work.bytes).max().filter(|bytes| *bytes < least)?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let cache = chip
        .and_then(Chip::last_level_cache_mb)
        .map_or("a last-level cache that the catalogue does not know".to_owned(), |mb| {
            format!("a last-level cache of {mb} MB")
        });
    Some(Note {
        id: "memory/fits-cache".into(),
        text: format!(
            "no DRAM figure: the streams move {:.0} MiB at the most, and beside {cache} DRAM takes {:.0} MiB",
            mib(largest),
            mib(least)
        ),
        advice: "give --workload bandwidth-copy and a larger --size".into(),
    })
}

/// Process starts, counted from 1, that lack samples of a workload which others measured.
fn starts_without_samples(record: &Record) -> Vec<String> {
    if record.without_samples.is_some() {
        return Vec::new();
    }
    let lacks = |process: &u32| {
        let mut verified = record.workloads.iter().filter(|w| w.verified().is_some());
        verified.any(|w| !w.samples.iter().any(|s| s.process == *process))
    };
    let starts = 0..record.process_seeds.len() as u32;
    starts.filter(lacks).map(|process| (process + 1).to_string()).collect()
}

/// Names among the variables by which a library is put in front of the system's.
const PRELOADS: &[&str] =
    &["LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "ld.so --preload", "/etc/ld.so.preload"];

/// Variables by which a clock or a library may have been put in front of the system's.
fn replaced(variables: &BTreeMap<String, String>) -> Vec<&str> {
    let set =
        variables.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.as_str());
    let clocks = |name: &&str| PRELOADS.contains(name) || name.starts_with("FAKETIME");
    set.filter(clocks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_front_of_the_systems_clock_is_seen() {
        let set = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(replaced(&set("LD_PRELOAD", "x.so")), ["LD_PRELOAD"]);
        assert_eq!(replaced(&set("FAKETIME", "+1d x2")), ["FAKETIME"]);
        assert!(replaced(&set("LD_PRELOAD", "")).is_empty());
        assert!(replaced(&set("VK_DRIVER_FILES", "x")).is_empty());
    }
}
