//! Why no kernel of a workload fits an adapter, each reason once.

/// What stands in front of a need in [`Job::fits`](super::Job).
const NEEDS: &str = "needs ";

/// One sentence of what every candidate says. A workload has dozens of them, and most fail at the same limit:
/// those are one reason, with the smallest need.
pub(super) fn folded(refusals: &[(&'static str, String)]) -> String {
    let mut reasons: Vec<Reason<'_>> = Vec::new();
    for (kernel, text) in refusals {
        let (need, rest) = split(text);
        match reasons.iter_mut().find(|reason| reason.rest == rest) {
            Some(reason) => {
                reason.varies |= reason.need != need;
                reason.need = reason.need.min(need);
                if !reason.kernels.contains(kernel) {
                    reason.kernels.push(kernel);
                }
            }
            None => reasons.push(Reason { need, rest, kernels: vec![kernel], varies: false }),
        }
    }
    reasons.iter().map(Reason::text).collect::<Vec<_>>().join("; ")
}

struct Reason<'a> {
    kernels: Vec<&'static str>,
    need: Option<u64>,
    rest: &'a str,
    varies: bool,
}

impl Reason<'_> {
    fn text(&self) -> String {
        let kernels = self.kernels.join(", ");
        let least = if self.varies { "at least " } else { "" };
        match self.need {
            Some(need) => format!("{kernels}: {NEEDS}{least}{need} {}", self.rest),
            None => format!("{kernels}: {}", self.rest),
        }
    }
}

/// The number in `needs NUMBER ...`, and what follows it.
fn split(text: &str) -> (Option<u64>, &str) {
    let number = text.strip_prefix(NEEDS).and_then(|rest| rest.split_once(' '));
    let parsed = number.and_then(|(number, rest)| Some((number.parse().ok()?, rest)));
    parsed.map_or((None, text), |(number, rest)| (Some(number), rest))
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn one_limit_is_told_once_with_the_smallest_need() {
        let refusals = [
            ("rows", "needs 512 bytes in one buffer, the adapter allows 128".to_owned()),
            ("lanes", "needs 256 bytes in one buffer, the adapter allows 128".to_owned()),
            ("lanes", "needs 4 workgroups along one dimension, the adapter allows 2".to_owned()),
            ("lanes", "needs 999 bytes in one buffer, the adapter allows 128".to_owned()),
            ("odd", "has no f16".to_owned()),
        ];
        assert_eq!(
            folded(&refusals),
            "rows, lanes: needs at least 256 bytes in one buffer, the adapter allows 128; \
             lanes: needs 4 workgroups along one dimension, the adapter allows 2; odd: has no f16"
        );
        assert_eq!(folded(&[]), "");
    }
}
