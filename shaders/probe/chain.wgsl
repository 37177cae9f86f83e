// Chains of dependent multiply-adds, one an invocation: their time is STEPS times the latency, so with a known
// latency it tells the clock, and on the same chip its rate is a relative clock.
// As in roof.wgsl a pair of steps adds exactly 1/1024, and after BLOCK steps the sum is brought back to its start,
// so the result counts the blocks. Factor and addends are data, and differ between lanes as far as a compiler can
// know: RDNA 4 has a scalar unit with floats, and would run a chain there that is the same in all lanes.
// `benches/compilers` counts that each step is one multiply-add.
// Sixteen pairs a turn, because llvmpipe ends all loops of an invocation after 65,535 turns in all.
// Operations: STEPS * 2, those of one chain; the other LANES run beside it in the same time, and on a CPU adapter,
// where they would not, there is one. CPU twin: src/check/reference/probes.rs. Prelude: STEPS, BLOCK, LANES.
@group(0) @binding(0) var<storage, read> given: vec4<f32>; // factor, first, second, zero
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<f32>>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let own = f32(lane) * given.w; // zero
  let factor = given.x + own;
  let first = given.y + own;
  let second = given.z + own;
  var x = 0.5f;
  var blocks = 0u;
  for (var done = 0u; done < STEPS; done += BLOCK) {
    for (var pair = 0u; pair < BLOCK / 2u; pair += 16u) {
      for (var i = 0u; i < 16u; i++) {
        x = fma(fma(x, factor, first), factor, second); // 4 operations
      }
    }
    blocks += u32(x == 0.5 + f32(BLOCK / 2u) / 1024.0);
    x = x - f32(BLOCK / 2u) / 1024.0;
  }
  dst[lane] = vec4<f32>(x, f32(blocks), 0.0, 0.0);
}
