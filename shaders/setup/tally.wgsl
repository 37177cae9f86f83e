// Runs before the first dispatch of a timed batch and behind every one, and makes each one count. Behind a
// dispatch it adds hashes of some words of the result, the witnesses, to a tally. Then it poisons the witnesses of the
// next dispatch and turns over some bits of one input word, so that the next dispatch must write anew, and another
// result: a dropped, repeated or remembered dispatch gives another tally. Which words are witnesses and which input
// is changed follows from the batch's nonce and the number of the dispatch; the first AIMED witnesses lie
// where the change must show. The last dispatch of the last batch finds the original input, so that the checked
// result is that of the inputs in the record. Afterwards the input is as it was.
// One invocation. CPU twin: src/measure/proof.rs. Prelude: WITNESSES, AIMED, WORDS, CHOICES, PATTERN.
struct Nudge { word: u32, mask: u32, first: u32, stride: u32, count: u32 }

@group(0) @binding(0) var<storage, read_write> state: array<u32, 5>; // nonce, dispatches, tally, done, 1 + last choice
@group(0) @binding(1) var<storage, read_write> result: array<u32>;
@group(0) @binding(2) var<storage, read_write> changed: array<u32>;
@group(0) @binding(3) var<storage, read> nudges: array<Nudge, CHOICES>;

fn mix(nonce: u32, dispatch: u32, salt: u32) -> u32 {
  var x = nonce ^ (dispatch * 0x9E3779B1u) ^ (salt * 0x85EBCA77u);
  x = (x ^ (x >> 16u)) * 0x7FEB352Du;
  x = (x ^ (x >> 15u)) * 0x846CA68Bu;
  return x ^ (x >> 16u);
}

fn choice(dispatch: u32) -> u32 {
  if (state[4] > 0u && dispatch + 1u == state[1]) { return state[4] - 1u; }
  return mix(state[0], dispatch, 128u) % CHOICES;
}

fn place(nonce: u32, dispatch: u32, witness: u32, nudge: Nudge) -> u32 {
  let random = mix(nonce, dispatch, witness);
  if (witness < AIMED) { return nudge.first + random % nudge.count * nudge.stride; }
  return random % WORDS;
}

@compute @workgroup_size(1)
fn main() {
  let nonce = state[0];
  let done = state[3];
  if (done > 0u) {
    let nudge = nudges[choice(done - 1u)];
    var sum = state[2];
    for (var i = 0u; i < WITNESSES; i++) {
      let word = result[place(nonce, done - 1u, i, nudge)];
      sum += mix(word ^ nonce, done - 1u, 64u + i);
    }
    state[2] = sum;
    changed[nudge.word] ^= nudge.mask;
  }
  if (done < state[1]) {
    let nudge = nudges[choice(done)];
    for (var i = 0u; i < WITNESSES; i++) { result[place(nonce, done, i, nudge)] = PATTERN; }
    changed[nudge.word] ^= nudge.mask;
  }
  state[3] = done + 1u;
}
