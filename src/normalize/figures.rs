//! Declared figures of an item, from the catalogue or given by hand, and the regulated quantities that
//! they come to under the engine's options.

use super::options::{Aggregation, AppWeight, Clock, DieArea, MicroScaling, Options, Tf32};
use super::{Chip, Interval, Subject};

/// A dense rate at one bit length.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Name of the format; of a rate given by hand, its bit length.
    pub format: String,
    /// Tera-operations per second, dense; a multiply-add counts as two.
    pub tops: f64,
    /// Bit length of the multiply's inputs.
    pub bits: Bits,
    /// Vector units rather than a matrix engine.
    pub vector: bool,
}

/// Bit length of the multiply's inputs, where an option can decide it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bits {
    /// Beyond doubt.
    Plain(f64),
    /// TF32.
    Tf32,
    /// A narrow float with a shared scale.
    MicroScaled {
        /// Bits of an element.
        element: f64,
        /// The same with its part of the scale.
        scaled: f64,
    },
}

impl Bits {
    /// The bit length under a reading.
    pub fn length(self, options: Options) -> f64 {
        match (self, options.tf32, options.micro_scaling) {
            (Self::Plain(bits), ..) => bits,
            (Self::Tf32, Tf32::Used, _) => 19.0,
            (Self::Tf32, Tf32::Stored, _) => 32.0,
            (Self::MicroScaled { element, .. }, _, MicroScaling::Element) => element,
            (Self::MicroScaled { scaled, .. }, _, MicroScaling::WithScale) => scaled,
        }
    }
}

/// The fact that the review of 91 FR 1684 asks for.
pub const US_MARKET: &str = "commercially_available_us_2026_01_15";

/// The day that it is about.
const US_MARKET_DAY: &str = "2026-01-15";

/// What is declared of an item. Absent means unknown, never 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Dense rates, in any order.
    pub rates: Vec<Rate>,
    /// Applicable die area.
    pub die_mm2: Option<f64>,
    /// I/O and base dies with non-planar transistors, not in `die_mm2`.
    pub io_die_mm2: Option<f64>,
    /// There are more such dies, of unknown area: a density is an upper bound.
    pub die_partial: bool,
    /// Some rate is known as a lower bound only, and TPP with it.
    pub rates_open: bool,
    /// Total DRAM bandwidth.
    pub dram_gb_per_s: Option<f64>,
    /// Aggregate bidirectional transfer rate to other chips.
    pub io_gb_per_s: Option<f64>,
    /// Peak of 64-bit floating point.
    pub fp64_tflops: Option<f64>,
    /// Peak of 32-bit floating point.
    pub fp32_tflops: Option<f64>,
    /// Maximum clock over the clock of the data sheet's figures.
    pub clock_ratio: Option<f64>,
    /// Designed or marketed for data centers.
    pub data_center: Option<bool>,
    /// What that rests on, where it is from the catalogue.
    pub data_center_source: Option<String>,
    /// First marketed, RFC 3339.
    pub first_marketed: Option<String>,
    /// Other quantities, by the names of the rules.
    pub quantities: Vec<(String, f64)>,
    /// Other facts, by the names of the rules.
    pub facts: Vec<(String, bool)>,
    /// Rumours: the catalogue's grade of them is U.
    pub unverified: bool,
    /// The same with the other ends of what sources leave open; a rule sees the whole span.
    pub alternatives: Vec<Figures>,
}

/// Format names of the catalogue, their bit lengths, and whether vector units do them.
pub(super) const FORMATS: &[(&str, Bits, bool)] = &[
    ("fp64", Bits::Plain(64.0), true),
    ("fp64_tensor", Bits::Plain(64.0), false),
    ("fp32", Bits::Plain(32.0), true),
    ("tf32", Bits::Tf32, false),
    ("fp16_acc32", Bits::Plain(16.0), false),
    ("fp16_acc16", Bits::Plain(16.0), false),
    ("fp8", Bits::Plain(8.0), false),
    ("fp8_acc16", Bits::Plain(8.0), false),
    ("int8", Bits::Plain(8.0), false),
    // A scale of 8 bits for 32 elements (OCP MX).
    ("fp6", Bits::MicroScaled { element: 6.0, scaled: 6.25 }, false),
    // A scale of 8 bits for 16 elements (NVFP4).
    ("fp4", Bits::MicroScaled { element: 4.0, scaled: 4.5 }, false),
    ("int4", Bits::Plain(4.0), false),
];

impl Figures {
    /// The declared figures of a chip.
    pub fn of(chip: &Chip) -> Self {
        let rate = |(format, tops): (&String, &f64)| {
            let (_, bits, vector) = FORMATS.iter().find(|(name, ..)| name == format)?;
            Some(Rate { format: format.clone(), tops: *tops, bits: *bits, vector: *vector })
        };
        let tops = |format: &str| chip.dense_tops.get(format).copied();
        let rates = chip.dense_tops.iter().chain(&chip.dense_tops_at_least);
        let fp64 = [tops("fp64"), tops("fp64_tensor")].into_iter().flatten().reduce(f64::max);
        let stated = Self {
            rates: rates.filter_map(rate).collect(),
            die_mm2: chip.die_area_mm2,
            io_die_mm2: chip.io_die_area_mm2,
            die_partial: chip.die_area_partial,
            rates_open: !chip.dense_tops_at_least.is_empty(),
            dram_gb_per_s: chip.dram_gb_per_s(),
            io_gb_per_s: chip.io_gb_per_s(),
            fp64_tflops: fp64,
            fp32_tflops: tops("fp32"),
            clock_ratio: chip.boost_mhz.zip(chip.peak_mhz).map(|(most, stated)| most / stated),
            data_center: chip.is_for_data_centers(),
            data_center_source: chip.sources.get("data_center").cloned(),
            first_marketed: chip.released.clone(),
            quantities: Vec::new(),
            facts: facts(chip),
            unverified: chip.grade == "U",
            alternatives: Vec::new(),
        };
        let mut ends = vec![stated.clone()];
        for (key, range) in &chip.ranges {
            ends = ends
                .iter()
                .flat_map(|figures| range.map(|value| figures.with(key, value)))
                .collect();
        }
        let open = !chip.ranges.is_empty();
        Self { alternatives: if open { ends } else { Vec::new() }, ..stated }
    }

    /// The same with one figure of the catalogue replaced.
    fn with(&self, key: &str, value: f64) -> Self {
        let mut changed = self.clone();
        match key {
            "die_area_mm2" => changed.die_mm2 = Some(value),
            "io_die_area_mm2" => changed.io_die_mm2 = Some(value),
            "dram_gb_per_s" => changed.dram_gb_per_s = Some(value),
            "io_gb_per_s" => changed.io_gb_per_s = Some(value),
            "tf32_bits" => {
                for rate in changed.rates.iter_mut().filter(|rate| rate.bits == Bits::Tf32) {
                    rate.bits = Bits::Plain(value);
                }
            }
            format => {
                for rate in changed.rates.iter_mut().filter(|rate| rate.format == format) {
                    rate.tops = value;
                }
            }
        }
        changed
    }

    /// A quantity that was given by itself.
    pub fn given(&self, name: &str) -> Option<f64> {
        self.quantities.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// Factor on every rate under the clock's reading; unknown where the chip's clocks are.
    fn clock(&self, options: Options) -> Option<f64> {
        match options.clock {
            Clock::DataSheet => Some(1.0),
            Clock::Maximum => self.clock_ratio,
        }
    }

    /// The rate that decides TPP under a reading, among matrix or vector engines or both.
    pub fn decisive(&self, options: Options, vector: Option<bool>) -> Option<&Rate> {
        let product = |rate: &Rate| rate.tops * rate.bits.length(options);
        let asked = self.rates.iter().filter(|rate| vector.is_none_or(|v| v == rate.vector));
        asked.max_by(|a, b| product(a).total_cmp(&product(b)))
    }

    /// Total processing performance (3A090, Technical Note 2).
    pub fn tpp(&self, options: Options) -> Option<f64> {
        let of = |vector| {
            self.decisive(options, vector).map(|rate| rate.tops * rate.bits.length(options))
        };
        let tpp = match options.aggregation {
            Aggregation::Engine => of(None),
            Aggregation::Sum => match (of(Some(false)), of(Some(true))) {
                (Some(matrix), Some(vector)) => Some(matrix + vector),
                (matrix, vector) => matrix.or(vector),
            },
        };
        Some(tpp? * self.clock(options)?)
    }

    /// Applicable die area under a reading; at least this where dies of unknown area count too.
    pub fn die_area_mm2(&self, options: Options) -> Option<f64> {
        match options.die_area {
            DieArea::Stated => self.die_mm2,
            DieArea::WithIoDies => Some(self.die_mm2? + self.io_die_mm2.unwrap_or(0.0)),
        }
    }

    /// Whether the area under a reading leaves out dies that count.
    pub fn area_is_partial(&self, options: Options) -> bool {
        self.die_partial && options.die_area == DieArea::WithIoDies
    }

    /// The largest applicable die area that the sources leave open, under a reading; unknown where dies are left out.
    pub fn largest_die_area_mm2(&self, options: Options) -> Option<f64> {
        if self.area_is_partial(options) {
            return None;
        }
        let ends = self.alternatives.iter().filter_map(|figures| figures.die_area_mm2(options));
        ends.chain(self.die_area_mm2(options)).reduce(f64::max)
    }

    /// The highest dense rate, whatever its bit length.
    pub fn tops(&self, options: Options) -> Option<f64> {
        let highest = self.rates.iter().map(|rate| rate.tops).reduce(f64::max)?;
        Some(highest * self.clock(options)?)
    }

    /// Performance density; undefined without an area, and where the area is zero.
    pub fn performance_density(&self, options: Options) -> Option<f64> {
        let area = self.die_area_mm2(options).filter(|area| *area > 0.0)?;
        Some(self.tpp(options)? / area)
    }

    /// Adjusted peak performance in weighted teraflops.
    pub fn app_wt(&self, options: Options) -> Option<f64> {
        let weight = match options.app_weight {
            AppWeight::Vector => 0.9,
            AppWeight::Other => 0.3,
        };
        Some(self.fp64_tflops? * weight)
    }

    /// All of it as a rule sees it: exact where the sources agree, a span where they do not.
    pub fn subject(&self, options: Options) -> Result<Subject, String> {
        let mut subject = self.stated(options)?;
        for other in &self.alternatives {
            subject.widen(&other.stated(options)?);
        }
        Ok(subject)
    }

    fn stated(&self, options: Options) -> Result<Subject, String> {
        let known = [
            ("tpp", self.tpp(options)),
            ("performance_density", self.performance_density(options)),
            ("dram_bandwidth_gb_per_s", self.dram_gb_per_s),
            ("io_bandwidth_gb_per_s", self.io_gb_per_s),
            ("app_wt", self.app_wt(options)),
            ("tops", self.tops(options)),
            ("fp64_pflops", self.fp64_tflops.map(|x| x / 1e3)),
            ("fp32_pflops", self.fp32_tflops.map(|x| x / 1e3)),
        ];
        let mut subject = Subject::default();
        for (name, value) in known {
            let Some(value) = value else { continue };
            let mut known = Interval::point(value);
            if self.rates_open && ["tpp", "performance_density", "tops"].contains(&name) {
                known.high = f64::INFINITY;
            }
            if name == "performance_density" && self.area_is_partial(options) {
                known.low = 0.0;
            }
            subject.set(name, known)?;
        }
        for (name, value) in &self.quantities {
            subject.set(name, Interval::point(*value))?;
        }
        if let Some(data_center) = self.data_center {
            subject.set_fact("data_center", data_center)?;
        }
        for (name, holds) in &self.facts {
            subject.set_fact(name, *holds)?;
        }
        if let Some(date) = &self.first_marketed {
            subject.set_date("first_marketed", date)?;
            let said = self.facts.iter().any(|(name, _)| name == US_MARKET);
            // Nothing is on sale before it is marketed.
            if !said && date.len() == US_MARKET_DAY.len() && date.as_str() > US_MARKET_DAY {
                subject.set_fact(US_MARKET, false)?;
            }
        }
        Ok(subject)
    }
}

/// What the catalogue knows besides figures. It holds accelerators with their memory: no processors, no bare memory,
/// and one chip is neither a computer nor a supercomputer.
fn facts(chip: &Chip) -> Vec<(String, bool)> {
    let known = [
        ("cpu", Some(false)),
        ("memory_only", Some(false)),
        ("system", Some(false)),
        ("computer", Some(false)),
        ("designed_in_d5", chip.designer.as_deref().map(|country| country == "CN")),
        (US_MARKET, chip.us_market_2026_01_15),
    ];
    let known = known.into_iter().filter_map(|(name, fact)| Some((name.to_owned(), fact?)));
    known.collect()
}
