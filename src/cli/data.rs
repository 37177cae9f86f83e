//! `data`: the catalogue, the rule book, the tiers and compute equivalents.

use std::collections::BTreeSet;

use super::args::{Chips, Data, DataCommand, Equivalents, Rules, TableFormat};
use super::number::positive;
use super::output::print;
use crate::error::{Error, Result};
use crate::names::unknown;
use crate::normalize::{
    Basis, Catalogue, Chip, Counted, EquivalentsFile, Rulebook, Supply, Tiers, equivalents,
};
use crate::report;

/// Does what `tierbench data` says.
pub(super) fn run(args: &Data) -> Result<()> {
    match &args.command {
        DataCommand::Chips(args) => chips(args),
        DataCommand::Rules(args) => rules(args),
        DataCommand::Tiers(args) => {
            let tiers = Tiers::load()?;
            print(&match args.format {
                TableFormat::Json => report::data_json("tierbench.tiers/1", "tiers", &tiers)?,
                TableFormat::Text => report::tiers_text(&tiers),
                TableFormat::Csv => return Err(no_csv("tiers")),
            })
        }
        DataCommand::Equivalents(args) => count(args),
    }
}

fn no_csv(what: &str) -> Error {
    Error::Usage(format!("{what} have no CSV form; take text or json"))
}

fn chips(args: &Chips) -> Result<()> {
    let catalogue = Catalogue::load()?;
    if let Some(id) = &args.id {
        let chip = by_id(&catalogue, id)?;
        return print(&match args.format {
            TableFormat::Json => report::data_json("tierbench.chips/1", "chips", &[chip])?,
            TableFormat::Csv => report::chips_csv(&[chip])?,
            TableFormat::Text => report::chip_text(chip),
        });
    }
    let contains = |text: &str, part: &Option<String>| {
        part.as_ref().is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
    };
    let wanted = |chip: &&Chip| {
        contains(&chip.vendor, &args.vendor)
            && contains(&chip.grade, &args.grade)
            && contains(&format!("{} {}", chip.id, chip.name), &args.name)
    };
    let known = |wanted: &Option<String>, key: fn(&Chip) -> &str, flag: &str| match wanted {
        Some(wanted) => known(wanted, catalogue.chips.iter().map(key), flag),
        None => Ok(()),
    };
    known(&args.vendor, |chip| &chip.vendor, "--vendor")?;
    known(&args.grade, |chip| &chip.grade, "--grade")?;
    let found: Vec<&Chip> = catalogue.chips.iter().filter(wanted).collect();
    if found.is_empty() {
        let asked = args.name.as_deref().unwrap_or_default();
        let ids = catalogue.chips.iter().map(|chip| chip.id.as_str());
        let all = "`tierbench data chips` lists all; --vendor, --grade and --name hold together";
        return Err(Error::Usage(unknown("such chip", asked, ids, all)));
    }
    print(&match args.format {
        TableFormat::Json => report::data_json("tierbench.chips/1", "chips", &found)?,
        TableFormat::Csv => report::chips_csv(&found)?,
        TableFormat::Text => report::chips_text(&found),
    })
}

fn by_id<'a>(catalogue: &'a Catalogue, id: &str) -> Result<&'a Chip> {
    catalogue.by_id(id).ok_or_else(|| {
        let ids = catalogue.chips.iter().map(|chip| chip.id.as_str());
        Error::Usage(unknown("chip", id, ids, "`tierbench data chips` lists all"))
    })
}

/// A filter by a word that nothing in the data has is a slip, and an empty table would read as an answer.
fn known<'a>(wanted: &str, words: impl Iterator<Item = &'a str>, flag: &str) -> Result<()> {
    let words: BTreeSet<&str> = words.collect();
    if words.iter().any(|word| word.to_lowercase().contains(&wanted.to_lowercase())) {
        return Ok(());
    }
    let words: Vec<&str> = words.into_iter().collect();
    Err(Error::Usage(format!("{flag} {wanted:?}: nothing has it; there are {}", words.join(", "))))
}

fn rules(args: &Rules) -> Result<()> {
    let mut rules = Rulebook::load()?.rules;
    if let Some(id) = &args.id {
        if !rules.iter().any(|rule| rule.id == *id) {
            let ids = rules.iter().map(|rule| rule.id.as_str());
            return Err(Error::Usage(unknown("rule", id, ids, "`tierbench data rules` lists all")));
        }
        rules.retain(|rule| rule.id == *id);
    }
    if let Some(status) = &args.status {
        if !rules.iter().any(|rule| rule.status == *status) {
            let all: BTreeSet<&str> = rules.iter().map(|rule| rule.status.as_str()).collect();
            let all = all.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Error::Usage(format!(
                "--status {status:?}: no rule here has it; there are {all}"
            )));
        }
        rules.retain(|rule| rule.status == *status);
    }
    match args.format {
        TableFormat::Csv => Err(no_csv("rules")),
        TableFormat::Json => print(&report::data_json("tierbench.rules/1", "rules", &rules)?),
        TableFormat::Text => match (&args.id, rules.as_slice()) {
            (Some(_), [rule]) => print(&report::rule_text(rule)),
            _ => print(&report::rules_text(&rules)),
        },
    }
}

fn count(args: &Equivalents) -> Result<()> {
    let file = EquivalentsFile::load()?;
    if args.scenarios {
        return print(&report::scenarios(&file, args.json())?);
    }
    let supply = [args.p_us, args.exports, args.displaced, args.domestic, args.smuggled];
    if supply.iter().any(Option::is_some) {
        let [Some(p_us), Some(e), Some(d), Some(c_dom), Some(s)] = supply else {
            return Err(Error::Usage(
                "the supply model needs all of --p-us, --exports, --displaced, --domestic and \
                 --smuggled; 0 where there is none"
                    .into(),
            ));
        };
        let supply = Supply { p_us, e, d, c_dom, s };
        let advantage = supply.advantage().map_err(Error::Usage)?;
        return print(&report::supply(&supply, advantage, args.json())?);
    }
    let catalogue = Catalogue::load()?;
    let basis: Basis = args.basis.parse().map_err(Error::Usage)?;
    let mut items = Vec::new();
    for text in &args.chip {
        let (id, count) = text.split_once('=').unwrap_or((text, "1"));
        let count = positive("--chip ID=COUNT, COUNT", count)?;
        let chip = by_id(&catalogue, id)?;
        items.push(Counted { item: chip.id.clone(), each: basis.of(chip), count });
    }
    for text in &args.figure {
        let (value, count) = text.split_once('=').unwrap_or((text, "1"));
        let each = positive("--figure VALUE[=COUNT], VALUE in the unit of --basis,", value)?;
        let count = positive("--figure VALUE=COUNT, COUNT", count)?;
        items.push(Counted { item: "figure".into(), each: Some(each), count });
    }
    if items.is_empty() {
        return Err(Error::Usage(
            "name chips (--chip ID=COUNT) or figures (--figure VALUE=COUNT), or --scenarios, or the supply model's inputs".into(),
        ));
    }
    let references: Result<Vec<&Chip>> =
        file.references.iter().map(|id| by_id(&catalogue, id)).collect();
    let counts = equivalents(&items, &references?, basis);
    print(&report::equivalents(&items, &counts, basis, args.json())?)
}
