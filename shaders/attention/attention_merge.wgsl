// Puts the splits of attention_decode.wgsl together: each counts by its sum and by how far its maximum
// lies below the largest. One workgroup per query head, one invocation per element of the head.
// Operations: not counted, SPLITS * HEAD * 2 per head. CPU twin: src/check/reference/attention.rs.
// Layout: scratch [plane][SPLITS][HEAD + 4] with maximum and sum behind the result; dst [plane][HEAD].
// Prelude: TILES, LINEAR, HEAD, SPLITS.
@group(0) @binding(0) var<storage, read> scratch: array<f32>;
@group(0) @binding(1) var<storage, read_write> dst: array<f32>;

const RESULT = HEAD + 4u;

@compute @workgroup_size(HEAD)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let at = group.x * SPLITS * RESULT;
  var top = -3e38f;
  for (var s = 0u; s < SPLITS; s++) { top = max(top, scratch[at + s * RESULT + HEAD]); }
  var sum = 0.0f;
  var o = 0.0f;
  for (var s = 0u; s < SPLITS; s++) {
    let share = exp2(scratch[at + s * RESULT + HEAD] - top);
    sum = fma(share, scratch[at + s * RESULT + HEAD + 1u], sum);
    o = fma(share, scratch[at + s * RESULT + lane], o);
  }
  dst[group.x * HEAD + lane] = o / sum;
}
