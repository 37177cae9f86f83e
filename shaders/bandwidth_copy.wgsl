// Copies a buffer, one vector per invocation. Bytes counted: VECTORS * 16 * 2 (load and store).
// CPU twin: src/check/bandwidth.rs. Prelude: WORKGROUP, VECTORS.
@group(0) @binding(0) var<storage, read> src: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<u32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (at < VECTORS) { dst[at] = src[at]; }
}
