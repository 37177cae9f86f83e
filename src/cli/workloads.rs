//! `--workload NAME [--input TYPE]... [--size SIZE]... [--accumulate TYPE] [--causal]`, repeated.
//!
//! Flags belong to the workload before them (the first workload also takes those in front of it),
//! which clap's derived structs do not tell; their places in the command line do.

use clap::ArgMatches;

use crate::error::{Error, Result};
use crate::workload::Workload;

#[derive(Default)]
struct Group {
    name: String,
    inputs: Vec<String>,
    sizes: Vec<String>,
    accumulate: Option<String>,
    causal: bool,
}

/// The workloads of a command line, in order.
pub(super) fn from_matches(matches: &ArgMatches) -> Result<Vec<Workload>> {
    let mut flags: Vec<(usize, &str, String)> = Vec::new();
    for flag in ["workload", "input", "size", "accumulate"] {
        let values = matches.get_many::<String>(flag).into_iter().flatten().cloned();
        let places = matches.indices_of(flag).into_iter().flatten();
        flags.extend(places.zip(values).map(|(at, value)| (at, flag, value)));
    }
    let causal = matches.indices_of("causal").into_iter().flatten();
    if matches.get_count("causal") > 0 {
        flags.extend(causal.map(|at| (at, "causal", String::new())));
    }
    flags.sort();
    // The first workload takes what stands in front of it.
    let first = flags.iter().position(|(_, flag, _)| *flag == "workload");
    let Some(first) = first else {
        return match flags.first() {
            Some((_, flag, _)) => {
                Err(Error::Usage(format!("--{flag} needs a --workload before it")))
            }
            None => Ok(Vec::new()),
        };
    };
    let named = flags.remove(first);
    flags.insert(0, named);
    let mut groups: Vec<Group> = Vec::new();
    for (_, flag, value) in flags {
        match (flag, groups.last_mut()) {
            ("workload", _) => groups.push(Group { name: value, ..Group::default() }),
            ("input", Some(group)) => group.inputs.push(value),
            ("size", Some(group)) => group.sizes.push(value),
            ("accumulate", Some(group)) => group.accumulate = Some(value),
            (_, Some(group)) => group.causal = true,
            (_, None) => {}
        }
    }
    let workloads: Result<Vec<Vec<Workload>>> = groups.iter().map(Group::workloads).collect();
    Ok(workloads?.concat())
}

impl Group {
    /// Every input type with every size.
    fn workloads(&self) -> Result<Vec<Workload>> {
        if self.causal && !self.name.starts_with("attention") {
            return Err(Error::Usage(format!("--causal means nothing for {}", self.name)));
        }
        let causal = if self.causal && self.name == "attention" { "-causal" } else { "" };
        let takes_input = !self.name.starts_with("bandwidth")
            && !["empty", "chain"].contains(&self.name.as_str());
        let sums = match &self.accumulate {
            Some(_) if self.name != "matmul" => {
                return Err(Error::Usage(format!("--accumulate means nothing for {}", self.name)));
            }
            Some(sums) => format!("/{sums}"),
            None => String::new(),
        };
        let default = if self.name == "roof-matrix" { "f16" } else { "f32" };
        let inputs = match (takes_input, self.inputs.is_empty()) {
            (true, true) => vec![format!(":{default}{sums}")],
            (true, false) => self.inputs.iter().map(|input| format!(":{input}{sums}")).collect(),
            (false, true) => vec![String::new()],
            (false, false) => {
                return Err(Error::Usage(format!("--input means nothing for {}", self.name)));
            }
        };
        let sizes = match (self.name.as_str(), self.sizes.is_empty()) {
            ("empty", true) => vec![String::new()],
            (_, true) => {
                return Err(Error::Usage(format!("--workload {} needs a --size", self.name)));
            }
            _ => self.sizes.iter().map(|size| format!(":{size}")).collect(),
        };
        let mut workloads = Vec::new();
        for input in &inputs {
            for size in &sizes {
                let text = format!("{}{causal}{input}{size}", self.name);
                workloads.push(text.parse().map_err(Error::Usage)?);
            }
        }
        Ok(workloads)
    }
}
