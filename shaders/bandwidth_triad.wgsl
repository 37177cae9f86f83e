// a = b + 3 c over f32, one vector per invocation, as STREAM's triad (McCalpin, 1995).
// Bytes counted: VECTORS * 16 * 3. CPU twin: src/check/bandwidth.rs. Prelude: WORKGROUP, VECTORS.
@group(0) @binding(0) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> c: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec4<f32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (at < VECTORS) { dst[at] = fma(vec4<f32>(3.0), c[at], b[at]); }
}
