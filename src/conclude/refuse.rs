//! Takes the figures from workloads whose rate cannot be.

use crate::check;
use crate::normalize::{Chip, is_dram_evidence};
use crate::record::{Record, State, WorkloadRecord};

pub(super) fn refuse_the_impossible(record: &mut Record, chip: Option<&Chip>) {
    let reasons: Vec<Option<String>> = record
        .workloads
        .iter()
        .map(|w| {
            if let Some(bytes_per_s) = w.bytes_per_s().filter(|_| w.is_stream()) {
                let streams_dram = is_dram_evidence(w, chip, &record.adapter.device_type);
                let declared = chip.and_then(Chip::dram_gb_per_s).filter(|_| streams_dram);
                return check::refusal(bytes_per_s, declared.map(|gb| gb * 1e9), "bytes");
            }
            let per_s = w.ops_per_s()?;
            let declared = chip.and_then(|chip| chip.declared_ops_per_s(w.catalogue_format()?));
            check::refusal(per_s, declared, "operations")
        })
        .collect();
    for (w, reason) in record.workloads.iter_mut().zip(reasons) {
        if let Some(reason) = reason {
            *w = WorkloadRecord {
                state: State::Failed,
                reason: Some(reason),
                summary: None,
                ..w.clone()
            };
        }
    }
}
