// One chain of dependent multiply-adds in one invocation: its time is STEPS times their latency, so
// with a known latency it tells the clock, and on the same chip its rate is a relative clock.
// As in roof.wgsl a pair of steps adds exactly 1/1024, and after BLOCK steps the sum is brought back to
// its start, so the result counts the blocks. A compiler cannot shorten it: factor and addends are data.
// Sixteen pairs a turn, because llvmpipe ends all loops of an invocation after 65,535 turns in all.
// Operations: STEPS * 2. CPU twin: src/check/reference/probes.rs. Prelude: STEPS, BLOCK.
@group(0) @binding(0) var<storage, read> given: vec4<f32>; // factor, first, second, unused
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<f32>>;

@compute @workgroup_size(1)
fn main() {
  var x = 0.5f;
  var blocks = 0u;
  for (var done = 0u; done < STEPS; done += BLOCK) {
    for (var pair = 0u; pair < BLOCK / 2u; pair += 16u) {
      for (var i = 0u; i < 16u; i++) {
        x = fma(fma(x, given.x, given.y), given.x, given.z); // 4 operations
      }
    }
    blocks += u32(x == 0.5 + f32(BLOCK / 2u) / 1024.0);
    x = x - f32(BLOCK / 2u) / 1024.0;
  }
  dst[0] = vec4<f32>(x, f32(blocks), 0.0, 0.0);
}
