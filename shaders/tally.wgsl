// Runs before the first dispatch of a timed batch and behind every one, and makes each one count. Behind a
// dispatch it folds a hash of some words of the result into a running tally and poisons those words. Then it
// puts another word into the first input, chosen by the batch's nonce, so that the next dispatch must compute
// anew: a dropped, repeated or remembered dispatch gives another tally. The last dispatch of the last batch
// finds the original word, so that the checked result is that of the inputs in the record, and keeps its words.
// One invocation. CPU twin: src/measure/proof.rs. Prelude: WITNESSES, STRIDE, PATTERN.
@group(0) @binding(0) var<storage, read_write> state: array<u32, 9>; // nonce, dispatches, tally, done, 4 words, last
@group(0) @binding(1) var<storage, read_write> result: array<u32>;
@group(0) @binding(2) var<storage, read_write> nudged: array<u32>;

fn choice(dispatch: u32) -> u32 {
  if (state[8] == 1u && dispatch + 1u == state[1]) { return 0u; }
  return ((state[0] ^ dispatch) * 0x9E3779B1u) >> 30u;
}

@compute @workgroup_size(1)
fn main() {
  let done = state[3];
  if (done > 0u) {
    var hash = 0x811C9DC5u;
    for (var i = 0u; i < WITNESSES; i++) { hash = (hash ^ result[i * STRIDE]) * 0x01000193u; }
    state[2] = state[2] * 0x9E3779B1u + hash;
  }
  state[3] = done + 1u;
  if (done < state[1]) {
    for (var i = 0u; i < WITNESSES; i++) { result[i * STRIDE] = PATTERN; }
    nudged[0] = state[4u + choice(done)];
  } else {
    nudged[0] = state[4];
  }
}
