//! CSV of 2.x. It states no version; a column of displayed names came with 2.1.0.

use super::{Devices, Place, Seen};
use crate::import::table::{Quotes, rows};

pub(super) const HEADER: &str =
    "format_version,backend,platform,device,driver,category,test,metric";

pub(super) fn read(text: &str, devices: &mut Devices) -> Result<(), String> {
    rows(text, HEADER, Quotes::Double, |row| {
        if devices.version.is_none() && row.columns().any(|(name, _)| name == "display") {
            devices.version = Some("2.1.0 or later".into());
        }
        let cut = row.cut();
        let reason = row.cell("reason").or(row.cell("status")).unwrap_or("no value");
        let place = Place {
            backend: row.text("backend").into(),
            platform: row.text("platform").into(),
            device: row.text("device").into(),
            driver: row.text("driver").into(),
            ..Place::default()
        };
        let seen = Seen {
            category: row.text("category"),
            test: row.text("test"),
            metric: row.text("metric"),
            unit: row.text("unit"),
            scale: None,
            value: row.cell("value").filter(|_| cut.is_none()).map(|_| row.number("value")),
            reason: cut.as_deref().unwrap_or(reason),
        };
        devices.add(&place, &seen)
    })
}
