//! Merkle tree hash over a result, so that one digest commits to all of it and parts can be shown later.
//!
//! As RFC 9162, 2.1.1: a leaf is SHA-256 of a zero byte and its data, a node that of a one byte and both halves.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// All levels of the tree, leaves first.
pub(super) struct Tree {
    levels: Vec<Vec<Hash>>,
}

fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

impl Tree {
    /// The tree over `bytes`, `leaf_bytes` to a leaf; the last one may be shorter.
    pub(super) fn over(bytes: &[u8], leaf_bytes: usize) -> Self {
        let mut levels: Vec<Vec<Hash>> =
            vec![bytes.par_chunks(leaf_bytes.max(1)).map(leaf).collect()];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            // One that is left over at the end stands for itself in the next level.
            let join = |pair: &[Hash]| match pair {
                [left, right] => node(left, right),
                alone => alone[0],
            };
            let above = below.par_chunks(2).map(join).collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// What commits to all of it.
    pub(super) fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or_else(|| leaf(&[]))
    }

    /// The neighbours that lead from a leaf to the root.
    pub(super) fn path(&self, at: usize) -> Vec<Hash> {
        let neighbour =
            |(level, hashes): (usize, &Vec<Hash>)| hashes.get((at >> level) ^ 1).copied();
        self.levels.iter().enumerate().filter_map(neighbour).collect()
    }
}

/// The root that a leaf of `leaves` leads to along its path; `None` where the path has another length than the tree.
pub(super) fn root_of(data: &[u8], mut at: u64, mut leaves: u64, path: &[Hash]) -> Option<Hash> {
    let mut hash = leaf(data);
    let mut path = path.iter();
    while leaves > 1 {
        if at ^ 1 < leaves {
            let neighbour = path.next()?;
            hash = if at & 1 == 0 { node(&hash, neighbour) } else { node(neighbour, &hash) };
        }
        (at, leaves) = (at / 2, leaves.div_ceil(2));
    }
    (at == 0 && path.next().is_none()).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_those_of_the_rfc() {
        let hex = |hash: Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        // The empty leaf, and RFC 6962's reference tree (certificate-transparency, merkletree tests) of two leaves.
        assert_eq!(
            hex(Tree::over(&[0], 1).root()),
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
        );
        assert_eq!(hex(Tree::over(&[], 4).root()), hex(leaf(&[])));
        let pair = node(&leaf(&[7]), &leaf(&[9]));
        assert_eq!(Tree::over(&[7, 9], 1).root(), pair);
        assert_eq!(Tree::over(&[7, 9, 11], 1).root(), node(&pair, &leaf(&[11])));
    }

    #[test]
    fn every_leaf_of_every_size_leads_to_the_root_and_no_other_data_does() {
        for leaves in 1..40u8 {
            let bytes: Vec<u8> = (0..leaves).collect();
            let tree = Tree::over(&bytes, 1);
            for at in 0..leaves {
                let path = tree.path(at.into());
                let root = |data: &[u8], at: u8| root_of(data, at.into(), leaves.into(), &path);
                assert_eq!(root(&[at], at), Some(tree.root()), "{at} of {leaves}");
                assert_ne!(root(&[at ^ 1], at), Some(tree.root()));
                let other = (at + 1) % leaves;
                assert!(leaves == 1 || root(&[at], other) != Some(tree.root()), "{at} of {leaves}");
            }
        }
    }
}
