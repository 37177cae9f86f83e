// Writes every vector of a buffer once, each word a mix of its own index; strided as bandwidth_copy.wgsl.
// Bytes counted: VECTORS * 16. CPU twin: src/check/reference/bandwidth.rs.
// Prelude: VECTORS, INVOCATIONS, WORKGROUP, STEPS.
@group(0) @binding(0) var<storage, read_write> dst: array<vec4<u32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (first >= INVOCATIONS) { return; }
  for (var step = 0u; step < STEPS; step++) {
    let at = first + step * INVOCATIONS;
    let index = at * 4u + vec4<u32>(0u, 1u, 2u, 3u);
    if (at < VECTORS) { dst[at] = (index * 0x9E3779B1u) ^ vec4<u32>(0xA5A55A5Au); }
  }
}
