//! The JSON of `nvbandwidth -j`, after its `json_output.cpp`.

use serde::Deserialize;

use super::{Seen, Test};
use crate::import::draft::MOST_DEVICES;
use crate::import::text::{Number, objects};

#[derive(Deserialize)]
struct File {
    nvbandwidth: Root,
}

#[derive(Deserialize)]
struct Root {
    version: Option<String>,
    #[serde(rename = "Driver Version")]
    driver: Option<String>,
    #[serde(rename = "GPU Device list", alias = "GPU Device List", default)]
    devices: Vec<String>,
    /// The failure of a single test stands here too, beside the tests that passed.
    error: Option<String>,
    #[serde(default)]
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    bandwidth_matrix: Vec<Vec<Number>>,
}

pub(super) fn read(text: &str) -> Result<Vec<Seen>, String> {
    let mut runs = Vec::new();
    objects(text, |file: File| {
        runs.push(of(file.nvbandwidth)?);
        Ok(())
    })?;
    Ok(runs)
}

fn of(root: Root) -> Result<Seen, String> {
    // Before 0.8 the file does not name the devices; its matrices have a column for each.
    let columns = root.testcases.iter().flat_map(|case| &case.bandwidth_matrix).map(Vec::len).max();
    let devices = match (root.devices, columns) {
        (named, _) if !named.is_empty() => named,
        (_, Some(columns)) => vec![String::new(); columns.min(MOST_DEVICES + 1)],
        (_, None) => {
            let why = root.error.unwrap_or_else(|| "no test has a matrix".into());
            return Err(format!("nvbandwidth ended without a result: {why}"));
        }
    };
    let numbers = |rows: Vec<Vec<Number>>| {
        let rows = rows.into_iter().take(3 * MOST_DEVICES);
        rows.map(|row| row.into_iter().map(|cell| cell.0).collect()).collect()
    };
    let tests = root.testcases.into_iter().map(|case| Test {
        name: case.name,
        status: case.status,
        matrix: numbers(case.bandwidth_matrix),
    });
    Ok(Seen {
        version: root.version,
        driver: root.driver,
        error: root.error,
        devices,
        tests: tests.collect(),
    })
}
