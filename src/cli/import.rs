//! `import`: another program's results as records of their own kind.

use super::args::{Format, Import};
use super::output::{print, say};
use crate::error::{Error, Result};
use crate::import;
use crate::names::unknown;
use crate::normalize::Book;
use crate::record::External;
use crate::report;

/// Does what `tierbench import` says.
pub(super) fn run(args: &Import) -> Result<()> {
    let book = Book::load()?;
    let mut results = import::import(&args.file, args.from.as_deref())?;
    if let Some(wanted) = &args.device {
        keep(&mut results, wanted)?;
    }
    if let Some(id) = &args.chip {
        label(&mut results, id, &book)?;
    }
    for result in &mut results {
        book.catalogue.of_external(result)?;
        let path = result.write(&args.out)?;
        say(format_args!("external: {}", path.display()));
    }
    match args.format {
        Format::Json => print(&report::externals_json(&results)?),
        Format::Text => print(&report::externals_text(&results, &book)?),
    }
}

/// Above this a number is one of a product.
const LARGEST_NUMBER: u32 = 1_024;

/// Keeps the device that was asked for: by its number, its PCI address, or a part of its name.
fn keep(results: &mut Vec<External>, wanted: &str) -> Result<()> {
    if wanted.trim().is_empty() {
        return Err(Error::Usage(
            "--device is empty: name a number, an address or a part of a name".into(),
        ));
    }
    let number = wanted.parse::<u32>().ok();
    let wanted = wanted.to_lowercase();
    let by_number = |r: &External| number.is_some() && r.device_number == number;
    let within = |text: &Option<String>| {
        text.as_ref().is_some_and(|text| text.to_lowercase().contains(&wanted))
    };
    // A number names the device of that number; where devices have none, or it is larger than any could be (4090), it
    // is a part of a name.
    let numbered = number.is_some_and(|number| number < LARGEST_NUMBER)
        && results.iter().any(|r| r.device_number.is_some());
    let about = about(results);
    results.retain(|r| {
        if numbered { by_number(r) } else { within(&r.pci_address) || within(&r.device) }
    });
    if results.is_empty() {
        return Err(Error::Usage(format!("nothing in the file matches; it is about {about}")));
    }
    Ok(())
}

/// Notes which chip the results are said to be about. One name may belong to several devices, and two backends may
/// name one device differently; two chips of the catalogue are two.
fn label(results: &mut Vec<External>, id: &str, book: &Book) -> Result<()> {
    let catalogue = &book.catalogue;
    if catalogue.by_id(id).is_none() {
        let ids = catalogue.chips.iter().map(|chip| chip.id.as_str());
        return Err(Error::Usage(unknown("chip", id, ids, "`tierbench data chips` lists all")));
    }
    if results.iter().any(|r| r.chip.is_some()) {
        // The file itself says of every row which chip it is about.
        let about = about(results);
        results.retain(|r| r.chip.as_deref() == Some(id));
        if results.is_empty() {
            return Err(Error::Usage(format!("nothing in the file matches; it is about {about}")));
        }
        return Ok(());
    }
    let mut named = Vec::new();
    for result in results.iter() {
        named.push(catalogue.of_external(result)?.map(|chip| chip.id.clone()));
    }
    let mut different: Vec<&String> = named.iter().flatten().collect();
    different.sort();
    different.dedup();
    if different.len() > 1 {
        return Err(Error::Usage(format!(
            "the file is about several chips: {}; say with --device which of them --chip {id} is",
            about(results)
        )));
    }
    for result in results.iter_mut() {
        result.chip = Some(id.to_owned());
    }
    Ok(())
}

/// The devices of a file, each name once.
fn about(results: &[External]) -> String {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for name in results.iter().map(|r| r.device.as_deref().unwrap_or("a device without a name")) {
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => names.push((name, 1)),
        }
    }
    let shown = names.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        count => format!("{count} x {name}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}
