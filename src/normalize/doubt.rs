//! Figures of other programs that the catalogue speaks against. A rate above the declared peak says that one of three
//! things is wrong: the file, the label, or the declaration. Until somebody says which, it proves nothing.

use super::figures::FORMATS;
use super::working_set::least_working_set_bytes;
use super::{Catalogue, Chip, Options};
use crate::record::{External, ExternalFigure};
use crate::units::{BytesPerS, OpsPerS};

/// Beyond so many times the peak neither a label nor a clock explains a figure.
const IMPOSSIBLE: f64 = 2.0;
/// Up to so many times the peak a raised clock may explain it: cards for players run some 10 % above what is declared.
const BY_CLOCK: f64 = 1.25;

/// What speaks against one figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// In a sentence.
    pub text: String,
    /// No reading of the declaration allows for it.
    pub impossible: bool,
}

type Peak = fn(&Chip, u32) -> Option<f64>;

/// What speaks against a figure that counts, if the chip, or failing that any chip of the catalogue, declares less.
pub(super) fn doubt(
    figure: &ExternalFigure,
    chip: Option<&Chip>,
    catalogue: &Catalogue,
) -> Option<Doubt> {
    let (shown, value, peak): (String, f64, Peak) =
        match (figure.ops_per_s, figure.bytes_per_s, figure.link_bytes_per_s) {
            (Some(x), ..) => (OpsPerS(x).to_string(), x / 1e12, peak_tops),
            (_, Some(x), _) => (BytesPerS(x).to_string(), x / 1e9, |chip, _| peak_dram(chip)),
            (.., Some(x)) => (BytesPerS(x).to_string(), x / 1e9, |chip, _| peak_links(chip)),
            _ => return None,
        };
    if let (Some(_), Some(bytes)) = (figure.bytes_per_s, figure.working_set_bytes)
        && bytes < least_working_set_bytes(chip, "")
    {
        return Some(Doubt {
            text: format!(
                "{}: its working set of {:.0} MB may stay in a cache, so it is no DRAM bandwidth",
                figure.label,
                bytes as f64 / 1e6
            ),
            impossible: true,
        });
    }
    let bits = figure.bit_length.unwrap_or_default();
    let at = figure.bit_length.map_or(String::new(), |bits| format!(" at {bits} bits"));
    let unit = if figure.ops_per_s.is_some() { "T/s" } else { "GB/s" };
    if let Some((chip, declared)) = chip.and_then(|chip| Some((chip, peak(chip, bits)?))) {
        if value <= declared {
            return None;
        }
        let impossible = value > IMPOSSIBLE * declared;
        let then = if impossible {
            "the file or the label is wrong, as nothing else explains more than twice the peak"
        } else if value <= BY_CLOCK * declared {
            "the file, the label or the declaration is wrong, or the chip runs above its declared clock; import again \
             with another --chip, or classify with --declaration-is-wrong"
        } else {
            "the file, the label or the declaration is wrong; import again with another --chip, or classify with \
             --declaration-is-wrong"
        };
        return Some(Doubt {
            text: format!(
                "{}: {shown}{at} is above the declared peak of {} ({declared:.1} {unit}): {then}",
                figure.label, chip.id
            ),
            impossible,
        });
    }
    let all = catalogue.chips.iter().filter_map(|chip| peak(chip, bits)).reduce(f64::max)?;
    (value > IMPOSSIBLE * all).then(|| Doubt {
        text: format!(
            "{}: {shown}{at} is more than twice the declared peak of every chip known ({all:.1} {unit})",
            figure.label
        ),
        impossible: true,
    })
}

/// What in its own words speaks against the item that an import is said to be about.
pub(super) fn identity_doubt(external: &External, catalogue: &Catalogue) -> Option<Doubt> {
    let text = catalogue.contradicted(external)?;
    Some(Doubt {
        text: format!("{text}: find out which is right, and import again with that --chip"),
        impossible: true,
    })
}

/// Every doubt on an import that is said to be about a chip.
pub fn doubts(external: &External, chip: Option<&Chip>, catalogue: &Catalogue) -> Vec<Doubt> {
    let identity = identity_doubt(external, catalogue);
    let counted = external.figures.iter().filter(|figure| figure.counts);
    identity
        .into_iter()
        .chain(counted.filter_map(|figure| doubt(figure, chip, catalogue)))
        .collect()
}

/// The highest declared dense rate at a bit length, else the highest that the declared TPP leaves for it. At the
/// highest clock, and the upper end of what sources leave open. Unknown where the catalogue has a lower bound alone.
fn peak_tops(chip: &Chip, bits: u32) -> Option<f64> {
    if !chip.dense_tops_at_least.is_empty() {
        return None;
    }
    let options = Options::default();
    let rates = || {
        chip.dense_tops.iter().filter_map(|(format, tops)| {
            let (_, length, _) = FORMATS.iter().find(|(name, ..)| name == format)?;
            let high = chip.ranges.get(format).map_or(*tops, |range| range[1].max(*tops));
            Some((length.length(options), high))
        })
    };
    let same = rates().filter(|(length, _)| *length == f64::from(bits)).map(|(_, tops)| tops);
    let by_tpp = || rates().map(|(length, tops)| length * tops / f64::from(bits)).reduce(f64::max);
    let clock = chip.boost_mhz.zip(chip.peak_mhz).map_or(1.0, |(most, stated)| most / stated);
    same.reduce(f64::max).or_else(by_tpp).map(|tops| tops * clock.max(1.0))
}

fn peak_dram(chip: &Chip) -> Option<f64> {
    let high = |stated: f64| chip.ranges.get("dram_gb_per_s").map_or(stated, |r| r[1].max(stated));
    chip.dram_gb_per_s().map(high)
}

fn peak_links(chip: &Chip) -> Option<f64> {
    let high = |stated: f64| chip.ranges.get("io_gb_per_s").map_or(stated, |r| r[1].max(stated));
    chip.io_gb_per_s().map(high)
}
