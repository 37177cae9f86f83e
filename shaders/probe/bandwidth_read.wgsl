// Reads every vector of a buffer once. Invocation i adds up vectors i, i + INVOCATIONS, ... (STEPS
// of them, word by word, wrapping) and stores the sum, so no load can be dropped.
// Bytes counted: VECTORS * 16; the sums written are a STEPS-th of that and not counted.
// CPU twin: src/check/reference/bandwidth.rs. Prelude: VECTORS, INVOCATIONS, WORKGROUP, STEPS.
@group(0) @binding(0) var<storage, read> src: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<u32>>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (first >= INVOCATIONS) { return; }
  var sum = vec4<u32>(0u);
  for (var step = 0u; step < STEPS; step++) {
    let at = first + step * INVOCATIONS;
    if (at < VECTORS) { sum += src[at]; }
  }
  dst[first] = sum;
}
