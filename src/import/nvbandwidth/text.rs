//! What `nvbandwidth` prints without `-j`.

use super::{BEGINS, Seen, Test};
use crate::import::draft::{MOST_DEVICES, plausible};

/// Cells of a line that are looked at.
const MOST_CELLS: usize = MOST_DEVICES + 2;

pub(super) fn read(text: &str) -> Result<Vec<Seen>, String> {
    let mut runs: Vec<Seen> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(version) = line.strip_prefix(BEGINS) {
            runs.push(Seen { version: Some(version.trim().to_owned()), ..Seen::default() });
            plausible(runs.len())?;
        } else if let Some(run) = runs.last_mut() {
            run.line(line);
        }
    }
    if runs.iter().all(|run| run.devices.is_empty()) {
        return Err("no line begins with `Device `".into());
    }
    Ok(runs)
}

impl Seen {
    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().take(MOST_CELLS).collect();
        let device = line.strip_prefix("Device ").or(line.strip_prefix("Process "));
        if let Some(driver) = line.strip_prefix("Driver Version:") {
            self.driver = Some(driver.trim().to_owned());
        } else if let Some(device) = device.filter(|_| self.tests.is_empty()) {
            self.devices.push(device.to_owned());
        } else if let Some(name) = line.strip_prefix("Running ") {
            let name = name.trim().trim_end_matches('.').to_owned();
            self.tests.push(Test { name, status: "Passed".into(), matrix: Vec::new() });
        } else if let Some(error) = line.strip_prefix("ERROR").or(line.strip_prefix("Error:")) {
            self.error = Some(error.trim_start_matches([':', ' ']).to_owned());
            if let Some(test) = self.tests.last_mut().filter(|test| test.matrix.is_empty()) {
                test.status = "Error".into();
            }
        } else if let Some(test) = self.tests.last_mut() {
            test.line(&words);
        }
    }
}

impl Test {
    /// A row of the matrix: its number and one cell for each column. The header has whole numbers alone, and no dot.
    fn line(&mut self, words: &[&str]) {
        match words {
            ["Waived" | "waived", ..] => self.status = "Waived".into(),
            [row, cells @ ..]
                if row.parse() == Ok(self.matrix.len())
                    && cells.iter().any(|cell| cell.contains('.'))
                    && cells.iter().all(|cell| cell.parse::<f64>().is_ok() || *cell == "N/A") =>
            {
                let number = |cell: &&str| cell.parse().unwrap_or(f64::NAN);
                self.matrix.push(cells.iter().map(number).collect());
            }
            _ => {}
        }
    }
}
