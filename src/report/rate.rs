//! A figure as people read it: the rate, its one uncertainty beside it, and a mark where others disturbed it.

use crate::record::{Quantity, State, WorkloadRecord};
use crate::units::{BytesPerS, OpsPerS, duration, number, significant};

/// In front of a rate that was measured while others used the machine.
pub(super) const DISTURBED: &str = "* ";

/// The main figure of a workload, or the word that stands in its place.
pub(super) fn rate(w: &WorkloadRecord) -> String {
    match (&w.state, w.verified()) {
        (State::Measured, Some(s)) => match (s.ops_per_s, s.bytes_per_s) {
            (Some(ops), _) => OpsPerS(ops).of(w.operation()),
            (None, Some(bytes)) => BytesPerS(bytes).to_string(),
            (None, None) => duration(s.median_ns),
        },
        (State::Unsupported, _) => "unsupported".into(),
        _ => "FAILED".into(),
    }
}

/// The same with the mark in front.
pub(super) fn marked_rate(w: &WorkloadRecord) -> String {
    let mark = if w.verified().is_some() && w.is_disturbed() { DISTURBED } else { "" };
    format!("{mark}{}", rate(w))
}

/// U, the expanded uncertainty of a verified rate as a share of it. What is no uncertainty counts as unknown.
pub(super) fn uncertainty(w: &WorkloadRecord) -> Option<f64> {
    let expanded = w.verified()?.uncertainty.as_ref()?.expanded;
    Some(expanded).filter(|u| u.is_finite() && *u >= 0.0)
}

/// U as it stands beside a rate.
pub(super) fn shown_uncertainty(w: &WorkloadRecord) -> String {
    match (w.verified(), uncertainty(w)) {
        (None, _) => "-".into(),
        (Some(_), None) => "unknown".into(),
        (Some(_), u) => percent(u),
    }
}

/// What others did meanwhile, where it was much.
pub(super) fn disturbance(w: &WorkloadRecord) -> Option<String> {
    let load = w.others_load.filter(|_| w.is_disturbed())?;
    Some(format!("other programs used {:.0} % of the processors meanwhile", 100.0 * load))
}

/// A share as it is shown.
pub(super) fn percent(share: Option<f64>) -> String {
    let shown = |percent: f64| match percent {
        x if x.abs() < 1e6 => format!("{x:.1} %"),
        x => format!("{} %", significant(x)),
    };
    share.map_or("-".into(), |share| shown(100.0 * share))
}

/// What the measurement says of a quantity. `>=` stands before the value less its uncertainty and nothing else.
pub(super) fn bound(q: &Quantity) -> String {
    match (q.demonstrated_lower, q.demonstrated) {
        (Some(low), Some(x)) => format!(">= {} (measured {})", number(low), number(x)),
        (Some(low), None) => format!(">= {}", number(low)),
        (None, Some(x)) => format!("measured {}, U unknown", number(x)),
        (None, None) => "nothing".into(),
    }
}
