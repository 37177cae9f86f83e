//! Names by which two cards of one kind are told apart.

use crate::adapter::Identity;
use crate::record::Record;

/// The name, and where the card sits.
pub(super) fn named(a: &Identity) -> String {
    match &a.pci_bus {
        Some(bus) => format!("{} at {bus}", a.name),
        None => a.name.clone(),
    }
}

/// A name for each record's adapter, as short as it can be while different adapters have different ones: the address
/// is added where two share a name, the driver where two share the address as well.
pub(super) fn distinct<R: std::borrow::Borrow<Record>>(records: &[R]) -> Vec<String> {
    let name = |a: &Identity| {
        let like = || records.iter().map(|r| &r.borrow().adapter).filter(|b| b.name == a.name);
        let mut name =
            if like().any(|b| b.pci_bus != a.pci_bus) { named(a) } else { a.name.clone() };
        let driver = |a: &Identity| format!("{} {}", a.driver, a.driver_info);
        if like().any(|b| b.pci_bus == a.pci_bus && driver(b) != driver(a)) {
            name = format!("{name} ({})", driver(a).trim());
        }
        name
    };
    records.iter().map(|record| name(&record.borrow().adapter)).collect()
}
