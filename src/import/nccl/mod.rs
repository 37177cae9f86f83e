//! nccl-tests and rccl-tests, text and JSON: how fast collectives are between GPUs.
//!
//! In an all-reduce every rank must send its part and receive the result, however the network helps; so the lesser of
//! `algbw` and `busbw` is a lower bound on what its links carry in one direction. `busbw` alone is none, as switches
//! that add up (NVLS, SHARP) carry less than a ring does.

mod json;
mod text;

use super::draft::{Draft, Drafts, Figures, link, no_rate, plausible, unused};
use super::format::Format;
use super::text::{has_key, has_line};
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "nccl-tests",
    made_by: "all_reduce_perf (sendrecv_perf, alltoall_perf ...) > FILE, or -J FILE; rccl-tests too",
    counts: "the lesser of algbw and busbw as links of every rank, one direction",
    kept: "gather, scatter, and what adds nothing up and names no collective; rows with #wrong above 0 or whose time contradicts algbw; a single rank",
    verified: "#wrong is 0",
    versions: "nccl-tests 2.13 to 2.19, rccl-tests 2024-09",
    signs: |text| is_json(text) || has_line(text, "# Using devices") && text.contains("busbw"),
    read: |text| {
        let runs = if is_json(text) { json::read(text)? } else { text::read(text)? };
        let mut drafts = Drafts::default();
        for run in runs {
            plausible(run.ranks.len())?;
            drafts.merge(run.drafts())?;
        }
        Ok(drafts.0)
    },
};

/// By how much the size by the time may differ from algbw: both are rounded to two decimals or less.
const ROUNDING: f64 = 0.02;
const LAST_DIGITS: f64 = 0.02;

fn is_json(text: &str) -> bool {
    has_key(text, "nccl_version") && has_key(text, "out_of_place")
}

/// Collectives in which every rank carries what the figure says, in at least one direction.
const SYMMETRIC: &[&str] =
    &["all_reduce", "reduce_scatter", "all_gather", "alltoall", "sendrecv", "broadcast", "reduce"];

/// What either form says.
#[derive(Default)]
struct Seen {
    version: Option<String>,
    /// `all_reduce`; empty where the file does not name it.
    collective: String,
    ranks: Vec<Rank>,
    rows: Vec<Row>,
}

struct Rank {
    number: u32,
    host: String,
    address: Option<String>,
    name: String,
}

struct Row {
    size: String,
    /// Microseconds; NaN where the column is another time.
    time_us: f64,
    /// `sum`, or `none`.
    operation: String,
    place: &'static str,
    algbw: f64,
    busbw: f64,
    /// `N/A` where nothing was checked.
    wrong: String,
}

impl Seen {
    fn drafts(self) -> Vec<Draft> {
        let place = |rank: &Rank| rank.address.as_ref().map(|at| (rank.host.clone(), at.clone()));
        let mut places: Vec<_> = self.ranks.iter().filter_map(place).collect();
        places.sort();
        let shared = places.windows(2).any(|pair| pair[0] == pair[1]);
        let why = if self.ranks.len() < 2 {
            Some("one rank: nothing goes over links")
        } else if shared {
            Some("two ranks share a device: nothing need go over links")
        } else {
            None
        };
        let devices = self.ranks.len();
        let each = self.ranks.iter().map(|rank| {
            let mut draft = Draft {
                number: Some(rank.number),
                pci_address: rank.address.clone(),
                version: self.version.clone(),
                figures: Figures::of_devices(devices),
                ..Draft::of(&rank.name)
            };
            for row in &self.rows {
                draft.figures.push(row.figure(&self.collective, why));
            }
            draft
        });
        each.collect()
    }
}

impl Row {
    fn figure(&self, collective: &str, nothing: Option<&str>) -> ExternalFigure {
        let named = if collective.is_empty() { "collective" } else { collective };
        let label = format!("{named} {} {} bytes, {}", self.operation, self.size, self.place);
        if let Some(why) = nothing {
            return unused(label, why);
        }
        // Whatever adds up is one of those that reach every rank.
        let known =
            SYMMETRIC.contains(&collective) || collective.is_empty() && self.operation != "none";
        if !known {
            return unused(
                label,
                "a collective of which not every rank carries the figure, or none is named",
            );
        }
        let wrong = self.wrong.parse::<f64>().ok();
        if wrong.is_some_and(|count| count > 0.0) {
            return unused(label, format!("wrong: {} elements", self.wrong));
        }
        let by_time = self.size.parse::<f64>().unwrap_or(f64::NAN) / self.time_us / 1e3;
        if (by_time - self.algbw).abs() > ROUNDING * self.algbw + LAST_DIGITS {
            return unused(
                label,
                format!(
                    "contradicts itself: {by_time:.2} GB/s by its time, algbw says {}",
                    self.algbw
                ),
            );
        }
        let gb_per_s = self.algbw.min(self.busbw);
        if gb_per_s.is_nan() {
            return unused(label, no_rate("N/A"));
        }
        let figure =
            link(label, gb_per_s * 1e9).under("the lesser of algbw and busbw, one direction");
        if wrong == Some(0.0) {
            figure.verified()
        } else {
            figure.though("run without a check of its results")
        }
    }
}
