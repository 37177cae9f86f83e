//! A test report as laboratories write them: every point that ISO/IEC 17025:2017 asks for under 7.8.2.1, in its order
//! and with its letter, and the statements of conformity under 7.8.6.
//!
//! The circumstances come from the laboratory's file, everything else from the record as it is derived again. What
//! nobody states is said not to be: no line is left out, and none is made up. It is made to be printed; page numbers
//! and the record's digest stand in the margins of each page.

mod annex;
mod clashes;
mod conformity;
mod deviations;
mod facts;
mod margins;
mod results;
mod signers;
mod wording;

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::figure::Sheet;
use super::{cards, environment, head};
use crate::audit::{LaboratoryFile, NEVER_BY_FILES, Outcome, Sampling, Verification};
use crate::error::{Error, Result};
use crate::normalize::Book;
use crate::record::Record;
use crate::report::doubt::{Doubt, doubt};
use crate::report::missing;
use crate::shown::clean;
use crate::stats::uncertainty::CONFIDENCE;

/// What a test report is made of.
pub struct TestReport<'a> {
    /// The record, its figures drawn again.
    pub record: &'a Record,
    /// SHA-256 of its file.
    pub sha256: &'a str,
    /// How the file stands to its samples, in a line.
    pub standing: &'a str,
    /// The finished checks.
    pub verification: &'a Verification,
    /// Ids of the keys that signed the bundle and were verified.
    pub signers: &'a [String],
    /// What the laboratory states.
    pub laboratory: &'a LaboratoryFile,
}

/// What the template reads.
#[derive(Serialize)]
struct Page<'a> {
    margins: String,
    record: &'a Record,
    sha256: &'a str,
    standing: &'a str,
    kind: &'a str,
    /// What the report is called: its number, or the record's id.
    number: String,
    laboratory: serde_json::Value,
    doubt: Option<Doubt>,
    failed: String,
    missing: Option<String>,
    verdict: String,
    cards: Vec<cards::Card>,
    verified: String,
    tier: head::TierNames,
    risk_percent: String,
    method: Vec<facts::Fact>,
    decision: Vec<facts::Fact>,
    item: Vec<facts::Fact>,
    serial: Option<facts::Serial>,
    sampling: Option<Drawn>,
    results: Vec<results::Row>,
    quantities: Vec<results::QuantityRow>,
    budgets: Vec<results::Budget>,
    findings: Vec<conformity::Row>,
    silent: Vec<String>,
    words: Vec<conformity::Said>,
    /// Lower bounds in the report.
    bounds: usize,
    /// Confidence that all of them hold.
    joint_percent: String,
    read_up_to: &'a str,
    deviations: Vec<String>,
    clashes: Vec<String>,
    annex: annex::Annex,
    verification: &'a Verification,
    limited_by: String,
    never_by_files: &'static str,
    signers: Vec<signers::Signer>,
    unsigned: String,
    laboratory_key: signers::Stated,
    witness_key: signers::Stated,
}

/// A sampling plan in words.
#[derive(Serialize)]
struct Drawn {
    items: String,
    catches: Vec<String>,
}

/// The report as one page of HTML that needs nothing else.
pub fn test_report(report: &TestReport<'_>, book: &Book) -> Result<String> {
    let Book { catalogue, tiers, .. } = book;
    let record = &crate::report::presentable(report.record)?;
    let sheet = &Sheet::new(0, record)?;
    let chip = record.conclusion.chip.as_deref().and_then(|id| catalogue.by_id(id));
    let stated = report.laboratory;
    let drawn = stated.sampling.drawn().map_err(Error::Usage)?;
    let verification = report.verification;
    let failed = verification.checks.iter().filter(|check| check.state == Outcome::Fail);
    let failed: Vec<&str> = failed.map(|check| check.id).collect();
    let (findings, silent) = conformity::rows(record, book);
    let results = results::rows(sheet, record);
    let bounds = results.iter().filter(|row| row.is_bound()).count();
    let failed = failed.join(", ");
    let number = stated.report.number.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let number = number.map_or_else(|| record.id.clone(), |number| clean(number).into_owned());
    let key = |key: &Option<String>| signers::stated(key.as_ref(), report.signers, verification);
    let page = Page {
        margins: margins::margins(
            &number,
            &record.id,
            report.sha256,
            stated.laboratory.name.as_deref(),
        ),
        number,
        record,
        sha256: report.sha256,
        standing: report.standing,
        kind: record.adapter.kind(),
        laboratory: facts::stated(stated)?,
        doubt: doubt(record),
        unsigned: signers::none(verification, &failed),
        failed,
        missing: missing::sentence(record),
        verdict: head::verdict(record, tiers),
        cards: cards::cards(sheet, record, chip).into_iter().map(cards::Card::one_sided).collect(),
        verified: results::counts(record),
        tier: head::tier(record, tiers),
        risk_percent: conformity::risk_percent(),
        method: facts::method(record),
        decision: facts::decision(record),
        item: facts::item(record, chip),
        serial: facts::serial(record, stated.item.serial.as_deref()),
        sampling: drawn.as_ref().map(Drawn::of),
        results,
        quantities: results::quantities(sheet, record),
        budgets: results::budgets(sheet, record),
        words: conformity::words(record),
        findings,
        silent,
        bounds,
        joint_percent: conformity::joint_percent(bounds),
        read_up_to: &book.read_up_to.read_up_to,
        deviations: deviations::deviations(record)?,
        clashes: clashes::clashes(record, stated, book),
        annex: annex::annex(),
        verification,
        limited_by: if verification.limited_by.len() == verification.levels.len() {
            "every aspect".into()
        } else {
            verification.limited_by.join(", ")
        },
        never_by_files: NEVER_BY_FILES,
        signers: signers::signers(report.signers, stated),
        laboratory_key: key(&stated.laboratory.key),
        witness_key: key(&stated.witness.key),
    };
    render(&page).map_err(|e| Error::Internal(format!("the test report's template: {e:#}")))
}

impl Drawn {
    fn of(sampling: &Sampling) -> Self {
        let items: Vec<String> = sampling.items.iter().map(u64::to_string).collect();
        let catch = |catch: &crate::audit::Catch| {
            format!(
                "{:.0} % confidence: had {} or more items of the lot ({:.2} %) been bad, at least one of them would have been among those drawn",
                100.0 * catch.confidence,
                catch.bad,
                100.0 * catch.share
            )
        };
        Self { items: items.join(", "), catches: sampling.catches.iter().map(catch).collect() }
    }
}

fn render(page: &Page<'_>) -> Result<String, minijinja::Error> {
    let mut environment = environment()?;
    environment.add_template("test-report.html", include_str!("../templates/test-report.html"))?;
    environment.add_filter("code", |text: String| wording::code(&text));
    environment.add_global("style", include_str!("../templates/test-report.css"));
    environment.add_global("confidence_percent", Value::from(format!("{}", 100.0 * CONFIDENCE)));
    environment.get_template("test-report.html")?.render(Serde(page))
}
