// How a kernel reads elements that are stored as f16 in pairs of one word; the arithmetic is f32.
// Unpacking instead of `array<f16>` needs no f16 feature, and on a CPU adapter one gather then
// fetches two elements. shaders/shared/stored_f32.wgsl is the other choice.
alias Word = u32;
alias Pair = u32;
alias Quad = vec2<u32>;
alias Two = vec2<f32>;
alias Four = vec4<f32>;
const PER_WORD = 2u;

fn pair(p: Pair) -> vec2<f32> { return unpack2x16float(p); }
fn quad(q: Quad) -> vec4<f32> { return vec4<f32>(pair(q.x), pair(q.y)); }
fn element(word: Word, at: u32) -> f32 {
  let both = pair(word);
  return select(both.x, both.y, (at & 1u) == 1u);
}
