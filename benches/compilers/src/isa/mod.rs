//! Final code of a kernel as a list of issue slots, whatever the instruction set.

mod aco;
mod agx;
mod ir3;
mod nak;

use std::collections::HashMap;

use anyhow::{Result, ensure};

use crate::driver::Compiled;

/// What a slot does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A multiply-add of matrix fragments.
    Matrix,
    /// A multiply-add in f32.
    Fma32,
    /// A multiply-add in f16, packed or not.
    Fma16,
    /// A dot product of small integers or halves.
    Dot,
    /// Other arithmetic in floating point, and conversions.
    Float,
    /// Floating point on the scalar unit: one result a subgroup.
    ScalarFloat,
    /// A load from a buffer into vector registers.
    LoadGlobal,
    /// A load from workgroup memory.
    LoadShared,
    /// A store to a buffer.
    StoreGlobal,
    /// A store to workgroup memory.
    StoreShared,
    /// A fragment turned in registers.
    Turn,
    /// Integers, moves, comparisons, scalar loads: what it takes to get at the data.
    Address,
    /// Waits of a workgroup or a memory fence.
    Barrier,
    /// Branches, waits and nops; no slot counts where the issue of work is meant.
    Control,
    /// Loads and stores of spilled registers.
    Scratch,
}

impl Class {
    /// Whether it is the work that the kernel is for.
    pub fn is_math(self) -> bool {
        matches!(self, Self::Matrix | Self::Fma32 | Self::Fma16 | Self::Dot)
    }
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// What it does.
    pub class: Class,
    /// Issue slots that it takes: more than one where the hardware repeats it.
    pub slots: u32,
    /// Multiply-adds of a lane in one slot; for a matrix instruction 1.
    pub parts: u32,
}

impl Op {
    fn new(class: Class, parts: u32) -> Self {
        Self { class, slots: 1, parts }
    }
}

/// A kernel's code: slots in order, and the jumps between them.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// In the order of addresses.
    pub ops: Vec<Op>,
    /// From and to, as places in `ops`.
    pub jumps: Vec<(usize, usize)>,
    /// Places behind which the code does not go on: jumps without a condition, and ends.
    pub stops: Vec<usize>,
}

/// Collects slots and labels while a text is read.
#[derive(Default)]
struct Builder {
    code: Code,
    labels: HashMap<String, usize>,
    open: Vec<(usize, String)>,
}

impl Builder {
    fn label(&mut self, name: &str) {
        self.labels.insert(name.to_owned(), self.code.ops.len());
    }

    fn jump(&mut self, to: &str) {
        self.open.push((self.code.ops.len(), to.to_owned()));
        self.push(Op::new(Class::Control, 1));
    }

    /// A jump that is always taken.
    fn always(&mut self, to: &str) {
        self.code.stops.push(self.code.ops.len());
        self.jump(to);
    }

    fn end(&mut self) {
        self.code.stops.push(self.code.ops.len());
        self.push(Op::new(Class::Control, 1));
    }

    fn push(&mut self, op: Op) {
        self.code.ops.push(op);
    }

    fn done(mut self) -> Result<Code> {
        ensure!(!self.code.ops.is_empty(), "the driver's final code holds no instruction");
        for (from, label) in &self.open {
            let to = self.labels.get(label);
            ensure!(to.is_some(), "the driver's final code jumps to {label}, which is not there");
            self.code.jumps.extend(to.map(|to| (*from, *to)));
        }
        Ok(self.code)
    }
}

/// Reads the final code that a driver reported.
pub fn read(compiled: &Compiled) -> Result<Code> {
    let text = |name: &str| {
        compiled.texts.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    };
    if let Some(text) = text("NAK assembly") {
        nak::read(text)
    } else if let Some(text) = text("Assembly") {
        aco::read(text)
    } else if let Some(text) = text("IR3 Assembly") {
        ir3::read(text)
    } else if let Some(text) = text(crate::driver::PRINTED) {
        agx::read(text)
    } else {
        let names: Vec<&str> = compiled.texts.iter().map(|(name, _)| name.as_str()).collect();
        anyhow::bail!("no reader for the final code among {names:?}")
    }
}
