// One query per head against all keys (decoding), with the keys split over workgroups (Dao et al.,
// "Flash-Decoding for long-context inference", 2023); f32 sums. Bound by reading keys and values once.
// A workgroup takes CHUNK keys of one head of keys, for TOGETHER of the SHARED query heads that use it: all of
// them, so that keys are read once, or as many as workgroup memory holds; the last workgroup of a head of
// keys then does its last query head several times, which changes nothing. It leaves, per query head, the unscaled
// result with its maximum and sum in a scratch buffer; attention_merge.wgsl puts the splits together.
// LANES neighbours share a key, each with every LANES-th of its vectors, so that what they read lies side by side.
// Operations per query head and key: HEAD * 4 (softmax not counted). CPU twin: src/check/reference/attention.rs.
// Layout: queries [plane][HEAD], keys and values [plane][PADDED_SEQUENCE][HEAD], scratch [plane][SPLITS][HEAD + 4].
// Prelude: TILES, LINEAR, stored_*.wgsl, sum_*.wgsl, CHUNK, LANES, THREADS, SEQUENCE, PADDED_SEQUENCE, HEAD (multiple of 8), SHARED,
// TOGETHER, SPLITS, SCALE.
@group(0) @binding(0) var<storage, read> queries: array<Word>;
@group(0) @binding(1) var<storage, read> keys: array<Quad>;
@group(0) @binding(2) var<storage, read> values: array<Quad>;
@group(0) @binding(3) var<storage, read_write> scratch: array<f32>;

const HEAD4 = HEAD / 4u;
const RESULT = HEAD + 4u;
const PARTS = (SHARED + TOGETHER - 1u) / TOGETHER; // workgroups that share a chunk of keys
var<workgroup> query: array<vec4<f32>, TOGETHER * HEAD4>;
var<workgroup> scores: array<f32, TOGETHER * CHUNK>;
var<workgroup> parts: array<f32, THREADS>;

// Which query head is number h of this workgroup.
fn head_of(group: vec2<u32>, h: u32) -> u32 {
  return group.y / PARTS * SHARED + min(group.y % PARTS * TOGETHER + h, SHARED - 1u);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let first = group.x * CHUNK;
  let at = (group.y / PARTS * PADDED_SEQUENCE + first) * HEAD4;
  for (var i = lane; i < TOGETHER * HEAD4; i += THREADS) {
    let from_query = head_of(group, i / HEAD4) * HEAD + i % HEAD4 * 4u;
    for (var c = 0u; c < 4u; c++) {
      query[i][c] = element(queries[(from_query + c) / PER_WORD], from_query + c) * SCALE;
    }
  }
  workgroupBarrier();
  for (var i = lane / LANES; i < CHUNK; i += THREADS / LANES) {
    var dots: array<f32, TOGETHER>;
    for (var d = lane % LANES; d < HEAD4; d += LANES) {
      let key = quad(keys[at + i * HEAD4 + d]);
      for (var h = 0u; h < TOGETHER; h++) { dots[h] += dot(query[h * HEAD4 + d], key); } // 8 operations
    }
    for (var h = 0u; h < TOGETHER; h++) {
      let score = sum_of_lanes(dots[h]);
      if (lane % LANES == 0u) { scores[h * CHUNK + i] = select(-3e38f, score, first + i < SEQUENCE); }
    }
  }
  if (LANES > 1u) { workgroupBarrier(); } // else an invocation has written what it reads
  for (var h = 0u; h < TOGETHER; h++) {
    let result = (head_of(group, h) * SPLITS + group.x) * RESULT;
    var top = -3e38f;
    for (var i = lane; i < CHUNK; i += THREADS) { top = max(top, scores[h * CHUNK + i]); }
    parts[lane] = top;
    workgroupBarrier();
    for (var t = 0u; t < THREADS; t++) { top = max(top, parts[t]); }
    workgroupBarrier();
    var sum = 0.0f;
    for (var i = lane; i < CHUNK; i += THREADS) {
      // A key beyond the end weighs exactly nothing, also where a whole chunk lies there.
      let s = scores[h * CHUNK + i];
      let w = select(0.0, exp2(s - top), s > -1e38f);
      scores[h * CHUNK + i] = w;
      sum += w;
    }
    parts[lane] = sum;
    workgroupBarrier();
    if (lane == 0u) {
      for (var t = 1u; t < THREADS; t++) { sum += parts[t]; }
      scratch[result + HEAD] = top;
      scratch[result + HEAD + 1u] = sum;
    }
    workgroupBarrier();
  }
  for (var i = lane; i < TOGETHER * HEAD4; i += THREADS) {
    let h = i / HEAD4;
    let d = i % HEAD4;
    var o = vec4<f32>(0.0);
    for (var j = 0u; j < CHUNK; j++) {
      o = fma(vec4<f32>(scores[h * CHUNK + j]), quad(values[at + j * HEAD4 + d]), o); // 8 operations
    }
    let to = (head_of(group, h) * SPLITS + group.x) * RESULT + d * 4u;
    for (var c = 0u; c < 4u; c++) { scratch[to + c] = o[c]; }
  }
}
