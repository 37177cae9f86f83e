//! What a reader makes of a file: figures, each with what it counts as, or why it does not.

use std::collections::BTreeMap;

use crate::record::{DeviceIdentity, ExternalFigure, LeftOut, Note};

/// Spread that a verified figure of a program which states none is taken with: SPEC MPI2007 tolerates 5 % between
/// runs of the same thing.
pub(super) const ASSUMED_UNCERTAINTY: f64 = 0.05;

/// Figures that are held before the slow ones go: files of real tools have some hundred.
const MOST_HELD: usize = 2_000;
/// The same for all devices of a file together.
const MOST_IN_ALL: usize = 20_000;
/// Characters of a label, a reason or a remark: none that means something is longer.
const LONGEST: usize = 300;
/// Reasons that are told apart among those that go.
const MOST_REASONS: usize = 50;

/// What a file says about one device.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) device: Option<String>,
    /// Number by which the program calls it.
    pub(super) number: Option<u32>,
    pub(super) pci_address: Option<String>,
    pub(super) driver: Option<String>,
    pub(super) chip: Option<String>,
    pub(super) version: Option<String>,
    /// The file says that it is no GPU, or names a platform that has none.
    pub(super) cpu: Option<String>,
    pub(super) identity: Option<DeviceIdentity>,
    pub(super) figures: Figures,
    pub(super) notes: Vec<Note>,
}

impl Draft {
    pub(super) fn of(device: impl Into<String>) -> Self {
        Self { device: Some(device.into()), ..Self::default() }
    }

    pub(super) fn note(&mut self, id: &str, text: String, advice: &str) {
        self.notes.push(Note { id: id.into(), text, advice: advice.into() });
    }

    fn is(&self, other: &Self) -> bool {
        self.device == other.device
            && self.number == other.number
            && self.pci_address == other.pci_address
    }
}

/// More devices than any machine has.
pub(super) const MOST_DEVICES: usize = 1_024;

/// Refuses a file that names more.
pub(super) fn plausible(devices: usize) -> Result<(), String> {
    if devices > MOST_DEVICES {
        return Err(format!("more than {MOST_DEVICES} devices: no machine has so many"));
    }
    Ok(())
}

/// The devices of a file in their order, found again by name and number.
#[derive(Default)]
pub(super) struct Drafts(pub(super) Vec<Draft>);

impl Drafts {
    /// The device of this name and number; the first time it is made.
    pub(super) fn of(&mut self, device: &str, number: Option<u32>) -> Result<&mut Draft, String> {
        let same = |d: &Draft| d.device.as_deref() == Some(device) && d.number == number;
        let place = self.0.iter().position(same).unwrap_or(self.0.len());
        if place == self.0.len() {
            plausible(place + 1)?;
            self.0.push(Draft { number, ..Draft::of(device) });
        }
        let devices = self.0.len();
        self.0[place].figures.devices = devices;
        Ok(&mut self.0[place])
    }

    /// Another run's devices: figures of one that is there already are added to its own.
    pub(super) fn merge(&mut self, others: Vec<Draft>) -> Result<(), String> {
        for other in others {
            if let Some(known) = self.0.iter_mut().find(|known| known.is(&other)) {
                other.figures.kept.into_iter().for_each(|figure| known.figures.push(figure));
                for (why, count) in other.figures.left_out {
                    *known.figures.left_out.entry(why).or_default() += count;
                }
            } else {
                self.0.push(other);
                plausible(self.0.len())?;
            }
        }
        Ok(())
    }
}

/// Figures of one device, bounded: a file of a million rows takes no more memory than one of some thousand.
#[derive(Default)]
pub(super) struct Figures {
    kept: Vec<ExternalFigure>,
    left_out: BTreeMap<String, u64>,
    thin_at: usize,
    /// Devices that share the room.
    devices: usize,
}

impl Figures {
    /// For one of so many devices.
    pub(super) fn of_devices(devices: usize) -> Self {
        Self { devices, ..Self::default() }
    }

    fn most_held(&self) -> usize {
        MOST_HELD.min(MOST_IN_ALL / self.devices.max(1))
    }

    pub(super) fn push(&mut self, mut figure: ExternalFigure) {
        clip(&mut figure.label);
        for text in [&mut figure.why, &mut figure.conditions, &mut figure.source] {
            text.as_mut().into_iter().for_each(clip);
        }
        self.kept.push(figure);
        if self.kept.len() > self.thin_at.max(self.most_held()) {
            self.thin();
            self.thin_at = 2 * self.kept.len();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut ExternalFigure> {
        self.kept.iter_mut()
    }

    /// The figures in the order of the file, and how many others there were by reason.
    pub(super) fn finish(mut self) -> (Vec<ExternalFigure>, Vec<LeftOut>) {
        if self.kept.len() > self.most_held() {
            self.thin();
        }
        let left_out = self.left_out.into_iter();
        (self.kept, left_out.map(|(why, count)| LeftOut { count, why }).collect())
    }

    fn thin(&mut self) {
        let mut rank: Vec<usize> = (0..self.kept.len()).collect();
        // A stable order, fastest first: what no rate has stays in the order of the file.
        rank.sort_by(|a, b| self.kept[*b].rate().total_cmp(&self.kept[*a].rate()));
        // Of each kind the twentieth part of what is held, at most; without a rate twice that.
        let most = self.most_held() / 20;
        let mut of_a_kind: BTreeMap<_, usize> = BTreeMap::new();
        let mut keep = vec![false; self.kept.len()];
        for at in rank {
            let figure = &self.kept[at];
            let held = of_a_kind.entry((figure.counts, figure.kind())).or_default();
            *held += 1;
            keep[at] = *held <= if figure.counts { most } else { 2 * most };
        }
        let mut places = keep.iter();
        let left_out = &mut self.left_out;
        self.kept.retain(|figure| {
            let stays = *places.next().unwrap_or(&true);
            if !stays {
                let why = if figure.counts {
                    "slower than others of their kind that are listed"
                } else {
                    figure.why.as_deref().unwrap_or_default()
                };
                let known = left_out.contains_key(why) || left_out.len() < MOST_REASONS;
                *left_out.entry(if known { why } else { "other reasons" }.into()).or_default() += 1;
            }
            stays
        });
    }
}

/// The beginning of what is absurdly long.
pub(super) fn shortened(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}

/// Cuts what is absurdly long; a copy, so that the memory goes too.
pub(super) fn clip(text: &mut String) {
    if text.len() > LONGEST {
        *text = shortened(text).to_owned();
    }
}

/// A figure that is kept and never used.
pub(super) fn unused(label: impl Into<String>, why: impl Into<String>) -> ExternalFigure {
    ExternalFigure { label: label.into(), why: Some(why.into()), ..ExternalFigure::default() }
}

/// Dense operations per second on inputs of so many bits.
pub(super) fn multiplies(label: impl Into<String>, per_s: f64, bits: u32) -> ExternalFigure {
    counted(label, per_s, |figure| {
        (figure.ops_per_s, figure.bit_length) = (Some(per_s), Some(bits));
    })
}

/// Bytes per second to and from DRAM.
pub(super) fn memory(label: impl Into<String>, bytes_per_s: f64) -> ExternalFigure {
    counted(label, bytes_per_s, |figure| figure.bytes_per_s = Some(bytes_per_s))
}

/// Bytes per second between this device and others.
pub(super) fn link(label: impl Into<String>, bytes_per_s: f64) -> ExternalFigure {
    counted(label, bytes_per_s, |figure| figure.link_bytes_per_s = Some(bytes_per_s))
}

/// A rate that can be one counts; anything else is kept with that reason.
fn counted(
    label: impl Into<String>,
    value: f64,
    set: impl FnOnce(&mut ExternalFigure),
) -> ExternalFigure {
    if !(value.is_finite() && value > 0.0) {
        return unused(label, no_rate(&value.to_string()));
    }
    let mut figure =
        ExternalFigure { label: label.into(), counts: true, ..ExternalFigure::default() };
    set(&mut figure);
    figure
}

/// Why a rate counted from sizes and time contradicts the one that the file states beside them, if it does. The tool
/// may count more operations than the product's, as a share of those, and so state a higher rate; never a lower one.
pub(super) fn contradiction(per_s: f64, stated: f64, most_more: f64) -> Option<String> {
    if !(per_s.is_finite() && per_s > 0.0) {
        return None;
    }
    let sound = per_s <= stated * (1.0 + MOST_CONTRADICTION)
        && per_s * (1.0 + most_more + MOST_CONTRADICTION) >= stated;
    (!sound).then(|| {
        format!(
            "contradicts itself: {:.0} GFLOP/s by its time, {:.0} stated",
            per_s / 1e9,
            stated / 1e9
        )
    })
}

/// By how much two such rates may differ: in sound files they do by 0.01 %.
const MOST_CONTRADICTION: f64 = 0.02;

/// Why a value is none. Tools print 0 for what they could not measure.
pub(super) fn no_rate(value: &str) -> String {
    format!("{value} is no rate: one is a number above 0")
}

impl ExternalFigure {
    /// What weakens it, where it counts.
    pub(super) fn though(mut self, why: &str) -> Self {
        if self.counts {
            self.why = Some(why.into());
        }
        self
    }

    pub(super) fn under(mut self, conditions: impl Into<String>) -> Self {
        self.conditions = Some(conditions.into());
        self
    }

    /// Compared with a reference by its program, which states no spread.
    pub(super) fn verified(mut self) -> Self {
        if self.counts {
            (self.verified, self.why) = (true, None);
            self.relative_uncertainty = Some(ASSUMED_UNCERTAINTY);
        }
        self
    }

    /// No longer counted; its rate is kept.
    pub(super) fn discounted(&mut self, why: impl Into<String>) {
        (self.counts, self.verified) = (false, false);
        self.why = Some(why.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_keeps_the_fastest_of_each_kind_and_counts_the_others() {
        let mut figures = Figures::default();
        for n in 0..50_000_u32 {
            figures.push(multiplies(format!("a {n}"), f64::from(n), 16 + n % 2));
            figures.push(memory(format!("b {n}"), f64::from(n)));
            figures.push(unused(format!("c {n}"), format!("reason {}", n % 1_000)));
        }
        let (kept, left_out) = figures.finish();
        let left: u64 = left_out.iter().map(|l| l.count).sum();
        assert_eq!(kept.len() as u64 + left, 150_000);
        assert!(kept.len() < 3_000 && left_out.len() <= 1 + MOST_REASONS, "{}", kept.len());
        for label in ["a 49999", "a 49998", "b 49999", "c 0"] {
            assert!(kept.iter().any(|f| f.label == label), "{label}");
        }
    }
}
