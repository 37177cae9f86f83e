// Copies a buffer. Invocation i takes the vectors i, i + INVOCATIONS, ... (STEPS of them), so neighbours
// touch neighbouring vectors. Bytes counted: VECTORS * 16 * 2 (load and store).
// CPU twin: src/check/bandwidth.rs. Prelude: VECTORS, INVOCATIONS, WORKGROUP, STEPS.
@group(0) @binding(0) var<storage, read> src: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<u32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (first >= INVOCATIONS) { return; }
  for (var step = 0u; step < STEPS; step++) {
    let at = first + step * INVOCATIONS;
    if (at < VECTORS) { dst[at] = src[at]; }
  }
}
