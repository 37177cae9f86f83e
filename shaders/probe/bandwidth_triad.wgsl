// a = b + 3 c over f32, as STREAM's triad (McCalpin, 1995); strided as bandwidth_copy.wgsl.
// Bytes counted: VECTORS * 16 * 3. CPU twin: src/check/reference/bandwidth.rs.
// Prelude: VECTORS, INVOCATIONS, WORKGROUP, STEPS.
@group(0) @binding(0) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> c: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (first >= INVOCATIONS) { return; }
  for (var step = 0u; step < STEPS; step++) {
    let at = first + step * INVOCATIONS;
    if (at < VECTORS) { dst[at] = fma(vec4<f32>(3.0), c[at], b[at]); }
  }
}
