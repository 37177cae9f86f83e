// Register-only multiply-adds: the roof of the vector units.
// Each invocation runs four independent chains of vec4, UNROLL pairs of steps each before the next. A pair
//   x -> first - x,  x -> second - x   with factor = -1, first = 1/4, second = 1/4 + 1/1024
// adds exactly 1/1024, so the result is exact in f32 and f16 and counts the steps that were done;
// factor and addends come from memory, out of the compiler's sight. To them is added zero times the lane, so that
// they differ between lanes as far as it can know: what is the same in all of them is put into scalar registers,
// of which AMD's GFX9 takes one an instruction (a multiply and an add instead of one multiply-add), and the form
// with three operands bars RDNA 3 and 4 from two at a time. `benches/compilers` counts what is made of it.
// Chains are named variables because not every compiler keeps arrays in registers. UNROLL matters on
// CPU adapters, which blend every variable of a loop with the execution mask once per turn: 2 to 4 pairs
// ran 1.7 times as fast as 1 on Mesa 26, 16 spill.
// Operations per invocation: PAIRS * 2 * 2 * 4 * 4. CPU twin: src/check/reference/probes.rs.
// Prelude: Scalar, WORKGROUP, INVOCATIONS, PAIRS, UNROLL.
@group(0) @binding(0) var<storage, read> given: vec4<f32>; // factor, first, second, zero
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<f32>>;

fn start(at: u32, chain: u32) -> vec4<Scalar> {
  return vec4<Scalar>(vec4<f32>((at * 7u + chain * 31u + vec4<u32>(0u, 3u, 6u, 9u)) % 256u) / 1024.0);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (at >= INVOCATIONS) { return; } // in front of the work: the grid is rounded up, and padding is not counted
  let own = f32(lane) * given.w; // zero
  let factor = vec4<Scalar>(Scalar(given.x + own));
  let first = vec4<Scalar>(Scalar(given.y + own));
  let second = vec4<Scalar>(Scalar(given.z + own));
  var x0 = start(at, 0u);
  var x1 = start(at, 1u);
  var x2 = start(at, 2u);
  var x3 = start(at, 3u);
  for (var pair = 0u; pair < PAIRS; pair += UNROLL) {
    for (var u = 0u; u < UNROLL; u++) { x0 = fma(fma(x0, factor, first), factor, second); } // 16 operations
    for (var u = 0u; u < UNROLL; u++) { x1 = fma(fma(x1, factor, first), factor, second); }
    for (var u = 0u; u < UNROLL; u++) { x2 = fma(fma(x2, factor, first), factor, second); }
    for (var u = 0u; u < UNROLL; u++) { x3 = fma(fma(x3, factor, first), factor, second); }
  }
  dst[at] = vec4<f32>(x0) + vec4<f32>(x1) + vec4<f32>(x2) + vec4<f32>(x3);
}
