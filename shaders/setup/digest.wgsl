// Digest of a buffer, to show that the kernels left their inputs alone. Invocation i adds up the words
// i, i + INVOCATIONS, ..., each times an odd number that depends on its place. The host adds up the sums.
// Prelude: WORDS, INVOCATIONS, WORKGROUP.
@group(0) @binding(0) var<storage, read> src: array<u32>;
@group(0) @binding(1) var<storage, read_write> dst: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (first >= INVOCATIONS) { return; }
  var sum = 0u;
  for (var at = first; at < WORDS; at += INVOCATIONS) { sum += src[at] * (2u * at + 1u); }
  dst[first] = sum;
}
