//! ir3's final code, for Adreno: `lN:` labels, `(flags)mnemonic operands`; `(rptN)` repeats, `(nopN)` waits before.

use anyhow::Result;

use super::{Builder, Class, Code, Op};

pub(super) fn read(text: &str) -> Result<Code> {
    let mut code = Builder::default();
    for line in text.lines() {
        let mut line = line.split(';').next().unwrap_or_default().trim();
        if line.starts_with('@') || line.starts_with("Native code") {
            continue;
        }
        if let Some(label) = line.strip_suffix(':') {
            code.label(label);
            continue;
        }
        let mut slots = 1;
        while let Some((flag, rest)) = line.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        {
            if let Some(again) = flag.strip_prefix("rpt") {
                slots = 1 + again.parse::<u32>()?;
            } else if let Some(waits) = flag.strip_prefix("nop") {
                code.push(Op { slots: waits.parse()?, ..Op::new(Class::Control, 1) });
            }
            line = rest.trim_start();
        }
        let mnemonic = line.split_whitespace().next().unwrap_or_default();
        if mnemonic.is_empty() {
            continue;
        }
        match line.rsplit_once('#') {
            Some((_, label)) if mnemonic == "jump" => code.always(label.trim()),
            None if mnemonic == "end" => code.end(),
            Some((_, label)) if is_jump(mnemonic) => code.jump(label.trim()),
            _ => code.push(Op { slots, ..classify(mnemonic) }),
        }
    }
    code.done()
}

fn is_jump(mnemonic: &str) -> bool {
    let name = mnemonic.split('.').next().unwrap_or_default();
    matches!(
        name,
        "br" | "brac"
            | "brao"
            | "braa"
            | "bany"
            | "ball"
            | "brax"
            | "jump"
            | "getone"
            | "getlast"
            | "shps"
    )
}

fn classify(mnemonic: &str) -> Op {
    let (name, kind) = mnemonic.split_once('.').unwrap_or((mnemonic, ""));
    let float = kind.split('.').any(|part| part.starts_with('f') && !part.starts_with("fl"));
    let (class, parts) = match name {
        "mad" if kind.starts_with("f32") => (Class::Fma32, 1),
        "mad" if kind.starts_with("f16") => (Class::Fma16, 1),
        "dp4acc" => (Class::Dot, 4),
        "dp2acc" => (Class::Dot, 2),
        "ldp" | "stp" => (Class::Scratch, 1),
        "ldl" | "ldlw" | "ldlv" => (Class::LoadShared, 1),
        "stl" | "stlw" => (Class::StoreShared, 1),
        "ldg" | "ldib" | "isam" | "ldgb" => (Class::LoadGlobal, 1),
        "stg" | "stib" | "stgb" | "atomic" => (Class::StoreGlobal, 1),
        "bar" | "fence" => (Class::Barrier, 1),
        "nop" | "end" | "predt" | "predf" | "prede" | "shpe" | "kill" | "sleep" | "ret"
        | "alias" => (Class::Control, 1),
        "exp2" | "log2" | "rcp" | "rsq" | "hrcp" | "hrsq" | "hexp2" | "hlog2" | "sin" | "cos"
        | "sqrt" => (Class::Float, 1),
        // Conversions say both types: cov.f16f32.
        "cov" if kind.contains('f') => (Class::Float, 1),
        "add" | "mul" | "max" | "min" | "cmps" | "cmpv" | "sel" | "floor" | "ceil" | "rndne"
        | "trunc" | "sign" | "absneg"
            if float =>
        {
            (Class::Float, 1)
        }
        _ => (Class::Address, 1),
    };
    Op::new(class, parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::*;

    #[test]
    fn a_loop_is_read() {
        let code = read(include_str!("../../samples/ir3.txt")).unwrap();
        let classes: Vec<Class> = code.ops.iter().map(|op| op.class).collect();
        let expected = [
            Address,
            LoadGlobal,
            Fma32,
            Control,
            Float,
            Address,
            LoadShared,
            Scratch,
            Dot,
            Barrier,
            Control,
            Control,
            StoreGlobal,
            Control,
        ];
        assert_eq!(classes, expected);
        assert_eq!(code.jumps, [(10, 12), (11, 0)]);
        assert_eq!([code.ops[2].slots, code.ops[3].slots], [4, 2]);
    }
}
