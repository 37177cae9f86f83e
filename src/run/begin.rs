//! The head of a record: what is known before the first dispatch.

use std::collections::BTreeMap;

use super::variables;
use crate::adapter::Found;
use crate::files::slug;
use crate::plan::Plan;
use crate::record::{Conclusion, Environment, Note, Record, SCHEMA, Tool};

/// A record without workloads.
pub(super) fn begin(found: &Found, plan: &Plan) -> Record {
    let now = jiff::Timestamp::now();
    let planned = plan.record();
    let slug = slug(&found.identity.name, 3);
    let variables = variables::recorded();
    let notes = notes(found, plan, &variables::replacements(&variables));
    Record {
        schema: SCHEMA.into(),
        id: format!("{}-{slug}-{:08x}", now.strftime("%Y%m%dT%H%M%SZ"), plan.seed & 0xffff_ffff),
        created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        tool: Tool::this(),
        adapter: found.identity.clone(),
        capability: found.capability.clone(),
        environment: Environment {
            os: std::env::consts::OS.into(),
            arch: std::env::consts::ARCH.into(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            checked_shaders: plan.checked_shaders,
            variables,
            driver_files: BTreeMap::new(),
        },
        profile: plan.profile.clone(),
        seed: plan.seed,
        stop_rule: plan.stop_rule.clone(),
        plan_sha256: Some(planned.digest()),
        plan: Some(planned),
        process_seeds: vec![plan.seed],
        timer: Vec::new(),
        metronome: Vec::new(),
        telemetry: Vec::new(),
        workloads: Vec::new(),
        notes,
        conclusion: Conclusion::default(),
    }
}

fn notes(found: &Found, plan: &Plan, replaced: &[String]) -> Vec<Note> {
    let mut notes = Vec::new();
    if !replaced.is_empty() {
        notes.push(Note {
            id: "environment/preload".into(),
            text: format!(
                "in use: {}; the figures rest on clocks and calls that a library could have replaced",
                replaced.join(", ")
            ),
            advice: "run without it for evidence; `environment.driver_files` names what was mapped"
                .into(),
        });
    }
    if plan.zero_inputs {
        notes.push(Note {
            id: "inputs/zeros".into(),
            text: "all inputs were zeros, which cost less power: no figure counts as evidence"
                .into(),
            advice: "compare it with a run on random inputs of the same shape".into(),
        });
    }
    if plan.checked_shaders {
        notes.push(Note {
            id: "kernels/checked".into(),
            text: "kernels were compiled with run-time checks, which cost time".into(),
            advice: "leave out --checked-shaders for figures".into(),
        });
    }
    if found.identity.software {
        notes.push(Note {
            id: "adapter/software".into(),
            text: "a software adapter: the kernels ran on the CPU".into(),
            advice:
                "these figures test kernels and harness; run on a GPU for a statement about one"
                    .into(),
        });
    }
    notes.push(Note {
        id: "uncertainty/one-run".into(),
        text: "one process start: the uncertainty covers the scatter inside this run, not what changes between runs"
            .into(),
        advice: "`--profile audit` starts several processes".into(),
    });
    notes
}
