//! Scales, ticks and axes.

use super::svg::{Anchor, Canvas};
pub(super) use crate::units::number;

/// What a scale is made for: no rate, size or time that was measured lies outside. Without it one number of a
/// doctored file would make a scale of three hundred decades.
const PLAUSIBLE: std::ops::RangeInclusive<f64> = 1e-12..=1e24;

/// Ticks on one axis.
const MOST_TICKS: usize = 12;

/// From values to places on the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    log: bool,
    pub(super) domain: (f64, f64),
    range: (f64, f64),
}

impl Scale {
    /// From zero to a round number at or above the highest value.
    pub(super) fn from_zero(highest: f64, range: (f64, f64)) -> Self {
        let highest = if PLAUSIBLE.contains(&highest) { highest } else { 1.0 };
        let step = step(highest);
        let top = (highest / step - 1e-9).ceil() * step;
        Self { log: false, domain: (0.0, top), range }
    }

    /// From zero until just behind the last value.
    pub(super) fn until(last: f64, range: (f64, f64)) -> Self {
        let last = if PLAUSIBLE.contains(&last) { last } else { 1.0 };
        Self { log: false, domain: (0.0, last * 1.03), range }
    }

    /// Logarithmic, with room beside the outermost values. Values at or below 0 have no place, and those that
    /// nothing real can have set no scale.
    pub(super) fn log(values: &[f64], room: f64, range: (f64, f64)) -> Option<Self> {
        let values = || values.iter().copied().filter(|x| PLAUSIBLE.contains(x));
        let (low, high) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
        Some(Self { log: true, domain: (low / room, high * room), range })
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        let share = if self.log {
            (value / self.domain.0).ln() / (self.domain.1 / self.domain.0).ln()
        } else {
            (value - self.domain.0) / (self.domain.1 - self.domain.0)
        };
        // What lies far outside is drawn outside, at a place that a browser can still read.
        let share = if share.is_nan() { 0.0 } else { share.clamp(-9.0, 10.0) };
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// Round values: of a logarithmic scale the decades, with 2 and 5 when these are few.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let (low, high) = self.domain;
        if !self.log {
            let step = step(high);
            return (0..=(high / step + 1e-6).floor() as u32)
                .map(|n| f64::from(n) * step)
                .collect();
        }
        let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let within = |steps: &[f64]| -> Vec<f64> {
            let all = decades.clone().flat_map(|d| steps.iter().map(move |s| s * 10f64.powi(d)));
            all.filter(|x| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(x)).collect()
        };
        let choices: [&[f64]; 3] =
            [&[1.0], &[1.0, 2.0, 5.0], &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0]];
        let enough = |ticks: &Vec<f64>| ticks.len() >= 3;
        let mut all = choices.map(within).into_iter();
        let ticks = all.find(enough).unwrap_or_else(|| within(choices[2]));
        let apart = ticks.len().div_ceil(MOST_TICKS).max(1);
        ticks.into_iter().step_by(apart).collect()
    }
}

/// A round step that divides a length into three to five parts.
fn step(length: f64) -> f64 {
    let rough = length / 5.0;
    let decade = 10f64.powi(rough.log10().floor() as i32);
    let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|s| s * decade >= rough * 0.999);
    round.unwrap_or(10.0) * decade
}

/// Unit of an axis with its decimal prefix, chosen once so that tick labels stay short.
#[derive(Clone, Debug)]
pub(super) struct AxisUnit {
    scale: f64,
    /// As the axis is titled.
    pub(super) name: String,
}

impl AxisUnit {
    /// For values up to the highest one.
    pub(super) fn decimal(highest: f64, unit: &str) -> Self {
        let prefixes = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
        let found = prefixes.into_iter().find(|(scale, _)| highest >= *scale);
        let (scale, prefix) = found.unwrap_or((1.0, ""));
        Self { scale, name: format!("{prefix}{unit}") }
    }

    /// For times in nanoseconds up to the longest one.
    pub(super) fn time(longest_ns: f64) -> Self {
        let units = [(1e9, "s"), (1e6, "ms"), (1e3, "us")];
        let found = units.into_iter().find(|(scale, _)| longest_ns >= *scale);
        let (scale, name) = found.unwrap_or((1.0, "ns"));
        Self { scale, name: name.into() }
    }

    pub(super) fn label(&self, value: f64) -> String {
        number(value / self.scale)
    }
}

/// The rectangle that data are drawn in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Frame {
    pub(super) fn horizontal(&self) -> (f64, f64) {
        (self.left, self.right)
    }

    /// Upwards.
    pub(super) fn vertical(&self) -> (f64, f64) {
        (self.bottom, self.top)
    }
}

/// A scale with its title and the text of its ticks.
pub(super) struct Axis<'a> {
    pub(super) scale: Scale,
    pub(super) title: &'a str,
    pub(super) label: &'a dyn Fn(f64) -> String,
}

/// Grid, ticks and titles: the vertical axis is titled above itself, the horizontal one below.
pub(super) fn axes(canvas: &mut Canvas, frame: &Frame, x: &Axis<'_>, y: &Axis<'_>) {
    for tick in y.scale.ticks() {
        let place = y.scale.at(tick);
        canvas.line("grid", (frame.left, place), (frame.right, place));
        canvas.text("tick", (frame.left - 6.0, place + 3.5), Anchor::End, &(y.label)(tick));
    }
    for tick in x.scale.ticks() {
        let place = x.scale.at(tick);
        canvas.line("grid", (place, frame.top), (place, frame.bottom));
        canvas.text("tick", (place, frame.bottom + 15.0), Anchor::Middle, &(x.label)(tick));
    }
    canvas.line("axis", (frame.left, frame.bottom), (frame.right, frame.bottom));
    canvas.line("axis", (frame.left, frame.top), (frame.left, frame.bottom));
    canvas.text("axis-title", (4.0, frame.top - 9.0), Anchor::Start, y.title);
    canvas.text("axis-title", (frame.right, frame.bottom + 31.0), Anchor::End, x.title);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_from_zero_ends_at_a_round_number_and_shows_it() {
        for (highest, top) in [(73.2, 80.0), (100.0, 100.0), (0.9, 1.0), (1.3e12, 1.5e12)] {
            let scale = Scale::from_zero(highest, (100.0, 0.0));
            let ticks = scale.ticks();
            let last = *ticks.last().unwrap();
            assert!((last / top - 1.0).abs() < 1e-9, "{highest}: {ticks:?}");
            assert!((scale.at(last)).abs() < 1e-6 && scale.at(0.0) == 100.0);
            assert!((3..=7).contains(&ticks.len()), "{ticks:?}");
        }
    }

    #[test]
    fn a_logarithmic_scale_shows_decades_and_divides_them_when_few() {
        let wide = Scale::log(&[3.0, 40_000.0], 1.5, (0.0, 100.0)).unwrap();
        assert_eq!(wide.ticks(), [10.0, 100.0, 1e3, 1e4]);
        let narrow = Scale::log(&[3.0, 40.0], 1.5, (0.0, 100.0)).unwrap();
        assert_eq!(narrow.ticks(), [2.0, 5.0, 10.0, 20.0, 50.0]);
        assert!(Scale::log(&[0.0, f64::NAN], 1.5, (0.0, 1.0)).is_none());
    }

    #[test]
    fn no_number_makes_a_scale_without_end() {
        for absurd in [1e308, f64::MAX, 5e-324, f64::INFINITY, f64::NAN, -1.0] {
            let places = |scale: &Scale| {
                assert!((2..=MOST_TICKS).contains(&scale.ticks().len()), "{absurd:e}");
                assert!([absurd, 1e9, 0.0].iter().all(|x| scale.at(*x).abs() < 1e4), "{absurd:e}");
            };
            places(&Scale::from_zero(absurd, (100.0, 0.0)));
            places(&Scale::until(absurd, (100.0, 0.0)));
            places(&Scale::log(&[absurd, 3.0, 40.0], 2.0, (100.0, 0.0)).unwrap());
            assert!(Scale::log(&[absurd], 2.0, (100.0, 0.0)).is_none());
        }
        let widest = Scale::log(&[1e-12, 1e24], 2.0, (0.0, 100.0)).unwrap();
        assert!(widest.ticks().len() <= MOST_TICKS);
    }
}
