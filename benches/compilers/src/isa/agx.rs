//! The disassembly that Mesa's compiler for Apple's GPUs prints: `offset: encoding mnemonic operands`.
//!
//! Offsets are hexadecimal, jumps tell a distance in bytes. The first program is the kernel; the second one
//! runs once before all of it and prepares uniform values.

use anyhow::{Context, Result};

use super::{Builder, Class, Code, Op};

pub(super) fn read(text: &str) -> Result<Code> {
    let mut code = Builder::default();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let Some(at) = words.next().and_then(|word| word.strip_suffix(':')) else { continue };
        let Ok(at) = i64::from_str_radix(at, 16) else { continue };
        let encoding = words.next().unwrap_or_default();
        let Some(mnemonic) = words.next() else { continue };
        if u128::from_str_radix(encoding, 16).is_err() {
            continue;
        }
        code.label(&at.to_string());
        match mnemonic {
            "jmp_any" | "jmp_none" | "jmp" => {
                let distance = words.next().unwrap_or_default();
                let distance: i64 =
                    distance.parse().with_context(|| format!("a jump by {distance}"))?;
                code.jump(&(at + distance).to_string());
            }
            "stop" => {
                code.end();
                break;
            }
            _ => code.push(classify(mnemonic)),
        }
    }
    code.done()
}

fn classify(mnemonic: &str) -> Op {
    let class = match mnemonic {
        "ffma" => Class::Fma32,
        "hfma" => Class::Fma16,
        "load" | "device_load" => Class::LoadGlobal,
        "store" | "device_store" | "atomic" => Class::StoreGlobal,
        "lload" | "local_load" => Class::LoadShared,
        "lstore" | "local_store" | "latomic" => Class::StoreShared,
        "stack_load" | "stack_store" | "sload" | "sstore" | "stack_adjust" => Class::Scratch,
        "barrier" | "threadgroup_barrier" | "memory_barrier" | "membar" => Class::Barrier,
        "wait" | "if" | "else" | "while" | "pop_exec" | "push_exec" | "ret" | "nop" | "trap" => {
            Class::Control
        }
        "fadd" | "fmul" | "hadd" | "hmul" | "fcmp" | "fcmpsel" | "rcp" | "exp2" | "log2"
        | "rsqrt" | "floor" | "ceil" | "trunc" | "rint" | "simd_fadd" => Class::Float,
        name if name.contains("_to_f") || name.contains("f_to_") || name.starts_with("fmov") => {
            Class::Float
        }
        _ => Class::Address,
    };
    Op::new(class, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::*;

    #[test]
    fn a_loop_is_read() {
        let code = read(include_str!("../../samples/agx.txt")).unwrap();
        let classes: Vec<Class> = code.ops.iter().map(|op| op.class).collect();
        let expected = [
            Address,
            Control,
            Control,
            Fma32,
            Fma16,
            LoadGlobal,
            LoadShared,
            Float,
            Barrier,
            Control,
            StoreGlobal,
            Control,
        ];
        assert_eq!(classes, expected);
        assert_eq!(code.jumps, [(1, 10), (9, 2)]);
    }
}
