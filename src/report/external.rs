//! Imported results as text and as JSON.

use std::fmt::Write;

use super::table::{align_right, hanging, name, table, wrap};
use crate::error::Result;
use crate::normalize::{Book, doubts};
use crate::record::{DeviceIdentity, External, ExternalFigure, Record};
use crate::shown;
use crate::units::{BytesPerS, OpsPerS};

/// All of them, schema `tierbench.imports/1`.
pub fn externals_json(results: &[External]) -> Result<String> {
    let value = serde_json::json!({"schema": "tierbench.imports/1", "imports": results});
    shown::json(&value)
}

/// One page for each device.
pub fn externals_text(results: &[External], book: &Book) -> Result<String> {
    let pages = results.iter().map(|external| external_text(external, book));
    Ok(pages.collect::<Result<Vec<_>>>()?.join("\n\n"))
}

/// Figures of one kind that a page lists, the fastest: each is a lower bound, so they say it all.
const MOST_OF_A_KIND: usize = 3;
/// Reasons for not counting that a page lists.
const MOST_REASONS: usize = 12;

/// The results on one device, at most 80 columns wide.
pub fn external_text(external: &External, book: &Book) -> Result<String> {
    let external = &shown::cleaned(external)?;
    let chip = book.catalogue.of_external(external)?;
    let mut page = String::new();
    let _ = writeln!(page, "{}", head(external));
    identity(&mut page, external);
    let mut counted = external.strongest_first();
    if !counted.is_empty() {
        let all = counted.len();
        counted.retain(|(rank, _)| *rank < MOST_OF_A_KIND);
        let mut table = table(&["figure", "rate", "bits", "verified", "remark"]);
        align_right(&mut table, 1..3);
        for (_, figure) in &counted {
            let bits = figure.bit_length.map_or("-".into(), |bits| bits.to_string());
            let verified = if figure.verified { "yes" } else { "no" };
            let remark = figure.conditions.clone().unwrap_or_default();
            table.add_row([name(&figure.label), rate(figure), bits, verified.into(), remark]);
        }
        let _ = writeln!(page, "{}", table.trim_fmt());
        if all > counted.len() {
            let text = "slower ones of the same kinds are not shown; external.json lists them";
            let _ = writeln!(page, "{}", wrap(&format!("{} {text}", all - counted.len()), 0));
        }
    }
    let reasons = external.reasons();
    for (why, count) in reasons.iter().take(MOST_REASONS) {
        let _ = writeln!(page, "{}", wrap(&format!("not counted: {count}, {why}"), 0));
    }
    if reasons.len() > MOST_REASONS {
        let _ = writeln!(page, "and {} other reasons", reasons.len() - MOST_REASONS);
    }
    for doubt in doubts(external, chip, &book.catalogue) {
        let _ = writeln!(page, "\nDOUBTED\n{}", wrap(&doubt.text, 2));
    }
    for note in &external.notes {
        let text = format!("{}: {}", note.text, note.advice);
        let _ = writeln!(page, "\nnote {}\n{}", note.id, wrap(&text, 2));
    }
    Ok(page.trim_end().to_owned())
}

/// Device, chip and program in a line.
fn head(external: &External) -> String {
    let chip = external.chip.as_ref().map_or(String::new(), |id| format!("  [{id}]"));
    let device = external.device.as_deref().unwrap_or("device not named");
    let number = external.device_number.map_or(String::new(), |number| format!("  #{number}"));
    let address = external.pci_address.as_ref().map_or(String::new(), |at| format!("  {at}"));
    let version = external.program_version.as_deref().unwrap_or_default();
    let device = hanging(&format!("{device}{number}{address}{chip}"));
    format!("{device}  EXTERNAL: {} {version}", external.program).trim_end().to_owned()
}

/// What a monitor tells, a line each.
fn identity(page: &mut String, external: &External) {
    for (name, value) in external.identity.iter().flat_map(DeviceIdentity::shown) {
        let _ = writeln!(page, "{name:<14} {value}");
    }
}

fn rate(figure: &ExternalFigure) -> String {
    match (figure.ops_per_s, figure.bytes_per_s, figure.link_bytes_per_s) {
        (Some(ops), ..) => OpsPerS(ops).to_string(),
        (_, Some(bytes), _) => BytesPerS(bytes).to_string(),
        (.., Some(bytes)) => format!("{} link", BytesPerS(bytes)),
        _ => "-".into(),
    }
}

/// Several files of either kind, schema `tierbench.reports/1`.
pub fn reports_json(records: &[&Record], imports: &[&External]) -> Result<String> {
    let value = serde_json::json!({"schema": "tierbench.reports/1", "records": records, "imports": imports});
    shown::json(&value)
}
