//! What clpeak prints, of 1.x, 2.x and 3.x. It states no version.

use super::{Devices, PLAIN, Place, Seen};
use crate::import::draft::plausible;

/// `Device: NAME` (1.x) and `Device 0: NAME` (2.x and 3.x).
pub(super) fn is_device(line: &str) -> bool {
    headed(line.trim_start(), "Device").is_some() && line.starts_with(' ')
}

/// The number and the rest of `WORD: REST` and `WORD 3: REST`.
fn headed<'a>(line: &'a str, word: &str) -> Option<(Option<u32>, &'a str)> {
    let (head, rest) = line.strip_prefix(word)?.split_once(": ")?;
    let number = head.trim();
    if number.is_empty() {
        Some((None, rest.trim()))
    } else {
        Some((Some(number.parse().ok()?), rest.trim()))
    }
}

pub(super) fn read(text: &str, devices: &mut Devices) -> Result<(), String> {
    let mut place = Place { backend: "OpenCL".into(), ..Place::default() };
    let mut names: Vec<String> = Vec::new();
    let (mut test, mut unit) = (String::new(), String::new());
    // Rows stand deeper than the title of their test.
    let mut depth = 0;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if line.is_empty() || indent <= depth {
            test.clear();
        }
        if let Some(backend) = line.strip_prefix("Backend: ") {
            place = Place { backend: backend.trim().into(), ..Place::default() };
            names.clear();
        } else if let Some((_, platform)) = headed(line, "Platform") {
            place.platform = platform.into();
            names.clear();
        } else if let Some((number, name)) = headed(line, "Device") {
            // 1.x gives no numbers: cards of one name on one platform are told apart by their order.
            let before = names.iter().filter(|known| *known == name).count() as u32;
            names.push(name.into());
            plausible(names.len())?;
            (place.device, place.driver) = (name.into(), String::new());
            place.number = number.or((before > 0).then_some(before));
            test.clear();
        } else if let Some((title, own)) = titled(line) {
            own.clone_into(&mut unit);
            test = id(title);
            depth = indent;
        } else if let Some((name, rest)) = line.split_once(':').filter(|_| !line.starts_with('[')) {
            if name.trim() == "Driver version" {
                place.driver = rest.trim().into();
            } else if !test.is_empty() {
                row(name.trim(), rest.trim(), &test, &unit, &place, devices)?;
            }
        } else if let Some(reason) = line.strip_prefix('[').filter(|_| !test.is_empty()) {
            let reason = reason.split_once(']').map_or(reason, |(_, reason)| reason.trim());
            devices.add(&place, &Seen { test: &test, reason, ..Seen::default() })?;
        }
    }
    Ok(())
}

/// `Global memory bandwidth (GBPS)`: the title of a test and its unit.
fn titled(line: &str) -> Option<(&str, &str)> {
    let (title, unit) = line.strip_suffix(')')?.rsplit_once(" (")?;
    let is_unit = !unit.is_empty() && unit.chars().all(|c| c.is_ascii_uppercase() || c == '/');
    is_unit.then_some((title, unit))
}

/// The name that the other forms have for a test, where its title tells it.
fn id(title: &str) -> String {
    let slug = title.trim().to_lowercase().replace(['-', ' '], "_");
    let known = PLAIN.iter().any(|(test, _)| *test == slug) || slug.ends_with("_bandwidth");
    if known { slug } else { title.trim().into() }
}

/// `float4 : 419.52`, `float4 : 419.52 GB/s` (3.x), `half : [unsupported] reason`.
fn row(
    metric: &str,
    rest: &str,
    test: &str,
    unit: &str,
    place: &Place,
    devices: &mut Devices,
) -> Result<(), String> {
    let mut words = rest.split_whitespace();
    let value = words.next().and_then(|word| word.parse().ok());
    // A baseline's remark stands in parentheses.
    let own = words.next().filter(|word| !word.starts_with('('));
    let reason = rest.split_once(']').map_or(rest, |(_, reason)| reason.trim());
    devices.add(
        place,
        &Seen { category: "", test, metric, unit: own.unwrap_or(unit), scale: None, value, reason },
    )
}
