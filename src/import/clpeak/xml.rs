//! XML: of 1.x, where tests and metrics are elements of their own names, and of 2.x, where they have attributes.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Devices, Place, Seen};

/// Far deeper than clpeak writes; failed tests of 1.x leave theirs open.
const DEEPEST: usize = 100;

/// The elements that a figure stands in.
#[derive(Default)]
struct Within {
    path: Vec<String>,
    place: Place,
    category: String,
    test: String,
    metric: String,
    unit: String,
    reason: String,
    text: String,
}

pub(super) fn read(text: &str, devices: &mut Devices) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    // A run that was stopped leaves its elements open, and what stands before them counts.
    reader.config_mut().check_end_names = false;
    let mut within = Within::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
                within.begin(&name, &element, devices);
                within.path.push(name);
                if within.path.len() > DEEPEST {
                    return Err(format!("more than {DEEPEST} elements within each other"));
                }
            }
            Ok(Event::Empty(element)) => {
                let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
                within.begin(&name, &element, devices);
                within.end(&name, devices)?;
            }
            Ok(Event::Text(part)) => within.text.push_str(&String::from_utf8_lossy(&part)),
            Ok(Event::End(_)) => {
                let name = within.path.pop().unwrap_or_default();
                within.end(&name, devices)?;
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(e) => {
                let line = text[..reader.error_position() as usize].lines().count();
                return Err(format!("line {line}: {e}"));
            }
        }
    }
}

fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok()??;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// Elements of 1.x around the tests.
const AROUND: &[&str] = &["clpeak", "platform", "device"];

impl Within {
    fn begin(&mut self, name: &str, element: &BytesStart, devices: &mut Devices) {
        let get = |name: &str| attribute(element, name).unwrap_or_default();
        self.text.clear();
        match name {
            "clpeak" => devices.begin_run(attribute(element, "clpeak_version")),
            "run" => {
                self.place = Place {
                    backend: get("backend"),
                    platform: get("platform"),
                    device: get("device"),
                    driver: get("driver"),
                    ..Place::default()
                };
            }
            "platform" => {
                self.place =
                    Place { backend: "OpenCL".into(), platform: get("name"), ..Place::default() };
            }
            "device" => {
                (self.place.device, self.place.driver) = (get("name"), get("driver_version"));
            }
            "test" => (self.test, self.unit) = (get("name"), get("unit")),
            "metric" => (self.metric, self.reason) = (get("name"), get("reason")),
            "category" => self.category = get("name"),
            "prop" => {}
            _ => match attribute(element, "unit") {
                Some(unit) => (self.test, self.unit) = (name.into(), unit),
                None => self.metric = name.into(),
            },
        }
    }

    fn end(&mut self, name: &str, devices: &mut Devices) -> Result<(), String> {
        let old_metric = !AROUND.contains(&name) && name != self.test && name == self.metric;
        if name == "metric" || old_metric {
            let text = self.text.trim();
            let seen = Seen {
                category: &self.category,
                test: &self.test,
                metric: &self.metric,
                unit: &self.unit,
                scale: None,
                value: text.parse().ok(),
                reason: if self.reason.is_empty() { "no value" } else { &self.reason },
            };
            devices.add(&self.place, &seen)?;
            self.metric.clear();
        }
        self.text.clear();
        Ok(())
    }
}
