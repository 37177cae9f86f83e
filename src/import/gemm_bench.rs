//! What `hipblaslt-bench` and `rocblas-bench` print: for each product a line of names and a line of values, inside the
//! listing of devices. Which of the devices ran does not stand there. Operations are counted here from m, n and k.
//!
//! Neither tool looks at the return code of what it times, so a call that did nothing prints an absurd rate
//! (ROCm/rocBLAS#1554, ROCm/hipBLASLt#1786); only a row whose result was compared with the CPU passes as verified.

use super::draft::{Draft, contradiction, multiplies, unused};
use super::format::Format;
use super::table::cells;
use super::types::bit_length;
use crate::record::ExternalFigure;

pub(super) const HIPBLASLT: Format = Format {
    program: "hipblaslt-bench",
    made_by: "hipblaslt-bench ... -v > FILE",
    counts: "2 x m x n x k by us, whole groups too, at the wider of a_type and b_type (xf32 19 bits)",
    kept: "rows without types (before 6.3), complex ones, and those whose us contradicts Gflops",
    verified: "norm_error within the library's own bound for d_type, and no `failed`",
    versions: "ROCm 6.0 to 7.0",
    signs: |text| text.contains("hipblaslt-Gflops"),
    read: |text| read(text, "hipblaslt-Gflops"),
};

pub(super) const ROCBLAS: Format = Format {
    program: "rocblas-bench",
    made_by: "rocblas-bench ... --log_datatype -v 1 > FILE",
    counts: "2 x M x N x K by us, where the types are printed (--log_datatype or -z)",
    kept: "rows without types, complex ones, f32 without -v (it may be xf32), and those whose us contradicts Gflops",
    verified: "norm_error_1 within the library's own bound for d_type",
    versions: "ROCm 6.2",
    signs: |text| text.contains("rocblas-Gflops"),
    read: |text| read(text, "rocblas-Gflops"),
};

/// Operations for each element of the result that an activation adds, at most.
const MOST_PER_ELEMENT: f64 = 10.0;
/// Far more columns than any version prints.
const MOST_COLUMNS: usize = 1_000;

/// So many times its bound an error is no matter of a tolerance.
const FAR: f64 = 10.0;

/// Bounds of the libraries' own tests on the norm of the error, by the type of the result.
const NORM_BOUNDS: &[(&str, f64)] = &[
    ("f64_r", 1e-12),
    ("f32_r", 1e-5),
    ("i32_r", 1e-4),
    ("f16_r", 1e-2),
    ("i8_r", 1e-2),
    ("bf16_r", 1e-1),
    ("f8_r", 0.125),
    ("f8_fnuz_r", 0.125),
    ("bf8_r", 0.25),
    ("bf8_fnuz_r", 0.25),
];

fn read(text: &str, column: &str) -> Result<Vec<Draft>, String> {
    let mut draft = Draft::default();
    let mut devices: Vec<&str> = Vec::new();
    let mut header: Vec<&str> = Vec::new();
    let mut repeats = false;
    for line in text.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("Device ID ") {
            devices.extend(rest.split_once(" : ").map(|(_, name)| marketing_name(name)));
        } else if line.contains("transA,transB,") {
            // `[0]:` and `[0]` stand in front.
            let plain = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let plain = plain.map_or(line, |(_, rest)| rest.trim_start_matches(':'));
            header = cells(plain).take(MOST_COLUMNS + 1).collect();
            if !header.contains(&column) {
                // Another program's, in the same log.
                header.clear();
            }
            if header.len() > MOST_COLUMNS {
                return Err(format!(
                    "{} columns: no row of this program has so many",
                    header.len()
                ));
            }
        } else if line.starts_with("Winner") {
            // The best row once more.
            repeats = true;
        } else if let Some(version) = line.strip_prefix("hipBLASLt version:") {
            draft.version = Some(version.trim().to_owned());
        } else if let Some(version) = line.strip_prefix("rocBLAS version:") {
            draft.version = Some(version.trim().to_owned());
        } else if !header.is_empty() && line.contains(',') {
            let row = Row { header: &header, cells: cells(line).take(MOST_COLUMNS + 1).collect() };
            if row.is_one() && !std::mem::take(&mut repeats) {
                draft.figures.push(row.figure());
            }
        }
    }
    let names: Vec<&str> = devices.clone();
    match names.first() {
        Some(first) if names.iter().all(|name| name == first) => {
            draft.device = Some((*first).to_owned());
            draft.number = (names.len() == 1).then_some(0);
        }
        Some(_) => draft.note(
            "external/device",
            format!("the file lists {} and does not say which of them ran", names.join(", ")),
            "say it with --chip",
        ),
        None => {}
    }
    Ok(vec![draft])
}

/// `AMD Instinct MI300X gfx942:sramecc+:xnack-` without the architecture; that alone where there is no name.
fn marketing_name(text: &str) -> &str {
    match text.trim().rsplit_once(" gfx") {
        Some((name, _)) if !name.trim().is_empty() => name.trim(),
        _ => text.trim(),
    }
}

struct Row<'a> {
    header: &'a [&'a str],
    cells: Vec<&'a str>,
}

impl Row<'_> {
    fn text(&self, name: &str) -> &str {
        let at = self.header.iter().position(|column| column.eq_ignore_ascii_case(name));
        at.and_then(|at| self.cells.get(at)).copied().unwrap_or_default()
    }

    fn first<'b>(&'b self, names: &[&'b str]) -> &'b str {
        names.iter().map(|name| self.text(name)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// Other lines have commas too.
    fn is_one(&self) -> bool {
        ["N", "T", "C"].contains(&self.text("transA"))
    }

    /// One number, or one for each product of a group.
    fn list(&self, name: &str) -> Vec<f64> {
        let text = self.text(name).trim_matches(['(', ')']);
        text.split(',').map(|part| part.trim().parse().unwrap_or(f64::NAN)).collect()
    }

    fn figure(&self) -> ExternalFigure {
        let shape = [self.text("m"), self.text("n"), self.text("k")].join("x");
        let types = [self.text("a_type"), self.text("b_type")].join(" ");
        let label = format!("gemm {shape} {types}").trim().to_owned();
        if self.cells.len() != self.header.len() {
            let (has, wants) = (self.cells.len(), self.header.len());
            return unused(
                label,
                format!("the row has {has} cells and its header {wants}: it is cut or damaged"),
            );
        }
        if self.text("a_type").is_empty() {
            return unused(label, "the type of the multiply's inputs is not printed");
        }
        if types.contains("_c") || types.contains("_k") {
            return unused(label, "a complex product: its operations are not 2 x m x n x k");
        }
        if self.text("alpha").parse() == Ok(0.0) {
            return unused(label, "alpha is 0: the product may be skipped");
        }
        let Some(bits) = self.bits() else {
            let compute = self.text("compute_type");
            return unused(
                label,
                format!("what {types} is multiplied as under compute_type {compute} is not known"),
            );
        };
        let whole = |x: &f64| *x >= 0.0 && x.fract() == 0.0;
        let batch = self.text("batch_count").parse().unwrap_or(1.0);
        let (m, n, k) = (self.list("m"), self.list("n"), self.list("k"));
        if ![&m, &n, &k].into_iter().flatten().all(whole) || !whole(&batch) {
            return unused(label, "its sizes are no whole numbers");
        }
        let products = m.iter().zip(&n).zip(&k).map(|((m, n), k)| 2.0 * m * n * k);
        let ops = products.sum::<f64>() * batch;
        let us: f64 = self.text("us").parse().unwrap_or(f64::NAN);
        let stated: f64 =
            self.first(&["hipblaslt-Gflops", "rocblas-Gflops"]).parse().unwrap_or(f64::NAN);
        let per_s = ops / us * 1e6;
        let least_k = k.iter().copied().fold(f64::INFINITY, f64::min);
        if let Some(why) = contradiction(per_s, stated * 1e9, MOST_PER_ELEMENT / (2.0 * least_k)) {
            return unused(label, why);
        }
        self.compared(
            multiplies(label, per_s, bits)
                .under(format!("compute_type {}", self.text("compute_type"))),
        )
    }

    /// Of the multiply: types are converted first where the compute type says so, and the wider of two decides. Under
    /// a compute type that is not known they may be converted to anything.
    fn bits(&self) -> Option<u32> {
        let wider = bit_length(self.text("a_type"))?.max(bit_length(self.text("b_type"))?);
        match self.text("compute_type") {
            "xf32_r" => Some(19),
            "f32_f16_r" | "f32_bf16_r" => Some(16),
            "f64_r" => Some(wider).filter(|bits| *bits == 64),
            "f32_r" => Some(wider).filter(|bits| *bits <= 32),
            "f16_r" => Some(wider).filter(|bits| *bits <= 16),
            "i32_r" => Some(wider).filter(|bits| *bits <= 8),
            _ => None,
        }
    }

    /// Whether the result was compared with the CPU's, and how that ended.
    fn compared(&self, figure: ExternalFigure) -> ExternalFigure {
        let error = self.first(&["norm_error", "norm_error_1"]);
        let label = figure.label.clone();
        let own: f64 = error.parse().unwrap_or(f64::NAN);
        let known = NORM_BOUNDS.iter().find(|(name, _)| *name == self.text("d_type"));
        let within = known.is_some_and(|(_, bound)| own < *bound && own >= 0.0);
        // rocblas-bench does not print that f32 was computed as xf32. An error too small for that tells; none at
        // all is what whole numbers give, which xf32 holds exactly.
        let xf32 = self.text("a_type") == "f32_r" && !self.text("rocblas-Gflops").is_empty();
        if xf32 && !(within && own > 0.0) {
            return unused(label, "f32 that may have been computed as xf32: run it with -v 1");
        }
        if error.is_empty() {
            return figure.though("run without verification (-v)");
        }
        let compared = [self.text("atol"), self.text("rtol")].map(str::to_lowercase);
        let far = known.is_some_and(|(_, bound)| own > FAR * bound);
        let passed = compared.iter().all(|text| text.parse::<f64>().is_ok());
        let failed = compared.iter().any(|text| text == "failed") || own.is_nan() || far;
        if failed || (!within && known.is_some() && !passed) {
            unused(label, format!("wrong: its comparison with the CPU failed (norm_error {error})"))
        } else if within {
            figure.verified()
        } else {
            figure.though(
                "compared with the CPU, and its norm_error is above the library's own bound",
            )
        }
    }
}
