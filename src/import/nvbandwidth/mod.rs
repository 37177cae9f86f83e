//! What `nvbandwidth` prints, as JSON or as text. The local copy says something about DRAM: the tool counts copied
//! bytes once, and each is read and written, so DRAM moved at least as many. Copies between devices say something
//! about links. Whether the copies were verified (`--skipVerification`) does not stand in the file.

mod json;
mod text;

use super::draft::{Draft, MOST_DEVICES, link, memory, no_rate, unused};
use super::format::Format;
use super::text::{has_key, has_line};
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "nvbandwidth",
    made_by: "nvbandwidth -j > FILE, or what it prints without -j",
    counts: "device_local_copy as DRAM, copied bytes counted once; device_to_device copies as links, the fastest pair",
    kept: "transfers with the host, latencies, sums over devices, tests that did not pass",
    verified: "not stated, so never",
    versions: "0.4 to 0.8",
    signs: |text| {
        has_line(text, "nvbandwidth Version:")
            || has_key(text, "nvbandwidth")
                && ["GPU Device list", "testcases", "Driver Version"]
                    .iter()
                    .any(|key| has_key(text, key))
    },
    read: |text| {
        let seen = if has_line(text, "nvbandwidth Version:") {
            text::read(text)?
        } else {
            json::read(text)?
        };
        if seen.devices.len() > MOST_DEVICES {
            return Err(format!("more than {MOST_DEVICES} devices: no machine has so many"));
        }
        Ok(seen.drafts())
    },
};

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
        let mut drafts: Vec<Draft> = self.devices.iter().enumerate().map(device).collect();
        for (place, draft) in drafts.iter_mut().enumerate() {
            (draft.driver, draft.version) = (self.driver.clone(), self.version.clone());
            for test in &self.tests {
                draft.figures.push(test.figure(place));
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

/// `0: NVIDIA H200 (00000000:4e:00): (host)`: number, name, address.
fn device((place, entry): (usize, &String)) -> Draft {
    let (number, rest) = entry.split_once(": ").unwrap_or(("", entry));
    let mut parts = rest.split(" (");
    let name = parts.next().unwrap_or(rest).trim();
    let address = parts.next().and_then(|part| part.split(')').next());
    Draft {
        number: Some(number.trim().parse().unwrap_or(place as u32)),
        pci_address: address.filter(|text| text.contains(':')).map(str::to_owned),
        ..Draft::of(name)
    }
}

impl Test {
    fn figure(&self, device: usize) -> ExternalFigure {
        let label = self.name.clone();
        if self.status != "Passed" {
            return unused(label, format!("not measured: {}", self.status));
        }
        if self.name == "device_local_copy" {
            let Some(value) = self.matrix.first().and_then(|row| row.get(device)) else {
                return unused(label, "no value for this device");
            };
            return memory(label, value * 1e9)
                .though("the file does not say whether the copies were verified")
                .under("copied bytes, counted once");
        }
        if self.name.starts_with("device_to_device_") && !self.name.contains("latency") {
            return self.link(device);
        }
        unused(
            label,
            if self.name.contains("latency") {
                "a latency"
            } else {
                "a transfer with the host, or a sum over devices"
            },
        )
    }

    /// The fastest pair that a device belongs to.
    fn link(&self, device: usize) -> ExternalFigure {
        let column =
            self.matrix.iter().enumerate().filter_map(|(at, row)| Some((at, *row.get(device)?)));
        let row = self.matrix.get(device).into_iter().flatten().copied().enumerate();
        let best = column
            .chain(row)
            .filter(|(_, value)| value.is_finite())
            .max_by(|a, b| a.1.total_cmp(&b.1));
        match best {
            Some((other, value)) => link(self.name.clone(), value * 1e9)
                .though("the file does not say whether the copies were verified")
                .under(format!("with device {other}")),
            None => unused(self.name.clone(), no_rate("N/A")),
        }
    }
}
