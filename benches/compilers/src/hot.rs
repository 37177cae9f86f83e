//! The hot loop: where a kernel spends its time, and what is issued there.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::algo::dominators::simple_fast;
use petgraph::graph::DiGraph;
use petgraph::visit::EdgeRef;
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
    // What of a loop lies in loops inside of it.
    let nested = |outer: &Loop| -> Loop {
        let inner = loops.iter().filter(|inner| *inner != outer && inner.is_subset(outer));
        inner.flatten().copied().collect()
    };
    let fmas = |at: usize| {
        let op = &code.ops[at];
        if op.class.is_math() { u64::from(op.slots) * u64::from(op.parts) } else { 0 }
    };
    let own = |range: &Loop| range.difference(&nested(range)).map(|at| fmas(*at)).sum::<u64>();
    let count = |places: &mut dyn Iterator<Item = usize>, turns: &dyn Fn(usize) -> u64| {
        let mut slots = Slots::default();
        places.for_each(|at| slots.add(&code.ops[at], turns(at)));
        slots
    };
    let most = loops.iter().map(|range| (own(range), range)).max_by_key(|(math, _)| *math);
    let Some((_, hottest)) = most.filter(|(math, _)| *math > 0) else {
        // No math in any loop: the longest loop, or all of it.
        let slots = match loops.iter().max_by_key(|range| range.len()) {
            Some(longest) => count(&mut longest.iter().copied(), &|_| 1),
            None => count(&mut (0..code.ops.len()), &|_| 1),
        };
        return Hot { slots, inner_turns: 1 };
    };
    let outer = loops.iter().filter(|outer| *outer != hottest && hottest.is_subset(outer));
    let (Some(outer), Some(wanted)) = (outer.min_by_key(|outer| outer.len()), turn_fmas) else {
        return Hot { slots: count(&mut hottest.iter().copied(), &|_| 1), inner_turns: 1 };
    };
    let (all, own) = (outer.iter().map(|at| fmas(*at)).sum::<u64>(), own(outer));
    let inner_turns =
        (wanted.saturating_sub(own) as f64 / (all - own) as f64).round().max(1.0) as u64;
    let nested = nested(outer);
    let turns = |at: usize| if nested.contains(&at) { inner_turns } else { 1 };
    Hot { slots: count(&mut outer.iter().copied(), &turns), inner_turns }
}

type Loop = BTreeSet<usize>;

/// The natural loops: for each jump to a place that all ways to it lead through, what can reach the jump from there.
/// Loops of one head are one.
fn loops(code: &Code) -> Vec<Loop> {
    let mut graph = DiGraph::<(), (), usize>::default();
    let nodes: Vec<_> = code.ops.iter().map(|_| graph.add_node(())).collect();
    let stops: BTreeSet<usize> = code.stops.iter().copied().collect();
    let onward = (1..nodes.len()).filter(|at| !stops.contains(&(at - 1))).map(|at| (at - 1, at));
    // A label behind the last instruction is the end.
    for (from, to) in onward.chain(code.jumps.iter().copied()).filter(|(_, to)| *to < nodes.len()) {
        graph.add_edge(nodes[from], nodes[to], ());
    }
    let dominators = simple_fast(&graph, nodes[0]);
    let mut loops: BTreeMap<usize, Loop> = BTreeMap::new();
    for edge in graph.edge_references() {
        let (from, head) = (edge.source(), edge.target());
        // Only where ways meet: asking costs the depth of the code.
        let meets = graph.edges_directed(head, Direction::Incoming).nth(1).is_some();
        if !meets && head != nodes[0] {
            continue;
        }
        let through =
            dominators.dominators(from).is_some_and(|mut above| above.any(|node| node == head));
        if !through {
            continue;
        }
        let body = loops.entry(head.index()).or_default();
        body.insert(head.index());
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            if body.insert(node.index()) {
                open.extend(graph.neighbors_directed(node, Direction::Incoming));
            }
        }
    }
    loops.into_values().collect()
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
        Code { ops: ops.map(op).to_vec(), jumps: vec![(4, 2), (6, 1)], stops: vec![7] }
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

    /// jump to 3, (barrier, jump back), entry: (fma), a way out, jump to 1, far out: store
    #[test]
    fn what_lies_between_but_is_left_for_good_is_not_in_the_loop() {
        use Class::*;
        let ops = [
            Control,
            Barrier,
            Address,
            Fma32,
            Control,
            Control,
            StoreGlobal,
            Control,
            Fma32,
            Control,
        ];
        let jumps = vec![(0, 3), (2, 3), (4, 8), (9, 1)];
        let code = Code { ops: ops.map(op).to_vec(), jumps, stops: vec![0, 5, 7, 9] };
        let slots = find(&code, None).slots;
        assert_eq!((slots.fma32, slots.barrier, slots.store_global), (2, 1, 0));
    }

    #[test]
    fn a_kernel_without_a_loop_counts_as_one_turn() {
        let code = Code { ops: vec![op(Class::Fma32); 3], ..Code::default() };
        assert_eq!(find(&code, Some(100)).slots.fma32, 3);
    }
}
