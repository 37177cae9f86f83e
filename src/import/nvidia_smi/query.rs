//! `nvidia-smi --query-gpu=... --format=csv`: names of the fields in the first line, units in brackets.

use super::Gpu;
use crate::import::draft::plausible;

/// A field that only nvidia-smi has, beside a name.
const FIELDS: &[&str] =
    &["pci.bus_id", "pci.device_id", "memory.total", "clocks.max.sm", "power.limit"];

/// More fields than a query has.
const MOST_FIELDS: usize = 200;

fn fields(line: &str) -> Vec<&str> {
    line.split(',')
        .take(MOST_FIELDS)
        .map(|field| field.split('[').next().unwrap_or(field).trim())
        .collect()
}

pub(super) fn is_header(line: &str) -> bool {
    let fields = fields(line);
    let has = |name: &str| fields.contains(&name);
    (has("name") || has("gpu_name")) && FIELDS.iter().any(|field| has(field))
}

pub(super) fn read(text: &str) -> Result<Vec<Gpu>, String> {
    let mut lines = text.lines().skip_while(|line| !is_header(line));
    let header = fields(lines.next().unwrap_or_default());
    let mut gpus = Vec::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').take(MOST_FIELDS).map(str::trim).collect();
        // A line of a log has another number of them; a row that was cut has some.
        if cells.len() != header.len() {
            if cells.len() > 1 && cells.len() < header.len() {
                return Err(format!(
                    "a line has {} cells and its header {}: it is cut",
                    cells.len(),
                    header.len()
                ));
            }
            continue;
        }
        let mut gpu = Gpu::default();
        for (name, value) in header.iter().zip(cells) {
            gpu.add(&[(*name).to_owned()], value);
        }
        gpus.push(gpu);
        plausible(gpus.len())?;
    }
    Ok(gpus)
}
