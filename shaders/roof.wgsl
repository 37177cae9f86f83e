// Register-only multiply-adds: the roof of the vector units.
// Each invocation runs CHAINS independent chains of vec4. A pair of steps
//   x -> first.y - x,  x -> first.z - x   with factor = -1, first = 1/4, second = 1/4 + 1/1024
// adds exactly 1/1024, so the result is exact in f32 and f16 and counts the steps that were done;
// factor and addends come from memory, out of the compiler's sight.
// Operations per invocation: PAIRS * 2 * 2 * CHAINS * 4. CPU twin: src/check/probes.rs.
// Prelude: Scalar, WORKGROUP, INVOCATIONS, CHAINS, PAIRS.
@group(0) @binding(0) var<storage, read> given: vec4<f32>; // factor, first, second, unused
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * WORKGROUP + lane;
  let factor = vec4<Scalar>(Scalar(given.x));
  let first = vec4<Scalar>(Scalar(given.y));
  let second = vec4<Scalar>(Scalar(given.z));
  var x: array<vec4<Scalar>, CHAINS>;
  for (var c = 0u; c < CHAINS; c++) {
    let start = (at * 7u + c * 31u + vec4<u32>(0u, 3u, 6u, 9u)) % 256u;
    x[c] = vec4<Scalar>(vec4<f32>(start) / 1024.0);
  }
  for (var pair = 0u; pair < PAIRS; pair++) {
    for (var c = 0u; c < CHAINS; c++) { x[c] = fma(x[c], factor, first); }  // 8 operations
    for (var c = 0u; c < CHAINS; c++) { x[c] = fma(x[c], factor, second); } // 8 operations
  }
  var sum = vec4<f32>(0.0);
  for (var c = 0u; c < CHAINS; c++) { sum += vec4<f32>(x[c]); }
  if (at < INVOCATIONS) { dst[at] = sum; }
}
