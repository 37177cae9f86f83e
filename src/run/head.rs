//! The head of a record: what is known before the first dispatch.

use std::collections::BTreeMap;

use super::variables;
use crate::adapter::Found;
use crate::error::{Error, Result};
use crate::files::slug;
use crate::plan::Plan;
use crate::record::{Attachment, Conclusion, Environment, Note, Record, SCHEMA, Tool};

/// A record without workloads.
pub(super) fn head(found: &Found, plan: &Plan) -> Result<Record> {
    let now = jiff::Timestamp::now();
    let planned = plan.record();
    let slug = slug(&found.identity.name, 3);
    Ok(Record {
        schema: SCHEMA.into(),
        id: format!("{}-{slug}-{:08x}", now.strftime("%Y%m%dT%H%M%SZ"), plan.seed & 0xffff_ffff),
        finished: None,
        created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        tool: Tool::this(),
        adapter: found.identity.clone(),
        capability: found.capability.clone(),
        environment: Environment {
            os: std::env::consts::OS.into(),
            arch: std::env::consts::ARCH.into(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            checked_shaders: plan.checked_shaders,
            variables: variables::recorded(),
            driver_files: BTreeMap::new(),
        },
        profile: plan.profile.clone(),
        seed: plan.seed,
        stop_rule: plan.stop_rule.clone(),
        plan_sha256: Some(planned.digest().map_err(|e| Error::Internal(e.to_string()))?),
        plan: Some(planned),
        process_seeds: vec![plan.seed],
        timer: Vec::new(),
        metronome: Vec::new(),
        telemetry: Vec::new(),
        samples: Attachment::default(),
        results: None,
        starts: Vec::new(),
        attestation: None,
        workloads: Vec::new(),
        notes: events(found, plan),
        concluded_by: Some(Tool::this()),
        conclusion: Conclusion::default(),
        upgraded_from: None,
        without_samples: None,
        without_results: None,
        from_schema_1: false,
    })
}

/// What only the run itself knows; everything else is derived from the record.
fn events(found: &Found, plan: &Plan) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(refused) = &found.matrices_refused {
        notes.push(Note {
            id: "adapter/matrices-refused".into(),
            text: format!(
                "the driver lists matrix units and refuses a device with them ({refused}); the run goes without"
            ),
            advice: "update the driver; on a CPU adapter take vectors of 256 bits".into(),
        });
    }
    if !plan.shrunk.is_empty() {
        notes.push(Note {
            id: "bandwidth/shrunk".into(),
            text: format!("sizes of the profile were made smaller: {}", plan.shrunk.join("; ")),
            advice: "name a size with --size to have that one or none".into(),
        });
    }
    notes
}
