//! A plan from a file: of another process, or of somebody else.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{PLAN_SCHEMA, Plan};
use crate::error::{Error, Result};
use crate::files;
use crate::measure::StopRule;
use crate::record::{Challenge, PlanRecord};

/// A file of plans is some kilobytes, a record some megabytes; more is a mistake.
const LARGEST_FILE: u64 = 256 << 20;
/// More process starts, workloads, samples or milliseconds are a mistake, not a wish.
const MOST_STARTS: u32 = 50;
const MOST_WORKLOADS: usize = 1000;
const MOST_SAMPLES: usize = 1_000_000;
const LONGEST_MS: f64 = 86_400_000.0;

impl Plan {
    /// The plan in a `plan.json`, in a `record.json`, or in the folder of either.
    pub fn read(path: &Path) -> Result<Self> {
        let (file, mut value) = json(path)?;
        let name = files::name(&file);
        let fail = |what: String| Error::input(&name, what);
        let schema = value.get("schema").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut told = None;
        if schema.starts_with("tierbench.record/") {
            told = value.get("plan_sha256").and_then(Value::as_str).map(str::to_owned);
            value = value.get("plan").filter(|plan| !plan.is_null()).cloned().ok_or_else(|| {
                fail(
                    "key `plan`: this record holds none; name a plan.json or another record".into(),
                )
            })?;
        }
        let plan: PlanRecord = serde_json::from_value(value.clone())
            .map_err(|e| fail(format!("this is no plan ({PLAN_SCHEMA}): {e}")))?;
        let known = serde_json::to_value(&plan).map_err(|e| Error::Internal(e.to_string()))?;
        let keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
        if let Some(key) = keys.into_iter().find(|key| known.get(key.as_str()).is_none()) {
            return Err(fail(format!("key `{}`: no plan has it", key.escape_debug())));
        }
        if told.is_some_and(|told| plan.digest().ok() != Some(told)) {
            return Err(fail(
                "key `plan`: its digest is not `plan_sha256`; the plan was changed after the run"
                    .into(),
            ));
        }
        Self::of_record(&plan).map_err(|(key, what)| fail(format!("key `{key}`: {what}")))
    }

    /// What a plan in a file says, if it can be run; else the key that is wrong, and the remedy.
    pub fn of_record(plan: &PlanRecord) -> Result<Self, (String, String)> {
        let bad = |key: &str, what: String| Err((key.to_owned(), what));
        if plan.schema != PLAN_SCHEMA {
            return bad("schema", format!("found {:?}, expected {PLAN_SCHEMA:?}", plan.schema));
        }
        if plan.seed >= 1 << 53 {
            return bad("seed", format!("{} is not below 2^53", plan.seed));
        }
        if !(1..=MOST_STARTS).contains(&plan.process_starts) {
            let what = format!("{} is not from 1 to {MOST_STARTS}", plan.process_starts);
            return bad("process_starts", what);
        }
        if !(1..=MOST_WORKLOADS).contains(&plan.workloads.len()) {
            let what = format!("{} workloads; take 1 to {MOST_WORKLOADS}", plan.workloads.len());
            return bad("workloads", what);
        }
        if let Some((key, what)) = plan.challenge.as_ref().and_then(Challenge::problem) {
            return bad(&format!("challenge.{key}"), what);
        }
        check_times(&plan.stop_rule).map_err(|(key, what)| (format!("stop_rule.{key}"), what))?;
        let workloads: Result<Vec<_>, String> = plan.workloads.iter().map(|w| w.parse()).collect();
        let own = Self {
            workloads: workloads.map_err(|what| ("workloads".to_owned(), what))?,
            profile: plan.profile.clone(),
            stop_rule: plan.stop_rule.clone(),
            seed: plan.seed,
            checked_shaders: plan.checked_shaders,
            zero_inputs: plan.zero_inputs,
            process_starts: plan.process_starts,
            challenge: plan.challenge.clone(),
            shrunk: Vec::new(),
        };
        let again = own.record();
        // The digest of what is run must be that of the file.
        if again.workloads != plan.workloads {
            let what = format!("write them as {}", again.workloads.join(", "));
            return bad("workloads", what);
        }
        if again.decision != plan.decision {
            let what =
                "this version of tierbench decides by another rule; take the one that wrote it";
            return bad("decision", what.into());
        }
        Ok(own)
    }
}

fn check_times(stop: &StopRule) -> Result<(), (&'static str, String)> {
    let share = stop.relative_half_width;
    if !(share > 0.0 && share <= 1.0) {
        return Err(("relative_half_width", format!("{share} is no share above 0 and up to 1")));
    }
    if !(1..=MOST_SAMPLES).contains(&stop.max_samples) {
        let what = format!("{} is not from 1 to {MOST_SAMPLES}", stop.max_samples);
        return Err(("max_samples", what));
    }
    if !(1..=stop.max_samples).contains(&stop.min_samples) {
        let what = format!("{} is not from 1 to max_samples", stop.min_samples);
        return Err(("min_samples", what));
    }
    for (key, ms) in [
        ("sample_ms", stop.sample_ms),
        ("warm_up_ms", stop.warm_up_ms),
        ("sustain_ms", stop.sustain_ms),
        ("budget_ms", stop.budget_ms),
    ] {
        if !(0.0..=LONGEST_MS).contains(&ms) {
            return Err((key, format!("{ms} is not from 0 to {LONGEST_MS} ms")));
        }
    }
    Ok(())
}

/// The file that a path means, and what is in it.
fn json(path: &Path) -> Result<(PathBuf, Value)> {
    let inside = ["plan.json", "record.json"].map(|name| path.join(name));
    let inside = inside.into_iter().find(|file| file.is_file());
    let file = if path.is_dir() { inside } else { Some(path.to_owned()) };
    let remedy = "name a plan.json, a record.json or the folder of one";
    let fail = |what: String| Error::input(files::name(file.as_deref().unwrap_or(path)), what);
    let Some(file) = &file else { return Err(fail(format!("no plan in this folder; {remedy}"))) };
    let bytes = files::read(file, LARGEST_FILE).map_err(|e| fail(format!("{e}; {remedy}")))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let value =
        serde_json::from_slice(bytes).map_err(|e| fail(format!("not JSON: {e}; {remedy}")))?;
    Ok((file.clone(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl Fn(&mut PlanRecord)) -> String {
        let mut plan = Plan::new("smoke", Vec::new(), true, Some(1)).unwrap().record();
        change(&mut plan);
        Plan::of_record(&plan).unwrap_err().0
    }

    #[test]
    fn a_plan_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::new("audit", Vec::new(), true, Some((1 << 53) - 1)).unwrap().record();
        let file = folder.path().join("plan.json");
        std::fs::write(&file, serde_json::to_vec(&plan).unwrap()).unwrap();
        for path in [file.as_path(), folder.path()] {
            assert_eq!(Plan::read(path).unwrap().record(), plan);
        }
    }

    #[test]
    fn what_cannot_be_run_is_refused_by_its_key() {
        assert_eq!(refused(|plan| plan.schema = "tierbench.plan/99".into()), "schema");
        assert_eq!(refused(|plan| plan.seed = 1 << 53), "seed");
        assert_eq!(refused(|plan| plan.process_starts = 0), "process_starts");
        assert_eq!(refused(|plan| plan.process_starts = 4_000_000_000), "process_starts");
        assert_eq!(refused(|plan| plan.workloads.clear()), "workloads");
        assert_eq!(refused(|plan| plan.workloads[0] = "sort:5".into()), "workloads");
        assert_eq!(refused(|plan| plan.decision.confidence = 0.1), "decision");
        assert_eq!(refused(|plan| plan.stop_rule.warm_up_ms = -1.0), "stop_rule.warm_up_ms");
        assert_eq!(refused(|plan| plan.stop_rule.budget_ms = f64::NAN), "stop_rule.budget_ms");
        assert_eq!(refused(|plan| plan.stop_rule.sample_ms = 1e300), "stop_rule.sample_ms");
        assert_eq!(refused(|plan| plan.stop_rule.min_samples = 0), "stop_rule.min_samples");
        assert_eq!(refused(|plan| plan.stop_rule.max_samples = 1), "stop_rule.min_samples");
        let share = refused(|plan| plan.stop_rule.relative_half_width = 0.0);
        assert_eq!(share, "stop_rule.relative_half_width");
    }

    #[test]
    fn a_start_has_its_own_seed_and_order_and_all_of_the_work() {
        let plan = Plan::new("audit", Vec::new(), true, Some(3)).unwrap();
        let (first, second) = (plan.start(0), plan.start(1));
        assert_ne!(first.seed, second.seed);
        let names = |plan: &Plan| {
            let mut names = plan.record().workloads;
            names.sort();
            names
        };
        assert_eq!(names(&first), names(&plan));
        assert_ne!(first.record().workloads, second.record().workloads);
    }
}
