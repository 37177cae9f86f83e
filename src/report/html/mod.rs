//! A record as one page that needs nothing but itself: no network, no script.
//!
//! The page's text stands in `templates/`, its pictures are drawn here. Every figure carries the exact
//! value and where it is from (`figure.rs`), so that a program can hold the page against the record.

mod cards;
mod checks;
mod compare;
mod figure;
mod head;
mod import;
mod labels;
mod ladder;
mod plot;
mod proof;
mod rates;
mod roofline;
mod shares;
mod sizes;
mod svg;
mod test_report;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use self::figure::{Figure, Sheet};
pub use self::import::ImportSource;
pub use self::test_report::{TestReport, test_report};
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::record::Record;
use crate::report::doubt::{Doubt, doubt};
use crate::report::{missing, who};

/// A record and the digest of the file that it stood in.
#[derive(Clone, Debug)]
pub struct Source {
    /// The record.
    pub record: Record,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// How the file stands to its samples, in a line.
    pub standing: String,
}

/// Everything that the template of one record reads.
#[derive(Serialize)]
struct Part<'a> {
    id: String,
    record: &'a Record,
    kind: &'a str,
    pci_id: String,
    chip: Option<String>,
    sha256: &'a str,
    standing: &'a str,
    doubt: Option<Doubt>,
    seed: Option<Figure>,
    processors: Option<Figure>,
    stop_rule: checks::StopRule,
    name: String,
    missing: Option<String>,
    held_back: bool,
    cards: Vec<cards::Card>,
    verified: String,
    unsteady: bool,
    busy: bool,
    verdict: String,
    quantities: Vec<head::Quantity>,
    references: Vec<String>,
    tier: head::TierNames,
    ladders: Vec<ladder::Ladder>,
    roofline: roofline::Roofline,
    courses: Vec<rates::Course>,
    shares: Vec<shares::Row>,
    sizes: Vec<sizes::Sizes>,
    findings: Vec<checks::FindingRow>,
    checks: Vec<checks::Check>,
    proofs: Vec<proof::Proof>,
    timers: Vec<proof::Timer>,
    peaks: Vec<proof::Peak>,
    command: String,
}

/// What the page's template reads.
#[derive(Serialize)]
struct Page<'a> {
    title: String,
    software: bool,
    doubted: bool,
    comparison: Option<compare::Comparison>,
    parts: Vec<Part<'a>>,
    imports: Vec<import::Part>,
    tiers_as_of: String,
}

const TEMPLATES: [(&str, &str); 5] = [
    ("import.html", include_str!("templates/import.html")),
    ("page.html", include_str!("templates/page.html")),
    ("record.html", include_str!("templates/record.html")),
    ("macros.html", include_str!("templates/macros.html")),
    ("words.html", include_str!("templates/words.html")),
];

/// The page of one or several records, and of imports after them.
pub fn html(sources: &[Source], imports: &[ImportSource], book: &Book) -> Result<String> {
    let Book { catalogue, tiers, .. } = book;
    let sources = &sources.iter().map(presentable).collect::<Result<Vec<_>>>()?;
    let sheets: Vec<Sheet> = sources
        .iter()
        .enumerate()
        .map(|(place, source)| Sheet::new(place, &source.record))
        .collect::<Result<_>>()?;
    let names = names(sources);
    let parts = sources.iter().zip(&sheets).zip(&names).map(|((source, sheet), name)| {
        let record = &source.record;
        let chip = record.conclusion.chip.as_deref().and_then(|id| catalogue.by_id(id));
        Part {
            id: sheet.id(""),
            record,
            kind: record.adapter.kind(),
            pci_id: record.adapter.pci_id(),
            chip: chip.map(|c| format!("{} {}, grade {}", c.vendor, c.name, c.grade)),
            sha256: &source.sha256,
            standing: &source.standing,
            doubt: doubt(record),
            seed: sheet.plain("/seed"),
            processors: sheet.plain("/environment/processors"),
            stop_rule: checks::stop_rule(sheet),
            name: name.clone(),
            missing: missing::sentence(record),
            held_back: record.is_held_back(),
            cards: cards::cards(sheet, record, chip),
            verified: cards::verified(record),
            unsteady: record.workloads.iter().filter_map(|w| w.verified()).any(|s| !s.steady),
            busy: record.workloads.iter().any(|w| w.verified().is_some() && w.is_disturbed()),
            verdict: head::verdict(record, tiers),
            quantities: head::quantities(sheet, record, tiers),
            references: head::references(catalogue, tiers),
            tier: head::tier(record, tiers),
            ladders: ladder::ladders(sheet, record, catalogue, tiers),
            roofline: roofline::roofline(sheet, record),
            courses: rates::courses(sheet, record),
            shares: shares::rows(sheet, record, chip),
            sizes: sizes::sizes(sheet, record),
            findings: checks::findings(record),
            checks: checks::checks(sheet, record),
            proofs: proof::proofs(sheet, record),
            timers: proof::timers(sheet, record),
            peaks: proof::peaks(sheet, record),
            command: checks::command(record),
        }
    });
    let imports = imports.iter().enumerate();
    let imports: Vec<import::Part> = imports
        .map(|(at, source)| import::part(sources.len() + at, source, book))
        .collect::<Result<_>>()?;
    let mut titles = names.clone();
    titles.extend(imports.iter().map(|part| part.name.clone()));
    let page = Page {
        title: format!("{} · tierbench report", titles.join(", ")),
        software: sources.iter().any(|s| s.record.adapter.software),
        doubted: sources.iter().any(|s| doubt(&s.record).is_some()),
        comparison: (sources.len() > 1)
            .then(|| compare::comparison(sources, &sheets, &names, tiers)),
        parts: parts.collect(),
        imports,
        tiers_as_of: tiers.as_of.clone(),
    };
    render(&page).map_err(|e| Error::Internal(format!("the report's template: {e:#}")))
}

/// What each record is called on the page: its adapter, and itself where that is not enough.
fn names(sources: &[Source]) -> Vec<String> {
    let records: Vec<&Record> = sources.iter().map(|source| &source.record).collect();
    let adapters = who::distinct(&records);
    let once = |name: &String| adapters.iter().filter(|other| *other == name).count() == 1;
    let name = |(name, record): (&String, &&Record)| {
        if once(name) { name.clone() } else { format!("{name}, {}", record.id) }
    };
    adapters.iter().zip(&records).map(name).collect()
}

/// A copy whose texts can be shown.
fn presentable(source: &Source) -> Result<Source> {
    Ok(Source { record: super::presentable(&source.record)?, ..source.clone() })
}

fn render(page: &Page<'_>) -> Result<String, minijinja::Error> {
    let mut environment = environment()?;
    environment.add_global("style", include_str!("templates/style.css"));
    environment.get_template("page.html")?.render(Serde(page))
}

/// Templates of which every value is escaped, whoever wrote it.
fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}
