//! The hot loop: where a kernel spends its time, and what is issued there.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::isa::{Class, Code, Op};

/// Instructions of one turn of the hot loop, by what they do. A repeated one counts as often as it is issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Slots {
    /// Matrix multiply-adds.
    pub matrix: u64,
    /// Multiply-adds in f32, of a lane; a packed instruction counts each.
    pub fma32: u64,
    /// Multiply-adds in f16, of a lane.
    pub fma16: u64,
    /// Multiply-adds in dot products, of a lane.
    pub dot: u64,
    /// Slots that issue one of the four above.
    pub math: u64,
    /// Other floating point and conversions.
    pub float: u64,
    /// Floating point on the scalar unit.
    pub scalar_float: u64,
    /// Loads from buffers.
    pub load_global: u64,
    /// Loads from workgroup memory.
    pub load_shared: u64,
    /// Stores to buffers.
    pub store_global: u64,
    /// Stores to workgroup memory.
    pub store_shared: u64,
    /// Fragments turned in registers.
    pub turn: u64,
    /// Integers, moves, scalar loads.
    pub address: u64,
    /// Barriers and fences.
    pub barrier: u64,
    /// Branches, waits and nops; not part of `issued`.
    pub control: u64,
    /// Loads and stores of spilled registers.
    pub scratch: u64,
    /// All of them without `control`.
    pub issued: u64,
}

impl Slots {
    fn add(&mut self, op: &Op, turns: u64) {
        let slots = u64::from(op.slots) * turns;
        let parts = slots * u64::from(op.parts);
        let (count, by) = match op.class {
            Class::Matrix => (&mut self.matrix, slots),
            Class::Fma32 => (&mut self.fma32, parts),
            Class::Fma16 => (&mut self.fma16, parts),
            Class::Dot => (&mut self.dot, parts),
            Class::Float => (&mut self.float, slots),
            Class::ScalarFloat => (&mut self.scalar_float, slots),
            Class::LoadGlobal => (&mut self.load_global, slots),
            Class::LoadShared => (&mut self.load_shared, slots),
            Class::StoreGlobal => (&mut self.store_global, slots),
            Class::StoreShared => (&mut self.store_shared, slots),
            Class::Turn => (&mut self.turn, slots),
            Class::Address => (&mut self.address, slots),
            Class::Barrier => (&mut self.barrier, slots),
            Class::Control => (&mut self.control, slots),
            Class::Scratch => (&mut self.scratch, slots),
        };
        *count += by;
        if op.class.is_math() {
            self.math += slots;
        }
        if op.class != Class::Control {
            self.issued += slots;
        }
    }
}

/// The slots of the hot loop, and how it was found.
pub struct Hot {
    /// One turn.
    pub slots: Slots,
    /// Turns of the rolled loops inside of it that were counted for one; 1 where there are none.
    pub inner_turns: u64,
}

/// Finds the innermost loop with the most math. Where it turns inside another one and `turn_fmas`, the
/// multiply-adds of an invocation in one turn of that outer loop, is known, the outer one is
/// counted, with the inner ones as often as they must turn. A kernel without a loop counts as one.
pub fn find(code: &Code, turn_fmas: Option<u64>) -> Hot {
    let loops = loops(code);
    let inside = |at: usize, outer: &Range<usize>| {
        loops.iter().any(|inner| inner != outer && within(inner, outer) && inner.contains(&at))
    };
    let own = |range: &Range<usize>| range.clone().filter(|at| !inside(*at, range)).collect::<Vec<_>>();
    let math = |places: &[usize]| -> u64 {
        places.iter().map(|at| &code.ops[*at]).filter(|op| op.class.is_math()).map(fmas).sum()
    };
    let most = loops.iter().max_by_key(|range| (math(&own(range)), std::cmp::Reverse(range.len())));
    let Some(hottest) = most.filter(|range| math(&own(range)) > 0) else {
        // No math in any loop: the longest loop, or all of it.
        let longest = loops.iter().max_by_key(|range| range.len()).cloned();
        return counted(code, longest.unwrap_or(0..code.ops.len()), |_| 1, 1);
    };
    let outer = loops.iter().filter(|outer| *outer != hottest && within(hottest, outer)).min_by_key(|o| o.len());
    if let (Some(outer), Some(wanted)) = (outer, turn_fmas) {
        let places = own(outer);
        let nested: u64 = outer.clone().map(|at| &code.ops[at]).filter(|op| op.class.is_math()).map(fmas).sum();
        let nested = nested - math(&places);
        let turns = (wanted.saturating_sub(math(&places)) as f64 / nested as f64).round().max(1.0) as u64;
        return counted(code, outer.clone(), |at| if inside(at, outer) { turns } else { 1 }, turns);
    }
    counted(code, hottest.clone(), |_| 1, 1)
}

fn fmas(op: &Op) -> u64 {
    u64::from(op.slots) * u64::from(op.parts)
}

fn counted(code: &Code, range: Range<usize>, turns: impl Fn(usize) -> u64, inner_turns: u64) -> Hot {
    let mut slots = Slots::default();
    for at in range {
        slots.add(&code.ops[at], turns(at));
    }
    Hot { slots, inner_turns }
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Loops as stretches of code: each jump back closes one; those of one head are one.
fn loops(code: &Code) -> Vec<Range<usize>> {
    let mut loops: Vec<Range<usize>> = Vec::new();
    for (from, to) in code.jumps.iter().filter(|(from, to)| to <= from) {
        match loops.iter_mut().find(|known| known.start == *to) {
            Some(known) => known.end = known.end.max(from + 1),
            None => loops.push(*to..from + 1),
        }
    }
    loops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(class: Class) -> Op {
        Op { class, slots: 1, parts: 1 }
    }

    /// address, (load, (fma, fma, jump), barrier, jump), store
    fn nested() -> Code {
        use Class::*;
        let ops = [Address, LoadGlobal, Fma32, Fma32, Control, Barrier, Control, StoreGlobal];
        Code { ops: ops.map(op).to_vec(), jumps: vec![(4, 2), (6, 1)] }
    }

    #[test]
    fn the_inner_loop_is_hot() {
        let hot = find(&nested(), None);
        assert_eq!((hot.slots.fma32, hot.slots.issued, hot.slots.control), (2, 2, 1));
    }

    #[test]
    fn known_turns_weigh_the_inner_loop_in_the_outer_one() {
        let hot = find(&nested(), Some(16));
        assert_eq!((hot.inner_turns, hot.slots.fma32), (8, 16));
        assert_eq!((hot.slots.load_global, hot.slots.barrier, hot.slots.issued), (1, 1, 18));
    }

    #[test]
    fn a_kernel_without_a_loop_counts_as_one_turn() {
        let code = Code { ops: vec![op(Class::Fma32); 3], jumps: vec![] };
        assert_eq!(find(&code, Some(100)).slots.fma32, 3);
    }
}
