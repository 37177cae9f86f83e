//! `classify`: figures by hand, a chip, or a record, turned into what the rule engine takes.

use std::path::PathBuf;

use super::args::{Classify, Format};
use super::evidence::{Opened, open};
use super::number::positive;
use super::output::{print, say};
use crate::conclude::{INCOMPLETE, Standing};
use crate::error::{Error, Result};
use crate::files;
use crate::names::unknown;
use crate::normalize::{Bits, Book, Demonstrated, Figures, Options, Rate, meaning, normalize};
use crate::record::Tier;
use crate::report;
use crate::verdict::{Evidence, Item, classify, what_if};

/// Does what `tierbench classify` says.
pub(super) fn run(args: &Classify) -> Result<()> {
    let as_of = match &args.as_of {
        Some(day) => date("--as-of", day)?,
        None => jiff::Zoned::now().date().to_string(),
    };
    let book = Book::load()?;
    let options = Options {
        clock: args.clock,
        aggregation: args.aggregation,
        tf32: args.tf32,
        micro_scaling: args.micro_scaling,
        die_area: args.die_area,
        app_weight: args.app_weight,
    };
    let (item, figures, measured) = subject(args, options, &book)?;
    let rules = book.rules.select(&as_of, &args.rule, args.all)?;
    let measured = measured.as_ref().map(|(evidence, tier)| (evidence, tier));
    let result = classify(&book, &rules, item, &figures, options, &as_of, measured)?;
    let changes =
        args.what_if.then(|| what_if(&book.rules, &rules, &figures, options)).transpose()?;
    match args.format {
        Format::Json => print(&report::classification_json(&result, changes.as_ref())?),
        Format::Text => {
            print(&report::classification_text(&result, &figures, changes.as_ref(), &book.tiers)?)
        }
    }
}

type Measured = Option<(Evidence, Tier)>;

fn subject(args: &Classify, options: Options, book: &Book) -> Result<(Item, Figures, Measured)> {
    let by_hand = hand_figures(args)?;
    match (args.records.as_slice(), &args.chip, by_hand) {
        (records @ [_, ..], None, None) => measured(records, options, book),
        ([], Some(id), None) => {
            let catalogue = &book.catalogue;
            let Some(chip) = catalogue.by_id(id) else {
                let ids = catalogue.chips.iter().map(|chip| chip.id.as_str());
                return Err(Error::Usage(unknown(
                    "chip",
                    id,
                    ids,
                    "`tierbench data chips` lists all",
                )));
            };
            let item = Item {
                kind: "chip".into(),
                id: Some(chip.id.clone()),
                name: format!("{} {}", chip.vendor, chip.name),
                grade: Some(chip.grade.clone()),
            };
            Ok((item, Figures::of(chip), None))
        }
        ([], None, Some(figures)) => {
            let item =
                Item { kind: "figures".into(), name: "figures by hand".into(), ..Item::default() };
            Ok((item, figures, None))
        }
        ([], None, None) => Err(Error::Usage(
            "name a record, a chip (--chip ID) or figures (--tops BITS=VALUE and others)".into(),
        )),
        _ => Err(Error::Usage(
            "a record, --chip and figures by hand exclude each other; give one of them".into(),
        )),
    }
}

/// One or more records and imports of the same item: every lower bound holds for it.
fn measured(paths: &[PathBuf], options: Options, book: &Book) -> Result<(Item, Figures, Measured)> {
    let mut items = Vec::new();
    for path in paths {
        let (id, name, shown, chip) = match open(path, book)? {
            Opened::Run(checked) => {
                if let Some(error) = checked.disagreement() {
                    return Err(error);
                }
                let name = files::name(path);
                if let Standing::WithoutSamples(_) = &checked.standing {
                    say(format_args!("note: {name}: {}", checked.standing.text()));
                }
                let record = checked.record;
                for note in record.notes.iter().filter(|note| note.id == INCOMPLETE) {
                    say(format_args!("note: {name}: {}", note.text));
                }
                let (_, chip) = normalize(&record, book);
                (
                    record.id.clone(),
                    record.adapter.name.clone(),
                    Demonstrated::of_record(&record, chip.as_ref()),
                    chip,
                )
            }
            Opened::Import(external) => {
                let chip = book.catalogue.of_external(&external)?.cloned();
                let name = external.device.clone().or(external.chip.clone());
                (
                    external.id.clone(),
                    name.unwrap_or_default(),
                    Demonstrated::of_external(&external),
                    chip,
                )
            }
        };
        items.push((id, name, shown, chip));
    }
    let (_, name, first, chip) = &items[0];
    for (id, _, shown, other) in &items {
        let ids = [chip, other].map(|chip| chip.as_ref().map(|chip| &chip.id));
        if ids[0] != ids[1] || shown.software != first.software {
            return Err(Error::Usage(format!(
                "{id} is about another item than {}; classify each by itself (`import --chip ID` \
                 says which chip an import is about)",
                items[0].0
            )));
        }
    }
    let shown = items.iter().map(|(_, _, shown, _)| shown.clone()).reduce(Demonstrated::merge);
    let shown = shown.unwrap_or_default();
    let figures = chip.as_ref().map(Figures::of).unwrap_or_default();
    let (_, tier) = meaning(&shown, &figures, options, book);
    let evidence = Evidence::of(&shown, &figures, options, &book.populations)?;
    let ids: Vec<&str> = items.iter().map(|(id, ..)| id.as_str()).collect();
    let item = Item {
        kind: "record".into(),
        id: Some(ids.join(" + ")),
        name: name.clone(),
        grade: chip.as_ref().map(|chip| chip.grade.clone()),
    };
    Ok((item, figures, Some((evidence, tier))))
}

/// Figures from flags; `None` when there are none.
fn hand_figures(args: &Classify) -> Result<Option<Figures>> {
    let mut rates = Vec::new();
    for text in &args.tops {
        let (bits, tops) = pair("--tops", text, "BITS=VALUE, dense, as in 8=1979")?;
        let bits = positive("--tops", bits)?;
        rates.push(Rate {
            format: format!("{bits} bit"),
            tops: positive("--tops", tops)?,
            bits: Bits::Plain(bits),
            vector: false,
        });
    }
    let optional = |flag: &str, value: &Option<String>| -> Result<Option<f64>> {
        value.as_deref().map(|text| positive(flag, text)).transpose()
    };
    let mut quantities = Vec::new();
    for text in &args.quantity {
        let (name, value) =
            pair("--quantity", text, "NAME=VALUE, as in memory_bandwidth_density=3")?;
        quantities.push((name.to_owned(), positive("--quantity", value)?));
    }
    let mut facts = Vec::new();
    for text in &args.fact {
        let (name, value) = pair("--fact", text, "NAME=yes|no, as in high_bandwidth_memory=yes")?;
        facts.push((name.to_owned(), yes_or_no("--fact", value)?));
    }
    let fp64 = optional("--fp64-tflops", &args.fp64_tflops)?;
    let figures = Figures {
        rates,
        die_mm2: optional("--die-mm2", &args.die_mm2)?,
        dram_gb_per_s: optional("--dram-gb-per-s", &args.dram_gb_per_s)?,
        io_gb_per_s: optional("--io-gb-per-s", &args.io_gb_per_s)?,
        fp64_tflops: fp64,
        data_center: args
            .data_center
            .as_deref()
            .map(|x| yes_or_no("--data-center", x))
            .transpose()?,
        first_marketed: args
            .first_marketed
            .as_deref()
            .map(|day| date("--first-marketed", day))
            .transpose()?,
        quantities,
        facts,
        ..Figures::default()
    };
    // Names are checked where they are used, so that the message can list them.
    figures.subject(Options::default()).map_err(Error::Usage)?;
    Ok((figures != Figures::default()).then_some(figures))
}

fn pair<'a>(flag: &str, text: &'a str, form: &str) -> Result<(&'a str, &'a str)> {
    text.split_once('=').ok_or_else(|| Error::Usage(format!("{flag} {text:?}: write {form}")))
}

fn yes_or_no(flag: &str, text: &str) -> Result<bool> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Error::Usage(format!("{flag} {text:?}: say yes or no, or leave it out"))),
    }
}

fn date(flag: &str, text: &str) -> Result<String> {
    let parsed = text.parse::<jiff::civil::Date>();
    parsed
        .map(|date| date.to_string())
        .map_err(|_| Error::Usage(format!("{flag} {text:?} is no date; write YYYY-MM-DD")))
}
