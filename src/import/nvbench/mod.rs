//! What an NVBench program writes with `--json` or `--csv`. It counts the bytes that a benchmark declares to move
//! through global memory, with the L2 cache flushed before each launch; what an "item" is, it does not know. It
//! verifies no result.

mod json;
mod table;

use super::draft::{memory, unused};
use super::format::Format;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "nvbench",
    made_by: "any NVBench program with --json FILE or --csv FILE",
    counts: "bytes of global memory that the benchmark declares, cold cache, up to the bus that the file states",
    kept: "states without declared bytes; skipped ones; more bytes than the bus of the same file carries",
    verified: "never",
    versions: "JSON 1.0.0 (NVBench 0.1 to 0.2), CSV of the same",
    signs: |text| text.contains("\"nv/cold/") || text.contains(table::RATE),
    read: |text| if text.contains("\"nv/cold/") { json::read(text) } else { table::read(text) },
};

/// A rate, with what the file knows of the bus: its own bytes per second, or the share of it that was used.
fn figure(label: String, bytes_per_s: f64, bus: Option<f64>, used: Option<f64>) -> ExternalFigure {
    if let Some(bus) = bus.filter(|bus| bytes_per_s > *bus) {
        let share = bytes_per_s / bus;
        return unused(
            label,
            format!("{share:.1} times the bus that the file states: that was no DRAM traffic"),
        );
    }
    if let Some(used) = used.filter(|used| *used > 1.0) {
        return unused(
            label,
            format!(
                "{used:.1} times the bus by the file's own share of it: that was no DRAM traffic"
            ),
        );
    }
    memory(label, bytes_per_s)
        .though("NVBench does not verify results")
        .under("bytes as the benchmark declares them, cold cache")
}
