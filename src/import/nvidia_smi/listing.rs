//! `nvidia-smi -q`: sections by indentation.

use super::Gpu;
use crate::import::draft::plausible;

/// Columns that one step of indentation takes.
const STEP: usize = 4;

pub(super) fn read(text: &str) -> Result<Vec<Gpu>, String> {
    let mut gpus: Vec<Gpu> = Vec::new();
    let mut driver = None;
    let mut path: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(address) = line.strip_prefix("GPU ") {
            gpus.push(Gpu {
                address: Some(address.trim().to_owned()),
                driver: driver.clone(),
                ..Gpu::default()
            });
            plausible(gpus.len())?;
            path.clear();
            continue;
        }
        let depth = (line.len() - line.trim_start().len()) / STEP;
        let (key, value) = match line.split_once(" : ") {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (line.trim(), None),
        };
        let key = key.to_lowercase().replace(' ', "_");
        if key == "driver_version" && gpus.is_empty() {
            driver = value.map(str::to_owned);
        }
        let Some(gpu) = gpus.last_mut().filter(|_| depth > 0) else { continue };
        path.truncate(depth - 1);
        if let Some(value) = value {
            path.push(key);
            gpu.add(&path, value);
            path.pop();
        } else {
            path.resize(depth - 1, String::new());
            path.push(key);
        }
    }
    if gpus.is_empty() {
        return Err("no line begins with `GPU `".into());
    }
    Ok(gpus)
}
