//! `--workload NAME [--input TYPE]... [--size SIZE]... [--accumulate TYPE] [--causal]`, repeated.
//!
//! Flags belong to the workload before them (the first workload also takes those in front of it),
//! which clap's derived structs do not tell; their places in the command line do.

use clap::ArgMatches;

use crate::error::{Error, Result};
use crate::workload::{ElementType, Workload};

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
        if self.name.contains(':') {
            return self.written_out();
        }
        let name = self.name.as_str();
        let usage = |what: String| Error::Usage(what);
        if !Workload::NAMES.contains(&name) {
            // The parser of whole workloads knows the names, and says which is the nearest.
            return Err(usage(name.parse::<Workload>().err().unwrap_or_default()));
        }
        let meaningless = |flag: &str| Err(usage(format!("--{flag} means nothing for {name}")));
        if self.causal && !name.starts_with("attention") {
            return meaningless("causal");
        }
        let causal = if self.causal && name == "attention" { "-causal" } else { "" };
        let takes_input = !name.starts_with("bandwidth") && !["empty", "chain"].contains(&name);
        if !takes_input && !self.inputs.is_empty() {
            return meaningless("input");
        }
        if name != "matmul" && self.accumulate.is_some() {
            return meaningless("accumulate");
        }
        // A wrong type is named before a size is missed.
        for kind in self.inputs.iter().chain(self.accumulate.iter().filter(|sums| *sums != "i32")) {
            kind.parse::<ElementType>().map_err(usage)?;
        }
        let sums = self.accumulate.as_ref().map_or(String::new(), |sums| format!("/{sums}"));
        let default = if name == "roof-matrix" { "f16" } else { "f32" };
        let inputs = match (takes_input, self.inputs.is_empty()) {
            (false, _) => vec![String::new()],
            (true, true) => vec![format!(":{default}{sums}")],
            (true, false) => self.inputs.iter().map(|input| format!(":{input}{sums}")).collect(),
        };
        let sizes = match (name, self.sizes.as_slice()) {
            ("empty", []) => vec![String::new()],
            ("empty", _) => return meaningless("size"),
            (_, []) => {
                let what = format!("--workload {name} needs a --size");
                return Err(usage(match name.parse::<Workload>() {
                    Err(forms) => format!("{what}; {forms}"),
                    Ok(_) => what,
                }));
            }
            (_, sizes) => sizes.iter().map(|size| format!(":{size}")).collect(),
        };
        let mut workloads = Vec::new();
        for input in &inputs {
            for size in &sizes {
                let text = format!("{name}{causal}{input}{size}");
                workloads.push(text.parse().map_err(usage)?);
            }
        }
        Ok(workloads)
    }

    /// The form that `list`, `check` and plans print; it says all that flags could add.
    fn written_out(&self) -> Result<Vec<Workload>> {
        let more = self.causal || self.accumulate.is_some();
        if more || !self.inputs.is_empty() || !self.sizes.is_empty() {
            return Err(Error::Usage(format!(
                "--workload {} says type and size itself; leave out --input, --size, --accumulate \
                 and --causal behind it",
                self.name
            )));
        }
        Ok(vec![self.name.parse().map_err(Error::Usage)?])
    }
}
