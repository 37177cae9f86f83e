//! Limits on figures: a ratchet for each that only ever gets tighter.

use anyhow::{Result, bail};
use serde::Deserialize;
use wildmatch::WildMatch;

use crate::row::{Report, Row};

/// `limits.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The Mesa that the limits are of, as the driver tells it.
    mesa: String,
    limit: Vec<Limit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    /// Kinds of driver, workloads and kernels, with `*` for any text.
    driver: String,
    #[serde(default = "any")]
    workload: String,
    #[serde(default = "any")]
    kernel: String,
    metric: String,
    max: Option<f64>,
    min: Option<f64>,
    /// Where it shall get to, if it is not there.
    goal: Option<f64>,
    /// Whether no kernel need fit, as where a driver's matrix units cannot be used yet.
    #[serde(default)]
    may_be_absent: bool,
}

fn any() -> String {
    "*".to_owned()
}

impl Limit {
    fn fits(&self, driver: &str, row: &Row) -> bool {
        let workload = WildMatch::new(&self.workload);
        // The kernel that a class takes first for that workload is marked.
        let takes =
            |name: &String| name.strip_suffix(" *").is_some_and(|name| workload.matches(name));
        WildMatch::new(&self.driver).matches(driver)
            && WildMatch::new(&self.kernel).matches(&row.kernel)
            && row.workloads.iter().any(takes)
    }

    fn same_kind(&self, other: &Self) -> bool {
        self.metric == other.metric && self.max.is_some() == other.max.is_some()
    }

    fn name(&self) -> String {
        format!("{} {} {} {}", self.driver, self.workload, self.kernel, self.metric)
    }
}

/// What a check found.
pub struct Outcome {
    /// A line for each limit that does not hold.
    pub broken: Vec<String>,
    /// A line for each limit that could be tighter, or is not at its goal.
    pub notes: Vec<String>,
    /// Comparisons made.
    pub compared: usize,
}

impl Limits {
    /// Compares every row with the limits that fit it; of several on one figure the last one counts.
    pub fn check(&self, reports: &[Report]) -> Result<Outcome> {
        let mut outcome = Outcome { broken: Vec::new(), notes: Vec::new(), compared: 0 };
        for (place, limit) in self.limit.iter().enumerate() {
            if limit.max.is_some() == limit.min.is_some() {
                bail!("{}: one of max and min", limit.name());
            }
            let mut worst: Option<f64> = None;
            let fitting = reports
                .iter()
                .flat_map(|report| report.rows.iter().map(move |row| (report, row)))
                .filter(|(report, row)| limit.fits(&report.driver, row));
            let replaced = |report: &Report, row: &Row| {
                self.limit[place + 1..]
                    .iter()
                    .any(|later| later.same_kind(limit) && later.fits(&report.driver, row))
            };
            let mut fitted = false;
            for (report, row) in fitting {
                fitted = true;
                if replaced(report, row) {
                    continue;
                }
                let at = format!("{} {}", report.driver, row.key());
                let Some(value) = row.figure(&limit.metric)? else {
                    outcome.broken.push(format!("{at}: {} is not known", limit.metric));
                    continue;
                };
                outcome.compared += 1;
                worst = Some(match (worst, limit.max.is_some()) {
                    (None, _) => value,
                    (Some(worst), true) => worst.max(value),
                    (Some(worst), false) => worst.min(value),
                });
                if limit.max.is_some_and(|max| value > max) {
                    outcome.broken.push(format!(
                        "{at}: {} is {value}, above {}",
                        limit.metric,
                        limit.max.unwrap_or(0.0)
                    ));
                }
                if limit.min.is_some_and(|min| value < min) {
                    outcome.broken.push(format!(
                        "{at}: {} is {value}, below {}",
                        limit.metric,
                        limit.min.unwrap_or(0.0)
                    ));
                }
            }
            match worst {
                None if limit.may_be_absent || fitted => {}
                // A limit on other drivers than those at hand says nothing about these.
                None if !reports
                    .iter()
                    .any(|report| WildMatch::new(&limit.driver).matches(&report.driver)) => {}
                None => outcome.broken.push(format!("{}: no kernel fits this limit", limit.name())),
                Some(worst) => {
                    let bound = limit.max.or(limit.min).unwrap_or(worst);
                    if worst.to_bits() != bound.to_bits() && limit.goal.is_some() {
                        outcome.notes.push(format!("{}: {bound} could be {worst}", limit.name()));
                    } else if let Some(goal) = limit.goal {
                        outcome.notes.push(format!("{}: {worst}, goal {goal}", limit.name()));
                    }
                }
            }
        }
        // Another compiler, other code: worth a look, but no fault of the kernels.
        if let Some(other) = reports.iter().find(|report| !report.adapter.contains(&self.mesa)) {
            let why = format!("limits are of {}, and this is {}", self.mesa, other.adapter);
            outcome.notes.push(format!("{why}: shown, not asserted"));
            outcome.notes.append(&mut outcome.broken);
        }
        Ok(outcome)
    }
}
