//! `nvidia-smi -q`, `-q -x` and `--query-gpu=... --format=csv`: which chip, and how it is set. No rate.

mod listing;
mod query;
mod xml;

use super::draft::{Draft, clip, plausible};
use super::format::Format;
use super::text::has_line;
use crate::record::DeviceIdentity;

pub(super) const FORMAT: Format = Format {
    program: "nvidia-smi",
    made_by: "nvidia-smi -q > FILE, nvidia-smi -q -x, or --query-gpu=name,pci.bus_id,... --format=csv",
    counts: "nothing: it says which chip it is, by name, PCI id, part number, memory, clocks, MIG and vGPU mode",
    kept: "",
    verified: "no rate",
    versions: "drivers 515 to 575",
    signs: |text| form(text).is_some(),
    read: |text| {
        let gpus = form(text).ok_or("neither -q, -x nor --query-gpu")?(text)?;
        plausible(gpus.len())?;
        let gpus: Vec<Gpu> = gpus.into_iter().filter(|gpu| !gpu.facts.is_empty()).collect();
        Ok(gpus.into_iter().enumerate().map(|(number, gpu)| gpu.draft(number as u32)).collect())
    },
};

type Read = fn(&str) -> Result<Vec<Gpu>, String>;

fn form(text: &str) -> Option<Read> {
    if text.contains("<nvidia_smi_log") {
        Some(xml::read)
    } else if has_line(text, "==============NVSMI LOG") {
        Some(listing::read)
    } else if text.lines().any(query::is_header) {
        Some(query::read)
    } else {
        None
    }
}

/// What any form tells, as it is written: path of the key, its last parts in lower case with `_`, and the value.
#[derive(Default)]
struct Gpu {
    address: Option<String>,
    driver: Option<String>,
    facts: Vec<(&'static str, String)>,
}

/// Every key that is looked at: of `-q`, of `-q -x`, and of `--query-gpu`.
const KEYS: &[&str] = &[
    "product_name",
    "name",
    "gpu_name",
    "index",
    "driver_version",
    "board_part_number",
    "gpu_part_number",
    "pci/device_id",
    "pci/pci_device_id",
    "pci.device_id",
    "pci/bus_id",
    "pci.bus_id",
    "fb_memory_usage/total",
    "memory.total",
    "max_clocks/sm",
    "max_clocks/sm_clock",
    "clocks.max.sm",
    "max_clocks/memory",
    "max_clocks/mem_clock",
    "clocks.max.memory",
    "gpu_power_readings/current_power_limit",
    "power_readings/power_limit",
    "power.limit",
    "gpu_power_readings/default_power_limit",
    "power_readings/default_power_limit",
    "power.default_limit",
    "mig_mode/current",
    "mig_mode/current_mig",
    "mig.mode.current",
    "gpu_virtualization_mode/virtualization_mode",
];

impl Gpu {
    fn add(&mut self, path: &[String], value: &str) {
        let is = |key: &&&str| key.split('/').eq(path.iter().map(String::as_str));
        // `[N/A]`, `[GPU is lost]` and the like.
        let nothing =
            ["", "N/A", "None", "Unknown Error"].contains(&value) || value.starts_with('[');
        if let Some(key) = KEYS.iter().find(is).filter(|_| !nothing) {
            let mut value = value.to_owned();
            clip(&mut value);
            // A key that comes again belongs to a part of the GPU.
            if self.get(&[key]).is_none() {
                self.facts.push((key, value));
            }
        }
    }

    /// The first value of a key, under any of its names.
    fn get(&self, keys: &[&str]) -> Option<&str> {
        let found = keys.iter().find_map(|key| self.facts.iter().find(|(name, _)| *name == *key));
        found.map(|(_, value)| value.as_str())
    }

    /// The number in front of a unit.
    fn number(&self, keys: &[&str]) -> Option<f64> {
        self.get(keys)?.split_whitespace().next()?.parse().ok()
    }

    fn draft(self, number: u32) -> Draft {
        let on = |word: &str| ["enabled", "on"].contains(&word.to_lowercase().as_str());
        let mebibytes = self.number(&["fb_memory_usage/total", "memory.total"]);
        let limit = self.number(&[
            "gpu_power_readings/current_power_limit",
            "power_readings/power_limit",
            "power.limit",
        ]);
        let usual = self.number(&[
            "gpu_power_readings/default_power_limit",
            "power_readings/default_power_limit",
            "power.default_limit",
        ]);
        let identity = DeviceIdentity {
            part_number: self.get(&["board_part_number", "gpu_part_number"]).map(str::to_owned),
            pci_id: self
                .get(&["pci/device_id", "pci/pci_device_id", "pci.device_id"])
                .and_then(pci_id),
            memory_bytes: mebibytes.map(|mib| (mib * 1_048_576.0) as u64),
            max_sm_mhz: self.number(&["max_clocks/sm", "max_clocks/sm_clock", "clocks.max.sm"]),
            max_memory_mhz: self.number(&[
                "max_clocks/memory",
                "max_clocks/mem_clock",
                "clocks.max.memory",
            ]),
            power_limit_w: limit,
            mig: self
                .get(&["mig_mode/current", "mig_mode/current_mig", "mig.mode.current"])
                .map(on),
            virtualization: self
                .get(&["gpu_virtualization_mode/virtualization_mode"])
                .map(str::to_owned),
        };
        let mut draft = Draft {
            number: self.number(&["index"]).map_or(Some(number), |index| Some(index as u32)),
            device: self.get(&["product_name", "name", "gpu_name"]).map(str::to_owned),
            pci_address: self
                .address
                .clone()
                .or(self.get(&["pci/bus_id", "pci.bus_id"]).map(str::to_owned)),
            driver: self.driver.clone().or(self.get(&["driver_version"]).map(str::to_owned)),
            ..Draft::default()
        };
        if identity.mig == Some(true) || identity.virtualization.as_deref() == Some("VGPU") {
            draft.note(
                "external/part-of-a-chip",
                "the GPU is cut into instances or shared by virtual machines".into(),
                "what was measured in one of them is a lower bound from a part of the chip",
            );
        }
        if let (Some(limit), Some(usual)) = (limit, usual)
            && limit < usual
        {
            draft.note(
                "external/power-limit",
                format!("the power limit is {limit} W, by default it is {usual} W"),
                "rates measured so are those of a chip that was held back",
            );
        }
        draft.identity = Some(identity);
        draft
    }
}

/// `0x27B810DE` and `27B810DE`: device, then vendor.
fn pci_id(text: &str) -> Option<String> {
    let digits = text.trim_start_matches("0x").to_lowercase();
    let whole = digits.len() == 8 && digits.chars().all(|c| c.is_ascii_hexdigit());
    whole.then(|| format!("{}:{}", &digits[4..], &digits[..4]))
}
