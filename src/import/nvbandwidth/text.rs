//! What `nvbandwidth` prints without `-j`.

use super::{Seen, Test};

pub(super) fn read(text: &str) -> Result<Seen, String> {
    let mut seen = Seen::default();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some(version) = line.strip_prefix("nvbandwidth Version:") {
            seen.version = Some(version.trim().to_owned());
        } else if let Some(driver) = line.strip_prefix("Driver Version:") {
            seen.driver = Some(driver.trim().to_owned());
        } else if let Some(device) = line.strip_prefix("Device ").filter(|_| seen.tests.is_empty())
        {
            seen.devices.push(device.to_owned());
        } else if let Some(name) = line.strip_prefix("Running ") {
            let name = name.trim().trim_end_matches('.').to_owned();
            seen.tests.push(Test { name, status: "Passed".into(), matrix: Vec::new() });
        } else if let Some(error) = line.strip_prefix("ERROR") {
            seen.error = Some(error.trim_start_matches([':', ' ']).to_owned());
            if let Some(test) = seen.tests.last_mut().filter(|test| test.matrix.is_empty()) {
                test.status = "Error".into();
            }
        } else if let Some(test) = seen.tests.last_mut() {
            test.line(&words);
        }
    }
    if seen.devices.is_empty() {
        return Err("no line begins with `Device `".into());
    }
    Ok(seen)
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
