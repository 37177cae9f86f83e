//! Imported results as text and as JSON.

use std::fmt::Write;

use super::table::{align_right, hanging, name, table, wrap};
use crate::error::Result;
use crate::record::{External, ExternalFigure, Record};
use crate::shown;
use crate::units::{BytesPerS, OpsPerS};

/// All of them, schema `tierbench.imports/1`.
pub fn externals_json(results: &[External]) -> Result<String> {
    let value = serde_json::json!({"schema": "tierbench.imports/1", "imports": results});
    shown::json(&value)
}

/// One page for each device.
pub fn externals_text(results: &[External]) -> Result<String> {
    Ok(results.iter().map(external_text).collect::<Result<Vec<_>>>()?.join("\n\n"))
}

/// The results on one device, at most 80 columns wide.
pub fn external_text(external: &External) -> Result<String> {
    let external = &shown::cleaned(external)?;
    let mut page = String::new();
    let unknown = "device not named";
    let chip = external.chip.as_ref().map_or(String::new(), |id| format!("  [{id}]"));
    let device = external.device.as_deref().unwrap_or(unknown);
    let version = external.program_version.as_deref().unwrap_or_default();
    let device = hanging(&format!("{device}{chip}"));
    let _ = writeln!(page, "{device}  EXTERNAL: {} {version}", external.program);
    let mut table = table(&["figure", "rate", "bits", "verified", "remark"]);
    align_right(&mut table, 1..3);
    for figure in external.figures.iter().filter(|figure| figure.counts) {
        let bits = figure.bit_length.map_or("-".into(), |bits| bits.to_string());
        let verified = if figure.verified { "yes" } else { "no" };
        let remark = figure.conditions.clone().unwrap_or_default();
        table.add_row([name(&figure.label), rate(figure), bits, verified.into(), remark]);
    }
    let _ = writeln!(page, "{}", table.trim_fmt());
    let mut left_out: Vec<(&str, usize)> = Vec::new();
    for figure in external.figures.iter().filter(|figure| !figure.counts) {
        let why = figure.why.as_deref().unwrap_or_default();
        match left_out.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => left_out.push((why, 1)),
        }
    }
    for (why, count) in left_out {
        let _ = writeln!(page, "{}", wrap(&format!("not counted: {count}, {why}"), 0));
    }
    for note in &external.notes {
        let text = format!("{}: {}", note.text, note.advice);
        let _ = writeln!(page, "\nnote {}\n{}", note.id, wrap(&text, 2));
    }
    Ok(page.trim_end().to_owned())
}

fn rate(figure: &ExternalFigure) -> String {
    match (figure.ops_per_s, figure.bytes_per_s) {
        (Some(ops), _) => OpsPerS(ops).to_string(),
        (None, Some(bytes)) => BytesPerS(bytes).to_string(),
        (None, None) => "-".into(),
    }
}

/// Several files of either kind, schema `tierbench.reports/1`.
pub fn reports_json(records: &[&Record], imports: &[&External]) -> Result<String> {
    let value = serde_json::json!({"schema": "tierbench.reports/1", "records": records, "imports": imports});
    shown::json(&value)
}
