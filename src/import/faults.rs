//! Faults of other programs, as `data/faults.toml` lists them: figures that did not run as they were printed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::version::numbers;
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
    /// Beginnings of words that stand in the figure's label, for each figure together.
    figures: Vec<String>,
    /// First version with the fault, where older ones have none.
    since: Option<String>,
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
            fault.program == program && fault.is_about(&figure.label) && fault.has(version)
        })?;
        let version =
            version.map_or("the file tells no version".into(), |v| format!("this is {v}"));
        let Fault { what, fixed_in, source, .. } = fault;
        Some(format!("{program} {what} before {fixed_in}, and {version} ({source})"))
    }
}

impl Fault {
    fn is_about(&self, label: &str) -> bool {
        let label = label.to_lowercase();
        let words: Vec<&str> = label.split_whitespace().collect();
        let begins = |part: &str| words.iter().any(|word| word.starts_with(&part.to_lowercase()));
        self.figures.iter().any(|figure| figure.split_whitespace().all(begins))
    }

    fn has(&self, version: Option<&str>) -> bool {
        let since = self.since.as_deref();
        match version.map(numbers) {
            None => since.is_none(),
            Some(own) => {
                own < numbers(&self.fixed_in) && since.is_none_or(|since| own >= numbers(since))
            }
        }
    }
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
        let memory = ExternalFigure {
            label: "OpenCL global_memory_bandwidth float".into(),
            ..ExternalFigure::default()
        };
        let of = |version| faults.of("clpeak", version, &memory).is_some();
        assert!(of(Some("2.0.3")) && !of(None) && !of(Some("1.1.2")) && !of(Some("2.0.9")));
        let rocm = ExternalFigure { label: "ROCm wmma_fp16 fp16".into(), ..figure.clone() };
        assert!(faults.of("clpeak", Some("2.0.9"), &rocm).is_none());
        assert!(faults.fault.iter().all(|fault| fault.source.starts_with("https://")));
    }
}
