//! What `check` found, as text and as JSON.

use std::fmt::Write;

use super::table::{align_right, table, wrap};
use crate::adapter::Identity;
use crate::check::KernelCheck;
use crate::error::Result;
use crate::shown;
use crate::units::counted;

/// Schema `tierbench.check/1`.
pub fn kernel_checks_json(adapter: &Identity, seed: u64, rows: &[KernelCheck]) -> Result<String> {
    let value = serde_json::json!({
        "schema": "tierbench.check/1",
        "adapter": adapter,
        "seed": seed,
        "kernels": rows,
    });
    shown::json(&value)
}

/// At most 80 columns wide.
pub fn kernel_checks_text(rows: &[KernelCheck]) -> String {
    let mut table = table(&["workload", "kernel", "result", "error", "bound"]);
    align_right(&mut table, 3..5);
    let number = |x: f64| if x == 0.0 { "0".into() } else { format!("{x:.0e}") };
    for row in rows {
        let v = row.verification.as_ref();
        table.add_row([
            row.workload.clone(),
            row.kernel.clone().unwrap_or_else(|| "-".into()),
            if row.verdict == "right" { "right".into() } else { row.verdict.to_uppercase() },
            v.map_or("-".into(), |v| v.max_error.map_or("NaN".into(), number)),
            v.map_or("-".into(), |v| number(v.bound)),
        ]);
    }
    let mut page = table.trim_fmt();
    page.push('\n');
    for row in rows {
        if let Some(reason) = &row.reason {
            let text = format!("{}: {}", row.workload, shown::clean(reason));
            let _ = write!(page, "\n{}", wrap(&text, 0));
        }
    }
    let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let _ = write!(
        page,
        "\n{} right, {} wrong, {} failed, {} unsupported",
        counted(count("right"), "kernel"),
        count("wrong"),
        count("failed"),
        counted(count("unsupported"), "workload")
    );
    page
}
