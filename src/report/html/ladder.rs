//! The tier ladders: a logarithmic axis with the lines of the tiers, the reference chips, and what this
//! run proves, suggests and was told.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::labels::spread;
use super::plot::{Scale, number};
use super::svg::{Anchor, Canvas, text_width};
use crate::normalize::{Catalogue, Tiers};
use crate::record::{Quantities, Record};

/// One ladder with its table.
#[derive(Serialize)]
pub(super) struct Ladder {
    name: &'static str,
    svg: String,
    rows: Vec<Row>,
}

/// One mark: of this run, of a reference chip, or a line.
#[derive(Clone, Serialize)]
struct Row {
    what: String,
    kind: &'static str,
    figure: Figure,
    /// Upper end of an interval; an interval without one is open.
    upper: Option<Figure>,
    #[serde(skip)]
    value: f64,
    #[serde(skip)]
    high: Option<f64>,
}

/// Quantity, name on the page, unit on the axis.
const QUANTITIES: [(&str, &str, &str); 2] = [
    ("tpp", "TPP", "TPP (TOPS x bit length)"),
    ("dram_bandwidth_gb_per_s", "DRAM bandwidth", "DRAM bandwidth, GB/s"),
];

pub(super) fn ladders(
    sheet: &Sheet,
    record: &Record,
    catalogue: &Catalogue,
    tiers: &Tiers,
) -> Vec<Ladder> {
    QUANTITIES
        .iter()
        .map(|(quantity, name, axis)| {
            let rows = own(sheet, record, quantity);
            ladder((quantity, name, axis), rows, sheet, catalogue, tiers)
        })
        .collect()
}

fn ladder(
    (quantity, name, axis): (&str, &'static str, &str),
    mut rows: Vec<Row>,
    sheet: &Sheet,
    catalogue: &Catalogue,
    tiers: &Tiers,
) -> Ladder {
    rows.extend(references(quantity, catalogue, tiers));
    let lines = lines(quantity, tiers);
    let svg = draw(&sheet.id(&format!("ladder-{quantity}")), axis, &rows, &lines);
    rows.extend(lines);
    Ladder { name, svg, rows }
}

/// Those of an import: its quantities follow from its figures and the catalogue by the rule `import`.
pub(super) fn of_import(
    sheet: &Sheet,
    quantities: &Quantities,
    catalogue: &Catalogue,
    tiers: &Tiers,
) -> Vec<Ladder> {
    let each = QUANTITIES.iter().map(|(quantity, name, axis)| {
        let by_name = quantities.by_name();
        let marks = by_name.get(quantity).into_iter().flat_map(|q| {
            let unsure = q.demonstrated.filter(|_| q.demonstrated_lower.is_none());
            [
                ("proven", "demonstrated_lower", q.demonstrated_lower),
                ("declared", "declared", q.declared),
                ("measured", "demonstrated", unsure),
            ]
        });
        let rows = marks.filter_map(|(kind, side, value)| {
            let value = value?;
            let key = sheet.key(&format!("/{quantity}/{side}"));
            let figure = Figure::by_rule("import", key, value, number(value));
            let what = if kind == "measured" { "measured, not verified" } else { kind };
            Some(Row { what: what.into(), kind, figure, upper: None, value, high: None })
        });
        ladder((quantity, name, axis), rows.collect(), sheet, catalogue, tiers)
    });
    each.collect()
}

/// The marks of this record.
fn own(sheet: &Sheet, record: &Record, quantity: &str) -> Vec<Row> {
    let at =
        |side: &str| sheet.figure(&format!("/conclusion/quantities/{quantity}/{side}"), number);
    let by_name = record.conclusion.quantities.by_name();
    let Some(known) = by_name.get(quantity) else { return Vec::new() };
    let mark = |what: &str, kind, side, value: Option<f64>| {
        let (figure, value) = (at(side)?, value?);
        Some(Row { what: what.into(), kind, figure, upper: None, value, high: None })
    };
    let mut rows: Vec<Row> = [
        mark("proven", "proven", "demonstrated_lower", known.demonstrated_lower),
        mark("declared", "declared", "declared", known.declared),
    ]
    .into_iter()
    .flatten()
    .collect();
    if rows.first().is_none_or(|row| row.kind != "proven") {
        rows.extend(mark("measured, no interval", "measured", "demonstrated", known.demonstrated));
    }
    // The record estimates TPP only.
    let estimated = record.conclusion.tier.estimated.as_ref().filter(|_| quantity == "tpp");
    if let Some((estimated, low)) = estimated.and_then(|e| Some((e, e.tpp_low?))) {
        let end = |side: &str| sheet.figure(&format!("/conclusion/tier/estimated/{side}"), number);
        rows.extend(end("tpp_low").map(|figure| Row {
            what: "estimated".into(),
            kind: "estimated",
            figure,
            upper: end("tpp_high"),
            value: low,
            high: estimated.tpp_high,
        }));
    }
    rows
}
fn references(quantity: &str, catalogue: &Catalogue, tiers: &Tiers) -> Vec<Row> {
    let chips = tiers.references.iter().filter_map(|id| catalogue.by_id(id));
    chips
        .filter_map(|chip| {
            let value = if quantity == "tpp" { chip.tpp() } else { chip.dram_gb_per_s() }?;
            let key = format!("{}/{quantity}", chip.id);
            let figure = Figure::by_rule("catalogue", key, value, number(value));
            let what = chip.name.clone();
            Some(Row { what, kind: "reference", figure, upper: None, value, high: None })
        })
        .collect()
}

/// Where a tier begins by this quantity alone, from low to high.
fn lines(quantity: &str, tiers: &Tiers) -> Vec<Row> {
    let rows = tiers.tier.iter().filter_map(|tier| {
        let comparisons = tier.reached_when.as_ref()?.comparisons();
        let own =
            |names: &[crate::normalize::Named]| names.len() == 1 && names[0].quantity() == quantity;
        let (.., value) = comparisons.into_iter().find(|(names, ..)| own(names))?;
        let key = format!("{}/{quantity}", tier.id);
        let figure = Figure::by_rule("tier", key, value, number(value));
        let what = tier.name.clone();
        Some(Row { what, kind: "line", figure, upper: None, value, high: None })
    });
    rows.collect()
}

const TOP: f64 = 34.0;
const BOTTOM: f64 = 440.0;
const BAND: (f64, f64) = (58.0, 300.0);
const LABELS: f64 = 330.0;

fn draw(id: &str, axis: &str, rows: &[Row], lines: &[Row]) -> String {
    let all: Vec<f64> =
        rows.iter().chain(lines).flat_map(|row| [Some(row.value), row.high]).flatten().collect();
    let told: Vec<String> = rows
        .iter()
        .map(|row| match &row.upper {
            Some(upper) => format!("{} {} to {}", row.what, row.figure.shown(), upper.shown()),
            None => format!("{} {}", row.what, row.figure.shown()),
        })
        .collect();
    let title = format!("Ladder of {axis}");
    let texts: Vec<String> = rows.iter().map(Row::label).collect();
    let longest = texts.iter().zip(rows).map(|(text, row)| {
        let shown = row.ends().shown().len();
        text_width(text, if row.kind == "reference" { 12.0 } else { 13.0 }) + shown as f64 * 7.6
    });
    let width = LABELS + longest.fold(120.0, f64::max) + 8.0;
    let mut canvas = Canvas::new(id, (width, BOTTOM + 12.0), &title, &told.join("; "));
    let Some(scale) = Scale::log(&all, 1.6, (BOTTOM, TOP)) else { return canvas.finish() };
    canvas.text("axis-title", (4.0, 16.0), Anchor::Start, axis);
    let names = bands(&mut canvas, &scale, lines);
    for tick in scale.ticks() {
        canvas.line("axis", (BAND.0 - 4.0, scale.at(tick)), (BAND.0, scale.at(tick)));
        canvas.text("tick", (BAND.0 - 7.0, scale.at(tick) + 3.5), Anchor::End, &number(tick));
    }
    canvas.line("axis", (BAND.0, TOP), (BAND.0, BOTTOM));
    let places: Vec<f64> = rows.iter().map(|row| scale.at(row.value)).collect();
    let spread = spread(&places, 17.0, (TOP + 6.0, BOTTOM - 4.0));
    for (((row, text), place), label) in rows.iter().zip(texts).zip(places).zip(spread) {
        mark(&mut canvas, &scale, row, place);
        canvas.line("leader", (BAND.1 + 18.0, place), (LABELS - 4.0, label));
        let class = if row.kind == "reference" { "label" } else { "label strong" };
        canvas.labelled(class, (LABELS, label + 4.0), Anchor::Start, &text, Some(&row.ends()));
    }
    let bound = rows.iter().find(|row| row.kind == "proven").map(|row| scale.at(row.value));
    for (line, mut name) in lines.iter().zip(names) {
        // Not on the dotted line of the proven mark.
        if let Some(bound) = bound.filter(|bound| (name - bound).abs() < 10.0) {
            name = bound - 10.0;
        }
        canvas.text("tier-name", (BAND.0 + 6.0, name + 4.0), Anchor::Start, &line.what);
    }
    canvas.finish()
}

impl Row {
    /// What stands in front of the figure.
    fn label(&self) -> String {
        match (self.kind, &self.upper) {
            ("reference", _) => self.what.clone(),
            ("proven", _) => "proven: at least".into(),
            ("estimated", None) => "estimated: from".into(),
            _ => format!("{}:", self.what),
        }
    }

    /// The figure, or both ends of the interval.
    fn ends(&self) -> Figure {
        match &self.upper {
            Some(upper) => {
                self.figure.shown_as(format!("{} to {}", self.figure.shown(), upper.shown()))
            }
            None => self.figure.clone(),
        }
    }
}

/// The tiers as bands between their lines; gives the places of their names.
fn bands(canvas: &mut Canvas, scale: &Scale, lines: &[Row]) -> Vec<f64> {
    let names: Vec<f64> = lines
        .iter()
        .enumerate()
        .map(|(n, line)| {
            let top = lines.get(n + 1).map_or(TOP, |above| scale.at(above.value));
            f64::midpoint(scale.at(line.value), top)
        })
        .collect();
    let names = spread(&names, 14.0, (TOP + 8.0, BOTTOM));
    for (n, line) in lines.iter().enumerate() {
        let place = scale.at(line.value);
        let top = lines.get(n + 1).map_or(TOP, |above| scale.at(above.value));
        let class = if n % 2 == 0 { "band" } else { "band other" };
        canvas.rect(class, (BAND.0, top), (BAND.1 - BAND.0, place - top));
        canvas.line("tier-line", (BAND.0, place), (BAND.1 + 14.0, place));
    }
    names
}

/// Each kind has a shape of its own; all point at the same axis.
fn mark(canvas: &mut Canvas, scale: &Scale, row: &Row, y: f64) {
    let x = BAND.1 + 10.0;
    match row.kind {
        "proven" => {
            // A lower bound: the truth lies here or above.
            canvas.polyline("mark proven", &[(x - 7.0, y + 7.0), (x, y - 5.0), (x + 7.0, y + 7.0)]);
            canvas.line("bound", (BAND.0, y), (x, y));
        }
        "estimated" => {
            let top = row.high.map_or(TOP, |high| scale.at(high));
            canvas.line("span", (x - 9.0, y), (x - 9.0, top));
            canvas.line("span-end", (x - 14.0, y), (x - 4.0, y));
            if row.high.is_some() {
                canvas.line("span-end", (x - 14.0, top), (x - 4.0, top));
            } else {
                let arrow = [(x - 14.0, top + 7.0), (x - 9.0, top), (x - 4.0, top + 7.0)];
                canvas.polyline("span-end", &arrow);
            }
        }
        "declared" => {
            let rhombus = [(x - 6.0, y), (x, y - 6.0), (x + 6.0, y), (x, y + 6.0), (x - 6.0, y)];
            canvas.polyline("mark declared", &rhombus);
        }
        "measured" => canvas.circle("mark measured", (x, y), 5.0),
        _ => canvas.line("reference", (x - 10.0, y), (x + 8.0, y)),
    }
}
