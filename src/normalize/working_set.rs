//! What of the memory's rates is DRAM's: a buffer that fits in a cache is read from the cache.

use super::Chip;
use crate::record::WorkloadRecord;

/// Times that the bytes of a dispatch must be the last-level cache: with so many nearly every line is gone again
/// before its next turn, whatever the cache keeps.
const TIMES_THE_CACHE: u64 = 4;
/// The largest last-level cache of a GPU that shares its memory with a processor, and of any other device, that is
/// taken for granted where the catalogue does not know it: 64 MB (system caches of phones and laptops) and 256 MiB
/// (stacked caches of accelerators).
const UNKNOWN_INTEGRATED_BYTES: u64 = 64_000_000;
const UNKNOWN_BYTES: u64 = 256 << 20;

/// Bytes that a dispatch must move, each once, before its rate says something of the DRAM.
pub fn least_working_set_bytes(chip: Option<&Chip>, device_type: &str) -> u64 {
    let unknown =
        if device_type == "integrated-gpu" { UNKNOWN_INTEGRATED_BYTES } else { UNKNOWN_BYTES };
    let known = chip.and_then(Chip::last_level_cache_mb).map(|mb| (mb * 1e6) as u64);
    TIMES_THE_CACHE * known.map_or(unknown, |bytes| bytes.max(UNKNOWN_INTEGRATED_BYTES))
}

/// Whether a workload's rate is one of DRAM: it streams, and through more than a cache can hold.
pub(crate) fn is_dram_evidence(w: &WorkloadRecord, chip: Option<&Chip>, device_type: &str) -> bool {
    w.is_stream() && w.work.bytes >= least_working_set_bytes(chip, device_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_cache_is_taken_for_a_large_one() {
        assert_eq!(least_working_set_bytes(None, "discrete-gpu"), 1 << 30);
        assert_eq!(least_working_set_bytes(None, "cpu"), 1 << 30);
        assert_eq!(least_working_set_bytes(None, "integrated-gpu"), 256_000_000);
    }
}
