//! The CSV of `cutlass_profiler`, alone or at the end of what it prints. Operations are counted here from m, n and k,
//! because the tool counts sparse products as dense ones; so only dense matrix products count, and only where the
//! tool's own rate says the same. Its disposition `passed` means that the result was compared with a reference.
//! It prints the mean time and no spread.

use super::draft::{Draft, contradiction, multiplies, unused};
use super::format::Format;
use super::table::{Quotes, Row, rows};
use super::types::bit_length;
use crate::record::ExternalFigure;

pub(super) const FORMAT: Format = Format {
    program: "cutlass-profiler",
    made_by: "cutlass_profiler --output=FILE (writes FILE.gemm.csv), or what it prints without --output",
    counts: "gemm, block_scaled_gemm, blockwise_gemm: 2 x m x n x k by Runtime, at the wider of A's and B's types",
    kept: "sparse, grouped, complex and other kinds; a wrong result; a row that is cut or contradicts itself",
    verified: "disposition `passed`",
    versions: "3.5 to 4.3",
    signs: |text| text.contains(HEADER),
    read,
};

const HEADER: &str = "Problem,Provider,OperationKind";
/// Kinds of operations that are dense products of m, n and k.
const DENSE: &[&str] = &["gemm", "block_scaled_gemm", "blockwise_gemm"];
const SPARSE: &str = "2:4 sparsity: not a dense rate";
fn read(text: &str) -> Result<Vec<Draft>, String> {
    let mut draft = Draft::default();
    rows(text, HEADER, Quotes::None, |row| {
        if row.cell("Operation").is_some() {
            draft.figures.push(figure(row));
        }
        Ok(())
    })?;
    Ok(vec![draft])
}

fn figure(row: &Row) -> ExternalFigure {
    let shape = ["m", "n", "k"].map(|name| row.text(name)).join("x");
    let label = format!("{} {shape}", row.text("Operation"));
    if let Some(why) = row.cut() {
        return unused(label, why);
    }
    let kind = row.text("OperationKind");
    if !DENSE.contains(&kind) {
        return unused(label, other_kind(kind));
    }
    let sparse = ["spgemm", "sptensorop"].iter().any(|word| row.text("Operation").contains(word));
    if sparse
        || ["op_class", "gemm_kind"]
            .iter()
            .any(|name| ["sptensorop", "spgemm"].contains(&row.text(name)))
    {
        return unused(label, SPARSE);
    }
    if row.text("gemm_kind") == "grouped" {
        return unused(label, other_kind("grouped_gemm"));
    }
    if row.cell("alpha").is_some() && row.number("alpha") == 0.0 {
        return unused(label, "alpha is 0: the product may be skipped");
    }
    if row.text("Provider").starts_with("reference") {
        return unused(label, "a reference of the tool's own, no kernel");
    }
    let disposition = row.text("Disposition");
    if row.text("Status") != "success" || !["passed", "not_verified"].contains(&disposition) {
        return unused(label, format!("not measured or wrong: {disposition}"));
    }
    if row.text("gemm_kind").starts_with("planar_complex")
        || row.text("Operation").contains("planar_complex")
        || is_complex(row, "A")
        || is_complex(row, "B")
    {
        return unused(label, "a complex product: its operations are not 2 x m x n x k");
    }
    let (Some(a), Some(b)) = (operand_bits(row, "A"), operand_bits(row, "B")) else {
        let [a, b] = ["A", "B"].map(|operand| element(row, operand));
        let class = row.text("op_class");
        return unused(
            label,
            format!("what the multiply takes of {a} and {b} under {class} is not stated"),
        );
    };
    let batch = row.cell("batch_count").map_or(1.0, |_| row.number("batch_count"));
    let sizes = ["m", "n", "k"].map(|name| row.number(name));
    if !sizes.iter().chain([&batch]).all(|x| *x >= 0.0 && x.fract() == 0.0) {
        return unused(label, "its sizes are no whole numbers");
    }
    let [m, n, k] = sizes;
    let per_s = 2.0 * m * n * k * batch / row.number("Runtime") * 1e3;
    // The tool adds the epilogue's 2 x m x n.
    if let Some(why) = contradiction(per_s, row.number("GFLOPs") * 1e9, 1.0 / k) {
        return unused(label, why);
    }
    let figure = multiplies(label, per_s, a.max(b)).under(format!(
        "{} {}",
        row.text("Provider"),
        row.text("op_class")
    ));
    if disposition == "passed" {
        figure.verified()
    } else {
        figure.though("run without verification")
    }
}

fn other_kind(kind: &str) -> String {
    match kind {
        "spgemm" => SPARSE.into(),
        "grouped_gemm" => "a group of products: the row states the size of one of them".into(),
        other => format!("{other}: no product whose operations follow from m, n and k"),
    }
}

fn element<'a>(row: &Row<'a>, operand: &str) -> &'a str {
    row.text(operand).split(':').next().unwrap_or_default()
}

fn is_complex(row: &Row, operand: &str) -> bool {
    let element = element(row, operand);
    element.strip_prefix('c').is_some_and(|rest| bit_length(rest).is_some())
}

/// f32 operands on matrix units are rounded first; only the kernel's name tells to what. Narrow operands beside wide
/// ones are widened, so the multiply has the wider type: the caller takes it.
fn operand_bits(row: &Row, operand: &str) -> Option<u32> {
    let element = element(row, operand);
    if element != "f32" {
        return bit_length(element);
    }
    let operation = row.cell("Operation")?;
    match row.cell("op_class")? {
        "simt" => Some(32),
        _ if operation.contains("tf32gemm") => Some(19),
        _ if operation.contains("f16gemm") => Some(16),
        _ => None,
    }
}
