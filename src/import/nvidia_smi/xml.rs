//! `nvidia-smi -q -x`.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::Gpu;
use crate::import::draft::plausible;

/// Far deeper than nvidia-smi writes.
const DEEPEST: usize = 100;

pub(super) fn read(text: &str) -> Result<Vec<Gpu>, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut gpus: Vec<Gpu> = Vec::new();
    let (mut path, mut value): (Vec<String>, String) = Default::default();
    let mut driver = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
                if name == "gpu" {
                    let id = element.try_get_attribute("id").ok().flatten();
                    let address = id.map(|id| String::from_utf8_lossy(&id.value).into_owned());
                    gpus.push(Gpu { address, driver: driver.clone(), ..Gpu::default() });
                    plausible(gpus.len())?;
                    path.clear();
                } else {
                    path.push(name);
                    if path.len() > DEEPEST {
                        return Err(format!("more than {DEEPEST} elements within each other"));
                    }
                }
                value.clear();
            }
            Ok(Event::Text(part)) => value.push_str(&String::from_utf8_lossy(&part)),
            Ok(Event::End(end)) if end.name().as_ref() == b"gpu" => path.clear(),
            Ok(Event::End(_)) => {
                if let Some(gpu) = gpus.last_mut() {
                    gpu.add(&path, value.trim());
                } else if path.last().is_some_and(|name| name == "driver_version") {
                    driver = Some(value.trim().to_owned());
                }
                path.pop();
                value.clear();
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(e) => return Err(format!("XML: {e}")),
        }
    }
    if gpus.is_empty() {
        return Err("no element `gpu`".into());
    }
    Ok(gpus)
}
