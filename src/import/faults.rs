//! Faults of other programs, as `data/faults.toml` lists them: figures that did not run as they were printed.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::record::ExternalFigure;

const FILE: &str = "data/faults.toml";

/// `data/faults.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    fault: Vec<Fault>,
}

/// One fault of one program.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fault {
    /// As `--from` names it.
    program: String,
    /// Words, one of which stands in the figure's label.
    figures: Vec<String>,
    /// First version without the fault.
    fixed_in: String,
    /// What the program did.
    what: String,
    /// Where that was read.
    source: String,
}

impl Faults {
    pub(super) fn load() -> Result<Self> {
        toml::from_str(include_str!("../../data/faults.toml"))
            .map_err(|e| Error::input(FILE, e.to_string()))
    }

    /// Why this figure of a program of this version is not counted, if there is a reason.
    pub(super) fn of(
        &self,
        program: &str,
        version: Option<&str>,
        figure: &ExternalFigure,
    ) -> Option<String> {
        let fault = self.fault.iter().find(|fault| {
            fault.program == program
                && fault.figures.iter().any(|word| figure.label.contains(word.as_str()))
                && version.is_none_or(|version| numbers(version) < numbers(&fault.fixed_in))
        })?;
        let version =
            version.map_or("the file tells no version".into(), |v| format!("this is {v}"));
        let Fault { what, fixed_in, source, .. } = fault;
        Some(format!("{program} {what} before {fixed_in}, and {version} ({source})"))
    }
}

/// The numbers that a version begins with: `v2.0.15-3-gabc` lies between two tags and counts as the first.
fn numbers(version: &str) -> Vec<u64> {
    let version = version.trim_start_matches(['v', 'V']);
    version
        .split('.')
        .map_while(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_ends_with_the_version_that_mended_it() {
        let faults = Faults::load().unwrap();
        let figure =
            ExternalFigure { label: "CUDA wmma_fp16 fp16".into(), ..ExternalFigure::default() };
        let of = |version| faults.of("clpeak", version, &figure);
        for version in [None, Some("2.0.16"), Some("2.0.15-15-gabc"), Some("1.9"), Some("odd")] {
            assert!(of(version).is_some(), "{version:?}");
        }
        for version in [Some("2.0.17"), Some("v2.1.0"), Some("2.0.18-3"), Some("10.0")] {
            assert!(of(version).is_none(), "{version:?}");
        }
        assert!(faults.of("vkpeak", None, &figure).is_none());
        assert!(faults.fault.iter().all(|fault| fault.source.starts_with("https://")));
    }
}
