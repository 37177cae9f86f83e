//! ACO's final code, for AMD's GPUs: `BBn:` labels, `mnemonic operands ; encoding`.

use anyhow::Result;

use super::{Builder, Class, Code, Op};

pub(super) fn read(text: &str) -> Result<Code> {
    let mut code = Builder::default();
    for line in text.lines() {
        let line = line.split(';').next().unwrap_or_default().trim();
        if let Some(label) = line.strip_suffix(':') {
            code.label(label);
            continue;
        }
        let mut words = line.split_whitespace();
        let mnemonic = words.next().unwrap_or_default();
        // "(then repeated N times)" stands for the padding behind the end.
        if mnemonic.is_empty() || mnemonic.starts_with('(') {
            continue;
        }
        match words.next() {
            Some(label) if mnemonic == "s_branch" => code.always(label),
            Some(label) if mnemonic.starts_with("s_cbranch") => code.jump(label),
            None if mnemonic == "s_endpgm" => code.end(),
            _ => code.push(slot(line)),
        }
    }
    code.done()
}

/// Two instructions of one dual issue are one slot; a multiply-add in either makes it work.
fn slot(line: &str) -> Op {
    let ops = line.split("::").map(|half| half.split_whitespace().next().unwrap_or_default());
    let ops: Vec<Op> = ops.map(classify).collect();
    let parts = ops.iter().filter(|op| op.class.is_math()).map(|op| op.parts).sum::<u32>();
    let class = ops.iter().map(|op| op.class).find(|class| class.is_math()).unwrap_or(ops[0].class);
    Op::new(class, parts.max(1))
}

fn classify(mnemonic: &str) -> Op {
    let starts = |names: &[&str]| names.iter().any(|name| mnemonic.starts_with(name));
    let (class, parts) = if starts(&["v_wmma", "v_swmmac", "v_mfma"]) {
        (Class::Matrix, 1)
    } else if starts(&["v_pk_fma_f16", "v_pk_fmac_f16"]) {
        (Class::Fma16, 2)
    } else if starts(&["v_pk_fma_f32"]) {
        (Class::Fma32, 2)
    } else if starts(&["v_dot4", "v_dual_dot4"]) {
        (Class::Dot, 4)
    } else if starts(&["v_dot8"]) {
        (Class::Dot, 8)
    } else if starts(&["v_dot2", "v_dual_dot2"]) {
        (Class::Dot, 2)
    } else if starts(&[
        "v_fma_f16",
        "v_fmac_f16",
        "v_mad_f16",
        "v_mac_f16",
        "v_fmaak_f16",
        "v_fmamk_f16",
    ]) {
        (Class::Fma16, 1)
    } else if starts(&[
        "v_fma_f32",
        "v_fmac_f32",
        "v_mad_f32",
        "v_mac_f32",
        "v_madak_f32",
        "v_madmk_f32",
        "v_fmaak_f32",
        "v_fmamk_f32",
        "v_dual_fma",
        "v_fma_mix",
        "v_mad_mix",
    ]) {
        (Class::Fma32, 1)
    } else if starts(&["scratch_"]) {
        (Class::Scratch, 1)
    } else if mnemonic.contains("addtid") {
        // ACO spills to workgroup memory with these, and nothing else makes them.
        (Class::Scratch, 1)
    } else if starts(&["ds_load", "ds_read"]) {
        (Class::LoadShared, 1)
    } else if starts(&["ds_store", "ds_write"]) {
        (Class::StoreShared, 1)
    } else if starts(&["buffer_load", "global_load", "flat_load"]) {
        (Class::LoadGlobal, 1)
    } else if starts(&[
        "buffer_store",
        "global_store",
        "flat_store",
        "buffer_atomic",
        "global_atomic",
    ]) {
        (Class::StoreGlobal, 1)
    } else if starts(&["s_barrier", "buffer_gl", "global_inv", "global_wb"]) {
        (Class::Barrier, 1)
    } else if starts(&[
        "s_wait",
        "s_nop",
        "s_delay_alu",
        "s_clause",
        "s_endpgm",
        "s_sendmsg",
        "s_set",
        "s_inst_prefetch",
        "s_code_end",
        "s_sleep",
        "v_nop",
    ]) {
        (Class::Control, 1)
    } else if scalar_float(mnemonic) {
        (Class::ScalarFloat, 1)
    } else if mnemonic.starts_with("v_") && vector_float(mnemonic) {
        (Class::Float, 1)
    } else {
        (Class::Address, 1)
    };
    Op::new(class, parts)
}

fn scalar_float(mnemonic: &str) -> bool {
    mnemonic.starts_with("s_") && (mnemonic.contains("_f32") || mnemonic.contains("_f16"))
}

fn vector_float(mnemonic: &str) -> bool {
    let floats = ["_f32", "_f16", "_f64", "_bf16"];
    floats.iter().any(|kind| mnemonic.contains(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::*;

    #[test]
    fn a_loop_is_read() {
        let code = read(include_str!("../../samples/aco.txt")).unwrap();
        let classes: Vec<Class> = code.ops.iter().map(|op| op.class).collect();
        let expected = [
            Control,
            Address,
            LoadGlobal,
            Control,
            Fma32,
            Fma32,
            Fma16,
            Matrix,
            Dot,
            Float,
            ScalarFloat,
            LoadShared,
            Scratch,
            StoreShared,
            Barrier,
            Control,
            StoreGlobal,
            Control,
        ];
        assert_eq!(classes, expected);
        assert_eq!(code.jumps, [(0, 4), (15, 1)]);
        assert_eq!([code.ops[4].parts, code.ops[5].parts, code.ops[6].parts], [2, 1, 2]);
    }
}
