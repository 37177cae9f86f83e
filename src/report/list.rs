//! The adapters that are here, and what each can run.

use std::fmt::Write;

use serde::Serialize;

use crate::adapter::{Capability, DEVICE_FILES, DriverFile, Drivers, Found, Identity};
use crate::error::Result;
use crate::shown;
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
pub fn list_json(
    found: &[Found],
    workloads: &[Workload],
    drivers: Option<&Drivers>,
) -> Result<String> {
    let mut value = serde_json::json!({
        "schema": "tierbench.list/1",
        "adapters": listed(found, workloads),
    });
    if let Some(drivers) = drivers {
        value["drivers"] = serde_json::json!(drivers);
    }
    shown::json(&value)
}

/// Where drivers were looked for, as text.
pub fn drivers_text(drivers: &Drivers) -> String {
    let mut page = String::from("Vulkan's driver files, in the order of the loader:\n");
    for DriverFile { file, library, problem } in &drivers.files {
        let library = library.as_deref().unwrap_or("no library");
        let problem = problem.as_ref().map_or(String::new(), |text| format!("  PROBLEM: {text}"));
        let _ = writeln!(page, "  {}\n    {library}{problem}", file.display());
    }
    if drivers.files.is_empty() {
        page.push_str(
            "  none: install the GPU's driver, or set VK_DRIVER_FILES to its .json file\n",
        );
    }
    page.push_str("Variables that change this:\n");
    for (name, value) in &drivers.variables {
        let _ = writeln!(page, "  {name}={value}");
    }
    if drivers.variables.is_empty() {
        page.push_str("  none is set\n");
    }
    if cfg!(target_os = "linux") {
        let here = drivers.device_files.join(", ");
        let _ = match here.as_str() {
            "" => writeln!(
                page,
                "Device files of GPUs: none ({}); no driver reaches a GPU without one: in a container, pass them in",
                DEVICE_FILES.join(", ")
            ),
            here => writeln!(page, "Device files of GPUs: {here}"),
        };
    }
    page.push_str("The loader tells more with VK_LOADER_DEBUG=error,warn,driver.");
    page
}

/// As text.
pub fn list_text(found: &[Found], workloads: &[Workload]) -> String {
    let mut page = String::new();
    for row in listed(found, workloads) {
        let (a, c) = (row.adapter, row.capability);
        let name = shown::clean(&a.name);
        let _ = writeln!(page, "{}: {name}  [{}]", row.index, a.kind());
        let driver = format!("{} {}", a.driver, a.driver_info);
        let bus = a.pci_bus.as_deref().map_or(String::new(), |bus| format!(" at {bus}"));
        let driver = format!("{} {}{bus}, {}", a.backend, a.pci_id(), driver.trim());
        let _ = writeln!(page, "   {}", shown::clean(&driver));
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
