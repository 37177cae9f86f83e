//! The roofline: what this run's own roofs admit at each arithmetic intensity, and where its
//! workloads came to lie (Williams, Waterman, Patterson, CACM 2009).

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::labels::{Area, path, place, short};
use super::plot::{Axis, AxisUnit, Frame, Scale, axes, number};
use super::svg::{Anchor, Canvas, text_width};
use crate::record::{Record, WorkloadRecord};
use crate::units::{BytesPerS, OpsPerS};
use crate::workload::Unit;

/// The picture in two widths, and its table.
#[derive(Default, Serialize)]
pub(super) struct Roofline {
    wide: String,
    narrow: String,
    lines: Vec<Line>,
    points: Vec<Point>,
}

/// A measured roof.
#[derive(Serialize)]
struct Line {
    name: String,
    /// Operations or bytes per second.
    figure: Figure,
    memory: bool,
    #[serde(skip)]
    operation: &'static str,
    #[serde(skip)]
    rate: f64,
}

/// A measured workload.
#[derive(Serialize)]
struct Point {
    number: usize,
    name: String,
    intensity: Figure,
    rate: Figure,
    matrix: bool,
    #[serde(skip)]
    operation: &'static str,
    #[serde(skip)]
    at: (f64, f64),
}

pub(super) fn roofline(sheet: &Sheet, record: &Record) -> Roofline {
    let mut result = Roofline::default();
    for (n, w) in record.workloads.iter().enumerate() {
        let ops = sheet
            .figure(&format!("/workloads/{n}/summary/ops_per_s"), |x| OpsPerS(x).of(w.operation()));
        let bytes = sheet
            .figure(&format!("/workloads/{n}/summary/bytes_per_s"), |x| BytesPerS(x).to_string());
        match (ops, bytes, w.ops_per_s(), w.bytes_per_s()) {
            (Some(figure), _, Some(rate), _) if w.workload.starts_with("roof") => {
                let (name, operation) = (roof_name(w), w.operation());
                result.lines.push(Line { name, figure, memory: false, operation, rate });
            }
            (_, Some(figure), _, Some(rate)) if w.workload.starts_with("bandwidth-") => {
                let name = w.workload.replacen("bandwidth-", "", 1);
                let operation = w.operation();
                result.lines.push(Line { name, figure, memory: true, operation, rate });
            }
            (Some(figure), _, Some(rate), _) if w.workload != "chain" => {
                let work = |key: &str| format!("/workloads/{n}/work/{key}");
                let per = work("bytes");
                let Some(intensity) = sheet.ratio(&work("ops"), (sheet, &per), number) else {
                    continue;
                };
                result.points.push(Point {
                    number: result.points.len() + 1,
                    name: w.label(),
                    intensity,
                    rate: figure,
                    matrix: w.unit == Unit::Matrix,
                    operation: w.operation(),
                    at: (w.work.ops as f64 / w.work.bytes as f64, rate),
                });
            }
            _ => {}
        }
    }
    if result.points.is_empty() || result.lines.iter().all(|line| line.memory) {
        return Roofline { points: result.points, lines: result.lines, ..Roofline::default() };
    }
    let wide = Frame { left: 56.0, top: 30.0, right: 712.0, bottom: 380.0 };
    let narrow = Frame { left: 46.0, top: 30.0, right: 352.0, bottom: 330.0 };
    result.wide = draw(&sheet.id("roofline-wide"), &wide, true, &result);
    result.narrow = draw(&sheet.id("roofline-narrow"), &narrow, false, &result);
    result
}

fn roof_name(w: &WorkloadRecord) -> String {
    let unit = if w.unit == Unit::Matrix { "matrix" } else { "vector" };
    format!("{unit} {}", w.input_type.map_or("", |t| t.name()))
}

fn draw(id: &str, frame: &Frame, labelled: bool, roofline: &Roofline) -> String {
    let size = (frame.right + 8.0, frame.bottom + 42.0);
    let told: Vec<String> = roofline
        .points
        .iter()
        .map(|p| format!("{} {} at {}", p.name, p.rate.shown(), p.intensity.shown()))
        .chain(roofline.lines.iter().map(|l| format!("roof {} {}", l.name, l.figure.shown())))
        .collect();
    let mut canvas = Canvas::new(id, size, "Roofline", &told.join("; "));
    let fastest =
        |memory| roofline.lines.iter().filter(move |l| l.memory == memory).map(|l| l.rate);
    let top = fastest(false).fold(1.0, f64::max);
    // Wide enough for the bend of the highest roof.
    let bend = fastest(true).reduce(f64::max).map(|bytes| top / bytes);
    let xs: Vec<f64> = roofline.points.iter().map(|p| p.at.0).chain(bend).collect();
    let ys: Vec<f64> = roofline.points.iter().map(|p| p.at.1).chain(fastest(false)).collect();
    let x = Scale::log(&xs, 3.0, frame.horizontal());
    let y = Scale::log(&ys, 2.5, frame.vertical());
    let Some((x, y)) = x.zip(y) else { return canvas.finish() };
    // Operations on integers are no FLOP: one axis for both says what they have in common.
    let lines = roofline.lines.iter().filter(|line| !line.memory).map(|line| line.operation);
    let mut operations = lines.chain(roofline.points.iter().map(|point| point.operation));
    let floats = operations.all(|operation| operation == "FLOP");
    let unit = AxisUnit::decimal(top, if floats { "FLOP/s" } else { "OP/s" });
    let intensity = "arithmetic intensity, operations per byte";
    axes(
        &mut canvas,
        frame,
        &Axis { scale: x, title: intensity, label: &number },
        &Axis { scale: y, title: &unit.name, label: &|v| unit.label(v) },
    );
    let mut taken = roofs(&mut canvas, frame, (x, y), labelled, roofline);
    points(&mut canvas, frame, (x, y), labelled, roofline, &mut taken);
    canvas.finish()
}

/// Draws the roofs with their names; gives the areas that the names take.
fn roofs(
    canvas: &mut Canvas,
    frame: &Frame,
    (x, y): (Scale, Scale),
    labelled: bool,
    roofline: &Roofline,
) -> Vec<Area> {
    let top = roofline.lines.iter().filter(|l| !l.memory).map(|l| l.rate).fold(0.0, f64::max);
    let mut taken = Vec::new();
    let mut flat: Vec<&Line> = roofline.lines.iter().filter(|line| !line.memory).collect();
    let mut slanted: Vec<&Line> = roofline.lines.iter().filter(|line| line.memory).collect();
    flat.sort_by(|a, b| b.rate.total_cmp(&a.rate));
    slanted.sort_by(|a, b| b.rate.total_cmp(&a.rate));
    let fastest = slanted.first().map(|line| line.rate);
    for (n, line) in flat.iter().enumerate() {
        let place = y.at(line.rate);
        // A roof begins where the fastest stream reaches it.
        let begin = fastest.map_or(frame.left, |bytes| x.at(line.rate / bytes).max(frame.left));
        let class = if n == 0 { "roof" } else { "roof lower" };
        canvas.line(class, (begin, place), (frame.right, place));
        let text = if labelled { format!("{}:", line.name) } else { line.name.clone() };
        let figure = labelled.then_some(&line.figure);
        let shown = if labelled { format!("{text} {}", line.figure.shown()) } else { text.clone() };
        // Above its line; below where the next roof is close above.
        let crowded = n > 0 && place - y.at(flat[n - 1].rate) < 16.0;
        let base = if crowded { place + 13.0 } else { place - 5.0 };
        canvas.labelled("roof-name", (frame.right - 4.0, base), Anchor::End, &text, figure);
        let left = frame.right - 8.0 - text_width(&shown, 12.0);
        taken.push(Area { left, top: base - 11.0, right: frame.right, bottom: base + 4.0 });
    }
    for (n, line) in slanted.iter().enumerate() {
        let class = if n == 0 { "stream" } else { "stream lower" };
        // From where it enters the picture, on the left or from below.
        let begin = (y.domain.0 / line.rate).max(x.domain.0);
        let end = (top / line.rate).min(x.domain.1);
        canvas.line(
            class,
            (x.at(begin), y.at(begin * line.rate)),
            (x.at(end), y.at(end * line.rate)),
        );
    }
    taken.extend(stream_names(canvas, frame, labelled, &slanted));
    taken
}

/// Names of the streams at the upper left, where no roof can pass, in the order of their lines.
fn stream_names(
    canvas: &mut Canvas,
    frame: &Frame,
    labelled: bool,
    slanted: &[&Line],
) -> Vec<Area> {
    let mut taken = Vec::new();
    for (n, line) in slanted.iter().enumerate() {
        let (left, base) = (frame.left + 8.0, frame.top + 16.0 + 15.0 * n as f64);
        let class = if n == 0 { "stream" } else { "stream lower" };
        canvas.line(class, (left, base - 4.0), (left + 16.0, base - 4.0));
        let text = if labelled { format!("{}:", line.name) } else { line.name.clone() };
        let figure = labelled.then_some(&line.figure);
        let shown = figure.map_or(0.0, |f| text_width(f.shown(), 12.0) + 4.0);
        canvas.labelled("stream-name", (left + 22.0, base), Anchor::Start, &text, figure);
        let right = left + 24.0 + text_width(&text, 12.0) + shown;
        taken.push(Area { left, top: base - 12.0, right, bottom: base + 4.0 });
    }
    taken
}

fn points(
    canvas: &mut Canvas,
    frame: &Frame,
    (x, y): (Scale, Scale),
    labelled: bool,
    roofline: &Roofline,
    taken: &mut Vec<Area>,
) {
    let bounds = Area {
        left: frame.left + 2.0,
        top: frame.top + 1.0,
        right: frame.right - 2.0,
        bottom: frame.bottom - 2.0,
    };
    let places: Vec<(f64, f64)> =
        roofline.points.iter().map(|p| (x.at(p.at.0), y.at(p.at.1))).collect();
    taken.extend(places.iter().map(|at| Area::around(*at, 6.0)));
    for (point, at) in roofline.points.iter().zip(&places) {
        let crowd = point.number > MOST_LABELS;
        if point.matrix {
            canvas.rect("point matrix", (at.0 - 4.5, at.1 - 4.5), (9.0, 9.0));
        } else {
            canvas.circle("point", *at, 5.0);
        }
        // The number alone where the name finds no room: the table has the name.
        let number = point.number.to_string();
        let named = labelled.then(|| format!("{number} {}", short(&point.name)));
        let found = named.into_iter().chain([number]).filter(|_| !crowd).find_map(|text| {
            let width = text_width(&text, 12.0);
            Some((place(*at, (width, 14.0), &bounds, taken)?, text, width))
        });
        let Some((area, text, width)) = found else { continue };
        let (from, end) = leader(*at, &area);
        // A line to its point where another point is as near.
        let others = places.iter().filter(|other| *other != at);
        let crowded = others.filter(|other| Area::around(**other, 14.0).meets(&area)).count() > 0;
        let far = (from.0 - end.0).hypot(from.1 - end.1) > 8.0;
        if far || crowded {
            canvas.line("leader", from, end);
        }
        canvas.rect("behind", (area.left, area.top), (width, 14.0));
        canvas.text("label", (area.left, area.bottom - 3.0), Anchor::Start, &text);
        taken.extend(path(*at, &area));
        taken.push(area);
    }
}

/// Points that have a label; the table has all.
const MOST_LABELS: usize = 60;

/// From the edge of a marker to the nearest point of its label.
fn leader(at: (f64, f64), label: &Area) -> ((f64, f64), (f64, f64)) {
    let end = (at.0.clamp(label.left, label.right), at.1.clamp(label.top, label.bottom));
    let length = (end.0 - at.0).hypot(end.1 - at.1).max(1.0);
    let edge = 5.0 / length;
    ((at.0 + (end.0 - at.0) * edge, at.1 + (end.1 - at.1) * edge), end)
}
