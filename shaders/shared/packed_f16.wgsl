// How a kernel reads elements that are stored as f16 and computes with them as they are: four are two registers, and
// one instruction does two multiply-adds where the GPU packs them. Behind halves*.wgsl.
alias Quad = vec2<u32>;
alias Two = vec2<f16>;
alias Four = vec4<f16>;

fn quad(q: Quad) -> Four { return halves(q); }
