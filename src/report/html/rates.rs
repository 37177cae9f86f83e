//! Rate over time: one small picture a workload, every sample since the first.

use serde::Serialize;

use super::figure::{Figure, Sheet};
use super::plot::{Axis, AxisUnit, Frame, Scale, axes, number};
use super::svg::{Anchor, Canvas};
use crate::measure::{Clock, Phase, Sample};
use crate::record::{Record, Summary, WorkloadRecord};
use crate::report::rate::{disturbance, percent};
use crate::units::{BytesPerS, OpsPerS, duration};

/// What a workload's rate is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// With what one is called.
    Operations(&'static str),
    Bytes,
    /// No work to count: the time of one dispatch itself.
    Time,
}

impl Kind {
    pub(super) fn of(w: &WorkloadRecord, summary: &Summary) -> Self {
        match (summary.ops_per_s, summary.bytes_per_s) {
            (Some(_), _) => Self::Operations(w.operation()),
            (None, Some(_)) => Self::Bytes,
            (None, None) => Self::Time,
        }
    }

    /// Key of the summary that holds it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Operations(_) => "ops_per_s",
            Self::Bytes => "bytes_per_s",
            Self::Time => "median_ns",
        }
    }

    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::Operations(name) => OpsPerS(value).of(name),
            Self::Bytes => BytesPerS(value).to_string(),
            Self::Time => duration(value),
        }
    }

    pub(super) fn axis(self, highest: f64) -> AxisUnit {
        match self {
            Self::Operations(name) => AxisUnit::decimal(highest, &format!("{name}/s")),
            Self::Bytes => AxisUnit::decimal(highest, "B/s"),
            Self::Time => AxisUnit::time(highest),
        }
    }

    /// From the time of one dispatch.
    fn rate(self, w: &WorkloadRecord, ns_per_dispatch: f64) -> f64 {
        match self {
            Self::Operations(_) => w.work.ops as f64 * 1e9 / ns_per_dispatch,
            Self::Bytes => w.work.bytes as f64 * 1e9 / ns_per_dispatch,
            Self::Time => ns_per_dispatch,
        }
    }
}

/// The main figure of a measured workload.
pub(super) fn rate(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Option<Figure> {
    let kind = Kind::of(w, w.verified()?);
    sheet.figure(&format!("/workloads/{n}/summary/{}", kind.key()), |x| kind.show(x))
}

/// The expanded uncertainty U of the main figure.
pub(super) fn uncertainty(sheet: &Sheet, n: usize, w: &WorkloadRecord) -> Option<Figure> {
    crate::report::rate::uncertainty(w)?;
    sheet.figure(&format!("/workloads/{n}/summary/uncertainty/expanded"), |u| {
        format!("±{}", percent(Some(u)))
    })
}

/// One small picture with its table.
#[derive(Serialize)]
pub(super) struct Course {
    name: String,
    rate: Option<Figure>,
    uncertainty: Option<Figure>,
    counted: Option<Figure>,
    warm_up: Figure,
    clock: &'static str,
    steady: bool,
    starts: usize,
    busy: Option<String>,
    stop_reason: String,
    svg: String,
    /// Whether several samples stand behind some of the dots.
    binned: bool,
    rows: Vec<Row>,
    /// All samples, where the rows are some of them.
    of: Option<usize>,
}

/// One sample.
#[derive(Serialize)]
struct Row {
    start: Figure,
    took: Option<Figure>,
    dispatches: Figure,
    phase: &'static str,
}

/// A sample as a point.
#[derive(Clone, Copy)]
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
    let kind = Kind::of(w, summary);
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
    // Evenly spread, the first and the last among them.
    let all = w.samples.len();
    let shown = all.min(MOST_ROWS);
    let places = (0..shown).map(|n| if shown < 2 { n } else { n * (all - 1) / (shown - 1) });
    let rows = places.map(|s| {
        let sample = &w.samples[s];
        let key = |field: &str| format!("/workloads/{n}/samples/{s}/{field}");
        let time = match summary.clock {
            Clock::Gpu => sample.gpu_ns,
            Clock::Host => Some(sample.host_ns),
        };
        Row {
            start: sheet.given(&key("start_ns"), sample.start_ns, duration),
            took: time.map(|ns| sheet.given(&key(took), ns, duration)),
            dispatches: sheet.given(&key("dispatches"), sample.dispatches.into(), number),
            phase: match sample.phase {
                Phase::WarmUp => "warm-up",
                Phase::Timed => "counted",
                Phase::Single => "single",
                Phase::Scaling => "known work",
            },
        }
    });
    let drawn = thinned(&points);
    let id = sheet.id(&format!("course-{n}"));
    Course {
        name: w.label(),
        rate: rate(sheet, n, w),
        uncertainty: uncertainty(sheet, n, w),
        counted: sheet.plain(&format!("/workloads/{n}/summary/samples")),
        warm_up,
        clock: if summary.clock == Clock::Gpu { "GPU" } else { "host" },
        steady: summary.steady,
        starts: summary.process_medians_ns.len(),
        busy: disturbance(w),
        stop_reason: summary.stop_reason.as_str().replace('-', " "),
        svg: draw(&id, w, summary, &drawn, &clock_course(record, w)),
        binned: drawn.len() < points.len(),
        rows: rows.collect(),
        of: (shown < all).then_some(all),
    }
}

/// Rows of one table of samples; the record has all.
const MOST_ROWS: usize = 24;

/// Parts of the time of which the lowest and the highest sample are drawn, where there are more than twice as many.
const BINS: usize = 300;

/// The samples themselves while they are few, else the extremes of each part of the time.
fn thinned(points: &[At]) -> Vec<At> {
    let last = points.iter().map(|p| p.start_s).fold(0.0, f64::max);
    let thin = |warm_up: bool| {
        let own: Vec<&At> = points.iter().filter(|p| p.warm_up == warm_up).collect();
        if own.len() <= 2 * BINS {
            return own;
        }
        let mut ends: Vec<Option<(&At, &At)>> = vec![None; BINS];
        for point in own {
            let bin = ((point.start_s / last * BINS as f64) as usize).min(BINS - 1);
            let (low, high) = ends[bin].unwrap_or((point, point));
            let low = if point.rate < low.rate { point } else { low };
            let high = if point.rate > high.rate { point } else { high };
            ends[bin] = Some((low, high));
        }
        ends.into_iter().flatten().flat_map(|(low, high)| [low, high]).collect()
    };
    [true, false].into_iter().flat_map(thin).copied().collect()
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
    let kind = Kind::of(w, summary);
    let median = kind.rate(w, summary.median_ns);
    let title = format!("Rate over time of {}", w.label());
    let told = format!("{} samples counted; median {}", summary.samples, kind.show(median));
    let below = if clock.is_empty() { 0.0 } else { CLOCK_LANE };
    let size = (FRAME.right + 12.0, FRAME.bottom + 38.0 + below);
    let mut canvas = Canvas::new(id, size, &title, &told);
    let u = crate::report::rate::uncertainty(w);
    let interval = u.map(|u| [median * (1.0 - u).max(0.0), median * (1.0 + u)]);
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
    // What differs between process starts is what the scatter inside one of them does not show.
    if summary.process_medians_ns.len() > 1 {
        for ns in &summary.process_medians_ns {
            let place = y.at(kind.rate(w, *ns));
            canvas.line("start", (begin, place), (FRAME.right, place));
        }
    }
    canvas.line("median", (begin, y.at(median)), (FRAME.right, y.at(median)));
    for (class, warm_up) in [("sample warm-up", true), ("sample", false)] {
        let own = points.iter().filter(|p| p.warm_up == warm_up);
        canvas.dots(class, own.map(|p| (x.at(p.start_s), y.at(p.rate))));
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
        let apart = clock.len().div_ceil(2 * BINS).max(1);
        let readings = clock.iter().step_by(apart);
        canvas.dots("sample clock", readings.map(|(s, mhz)| (x.at(*s), y.at(*mhz))));
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
