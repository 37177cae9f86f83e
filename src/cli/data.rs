//! `data`: the catalogue, the rule book, the tiers and compute equivalents.

use super::args::{Chips, Data, DataCommand, Equivalents, Rules, TableFormat};
use super::output::print;
use crate::error::{Error, Result};
use crate::normalize::{
    Basis, Catalogue, Chip, Counted, EquivalentsFile, Rulebook, Supply, Tiers, equivalents,
};
use crate::report;
use crate::verdict::nearest;

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
    let found: Vec<&Chip> = catalogue.chips.iter().filter(wanted).collect();
    print(&match args.format {
        TableFormat::Json => report::data_json("tierbench.chips/1", "chips", &found)?,
        TableFormat::Csv => report::chips_csv(&found)?,
        TableFormat::Text => report::chips_text(&found),
    })
}

fn by_id<'a>(catalogue: &'a Catalogue, id: &str) -> Result<&'a Chip> {
    catalogue.by_id(id).ok_or_else(|| {
        let ids = catalogue.chips.iter().map(|chip| chip.id.as_str());
        Error::Usage(format!("no chip is called {id:?}; the nearest is {:?}", nearest(id, ids)))
    })
}

fn rules(args: &Rules) -> Result<()> {
    let mut rules = Rulebook::load()?.rules;
    if let Some(id) = &args.id {
        if !rules.iter().any(|rule| rule.id == *id) {
            let near = nearest(id, rules.iter().map(|rule| rule.id.as_str()));
            return Err(Error::Usage(format!("no rule is called {id:?}; the nearest is {near:?}")));
        }
        rules.retain(|rule| rule.id == *id);
    }
    if let Some(status) = &args.status {
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

fn positive(text: &str) -> Option<f64> {
    text.replace(',', "").parse::<f64>().ok().filter(|x| x.is_finite() && *x > 0.0)
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
        let count = positive(count).ok_or_else(|| {
            Error::Usage(format!("--chip {text:?}: write ID or ID=COUNT with a count above 0"))
        })?;
        let chip = by_id(&catalogue, id)?;
        items.push(Counted { item: chip.id.clone(), each: basis.of(chip), count });
    }
    for text in &args.figure {
        let (value, count) = text.split_once('=').unwrap_or((text, "1"));
        let (Some(each), Some(count)) = (positive(value), positive(count)) else {
            return Err(Error::Usage(format!(
                "--figure {text:?}: write VALUE or VALUE=COUNT, both above 0, in the unit of --basis"
            )));
        };
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
