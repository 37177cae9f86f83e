//! NAK's final code, for NVIDIA's GPUs: blocks with a label, `results = mnemonic operands // delay`.

use anyhow::Result;

use super::{Builder, Class, Code, Op};

pub(super) fn read(text: &str) -> Result<Code> {
    let mut code = Builder::default();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if line.starts_with("block") {
            // block.u 1 L3 [0] -> {
            code.label(line.split_whitespace().nth(2).unwrap_or_default());
        } else if !line.is_empty() && !line.starts_with('}') {
            instruction(&mut code, line);
        }
    }
    code.done()
}

fn instruction(code: &mut Builder, line: &str) {
    let body = line.split_once(" = ").map_or(line, |(_, body)| body);
    let mut words = body.split_whitespace().skip_while(|word| word.starts_with('@'));
    let mnemonic = words.next().unwrap_or_default();
    // A predicate in front, or a uniform one behind: bra !up0 L3.
    let always = !line.starts_with('@') && !body.contains("up");
    match mnemonic {
        "bra" if always => code.always(words.last().unwrap_or_default()),
        "bra" => code.jump(words.last().unwrap_or_default()),
        "exit" if always => code.end(),
        _ => code.push(classify(mnemonic)),
    }
}

fn classify(mnemonic: &str) -> Op {
    let mut parts = mnemonic.split('.');
    let name = parts.next().unwrap_or_default();
    let memory = parts.next().unwrap_or_default();
    match (name, memory) {
        ("hmma" | "imma", _) => Op::new(Class::Matrix, 1),
        ("ffma", _) => Op::new(Class::Fma32, 1),
        ("hfma2", _) => Op::new(Class::Fma16, 2),
        ("idp" | "idp4" | "idp4a" | "dp4a", _) => Op::new(Class::Dot, 4),
        ("ld" | "st" | "ldl" | "stl", "local") => Op::new(Class::Scratch, 1),
        ("ld", "shared") | ("ldsm", _) => Op::new(Class::LoadShared, 1),
        ("st", "shared") => Op::new(Class::StoreShared, 1),
        ("ld", _) => Op::new(Class::LoadGlobal, 1),
        ("st" | "atom" | "red", _) => Op::new(Class::StoreGlobal, 1),
        ("movm", _) => Op::new(Class::Turn, 1),
        ("bar" | "membar", _) => Op::new(Class::Barrier, 1),
        (
            "bssy" | "bsync" | "bclear" | "break" | "exit" | "nop" | "warpsync" | "call" | "ret"
            | "ccctl" | "depbar",
            _,
        ) => Op::new(Class::Control, 1),
        (
            "fadd" | "fmul" | "fmnmx" | "fsetp" | "fset" | "fsel" | "fswz" | "fswzadd" | "hadd2"
            | "hmul2" | "hmnmx2" | "hsetp2" | "hset2" | "mufu" | "f2f" | "f2fp" | "f2i" | "i2f"
            | "frnd" | "dadd" | "dmul" | "dfma",
            _,
        ) => Op::new(Class::Float, 1),
        _ => Op::new(Class::Address, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::*;

    #[test]
    fn a_loop_is_read() {
        let text = include_str!("../../samples/nak.txt");
        let code = read(text).unwrap();
        let classes: Vec<Class> = code.ops.iter().map(|op| op.class).collect();
        let expected = [
            Address,
            Fma32,
            Fma16,
            LoadGlobal,
            LoadShared,
            Matrix,
            Turn,
            Scratch,
            StoreShared,
            Barrier,
            Float,
            Control,
            StoreGlobal,
            Control,
        ];
        assert_eq!(classes, expected);
        assert_eq!(code.jumps, [(11, 1)]);
        assert_eq!(code.ops[2].parts, 2);
        assert_eq!(classify("idp4.u8.s8").class, Dot);
    }
}
