//! A classification as a page of text and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::outcome::{findings, outcome};
use super::rate::bound;
use super::table::{align_right, hanging, table, wrap};
use crate::error::{Error, Result};
use crate::normalize::{Aggregation, Book, Clock, Effect, Figures, Options, SoldAs};
use crate::record::{Finding, Measured, Quantity};
use crate::shown;
use crate::units::grouped;
use crate::verdict::{CLASSIFICATION_SCHEMA, Classification, Flip, Item, Margin};

/// As JSON, schema `tierbench.classification/1`; null stands for unknown.
pub fn classification_json(
    c: &Classification,
    what_if: Option<&(Vec<Margin>, Vec<Flip>)>,
    book: &Book,
) -> Result<String> {
    let findings: Result<Vec<Value>> = c.findings.iter().map(|f| explained(f, book)).collect();
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
        "answer": c.answer,
        "read_up_to": book.read_up_to,
        "to_be_read": c.to_be_read,
        "left_out": c.left_out,
        "findings": findings?,
    });
    if let (Some((margins, flips)), Value::Object(map)) = (what_if, &mut value) {
        map.insert("what_if".into(), json!({"margins": margins, "flips": flips}));
    }
    shown::json(&value)
}

/// A finding with what the rule book says of its clause: `met` alone says nothing on what follows.
fn explained(finding: &Finding, book: &Book) -> Result<Value> {
    let internal = |e: serde_json::Error| Error::Internal(e.to_string());
    let mut value = serde_json::to_value(finding).map_err(internal)?;
    let found = book.rules.resolve_in(&finding.rule, &finding.clause);
    if let (Some((rule, clause)), Value::Object(map)) = (found, &mut value) {
        let more = json!({
            "title": rule.title,
            "cite": clause.cite,
            "effect": clause.effect,
            "text": clause.text,
            "means": clause.means,
            "as_sold": clause.as_sold,
            "about": clause.about,
            "effective": rule.effective,
            "complied_from": rule.complied_from,
            "superseded": rule.superseded,
            "scope": rule.scope,
            "url": rule.url,
            "evidence": rule.evidence,
            "not_verified": rule.not_verified,
        });
        if let Value::Object(more) = more {
            map.extend(more);
        }
    }
    Ok(value)
}

/// As text, at most 80 columns wide; with `why` the arithmetic of every clause.
pub fn classification_text(
    c: &Classification,
    figures: &Figures,
    what_if: Option<&(Vec<Margin>, Vec<Flip>)>,
    book: &Book,
    why: bool,
) -> Result<String> {
    let c = &presentable(c)?;
    let mut page = String::new();
    let grade = c.subject.grade.as_ref().map_or(String::new(), |g| format!(", grade {g}"));
    let id = c.subject.id.as_ref().map_or(String::new(), |id| format!("  [{id}{grade}]"));
    let name = hanging(&c.subject.name);
    let head = format!("{name}{id}, as of {}", c.as_of);
    let _ = writeln!(page, "{}", wrap(&head, 2).trim_start());
    if c.subject.grade.as_deref() == Some("U") {
        let _ = writeln!(page, "UNVERIFIED: the catalogue's figures of this chip are rumours.");
    }
    for said in &c.subject.overrides {
        let _ = writeln!(page, "by hand    {said}");
    }
    doubted(&mut page, c);
    answer(&mut page, c, figures, book);
    quantities(&mut page, c, figures);
    if !figures.alternatives.is_empty() {
        let tpp = figures.subject(c.options).map_err(Error::Usage)?.known("tpp");
        let span = if tpp.low < tpp.high && tpp.low.is_finite() && tpp.high.is_finite() {
            format!(" (TPP {} to {})", grouped(tpp.low), grouped(tpp.high))
        } else {
            String::new()
        };
        let text =
            format!("sources disagree on figures of this chip; rules see the whole span{span}");
        let _ = writeln!(page, "{:<10} {}", "open", wrap(&text, 11).trim_start());
    }
    let name =
        |id: &Option<String>| id.as_deref().map_or("none", |id| book.tiers.name(id)).to_owned();
    let tiers = format!("proven: {};  declared: {}", name(&c.tier.proven), name(&c.tier.declared));
    let _ = writeln!(page, "{:<10} {}", "tier", wrap(&tiers, 11).trim_start());
    if why || c.subject.kind == "record" {
        findings(&mut page, c, book);
    } else {
        outcome(&mut page, c, book);
    }
    others(&mut page, c);
    readings(&mut page, c);
    if let Some((margins, flips)) = what_if {
        what_if_text(&mut page, margins, flips);
    }
    Ok(page)
}

/// A copy whose texts from records can be shown.
fn presentable(c: &Classification) -> Result<Classification> {
    let safe = |text: &Option<String>| text.as_deref().map(|text| shown::clean(text).into_owned());
    let cleaned =
        |texts: &[String]| texts.iter().map(|text| shown::clean(text).into_owned()).collect();
    let subject = Item {
        kind: c.subject.kind.clone(),
        id: safe(&c.subject.id),
        name: shown::clean(&c.subject.name).into_owned(),
        grade: safe(&c.subject.grade),
        sold_as: c.subject.sold_as,
        overrides: cleaned(&c.subject.overrides),
        external: cleaned(&c.subject.external),
        doubts: cleaned(&c.subject.doubts),
    };
    Ok(Classification {
        subject,
        quantities: shown::cleaned(&c.quantities)?,
        tier: shown::cleaned(&c.tier)?,
        findings: shown::cleaned(&c.findings)?,
        ..c.clone()
    })
}

/// What proves nothing, and how it can.
fn doubted(page: &mut String, c: &Classification) {
    if !c.subject.external.is_empty() {
        let programs = c.subject.external.join(", ");
        let text = format!("what {programs} told; this program measured nothing of it");
        let _ = writeln!(page, "{:<10} {}", "EXTERNAL", wrap(&text, 11).trim_start());
    }
    for doubt in c.subject.doubts.iter().take(MOST_DOUBTS) {
        let _ = writeln!(page, "{:<10} {}", "DOUBTED", wrap(doubt, 11).trim_start());
    }
    if let Some(more) = c.subject.doubts.len().checked_sub(MOST_DOUBTS).filter(|n| *n > 0) {
        let _ = writeln!(page, "           and {more} more of the kind");
    }
    if !c.subject.doubts.is_empty() {
        let text = "what is doubted proves nothing";
        let _ = writeln!(page, "{}", wrap(text, 11));
    }
}

/// Doubts that a page lists.
const MOST_DOUBTS: usize = 3;

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
    let at_most =
        figures.performance_density(c.options).filter(|_| figures.area_is_partial(c.options));
    let shown_density = match at_most {
        Some(x) => format!("at most {}{density}: dies that count are left out", grouped(x)),
        None => shown(&q.performance_density, density),
    };
    let tpp = if figures.rates_open { format!("{tpp}, or more") } else { tpp };
    let rows = [
        ("TPP", shown(&q.tpp, tpp)),
        ("density", shown_density),
        ("DRAM", shown(&q.dram_bandwidth_gb_per_s, " GB/s".into())),
        ("links", shown(&q.io_bandwidth_gb_per_s, " GB/s".into())),
        ("APP", shown(&q.app_wt, " WT".into())),
    ];
    for (name, text) in rows {
        let _ = writeln!(page, "{name:<10} {}", wrap(&text, 11).trim_start());
    }
}

fn tpp_arithmetic(figures: &Figures, c: &Classification) -> Option<String> {
    if figures.given("tpp").is_some() {
        return Some(" by hand".into());
    }
    if c.options
        != (Options { aggregation: Aggregation::Engine, clock: Clock::DataSheet, ..c.options })
    {
        return Some(" under these readings".into());
    }
    let rate = figures.decisive(c.options, None)?;
    let bits = rate.bits.length(c.options);
    Some(format!(" = {} TOPS x {} bit ({})", grouped(rate.tops), grouped(bits), rate.format))
}

/// The bottom line.
fn answer(page: &mut String, c: &Classification, figures: &Figures, book: &Book) {
    let a = &c.answer;
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(page, "{name:<10} {}", wrap(text, 11).trim_start());
    };
    match &a.governs {
        Some(p) => {
            let verb = match p.effect {
                Effect::Controls => "controls it",
                Effect::Excludes => "takes it out",
                Effect::Permits => "relieves it",
            };
            let means = p.means.as_deref().unwrap_or_default();
            line("answer", &format!("{} {verb}, by the declared figures. {means}", p.cite));
            if let (Some(as_sold), Some(sold)) = (&p.as_sold, c.subject.sold_as)
                && sold != SoldAs::Ic
            {
                let sold = match sold {
                    SoldAs::Service => "as a service only; what holds it, if exported".to_owned(),
                    sold => format!("a {}", sold.name()),
                };
                line("as sold", &format!("{sold}: {as_sold}"));
            }
        }
        None if !a.open.is_empty() => {
            line("answer", &format!("open: {} cannot be decided", a.open.join(", ")));
        }
        None if !a.asked => {
            line("answer", "3A090 is not among the rules applied: left out, or not of that day");
        }
        None => line("answer", "no paragraph of 3A090 among the rules applied holds"),
    }
    if c.findings.iter().any(|finding| finding.measured == Measured::ContradictsDeclaration) {
        line(
            "CONTRA",
            "what was measured and verified lies above the declared figures: an answer by them does not hold",
        );
    }
    let also = a.also.chunk_by(|a, b| a.rule == b.rule).map(|group| {
        let clauses: Vec<&str> = group.iter().map(|p| p.clause.as_str()).collect();
        format!("{} {} ({})", group[0].rule, clauses.join(", "), group[0].force)
    });
    let also: Vec<String> = also.collect();
    if !also.is_empty() {
        line("also hold", &also.join("; "));
    }
    if let (Some(holds), Some(source)) = (figures.data_center, &figures.data_center_source) {
        let holds = if holds { "yes" } else { "no" };
        line("rests on", &format!("data_center: {holds} ({})", without_path(source)));
    } else if c.subject.kind == "chip" {
        line("rests on", "data_center: disputed, so Note 2 is open");
    }
    let until = &book.read_up_to.read_up_to;
    line("book", &format!("read up to {until}; no legal advice"));
    if c.as_of > *until {
        line("", &format!("WARNING: {} is later; what came since is not in it", c.as_of));
    }
}

/// A source with the host of an address instead of all of it.
fn without_path(source: &str) -> String {
    let word = |word: &str| match word.split_once("://") {
        Some((before, rest)) => {
            let before = before.trim_end_matches("https").trim_end_matches("http");
            let host = rest.split('/').next().unwrap_or_default();
            format!("{before}{host}")
        }
        None => word.to_owned(),
    };
    source.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What no figure decides, and what was left out.
fn others(page: &mut String, c: &Classification) {
    if !c.to_be_read.is_empty() {
        let rules = c.to_be_read.iter().map(|other| format!("{} ({})", other.rule, other.title));
        let text =
            format!("to be read, no figure decides: {}", rules.collect::<Vec<_>>().join("; "));
        let _ = writeln!(page, "\n{}", wrap(&text, 2).replacen("  ", "", 1));
    }
    if !c.left_out.is_empty() {
        let names: Vec<&str> = c.left_out.iter().map(|other| other.rule.as_str()).collect();
        let text = format!(
            "left out (bills, drafts, foreign law unless --all; what is not of that day): {}",
            names.join(", ")
        );
        let _ = writeln!(page, "\n{}", wrap(&text, 0));
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
