//! What a run did otherwise than the method says, as far as the record shows it.
//!
//! The method is the profile `audit` of this version, on hardware, with every workload and process start.

use crate::error::Result;
use crate::plan::Plan;
use crate::record::{Record, State};
use crate::report::missing;

/// The profile for statements that others rely on.
const METHOD: &str = "audit";

/// Each in a sentence; empty where nothing deviates.
pub(super) fn deviations(record: &Record) -> Result<Vec<String>> {
    let method = Plan::new(METHOD, Vec::new(), record.adapter.software, Some(record.seed))
        .or_else(|_| Plan::new(METHOD, Vec::new(), record.adapter.software, Some(0)))?;
    let mut all = Vec::new();
    let mut say = |what: String| all.push(what);
    if record.adapter.software {
        say("SOFTWARE ADAPTER: the CPU did the work, so nothing here is about any GPU.".into());
    }
    match record.profile.as_str() {
        METHOD => {}
        "custom" => say("Workloads of its own were run, not those of the profile `audit`.".into()),
        other => say(format!("The profile was `{other}`; the method is the profile `{METHOD}`.")),
    }
    if record.stop_rule != method.stop_rule {
        say("Sampling ended by another rule than that of the method (see f).".into());
    }
    match &record.plan {
        None => say("There is no plan: what was to be run, and the decision rule, were not fixed beforehand.".into()),
        Some(plan) if plan.process_starts < method.process_starts => say(format!(
            "Process starts: {}, and the method has {}; what changes from one to the next shows less, or not at all.",
            plan.process_starts, method.process_starts
        )),
        Some(_) => {}
    }
    let (made, asked) = (
        record.process_seeds.len().max(1),
        record.plan.as_ref().map_or(1, |plan| plan.process_starts as usize),
    );
    if made < asked {
        say(format!("Of {asked} planned process starts {made} are there."));
    }
    if let Some(missing) = missing::sentence(record) {
        say(format!("{missing}."));
    }
    if record.plan.as_ref().is_some_and(|plan| plan.zero_inputs) {
        say("All inputs were zeros, which cost less power: the run is an experiment, no evidence."
            .into());
    }
    if record.environment.checked_shaders || record.plan.as_ref().is_some_and(|p| p.checked_shaders)
    {
        say("Kernels were compiled with run-time checks, which are measured along.".into());
    }
    for w in &record.workloads {
        let reason = w.reason.as_deref().unwrap_or("no reason is given");
        match w.state {
            State::Unsupported => say(format!("Not run, {}: {reason}.", w.label())),
            State::Failed => say(format!("Failed, {}: {reason}.", w.label())),
            State::Measured if w.verified().is_none() => {
                say(format!("Not verified and so without a result: {}.", w.label()));
            }
            State::Measured => {}
        }
    }
    if !record.environment.variables.is_empty() {
        let named =
            record.environment.variables.iter().map(|(name, value)| format!("{name}={value}"));
        let named = named.collect::<Vec<_>>().join(", ");
        say(format!("Environment variables that change what a driver does were set: {named}."));
    }
    if record.tool.commit.ends_with("-dirty") || record.tool.commit == "unknown" {
        say(format!("The program was not built from a commit as it is: {}.", record.tool.commit));
    }
    if let Some(origin) = &record.upgraded_from {
        say(format!(
            "The record was brought over from {}, SHA-256 {}.",
            origin.schema, origin.sha256
        ));
    }
    for note in &record.notes {
        say(format!("{}: {}.", note.id, note.text));
    }
    Ok(all)
}
