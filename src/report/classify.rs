//! A classification as a page of text and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::rate::bound;
use super::table::{align_right, hanging, table, wrap};
use crate::error::{Error, Result};
use crate::normalize::{Figures, Tiers};
use crate::record::Quantity;
use crate::shown;
use crate::units::grouped;
use crate::verdict::{CLASSIFICATION_SCHEMA, Classification, Flip, Item, Margin};

/// As JSON, schema `tierbench.classification/1`; null stands for unknown.
pub fn classification_json(
    c: &Classification,
    what_if: Option<&(Vec<Margin>, Vec<Flip>)>,
) -> Result<String> {
    let both = |q: &Quantity| json!({"declared": q.declared, "demonstrated": q.demonstrated});
    let internal = |e: serde_json::Error| Error::Internal(e.to_string());
    let mut options = serde_json::to_value(c.options).map_err(internal)?;
    options["disagreements"] = serde_json::to_value(&c.disagreements).map_err(internal)?;
    options["undecided"] = serde_json::to_value(&c.undecided_options).map_err(internal)?;
    let q = &c.quantities;
    let mut value = json!({
        "schema": CLASSIFICATION_SCHEMA,
        "as_of": c.as_of,
        "subject": c.subject,
        "options": options,
        "quantities": {
            "tpp": both(&q.tpp),
            "performance_density": both(&q.performance_density),
            "dram_bandwidth_gb_per_s": both(&q.dram_bandwidth_gb_per_s),
            "io_bandwidth_gb_per_s": both(&q.io_bandwidth_gb_per_s),
            "app_wt": both(&q.app_wt),
        },
        "tier": {
            "proven": c.tier.proven,
            "estimated": c.tier.estimated,
            "declared": c.tier.declared,
        },
        "findings": c.findings,
    });
    if let (Some((margins, flips)), Value::Object(map)) = (what_if, &mut value) {
        map.insert("what_if".into(), json!({"margins": margins, "flips": flips}));
    }
    shown::json(&value)
}

/// As text, at most 80 columns wide.
pub fn classification_text(
    c: &Classification,
    figures: &Figures,
    what_if: Option<&(Vec<Margin>, Vec<Flip>)>,
    tiers: &Tiers,
) -> Result<String> {
    let c = &presentable(c)?;
    let mut page = String::new();
    let grade = c.subject.grade.as_ref().map_or(String::new(), |g| format!(", grade {g}"));
    let id = c.subject.id.as_ref().map_or(String::new(), |id| format!("  [{id}{grade}]"));
    let name = hanging(&c.subject.name);
    let _ = writeln!(page, "{name}{id}, as of {}", c.as_of);
    if c.subject.grade.as_deref() == Some("U") {
        let _ = writeln!(page, "UNVERIFIED: the catalogue's figures of this chip are rumours.");
    }
    quantities(&mut page, c, figures);
    if !figures.alternatives.is_empty() {
        let text = "sources disagree on some figures of this chip; rules see the whole span";
        let _ = writeln!(page, "{:<10} {text}", "open");
    }
    let name = |id: &Option<String>| id.as_deref().map_or("none", |id| tiers.name(id)).to_owned();
    let _ = writeln!(
        page,
        "tier       proven: {};  declared: {}",
        name(&c.tier.proven),
        name(&c.tier.declared)
    );
    findings(&mut page, c);
    readings(&mut page, c);
    if let Some((margins, flips)) = what_if {
        what_if_text(&mut page, margins, flips);
    }
    Ok(page)
}

/// A copy whose texts from records can be shown.
fn presentable(c: &Classification) -> Result<Classification> {
    let safe = |text: &Option<String>| text.as_deref().map(|text| shown::clean(text).into_owned());
    let subject = Item {
        kind: c.subject.kind.clone(),
        id: safe(&c.subject.id),
        name: shown::clean(&c.subject.name).into_owned(),
        grade: safe(&c.subject.grade),
    };
    Ok(Classification {
        subject,
        quantities: shown::cleaned(&c.quantities)?,
        tier: shown::cleaned(&c.tier)?,
        findings: shown::cleaned(&c.findings)?,
        ..c.clone()
    })
}

fn quantities(page: &mut String, c: &Classification, figures: &Figures) {
    let q = &c.quantities;
    let shown = |q: &Quantity, how: String| {
        let declared = q.declared.map_or("unknown".into(), |x| format!("{}{how}", grouped(x)));
        match (q.demonstrated, q.demonstrated_lower) {
            (None, None) => declared,
            _ => format!("{declared}; {}", bound(q)),
        }
    };
    let tpp = tpp_arithmetic(figures, c).unwrap_or_default();
    let area = figures.die_area_mm2(c.options);
    let density = area.map_or(String::new(), |mm2| format!(" = TPP / {} mm2", grouped(mm2)));
    let rows = [
        ("TPP", shown(&q.tpp, tpp)),
        ("density", shown(&q.performance_density, density)),
        ("DRAM", shown(&q.dram_bandwidth_gb_per_s, " GB/s".into())),
        ("links", shown(&q.io_bandwidth_gb_per_s, " GB/s".into())),
        ("APP", shown(&q.app_wt, " WT".into())),
    ];
    for (name, text) in rows {
        let _ = writeln!(page, "{name:<10} {}", wrap(&text, 11).trim_start());
    }
}

fn tpp_arithmetic(figures: &Figures, c: &Classification) -> Option<String> {
    let rate = figures.decisive(c.options, None)?;
    let bits = rate.bits.length(c.options);
    Some(format!(" = {} TOPS x {} bit ({})", grouped(rate.tops), grouped(bits), rate.format))
}

fn findings(page: &mut String, c: &Classification) {
    let mut rule = "";
    for f in &c.findings {
        if f.rule != rule {
            rule = &f.rule;
            let _ = writeln!(page, "\n{} ({})", f.rule, f.status);
            let _ = writeln!(page, "{}", wrap(&f.citation, 2));
        }
        let why = f.why.join("; ");
        let line = format!("  {:<13} {:<15} ", f.declared.as_str(), f.clause);
        let measured = f.measured.as_str();
        let text = if c.subject.kind == "record" { format!("{measured}: {why}") } else { why };
        let indent = line.len();
        let _ = writeln!(page, "{line}{}", wrap(&text, indent).trim_start());
    }
}

/// Where the answer depends on how the rule is read.
fn readings(page: &mut String, c: &Classification) {
    let o = c.options;
    let used = format!(
        "readings: clock={}, aggregation={}, tf32={}, micro-scaling={}, die-area={}, app-weight={}",
        o.clock.name(),
        o.aggregation.name(),
        o.tf32.name(),
        o.micro_scaling.name(),
        o.die_area.name(),
        o.app_weight.name()
    );
    let _ = writeln!(page, "\n{}", wrap(&used, 0));
    let mut same = 0;
    for f in &c.findings {
        let changes = c.disagreements.iter().filter(|d| d.rule == f.rule && d.clause == f.clause);
        let but: Vec<String> =
            changes.map(|d| format!("`{}` ({})", d.option, d.declared.as_str())).collect();
        if but.is_empty() {
            same += 1;
            continue;
        }
        let declared = f.declared.as_str();
        let text = format!("{} {}: {declared} under all but {}", f.rule, f.clause, but.join(", "));
        let _ = writeln!(page, "{}", wrap(&text, 2));
    }
    let which = if c.disagreements.is_empty() { "every finding" } else { "the other findings" };
    let text = format!("{which} ({same}): the same under all readings that can be decided");
    let _ = writeln!(page, "{}", wrap(&text, 2));
    if !c.undecided_options.is_empty() {
        let text = format!("no figure to decide: {}", c.undecided_options.join(", "));
        let _ = writeln!(page, "{}", wrap(&text, 2));
    }
}

fn what_if_text(page: &mut String, margins: &[Margin], flips: &[Flip]) {
    let mut flip_table = table(&["what flips it", "clause", "figure", "change", "to", "then"]);
    align_right(&mut flip_table, 3..5);
    for f in flips {
        flip_table.add_row([
            f.rule.clone(),
            f.clause.clone(),
            f.figure.name().into(),
            format!("{:+.2} %", f.change_percent),
            grouped(f.value),
            if f.then_met { "met".into() } else { "not-met".to_owned() },
        ]);
    }
    let _ = writeln!(page, "\n{}", flip_table.trim_fmt());
    let mut margin_table = table(&["condition", "clause", "declared", "limit/declared"]);
    align_right(&mut margin_table, 2..4);
    // A condition on what is unknown has no margin.
    for m in margins.iter().filter(|m| m.declared.is_some()) {
        margin_table.add_row([
            m.condition.clone(),
            format!("{} {}", m.rule, m.clause),
            m.declared.map_or("unknown".into(), grouped),
            m.limit_over_declared.map_or("-".into(), |x| format!("{x:.4}")),
        ]);
    }
    let _ = writeln!(page, "\n{}", margin_table.trim_fmt());
}
