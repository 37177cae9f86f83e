//! What is changed in a job's inputs between dispatches, and where the result must show it.
//!
//! A device that answers with what it remembers is found out only where the change reaches the result: row 0 of a
//! causal mask does not depend on its query, and a word of one factor changes one row or column of a product.

use super::{ElementType, InputBuffer, inputs};

/// One change of one word, and the words of the result that depend on it: `first`, `first + stride`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Nudge {
    /// Which word of the buffer.
    pub word: u32,
    /// Bits of it that are turned over; doing it twice brings the original back.
    pub mask: u32,
    /// First word of the result that depends on it.
    pub first: u32,
    /// Distance of the next one.
    pub stride: u32,
    /// How many there are.
    pub count: u32,
}

/// The changes that a job's inputs go through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nudges {
    /// Which buffer is changed: an input, or the plain values, which count as the one behind them.
    pub buffer: usize,
    /// The changes; none where no input reaches the result.
    pub list: Vec<Nudge>,
}

/// Random stream of the places.
const TAG_NUDGES: u32 = 301;
/// Output above which every change costs seconds, since each result is read by the host.
const LARGE_OUTPUT: u64 = 1 << 28;
/// Sign bits of an f32 or a word, and of the first and of both f16 in a word. A value with another sign costs as
/// much power, and is never the same: no input is zero.
const SIGN: u32 = 1 << 31;
const SIGN_FIRST: u32 = 1 << 15;
/// Sign bits of the four i8 in a word.
const SIGNS_I8: u32 = 0x8080_8080;

/// Changes besides none.
fn wanted(output_bytes: u64) -> usize {
    if output_bytes > LARGE_OUTPUT { 3 } else { 7 }
}

/// Where an element of a matrix reaches the result.
pub(super) struct Reach<'a> {
    /// First element of the result that depends on the element in this plane, row and column.
    pub(super) first: &'a dyn Fn(u64, u64, u64) -> u64,
    /// Distance of the next one.
    pub(super) stride: u64,
    /// How many there are.
    pub(super) count: u64,
    /// Type of the result.
    pub(super) element: ElementType,
    /// Size of the result.
    pub(super) bytes: u64,
}

/// Changes of elements of `input`, which is number `buffer`, in the first `rows` of its planes.
pub(super) fn elements(buffer: usize, input: &InputBuffer, rows: u64, reach: &Reach<'_>) -> Nudges {
    let mut list: Vec<Nudge> = Vec::new();
    let bytes = input.element_bytes();
    for at in 0..4 * wanted(reach.bytes) as u64 {
        let [plane, row, column, _] = inputs::words(0, TAG_NUDGES, at).map(u64::from);
        let (plane, row) = (plane % input.planes, row % rows);
        // The first element of its word in both buffers.
        let word = if bytes == 1 { 4 } else { 2 };
        let column = column % input.columns / word * word;
        let element = (plane * input.padded_rows + row) * input.padded_columns + column;
        let mask = match bytes {
            4 => SIGN,
            // Those behind the last column are padding, and stay zero.
            1 => SIGNS_I8 >> (8 * (4 - (input.columns - column).min(4))),
            _ if column + 1 < input.columns => SIGN | SIGN_FIRST,
            _ => SIGN_FIRST, // the second one is padding, and stays zero
        };
        let words = |elements: u64| (elements * reach.element.bytes() / 4) as u32;
        let nudge = Nudge {
            word: (element * bytes / 4) as u32,
            mask,
            first: words((reach.first)(plane, row, column)),
            stride: words(reach.stride),
            count: reach.count as u32,
        };
        if list.len() < wanted(reach.bytes) && list.iter().all(|known| known.word != nudge.word) {
            list.push(nudge);
        }
    }
    Nudges { buffer, list }
}

/// Changes of words of the first input, each of which reaches one word of the result: its own place modulo the
/// size of the result.
pub(super) fn words(input_words: u64, output_words: u64) -> Nudges {
    let mut list: Vec<Nudge> = Vec::new();
    for at in 0..wanted(4 * output_words) as u64 {
        let word = u64::from(inputs::words(0, TAG_NUDGES, at)[0]) % input_words;
        if list.iter().all(|known| u64::from(known.word) != word) {
            let first = (word % output_words) as u32;
            list.push(Nudge { word: word as u32, mask: SIGN, first, stride: 1, count: 1 });
        }
    }
    Nudges { buffer: 0, list }
}

/// Changes of plain value number `value`, on which all of the result depends. They turn over bits that f16 has, too.
pub(super) fn values(value: u32, output_words: u64) -> Nudges {
    let changes = 1..=wanted(4 * output_words) as u32;
    let nudge = |change| Nudge {
        word: value,
        mask: change << 13,
        first: 0,
        stride: 1,
        count: output_words as u32,
    };
    Nudges { buffer: 0, list: changes.map(nudge).collect() }
}

#[cfg(test)]
mod tests {
    use crate::adapter::Capability;
    use crate::workload::Workload;

    #[test]
    fn every_change_lies_in_its_buffer_and_its_reach_in_the_result() {
        for text in [
            "matmul:f32:1x1x1",
            "matmul:f16:3x5x7",
            "matmul:f16:300x200x100",
            "attention:f32:2x6/2x65x16",
            "attention-causal:f16:1x2x100x40",
            "attention-decode:f16:2x6/2x100x3",
            "bandwidth-read:16336",
            "bandwidth-copy:16",
            "bandwidth-triad:1048576",
            "matmul:i8:3x5x7",
            "matmul:i8:300x200x100",
            "roof:i8:100",
            "roof:f16:100",
            "chain:4096",
        ] {
            for job in text.parse::<Workload>().unwrap().candidates(&Capability::least()).unwrap() {
                let nudges = &job.nudges;
                let sizes = job.inputs.iter().map(super::InputBuffer::bytes);
                let sizes: Vec<u64> = sizes.chain([4 * job.values.len() as u64]).collect();
                assert!(!nudges.list.is_empty(), "{text}");
                for nudge in &nudges.list {
                    let end = u64::from(nudge.first)
                        + u64::from(nudge.count - 1) * u64::from(nudge.stride);
                    let inside = 4 * u64::from(nudge.word) < sizes[nudges.buffer];
                    assert!(
                        inside && 4 * end < job.output_bytes,
                        "{text}, {}: {nudge:?}",
                        job.kernel
                    );
                    assert_ne!(nudge.mask, 0);
                }
            }
        }
    }
}
