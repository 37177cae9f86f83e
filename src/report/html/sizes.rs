//! The size ladder: rate over size, for workloads of one kind that were measured at several sizes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::labels::{Area, place, short};
use super::plot::{Axis, Frame, Scale, axes};
use super::rates::{Kind, rate};
use super::svg::{Anchor, Canvas, text_width};
use crate::record::Record;
use crate::units::with_prefix;
use crate::workload::{ElementType, Unit};

/// One kind of workload with its sizes.
#[derive(Serialize)]
pub(super) struct Sizes {
    name: String,
    svg: String,
    rows: Vec<Row>,
}

/// One size.
#[derive(Serialize)]
struct Row {
    shape: String,
    work: Option<Figure>,
    rate: Option<Figure>,
    #[serde(skip)]
    at: (f64, f64),
}

pub(super) fn sizes(sheet: &Sheet, record: &Record) -> Vec<Sizes> {
    let mut groups: BTreeMap<String, (Kind, Vec<Row>)> = BTreeMap::new();
    for (n, w) in record.workloads.iter().enumerate() {
        let Some(summary) = w.verified() else { continue };
        let kind = Kind::of(w, summary);
        let (key, size, value, unit) = match kind {
            Kind::Operations(name) => ("ops", w.work.ops, summary.ops_per_s, name),
            Kind::Bytes => ("bytes", w.work.bytes, summary.bytes_per_s, "B"),
            Kind::Time => continue,
        };
        let Some(value) = value else { continue };
        let types = [w.input_type, w.accumulate.filter(|sums| w.input_type != Some(*sums))];
        let types: Vec<&str> = types.into_iter().flatten().map(ElementType::name).collect();
        let unit_name = if w.unit == Unit::Matrix { "matrix units" } else { "vector units" };
        let name = format!("{} {}, {unit_name}", w.workload, types.join(" into "));
        groups.entry(name.replace(" ,", ",")).or_insert((kind, Vec::new())).1.push(Row {
            shape: w.shape.clone(),
            work: sheet.figure(&format!("/workloads/{n}/work/{key}"), |x| {
                format!("{}{unit}", with_prefix(x))
            }),
            rate: rate(sheet, n, w),
            at: (size as f64, value),
        });
    }
    groups
        .into_iter()
        .filter_map(|(name, (kind, mut rows))| {
            rows.sort_by(|a, b| a.at.0.total_cmp(&b.at.0));
            let several = rows.first()?.at.0 < rows.last()?.at.0;
            let id =
                sheet.id(&format!("sizes-{}", name.replace(|c: char| !c.is_alphanumeric(), "-")));
            several.then(|| Sizes { svg: draw(&id, &name, kind, &rows), name, rows })
        })
        .collect()
}

/// Sizes that are named in the picture; the table has all.
const MOST_LABELS: usize = 24;

const FRAME: Frame = Frame { left: 44.0, top: 26.0, right: 326.0, bottom: 200.0 };

fn draw(id: &str, name: &str, kind: Kind, rows: &[Row]) -> String {
    let told: Vec<String> =
        rows.iter().map(|r| format!("{}: {}", r.shape, kind.show(r.at.1))).collect();
    let title = format!("Rate over size of {name}");
    let size = (FRAME.right + 12.0, FRAME.bottom + 42.0);
    let mut canvas = Canvas::new(id, size, &title, &told.join("; "));
    let work: Vec<f64> = rows.iter().map(|row| row.at.0).collect();
    let highest = rows.iter().map(|row| row.at.1).fold(0.0, f64::max);
    let unit = kind.axis(highest);
    let Some(x) = Scale::log(&work, 1.8, FRAME.horizontal()) else { return canvas.finish() };
    let y = Scale::from_zero(highest, FRAME.vertical());
    let title = if kind == Kind::Bytes { "bytes moved" } else { "operations of one dispatch" };
    axes(
        &mut canvas,
        &FRAME,
        &Axis { scale: x, title, label: &|v| with_prefix(v).replace(' ', "") },
        &Axis { scale: y, title: &unit.name, label: &|v| unit.label(v) },
    );
    let points: Vec<(f64, f64)> = rows.iter().map(|r| (x.at(r.at.0), y.at(r.at.1))).collect();
    canvas.polyline("course", &points);
    let bounds = Area {
        left: FRAME.left + 2.0,
        top: FRAME.top - 6.0,
        right: FRAME.right + 4.0,
        bottom: FRAME.bottom - 2.0,
    };
    let mut taken: Vec<Area> = points.iter().map(|at| Area::around(*at, 5.0)).collect();
    let apart = rows.len().div_ceil(MOST_LABELS).max(1);
    for (n, (row, at)) in rows.iter().zip(&points).enumerate() {
        canvas.circle("point", *at, 4.0);
        if n % apart != 0 {
            continue;
        }
        let text = short(&row.shape);
        let width = text_width(&text, 11.0);
        let Some(area) = place(*at, (width, 13.0), &bounds, &taken) else { continue };
        canvas.text("label small", (area.left, area.bottom - 3.0), Anchor::Start, &text);
        taken.push(area);
    }
    canvas.finish()
}
