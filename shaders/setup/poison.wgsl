// Writes PATTERN to every word of a buffer, before each timed batch: a result that was never
// written is then seen as such. Prelude: WORDS, PATTERN, WORKGROUP.
@group(0) @binding(0) var<storage, read_write> dst: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (at < WORDS) { dst[at] = PATTERN; }
}
