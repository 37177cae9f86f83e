// Copies a buffer. Invocation i takes the vectors i, i + INVOCATIONS, ... (STEPS of them), so neighbours
// touch neighbouring vectors. Bytes counted: VECTORS * 16 * 2 (load and store).
// A cell is two 64-bit words where there are such: a CPU adapter gathers and scatters word by word, so
// they bring twice the bytes at the same cost (15.5 against 10.9 GB/s on Mesa 26).
// CPU twin: src/check/reference/bandwidth.rs. Prelude: Cell, VECTORS, INVOCATIONS, WORKGROUP, STEPS.
@group(0) @binding(0) var<storage, read> src: array<Cell>;
@group(0) @binding(1) var<storage, read_write> dst: array<Cell>;

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
