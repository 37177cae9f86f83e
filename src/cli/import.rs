//! `import`: another program's results as records of their own kind.

use super::args::{Format, Import};
use super::output::{print, say};
use crate::error::{Error, Result};
use crate::import;
use crate::names::unknown;
use crate::normalize::Catalogue;
use crate::record::External;
use crate::report;

/// Does what `tierbench import` says.
pub(super) fn run(args: &Import) -> Result<()> {
    let catalogue = Catalogue::load()?;
    let mut results = import::import(&args.file, args.from.as_deref())?;
    select(&mut results, args, &catalogue)?;
    for result in &mut results {
        catalogue.of_external(result)?;
        let path = result.write(&args.out)?;
        say(format_args!("external: {}", path.display()));
    }
    match args.format {
        Format::Json => print(&report::externals_json(&results)?),
        Format::Text => print(&report::externals_text(&results)?),
    }
}

/// Keeps the device that was asked for, and notes which chip it is said to be.
fn select(results: &mut Vec<External>, args: &Import, catalogue: &Catalogue) -> Result<()> {
    let devices: Vec<String> = results.iter().filter_map(|r| r.device.clone()).collect();
    if let Some(part) = &args.device {
        let part = part.to_lowercase();
        results.retain(|r| r.device.as_ref().is_some_and(|d| d.to_lowercase().contains(&part)));
    }
    if let Some(id) = &args.chip {
        if catalogue.by_id(id).is_none() {
            let ids = catalogue.chips.iter().map(|chip| chip.id.as_str());
            return Err(Error::Usage(unknown("chip", id, ids, "`tierbench data chips` lists all")));
        }
        if results.iter().any(|r| r.chip.is_some()) {
            results.retain(|r| r.chip.as_ref() == Some(id));
        } else if results.len() > 1 {
            return Err(Error::Usage(format!(
                "the file is about {}; say with --device which of them --chip {id} is",
                devices.join(", ")
            )));
        }
        for result in results.iter_mut() {
            result.chip = Some(id.clone());
        }
    }
    if results.is_empty() {
        return Err(Error::Usage(format!(
            "nothing in the file matches; it is about {}",
            devices.join(", ")
        )));
    }
    Ok(())
}
