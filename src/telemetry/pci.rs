//! PCI addresses, which every interface writes a little differently.

/// `domain:bus:device.function`; the domain may be missing, four or eight digits wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PciAddress {
    domain: Option<u32>,
    bus: u32,
    device: u32,
    function: u32,
}

impl PciAddress {
    /// Reads an address; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |text: &str| u32::from_str_radix(text, 16).ok();
        let (place, function) = text.trim().rsplit_once('.')?;
        let mut parts = place.rsplit(':');
        let (device, bus) = (hex(parts.next()?)?, hex(parts.next()?)?);
        let domain = parts.next().map(|text| hex(text).ok_or(())).transpose().ok()?;
        (parts.next().is_none()).then_some(Self { domain, bus, device, function: hex(function)? })
    }

    /// Whether both can be the same place: a missing domain fits any.
    pub fn same_place(self, other: Self) -> bool {
        let domains_fit = match (self.domain, other.domain) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        domains_fit
            && (self.bus, self.device, self.function) == (other.bus, other.device, other.function)
    }
}

/// Index of the device at `wanted`; else of the only one; else none.
pub(super) fn pick(wanted: Option<&str>, addresses: &[Option<PciAddress>]) -> Option<usize> {
    let wanted = wanted.and_then(PciAddress::parse);
    let fits = |have: &Option<PciAddress>| {
        wanted.zip(*have).is_some_and(|(wanted, have)| wanted.same_place(have))
    };
    addresses.iter().position(fits).or((addresses.len() == 1).then_some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> PciAddress {
        PciAddress::parse(text).unwrap()
    }

    #[test]
    fn width_case_and_absence_of_the_domain_do_not_matter() {
        let short = address("0000:3b:00.0");
        for same in ["00000000:3B:00.0", "3b:00.0", " 0000:3b:00.0\n"] {
            assert!(short.same_place(address(same)), "{same}");
        }
        for other in ["0001:3b:00.0", "0000:3c:00.0", "0000:3b:01.0", "0000:3b:00.1"] {
            assert!(!short.same_place(address(other)), "{other}");
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in ["", "0000", "3b:00", "x:3b:00.0", "1:2:3b:00.0", "PCI bus 1", ":.", "é:é.é"]
        {
            assert_eq!(PciAddress::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_only_device_is_taken_but_never_one_of_two_others() {
        let (a, b) = (Some(address("01:00.0")), Some(address("02:00.0")));
        assert_eq!(pick(Some("0000:02:00.0"), &[a, b]), Some(1));
        assert_eq!(pick(Some("0000:03:00.0"), &[a]), Some(0));
        assert_eq!(pick(None, &[a]), Some(0));
        assert_eq!(pick(Some("0000:03:00.0"), &[a, b]), None);
        assert_eq!(pick(None, &[a, b]), None);
        assert_eq!(pick(None, &[]), None);
    }
}
