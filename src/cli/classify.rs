//! `classify`: figures by hand, a chip, or a record, turned into what the rule engine takes.

use std::path::PathBuf;

use super::args::{Classify, Format};
use super::evidence::{Opened, open};
use super::number::{not_negative, positive};
use super::output::{print, say};
use crate::conclude::{INCOMPLETE, Standing};
use crate::error::{Error, Result};
use crate::files;
use crate::names::unknown;
use crate::normalize::{
    Bits, Book, Demonstrated, Figures, Interval, Options, Rate, US_MARKET, meaning, normalize,
};
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
    let mut result = classify(&book, &rules, item, &figures, options, &as_of, measured)?;
    if !args.rule.is_empty() {
        // Who names rules knows that there are others.
        result.left_out.clear();
    }
    let changes =
        args.what_if.then(|| what_if(&book.rules, &rules, &figures, options)).transpose()?;
    match args.format {
        Format::Json => print(&report::classification_json(&result, changes.as_ref(), &book)?),
        Format::Text => print(&report::classification_text(
            &result,
            &figures,
            changes.as_ref(),
            &book,
            args.why,
        )?),
    }
}

/// Longest input of a multiply that an item may state.
const LONGEST_BITS: f64 = 128.0;

type Measured = Option<(Evidence, Tier)>;

fn subject(args: &Classify, options: Options, book: &Book) -> Result<(Item, Figures, Measured)> {
    if args.declaration_is_wrong && args.records.is_empty() {
        return Err(Error::Usage(
            "--declaration-is-wrong is about imports: name their external.json or folders".into(),
        ));
    }
    let by_hand = hand_figures(args)?;
    match (args.records.as_slice(), &args.chip, by_hand) {
        (records @ [_, ..], None, None) => {
            measured(records, args.declaration_is_wrong, options, book)
        }
        ([], Some(id), by_hand) => {
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
                sold_as: chip.sold_as,
                overrides: overrides(args),
                external: Vec::new(),
                doubts: Vec::new(),
            };
            let mut figures = Figures::of(chip);
            if let Some(by_hand) = &by_hand {
                replace(&mut figures, by_hand)?;
            }
            Ok((item, figures, None))
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
            "a record, and --chip or figures by hand, exclude each other; give one of them".into(),
        )),
    }
}

/// One or more records and imports of the same item: every lower bound holds for it.
fn measured(
    paths: &[PathBuf],
    declaration_is_wrong: bool,
    options: Options,
    book: &Book,
) -> Result<(Item, Figures, Measured)> {
    let mut programs: Vec<String> = Vec::new();
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
            Opened::Import(import) => {
                let external = import.external;
                let program = external.program.clone();
                if !programs.contains(&program) {
                    programs.push(program);
                }
                let chip = book.catalogue.of_external(&external)?.cloned();
                let shown = Demonstrated::of_external(
                    &external,
                    chip.as_ref(),
                    &book.catalogue,
                    declaration_is_wrong,
                );
                let name = external.device.clone().or(external.chip.clone());
                (external.id.clone(), name.unwrap_or_default(), shown, chip)
            }
        };
        items.push((id, name, shown, chip));
    }
    let (_, name, first, chip) = &items[0];
    for (id, own, shown, other) in &items {
        let ids = [chip, other].map(|chip| chip.as_ref().map(|chip| &chip.id));
        if ids[0] != ids[1] || shown.software != first.software {
            return Err(Error::Usage(format!(
                "{id} is about another item than {}; classify each by itself (`import --chip ID` \
                 says which chip an import is about)",
                items[0].0
            )));
        }
        // Where nobody says which chip it is, a name is all there is.
        let named = chip.is_some() || (name == own && !name.is_empty());
        if items.len() > 1 && !named {
            return Err(Error::Usage(format!(
                "nothing shows that {id} and {} are about one item; say it with `import --chip ID`, \
                 or classify each by itself",
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
        sold_as: chip.as_ref().and_then(|chip| chip.sold_as),
        overrides: Vec::new(),
        external: programs,
        doubts: shown.doubts.clone(),
    };
    Ok((item, figures, Some((evidence, tier))))
}

/// What was said by hand, as it was said.
fn overrides(args: &Classify) -> Vec<String> {
    let one = [
        ("die-mm2", &args.die_mm2),
        ("dram-gb-per-s", &args.dram_gb_per_s),
        ("io-gb-per-s", &args.io_gb_per_s),
        ("fp64-tflops", &args.fp64_tflops),
        ("data-center", &args.data_center),
        ("first-marketed", &args.first_marketed),
    ];
    let one = one.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let many = [("tops", &args.tops), ("quantity", &args.quantity), ("fact", &args.fact)];
    let many = many.into_iter().flat_map(|(name, values)| values.iter().map(move |v| (name, v)));
    one.chain(many).map(|(name, value)| format!("--{name} {value}")).collect()
}

/// A chip with some figures replaced by hand, in all that its sources leave open.
fn replace(figures: &mut Figures, by_hand: &Figures) -> Result<()> {
    for (name, _) in &by_hand.quantities {
        let subject = figures.subject(Options::default()).map_err(Error::Usage)?;
        if subject.known(name) != Interval::UNKNOWN {
            return Err(Error::Usage(format!(
                "--quantity {name}: the catalogue's figures of this chip decide it; replace those \
                 (--tops, --die-mm2, --dram-gb-per-s, --io-gb-per-s, --fp64-tflops)"
            )));
        }
    }
    if !by_hand.rates.is_empty() {
        figures.rates.clone_from(&by_hand.rates);
        figures.rates_open = false;
    }
    if by_hand.die_mm2.is_some() {
        (figures.io_die_mm2, figures.die_partial) = (None, false);
    }
    let set = |own: &mut Option<f64>, other: Option<f64>| *own = other.or(*own);
    set(&mut figures.die_mm2, by_hand.die_mm2);
    set(&mut figures.dram_gb_per_s, by_hand.dram_gb_per_s);
    set(&mut figures.io_gb_per_s, by_hand.io_gb_per_s);
    set(&mut figures.fp64_tflops, by_hand.fp64_tflops);
    if by_hand.data_center.is_some() {
        figures.data_center = by_hand.data_center;
        figures.data_center_source = Some("said by hand".into());
    }
    if by_hand.first_marketed.is_some() {
        figures.first_marketed.clone_from(&by_hand.first_marketed);
        // On sale or not on a day follows from the day that is said now.
        figures.facts.retain(|(name, _)| name != US_MARKET);
    }
    figures.quantities.extend(by_hand.quantities.clone());
    figures.facts.retain(|(name, _)| !by_hand.facts.iter().any(|(other, _)| other == name));
    figures.facts.extend(by_hand.facts.clone());
    for other in &mut figures.alternatives {
        replace(other, by_hand)?;
    }
    Ok(())
}

/// Flags that decide a quantity, which `--quantity` must not say once more.
fn decided_by(args: &Classify, name: &str) -> Option<&'static str> {
    let (tops, area) = (!args.tops.is_empty(), args.die_mm2.is_some());
    let (flag, said) = match name {
        "tpp" | "tops" => ("--tops", tops),
        "performance_density" => ("--tops and --die-mm2", tops && area),
        "dram_bandwidth_gb_per_s" => ("--dram-gb-per-s", args.dram_gb_per_s.is_some()),
        "io_bandwidth_gb_per_s" => ("--io-gb-per-s", args.io_gb_per_s.is_some()),
        "app_wt" | "fp64_pflops" => ("--fp64-tflops", args.fp64_tflops.is_some()),
        _ => return None,
    };
    said.then_some(flag)
}

fn twice(flag: &str, name: &str, other: &str) -> Error {
    Error::Usage(format!("{flag} {name}: {other} says it already; say it once"))
}

/// Figures from flags; `None` when there are none.
fn hand_figures(args: &Classify) -> Result<Option<Figures>> {
    let mut rates = Vec::new();
    for text in &args.tops {
        let (bits, tops) = pair("--tops", text, "BITS=VALUE, dense, as in 8=1979")?;
        let bits = positive("--tops", bits)?;
        if bits > LONGEST_BITS {
            return Err(Error::Usage(format!(
                "--tops {text:?}: no multiply takes inputs of {bits} bits; write BITS=VALUE"
            )));
        }
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
    let not_negative_of = |flag: &str, text: &str| {
        not_negative(text).map_err(|what| Error::Usage(format!("{flag} {text:?}: {what}")))
    };
    let from_zero = |flag: &str, value: &Option<String>| -> Result<Option<f64>> {
        value.as_deref().map(|text| not_negative_of(flag, text)).transpose()
    };
    let mut quantities: Vec<(String, f64)> = Vec::new();
    for text in &args.quantity {
        let (name, value) =
            pair("--quantity", text, "NAME=VALUE, as in memory_bandwidth_density=3")?;
        if let Some(other) = decided_by(args, name) {
            return Err(twice("--quantity", name, other));
        }
        if quantities.iter().any(|(known, _)| known == name) {
            return Err(twice("--quantity", name, "another --quantity"));
        }
        quantities.push((name.to_owned(), not_negative_of("--quantity", value)?));
    }
    let mut facts: Vec<(String, bool)> = Vec::new();
    let mut data_center =
        args.data_center.as_deref().map(|x| yes_or_no("--data-center", x)).transpose()?;
    for text in &args.fact {
        let (name, value) = pair("--fact", text, "NAME=yes|no, as in high_bandwidth_memory=yes")?;
        if name == "data_center" && args.data_center.is_some() {
            return Err(twice("--fact", name, "--data-center"));
        }
        if facts.iter().any(|(known, _)| known == name) {
            return Err(twice("--fact", name, "another --fact"));
        }
        let holds = yes_or_no("--fact", value)?;
        if name == "data_center" {
            data_center = Some(holds);
        }
        facts.push((name.to_owned(), holds));
    }
    let fp64 = optional("--fp64-tflops", &args.fp64_tflops)?;
    let figures = Figures {
        rates,
        die_mm2: optional("--die-mm2", &args.die_mm2)?,
        // No DRAM and no links are facts.
        dram_gb_per_s: from_zero("--dram-gb-per-s", &args.dram_gb_per_s)?,
        io_gb_per_s: from_zero("--io-gb-per-s", &args.io_gb_per_s)?,
        fp64_tflops: fp64,
        data_center,
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
