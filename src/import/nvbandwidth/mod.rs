//! What `nvbandwidth` prints, as JSON or as text. The local copy says something about DRAM: the tool counts copied
//! bytes once, and each is read and written, so DRAM moved at least as many. Copies between devices say something
//! about links. Whether the copies were verified (`--skipVerification`) does not stand in the file.

mod json;
mod text;

use super::draft::{Draft, Drafts, Figures, link, memory, no_rate, plausible, unused};
use super::format::Format;
use super::text::{has_key, has_line};
use super::version::numbers;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "nvbandwidth",
    made_by: "nvbandwidth -j > FILE, or what it prints without -j",
    counts: "device_local_copy as DRAM, copied bytes counted once; device_to_device, all_to_one, one_to_all as links, one direction",
    kept: "transfers with the host, latencies, sums of both directions, tests that did not pass",
    verified: "not stated, so never",
    versions: "0.4 to 0.8",
    signs: |text| {
        has_line(text, BEGINS)
            || has_key(text, "nvbandwidth")
                && ["GPU Device list", "testcases", "Driver Version"]
                    .iter()
                    .any(|key| has_key(text, key))
    },
    read: |text| {
        let runs = if has_line(text, BEGINS) { text::read(text)? } else { json::read(text)? };
        let mut drafts = Drafts::default();
        for run in runs {
            if run.tests.len() > MOST_TESTS {
                return Err(format!("more than {MOST_TESTS} tests: nvbandwidth has some fifty"));
            }
            plausible(run.devices.len())?;
            drafts.merge(run.drafts())?;
        }
        Ok(drafts.0)
    },
};

/// How the printed form begins.
const BEGINS: &str = "nvbandwidth Version:";
/// Far more tests than the tool has.
const MOST_TESTS: usize = 1_000;

/// What either form says.
#[derive(Default)]
struct Seen {
    version: Option<String>,
    driver: Option<String>,
    error: Option<String>,
    devices: Vec<String>,
    tests: Vec<Test>,
}

struct Test {
    name: String,
    status: String,
    /// In GB/s; NaN where a cell holds none.
    matrix: Vec<Vec<f64>>,
}

impl Seen {
    fn drafts(self) -> Vec<Draft> {
        let version = numbers(self.version.as_deref().unwrap_or_default());
        let mut drafts: Vec<Draft> = self.devices.iter().enumerate().map(device).collect();
        for (place, draft) in drafts.iter_mut().enumerate() {
            (draft.driver, draft.version) = (self.driver.clone(), self.version.clone());
            draft.figures = Figures::of_devices(self.devices.len());
            for test in &self.tests {
                draft.figures.push(test.figure(place, self.devices.len(), &version));
            }
            if let Some(error) = &self.error {
                draft.note(
                    "external/error",
                    format!("nvbandwidth ended with an error: {error}"),
                    "what passed before it is kept; run it again on its own",
                );
            }
        }
        drafts
    }
}

/// `0: NVIDIA H200 (00000000:4e:00): (host)`, and of several machines `0 (host): device 0: NVIDIA ...`: number, name,
/// address.
fn device((place, entry): (usize, &String)) -> Draft {
    let (number, rest) = entry.split_once(": ").unwrap_or(("", entry));
    let (number, rest) = match rest.strip_prefix("device ").and_then(|rest| rest.split_once(": ")) {
        Some((_, name)) => (number.split(' ').next().unwrap_or(number), name),
        None => (number, rest),
    };
    let mut parts = rest.split(" (");
    let name = parts.next().unwrap_or(rest).trim();
    let address = parts.next().and_then(|part| part.split(')').next());
    Draft {
        number: Some(number.trim().parse().unwrap_or(place as u32)),
        pci_address: address.filter(|text| text.contains(':')).map(str::to_owned),
        device: (!name.is_empty()).then(|| name.to_owned()),
        ..Draft::default()
    }
}

impl Test {
    fn figure(&self, device: usize, devices: usize, version: &[u64]) -> ExternalFigure {
        let label = self.name.clone();
        let though = "the file does not say whether the copies were verified";
        if self.status != "Passed" {
            return unused(label, format!("not measured: {}", self.status));
        }
        if self.name.starts_with("multinode_") {
            return unused(
                label,
                "a test over several machines, which adds rates of their own times",
            );
        }
        let of_device = self.matrix.first().and_then(|row| row.get(device));
        if self.name.contains("latency") {
            unused(label, "a latency")
        } else if self.name == "device_local_copy" {
            match of_device {
                Some(value) => {
                    memory(label, value * 1e9).though(though).under("copied bytes, counted once")
                }
                None => unused(label, "no value for this device"),
            }
        } else if self.name.starts_with("all_to_one_") || self.name.starts_with("one_to_all_") {
            match of_device {
                Some(value) => {
                    link(label, value * 1e9).though(though).under("with all others, one direction")
                }
                None => unused(label, "no value for this device"),
            }
        } else if self.name.starts_with("device_to_device_") {
            if self.is_sum(devices, version) {
                return unused(label, "both directions added, each by its own time");
            }
            match self.fastest_pair(device, devices) {
                Some((other, value)) => link(label, value * 1e9)
                    .though(though)
                    .under(format!("with device {other}, one direction")),
                None => unused(label, no_rate("N/A")),
            }
        } else {
            unused(label, "a transfer with the host")
        }
    }

    /// Before 0.6 the bidirectional tests on the SMs state the sum of both directions; no version is taken for an old one.
    fn is_sum(&self, devices: usize, version: &[u64]) -> bool {
        let unstacked = self.matrix.len() <= devices;
        self.name.contains("bidirectional")
            && self.name.ends_with("_sm")
            && version < &[0, 6]
            && unstacked
    }

    /// The fastest pair that a device belongs to. Since 0.6 a bidirectional test has three matrices one below the other:
    /// one direction, the other, and their sum, which is left out.
    fn fastest_pair(&self, device: usize, devices: usize) -> Option<(usize, f64)> {
        let rows = if self.matrix.len() == 3 * devices { 2 * devices } else { self.matrix.len() };
        let rows = self.matrix[..rows].iter().enumerate();
        let mine = rows.flat_map(|(at, row)| {
            let (own, other) = if at % devices == device {
                (row.as_slice(), None)
            } else {
                (Default::default(), row.get(device))
            };
            let own = own.iter().enumerate().map(|(to, value)| (to, *value));
            own.chain(other.map(|value| (at % devices, *value)))
        });
        let mine = mine.filter(|(_, value)| value.is_finite());
        mine.max_by(|a, b| a.1.total_cmp(&b.1))
    }
}
