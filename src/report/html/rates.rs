//! Rate over time: one small picture a workload, every sample since the first.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::plot::{Axis, AxisUnit, Frame, Scale, axes};
use super::svg::{Anchor, Canvas};
use crate::measure::{Clock, Phase, Sample};
use crate::record::{Record, Summary, WorkloadRecord};
use crate::stats::relative_half_width;
use crate::units::{BytesPerS, OpsPerS, duration};

/// What a workload's rate is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Operations,
    Bytes,
    /// No work to count: the time of one dispatch itself.
    Time,
}

impl Kind {
    pub(super) fn of(summary: &Summary) -> Self {
        match (summary.ops_per_s, summary.bytes_per_s) {
            (Some(_), _) => Self::Operations,
            (None, Some(_)) => Self::Bytes,
            (None, None) => Self::Time,
        }
    }

    /// Key of the summary that holds it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Operations => "ops_per_s",
            Self::Bytes => "bytes_per_s",
            Self::Time => "median_ns",
        }
    }

    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::Operations => OpsPerS(value).to_string(),
            Self::Bytes => BytesPerS(value).to_string(),
            Self::Time => duration(value),
        }
    }

    pub(super) fn axis(self, highest: f64) -> AxisUnit {
        match self {
            Self::Operations => AxisUnit::decimal(highest, "FLOP/s"),
            Self::Bytes => AxisUnit::decimal(highest, "B/s"),
            Self::Time => AxisUnit::time(highest),
        }
    }

    /// From the time of one dispatch.
    fn rate(self, w: &WorkloadRecord, ns_per_dispatch: f64) -> f64 {
        match self {
            Self::Operations => w.work.ops as f64 * 1e9 / ns_per_dispatch,
            Self::Bytes => w.work.bytes as f64 * 1e9 / ns_per_dispatch,
            Self::Time => ns_per_dispatch,
        }
    }
}

/// The main figure of a measured workload.
pub(super) fn rate(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Option<Figure> {
    let kind = Kind::of(w.verified()?);
    sheet.figure(&format!("/workloads/{n}/summary/{}", kind.key()), |x| kind.show(x))
}

/// Half the 95 % interval of the median.
pub(super) fn spread(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Option<Figure> {
    let summary = w.verified()?;
    let [low, high] = summary.ci95_ns?;
    let half = relative_half_width(summary.median_ns, (low, high));
    let key = sheet.key(&format!("/workloads/{n}/summary"));
    Some(Figure::by_rule("half-interval", key, half, format!("±{:.1} %", 100.0 * half)))
}

/// One small picture with its table.
#[derive(Serialize)]
pub(super) struct Course {
    name: String,
    rate: Option<Figure>,
    spread: Option<Figure>,
    counted: Option<Figure>,
    warm_up: Figure,
    clock: &'static str,
    steady: bool,
    stop_reason: String,
    svg: String,
    rows: Vec<Row>,
}

/// One sample.
#[derive(Serialize)]
struct Row {
    start: Option<Figure>,
    took: Option<Figure>,
    dispatches: Option<Figure>,
    phase: &'static str,
}

/// A sample as a point.
struct At {
    start_s: f64,
    rate: f64,
    warm_up: bool,
}

pub(super) fn courses(sheet: &Sheet, record: &Record) -> Vec<Course> {
    let workloads = record.workloads.iter().enumerate();
    workloads.filter_map(|(n, w)| Some(course(sheet, record, n, w, w.verified()?))).collect()
}

/// Seconds since the start of the workload and the clock in MHz, of the first process start.
fn clock_course(record: &Record, w: &WorkloadRecord) -> Vec<(f64, f64)> {
    let clocks = record.readings_of(w);
    clocks.filter_map(|(ns, r)| Some((ns as f64 / 1e9, f64::from(r.sm_mhz?)))).collect()
}

fn course(
    sheet: &Sheet,
    record: &Record,
    n: usize,
    w: &WorkloadRecord,
    summary: &Summary,
) -> Course {
    let kind = Kind::of(summary);
    let point = |sample: &Sample| {
        let rate = kind.rate(w, sample.ns_per_dispatch(summary.clock)?);
        let warm_up = sample.phase == Phase::WarmUp;
        Some(At { start_s: sample.start_ns as f64 / 1e9, rate, warm_up })
    };
    // Single dispatches beside the batches are no part of the course.
    let batches = w.samples.iter().filter(|s| matches!(s.phase, Phase::WarmUp | Phase::Timed));
    let points: Vec<At> = batches.filter_map(point).collect();
    let took = match summary.clock {
        Clock::Gpu => "gpu_ns",
        Clock::Host => "host_ns",
    };
    let count = w.samples.iter().filter(|s| s.phase == Phase::WarmUp).count();
    let samples = sheet.key(&format!("/workloads/{n}/samples"));
    let warm_up = Figure::by_rule("count-warm-up", samples, count as f64, count.to_string());
    let rows = w.samples.iter().enumerate().map(|(s, sample)| {
        let key = |field: &str| format!("/workloads/{n}/samples/{s}/{field}");
        Row {
            start: sheet.figure(&key("start_ns"), duration),
            took: sheet.figure(&key(took), duration),
            dispatches: sheet.plain(&key("dispatches")),
            phase: match sample.phase {
                Phase::WarmUp => "warm-up",
                Phase::Timed => "counted",
                Phase::Single => "single",
                Phase::Scaling => "known work",
            },
        }
    });
    Course {
        name: w.label(),
        rate: rate(sheet, n, w),
        spread: spread(sheet, n, w),
        counted: sheet.plain(&format!("/workloads/{n}/summary/samples")),
        warm_up,
        clock: if summary.clock == Clock::Gpu { "GPU" } else { "host" },
        steady: summary.steady,
        stop_reason: serde_json::to_value(summary.stop_reason)
            .ok()
            .and_then(|v| Some(v.as_str()?.replace('-', " ")))
            .unwrap_or_default(),
        svg: draw(&sheet.id(&format!("course-{n}")), w, summary, &points, &clock_course(record, w)),
        rows: rows.collect(),
    }
}

const FRAME: Frame = Frame { left: 44.0, top: 26.0, right: 326.0, bottom: 140.0 };

/// How far below the rate the lane of the clock lies, on the same time.
const CLOCK_LANE: f64 = 96.0;

fn draw(
    id: &str,
    w: &WorkloadRecord,
    summary: &Summary,
    points: &[At],
    clock: &[(f64, f64)],
) -> String {
    let kind = Kind::of(summary);
    let median = kind.rate(w, summary.median_ns);
    let timed = points.iter().filter(|p| !p.warm_up).count();
    let title = format!("Rate over time of {}", w.label());
    let told = format!(
        "{} samples in warm-up, {timed} counted; median {}",
        points.len() - timed,
        kind.show(median)
    );
    let below = if clock.is_empty() { 0.0 } else { CLOCK_LANE };
    let size = (FRAME.right + 12.0, FRAME.bottom + 38.0 + below);
    let mut canvas = Canvas::new(id, size, &title, &told);
    let interval = summary.ci95_ns.map(|ends| ends.map(|ns| kind.rate(w, ns)));
    let highest = points.iter().map(|p| p.rate).chain(interval.into_iter().flatten());
    let highest = highest.fold(median, f64::max);
    let longest = points.iter().map(|p| p.start_s).fold(0.0, f64::max);
    let unit = kind.axis(highest);
    let time = AxisUnit::time(longest * 1e9);
    let x = Scale::until(longest, FRAME.horizontal());
    let y = Scale::from_zero(highest, FRAME.vertical());
    let title = format!("{} since start", time.name);
    let y_title = if kind == Kind::Time {
        format!("{} per dispatch (less is faster)", unit.name)
    } else {
        unit.name.clone()
    };
    axes(
        &mut canvas,
        &FRAME,
        &Axis { scale: x, title: &title, label: &|v| time.label(v * 1e9) },
        &Axis { scale: y, title: &y_title, label: &|v| unit.label(v) },
    );
    let begin = points.iter().find(|p| !p.warm_up).map_or(FRAME.left, |p| x.at(p.start_s));
    if let Some([a, b]) = interval {
        let (top, bottom) = (y.at(a.max(b)), y.at(a.min(b)));
        canvas.rect("interval", (begin, top), (FRAME.right - begin, (bottom - top).max(1.0)));
    }
    canvas.line("median", (begin, y.at(median)), (FRAME.right, y.at(median)));
    for point in points {
        let at = (x.at(point.start_s), y.at(point.rate));
        if point.warm_up {
            canvas.circle("sample warm-up", at, 2.6);
        } else {
            canvas.circle("sample", at, 2.2);
        }
    }
    if !clock.is_empty() {
        let lane = Frame { top: FRAME.bottom + 56.0, bottom: FRAME.bottom + CLOCK_LANE, ..FRAME };
        let fastest = clock.iter().map(|(_, mhz)| *mhz).fold(0.0, f64::max);
        let y = Scale::from_zero(fastest, lane.vertical());
        let none = |_: f64| String::new();
        axes(
            &mut canvas,
            &lane,
            &Axis { scale: x, title: "", label: &none },
            &Axis { scale: y, title: "clock, MHz", label: &|v| format!("{v:.0}") },
        );
        for (s, mhz) in clock {
            canvas.circle("sample", (x.at(*s), y.at(*mhz)), 1.6);
        }
    }
    if points.is_empty() {
        canvas.text(
            "label",
            (FRAME.left + 8.0, FRAME.top + 20.0),
            Anchor::Start,
            "no samples kept",
        );
    }
    canvas.finish()
}
