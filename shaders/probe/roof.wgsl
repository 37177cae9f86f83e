// Register-only multiply-adds: the roof of the vector units.
// Each invocation runs two systems of two coupled chains of vec4, UNROLL steps of each before the next turn. A step
//   x = x + a y,  y = y + b x
// is exact: with a = 2, b = -2 all values grow by the same amount in each step, and after BLOCK steps, as far as f16 goes,
// the growth but 1/1024 is taken back. So the result counts the steps within a block, and the blocks.
// a and b come from memory, out of the compiler's sight, and sums that are their own addend are what it makes its
// shortest instruction of (fmac; two at a time on RDNA 3 and 4). To both is added zero times the lane: what is the same
// in all lanes is put into scalar registers, of which AMD's GFX9 takes one an instruction.
// `benches/compilers` counts what is made of it: 16 multiply-adds a step.
// Chains are named variables because not every compiler keeps arrays in registers. UNROLL matters on
// CPU adapters, which blend every variable of a loop with the execution mask once per turn.
// Operations per invocation: STEPS * 2 * 2 * 2 * 4. CPU twin: src/check/reference/probes.rs.
// Prelude: Scalar, WORKGROUP, INVOCATIONS, STEPS, BLOCK, UNROLL.
@group(0) @binding(0) var<storage, read> given: vec4<f32>; // a, b, offset (1/4), zero
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<f32>>;

fn start(at: u32, system: u32) -> vec4<f32> {
  return vec4<f32>((at * 7u + system * 31u + vec4<u32>(0u, 3u, 6u, 9u)) % 256u) / 1024.0;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (at >= INVOCATIONS) { return; } // in front of the work: the grid is rounded up, and padding is not counted
  let own = f32(lane) * given.w; // zero
  let a = vec4<Scalar>(Scalar(given.x + own));
  let b = vec4<Scalar>(Scalar(given.y + own));
  var x0 = vec4<Scalar>(start(at, 0u) + given.z);
  var x1 = vec4<Scalar>(start(at, 1u) + given.z);
  var y0 = vec4<Scalar>(1.0 / 1024.0 - 0.25 - start(at, 0u)); // so x + y = 1/1024
  var y1 = vec4<Scalar>(1.0 / 1024.0 - 0.25 - start(at, 1u));
  let back = vec4<Scalar>(Scalar(f32(BLOCK) / 512.0 - 1.0 / 1024.0));
  for (var done = 0u; done < STEPS; done += BLOCK) {
    for (var step = 0u; step < BLOCK; step += UNROLL) {
      for (var u = 0u; u < UNROLL; u++) {
        x0 = fma(y0, a, x0); // 8 operations
        x1 = fma(y1, a, x1);
        y0 = fma(x0, b, y0);
        y1 = fma(x1, b, y1);
      }
    }
    x0 += back;
    x1 += back;
    y0 -= back;
    y1 -= back;
  }
  dst[at] = vec4<f32>(x0) - vec4<f32>(y0) + vec4<f32>(x1) - vec4<f32>(y1);
}
