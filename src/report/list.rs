//! The adapters that are here, and what each can run.

use std::fmt::Write;

use serde::Serialize;

use crate::adapter::{Capability, Found, Identity};
use crate::error::{Error, Result};
use crate::units::with_prefix;
use crate::workload::Workload;

#[derive(Serialize)]
struct Listed<'a> {
    index: usize,
    #[serde(flatten)]
    adapter: &'a Identity,
    capability: &'a Capability,
    workloads: Vec<Runnable>,
}

#[derive(Serialize)]
struct Runnable {
    workload: String,
    runs: bool,
    kernels: Vec<&'static str>,
    reason: Option<String>,
}

fn listed<'a>(found: &'a [Found], workloads: &[Workload]) -> Vec<Listed<'a>> {
    let runnable = |capability: &Capability, workload: &Workload| {
        let (kernels, reason) = match workload.jobs(capability) {
            Ok(jobs) => (jobs.iter().map(|job| job.kernel).collect(), None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        Runnable { workload: workload.to_string(), runs: reason.is_none(), kernels, reason }
    };
    let row = |(index, f): (usize, &'a Found)| Listed {
        index,
        adapter: &f.identity,
        capability: &f.capability,
        workloads: workloads.iter().map(|w| runnable(&f.capability, w)).collect(),
    };
    found.iter().enumerate().map(row).collect()
}

/// As JSON: `{"schema": "tierbench.list/1", "adapters": [...]}`.
pub fn list_json(found: &[Found], workloads: &[Workload]) -> Result<String> {
    let value = serde_json::json!({
        "schema": "tierbench.list/1",
        "adapters": listed(found, workloads),
    });
    serde_json::to_string_pretty(&value).map_err(|e| Error::Internal(e.to_string()))
}

/// As text.
pub fn list_text(found: &[Found], workloads: &[Workload]) -> String {
    let mut page = String::new();
    for row in listed(found, workloads) {
        let (a, c) = (row.adapter, row.capability);
        let _ = writeln!(page, "{}: {}  [{}]", row.index, a.name, a.kind());
        let driver = format!("{} {}", a.driver, a.driver_info);
        let bus = a.pci_bus.as_deref().map_or(String::new(), |bus| format!(" at {bus}"));
        let _ = writeln!(page, "   {} {}{bus}, {}", a.backend, a.pci_id(), driver.trim());
        let yes = |has: bool| if has { "yes" } else { "no" };
        let _ = writeln!(
            page,
            "   subgroup {}..{}, f16 {}, timestamps {}, workgroup memory {}B, {} invocations",
            a.subgroup_min,
            a.subgroup_max,
            yes(c.f16),
            yes(c.timestamps),
            with_prefix(f64::from(c.max_workgroup_storage_bytes)),
            c.max_invocations_per_workgroup
        );
        let _ = writeln!(
            page,
            "   largest binding {}B, largest buffer {}B",
            with_prefix(c.max_binding_bytes as f64),
            with_prefix(c.max_buffer_bytes as f64)
        );
        let matrices: Vec<String> = c
            .cooperative_matrices
            .iter()
            .map(|m| format!("{}x{}x{} {} -> {}", m.m, m.n, m.k, m.input, m.accumulate))
            .collect();
        let matrices = if matrices.is_empty() { "none".into() } else { matrices.join(", ") };
        let _ = writeln!(page, "   cooperative matrices: {matrices}");
        for w in row.workloads {
            let _ = match w.reason {
                None => writeln!(page, "   runs  {}  ({})", w.workload, w.kernels.join(", ")),
                Some(reason) => writeln!(page, "   NOT   {}: {reason}", w.workload),
            };
        }
    }
    page
}
