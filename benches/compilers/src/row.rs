//! One kernel on one driver: what is kept of it.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::driver::Compiled;
use crate::hot::{self, Slots};
use crate::isa;
use crate::kernels::Kernel;

/// A row of the table. Unknown is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Workloads that take this text; a star marks those that take it by default.
    pub workloads: Vec<String>,
    /// File under `shaders/`.
    pub kernel: String,
    /// Tile sizes and the like.
    pub parameters: String,
    /// Whether a workload takes it by default.
    pub default: bool,
    /// Invocations of a subgroup that it was compiled for.
    pub wave: u32,
    /// Vector registers of an invocation; on Apple's GPUs halves.
    pub registers: u64,
    /// Registers spilled to memory.
    pub spills: u64,
    /// Scratch memory, in bytes of an invocation or a subgroup as the driver counts.
    pub scratch_bytes: u64,
    /// What the registers leave room for, in the driver's own unit: subgroups a multiprocessor (NAK), a SIMD
    /// (ACO) or a core (ir3), invocations (Apple).
    pub occupancy: Option<u64>,
    /// Size of the code.
    pub code_bytes: u64,
    /// All instructions, in the driver's count.
    pub instructions: u64,
    /// The hot loop.
    pub hot: Slots,
    /// Turns of rolled loops that were counted inside of it for one.
    pub inner_turns: u64,
    /// Slots that do the work, of all that are issued in the hot loop.
    pub share_percent: Option<f64>,
    /// Slots for each matrix instruction.
    pub slots_per_matrix: Option<f64>,
}

impl Row {
    /// What is to be said about a compiled kernel.
    pub fn new(kernel: &Kernel, compiled: &Compiled) -> Result<Self> {
        let code = isa::read(compiled)?;
        let hot = hot::find(&code, kernel.turn_fmas);
        let any = |names: &[&str]| names.iter().find_map(|name| compiled.statistic(name));
        let needed = |what: &str, names: &[&str]| {
            any(names).with_context(|| {
                format!("the driver tells no {what} ({names:?}): {:?}", compiled.statistics)
            })
        };
        let rate =
            |part: u64, of: u64| (of > 0).then(|| (part as f64 / of as f64 * 10.0).round() / 10.0);
        let slots = hot.slots;
        let scratch = any(&["SLM size", "Scratch size", "Scratch"]);
        // ir3 tells spilled bytes only by its loads and stores of them.
        let spills = any(&["Spills to memory", "Spilled VGPRs", "Spills"]);
        Ok(Self {
            workloads: kernel.workloads.clone(),
            kernel: kernel.name.clone(),
            parameters: kernel.parameters.clone(),
            default: kernel.default,
            wave: compiled.wave,
            registers: needed("registers", &["Number of GPRs", "VGPRs", "GPRs", "Registers used"])?,
            spills: spills.or_else(|| any(&["STP Count"])).context("the driver tells no spills")?,
            scratch_bytes: scratch
                .or_else(|| any(&["STP Count"]).map(|count| 4 * count))
                .unwrap_or(0),
            occupancy: any(&[
                "Max warps/SM",
                "Subgroups per SIMD",
                "Threads",
                "Max Waves Per Core",
            ]),
            code_bytes: needed("code size", &["Code size"])?,
            instructions: needed(
                "instructions",
                &["Instruction count", "Instruction Count", "Instructions"],
            )?,
            share_percent: (slots.math > 0).then(|| rate(100 * slots.math, slots.issued)).flatten(),
            slots_per_matrix: rate(slots.issued, slots.matrix),
            hot: slots,
            inner_turns: hot.inner_turns,
        })
    }

    /// What tells it from the other rows of a driver.
    pub fn key(&self) -> String {
        let workload = self.workloads.first().map_or("", |name| name.trim_end_matches(" *"));
        format!("{workload} {} {}", self.kernel, self.parameters)
    }

    /// A figure by its name: a field of the row or of its hot loop.
    pub fn figure(&self, name: &str) -> Result<Option<f64>> {
        let row = serde_json::to_value(self)?;
        let value = row.get(name).or_else(|| row["hot"].get(name));
        Ok(value.with_context(|| format!("no figure has the name {name}"))?.as_f64())
    }
}

/// All rows of one driver.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Kind of driver as the launcher names it.
    pub driver: String,
    /// Adapter and driver, by their own names.
    pub adapter: String,
    /// Workloads that the adapter refuses, each with its reason.
    pub refused: Vec<String>,
    /// Kernels that do not compile, each with what the driver said.
    pub failed: Vec<String>,
    /// Every kernel.
    pub rows: Vec<Row>,
}

impl Report {
    /// Adds a row. What came out the same of the same kernel for another size is one row.
    pub fn add(&mut self, row: Row) {
        let same = |known: &&mut Row| {
            Row { workloads: Vec::new(), default: false, ..(*known).clone() }
                == Row { workloads: Vec::new(), default: false, ..row.clone() }
        };
        match self.rows.iter_mut().find(same) {
            Some(known) => {
                known.default |= row.default;
                known.workloads.extend(row.workloads);
            }
            None => self.rows.push(row),
        }
    }

    /// What did not compile.
    pub fn failures(&self) -> impl Iterator<Item = String> {
        self.failed.iter().map(|line| format!("{} {line}", self.driver))
    }

    /// JSON with one line a kernel, without what is zero or null.
    pub fn to_json(&self) -> Result<String> {
        let mut head = serde_json::to_value(Self { rows: Vec::new(), ..self.clone() })?;
        let head = head.as_object_mut().context("a report is an object")?;
        head.remove("rows");
        let mut text = String::from("{\n");
        for (key, value) in head {
            let (key, value) = (serde_json::to_string(key)?, serde_json::to_string(value)?);
            text += &[key, ": ".into(), value, ",\n".into()].concat();
        }
        text += "\"rows\": [\n";
        let lines: Vec<String> = self.rows.iter().map(line).collect::<Result<_>>()?;
        text += &lines.join(",\n");
        Ok(text + "\n]}\n")
    }
}

fn line(row: &Row) -> Result<String> {
    let mut value = serde_json::to_value(row)?;
    if let Some(hot) = value["hot"].as_object_mut() {
        hot.retain(|_, count| count.as_u64() != Some(0));
    }
    if let Some(row) = value.as_object_mut() {
        row.retain(|_, figure| !figure.is_null() && *figure != false && figure.as_u64() != Some(0));
    }
    Ok(serde_json::to_string(&value)?)
}
