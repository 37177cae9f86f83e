// How a kernel reads elements that are stored as f32; shaders/shared/stored_f16.wgsl is the other choice.
alias Word = f32;         // what one element lies in
alias Pair = vec2<f32>;   // two neighbours
alias Quad = vec4<f32>;   // four
alias Two = vec2<f32>;    // what two and four become
alias Four = vec4<f32>;
const PER_WORD = 1u;

fn element(word: Word, at: u32) -> f32 { return word; }
fn pair(p: Pair) -> vec2<f32> { return p; }
fn quad(q: Quad) -> vec4<f32> { return q; }
