//! Compute equivalents and the supply model, with every input beside the result.

use std::fmt::Write;

use serde_json::json;

use super::table::{align_right, table, wrap};
use crate::error::Result;
use crate::normalize::{Basis, Counted, Equivalents, EquivalentsFile, Supply};
use crate::shown;
use crate::units::{grouped, significant};

/// A list of chips in units of each reference.
pub fn equivalents(
    items: &[Counted],
    counts: &[Equivalents],
    basis: Basis,
    as_json: bool,
) -> Result<String> {
    if as_json {
        let value = json!({
            "schema": "tierbench.equivalents/1",
            "items": items,
            "basis": basis.to_string(),
            "equivalents": counts,
        });
        return text(&value);
    }
    let mut rows = table(&["in units of", "equivalents"]);
    align_right(&mut rows, 1..2);
    for count in counts {
        let number = count.count.map_or("unknown: a figure is not declared".into(), significant);
        rows.add_row([count.reference.clone(), number]);
    }
    let each = |item: &Counted| item.each.map_or("unknown".into(), grouped);
    let items: Vec<String> = items
        .iter()
        .map(|item| format!("{} x {} ({} each)", grouped(item.count), item.item, each(item)))
        .collect();
    Ok(format!(
        "{}\nbasis: {basis}, declared figures\n\n{}\n\nOther bases give other numbers: tpp, tpp:BITS, dram.",
        items.join(", "),
        rows.trim_fmt()
    ))
}

/// The supply model's result.
pub fn supply(supply: &Supply, advantage: f64, as_json: bool) -> Result<String> {
    if as_json {
        return text(&json!({
            "schema": "tierbench.supply/1",
            "inputs": supply,
            "formula": "(p_us - d e) / (c_dom + s + e)",
            "advantage": advantage,
        }));
    }
    let Supply { p_us, e, d, c_dom, s } = supply;
    Ok(format!(
        "({} - {} x {}) / ({} + {} + {}) = {}\nAll inputs in one unit; none of them is this program's.",
        grouped(*p_us),
        significant(*d),
        grouped(*e),
        grouped(*c_dom),
        grouped(*s),
        grouped(*e),
        significant(advantage)
    ))
}

/// Published analyses, with what can be computed again.
pub fn scenarios(file: &EquivalentsFile, as_json: bool) -> Result<String> {
    if as_json {
        return text(&json!({"schema": "tierbench.scenarios/1", "scenarios": file.scenario}));
    }
    let mut page = String::new();
    for scenario in &file.scenario {
        let word = |key: &str| scenario.get(key).and_then(|v| v.as_str()).unwrap_or_default();
        let again =
            scenario.get("reproducible").and_then(serde_json::Value::as_bool).unwrap_or(false);
        let again = if again { "reproducible" } else { "NOT reproducible" };
        let _ = writeln!(page, "{}: {} ({again})", word("id"), wrap(word("title"), 2).trim_start());
        for (key, value) in scenario {
            if !["id", "title", "reproducible"].contains(&key.as_str()) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let line = format!("{key}: {}", value.replace('\n', " "));
                let _ = writeln!(page, "{}", wrap(&line, 2));
            }
        }
        page.push('\n');
    }
    Ok(page)
}

fn text(value: &serde_json::Value) -> Result<String> {
    shown::json(value)
}
