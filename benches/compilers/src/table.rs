//! The table for people, and what changed since another one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;

use crate::row::{Report, Row};

/// Figures whose change `diff` tells.
const FIGURES: &[&str] = &[
    "wave",
    "registers",
    "spills",
    "scratch_bytes",
    "occupancy",
    "code_bytes",
    "math",
    "issued",
    "share_percent",
    "slots_per_matrix",
    "load_global",
    "load_shared",
    "scratch",
];

/// Markdown: what each workload takes by default, on every driver.
pub fn markdown(reports: &[Report]) -> Result<String> {
    let mut text = String::from(
        "# What compilers make of the kernels\n\nWritten by `make compilers`; how to read it: \
         `benches/compilers/README.md`. Nothing was executed. Here: the kernel that each workload takes by \
         default; all candidates are in the JSON files.\n\n",
    );
    for report in reports {
        let adapter = &report.adapter;
        writeln!(text, "* `{}`: {adapter}, {} kernels", report.driver, report.rows.len())?;
    }
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for report in reports {
        for row in report.rows.iter().filter(|row| row.default) {
            let first =
                row.workloads.iter().find_map(|name| name.strip_suffix(" *")).unwrap_or_default();
            lines.entry(first.to_owned()).or_default().push(line(&report.driver, row));
        }
    }
    for (workload, lines) in lines {
        write!(text, "\n## {workload}\n\n{HEAD}")?;
        lines.iter().try_for_each(|line| writeln!(text, "{line}"))?;
    }
    Ok(text)
}

const HEAD: &str = "| kernel | driver | wave | regs | spills | scratch B | occ | code B | matrix | fma32 | fma16 | dot \
    | float | scalar | gld | gst | lld | lst | turn | addr | bar | ctl | scr | share % | slots/matrix |\n\
    |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";

fn line(driver: &str, row: &Row) -> String {
    let hot = &row.hot;
    let or_dash = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
    let numbers = [
        u64::from(row.wave),
        row.registers,
        row.spills,
        row.scratch_bytes,
        row.occupancy.unwrap_or(0),
        row.code_bytes,
        hot.matrix,
        hot.fma32,
        hot.fma16,
        hot.dot,
        hot.float,
        hot.scalar_float,
        hot.load_global,
        hot.store_global,
        hot.load_shared,
        hot.store_shared,
        hot.turn,
        hot.address,
        hot.barrier,
        hot.control,
        hot.scratch,
    ];
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!(
        "| {} {} | {driver} | {} | {} | {} |",
        row.kernel,
        row.parameters,
        numbers.join(" | "),
        or_dash(row.share_percent),
        or_dash(row.slots_per_matrix)
    )
}

/// One line for each kernel that is new, gone or other.
pub fn diff(before: &[Report], after: &[Report]) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for report in after {
        let Some(known) = before.iter().find(|known| known.driver == report.driver) else {
            lines.push(format!("{}: new", report.driver));
            continue;
        };
        let old: BTreeMap<String, &Row> = known.rows.iter().map(|row| (row.key(), row)).collect();
        for row in &report.rows {
            let Some(old) = old.get(&row.key()) else {
                lines.push(format!("{} {}: new", report.driver, row.key()));
                continue;
            };
            let mut changes = String::new();
            for name in FIGURES {
                let (was, is) = (old.figure(name)?, row.figure(name)?);
                if was != is {
                    let shown = |value: Option<f64>| {
                        value.map_or("none".to_owned(), |value| value.to_string())
                    };
                    write!(changes, " {name} {} -> {}", shown(was), shown(is))?;
                }
            }
            if !changes.is_empty() {
                lines.push(format!("{} {}:{changes}", report.driver, row.key()));
            }
        }
        let gone = old.keys().filter(|key| !report.rows.iter().any(|row| row.key() == **key));
        lines.extend(gone.map(|key| format!("{} {key}: gone", report.driver)));
    }
    Ok(lines)
}
