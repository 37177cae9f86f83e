// O = softmax(Q K^T * scale) V per head, with a running maximum and sum (Milakov and Gimelshein,
// "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention", 2022); f32 sums.
// One invocation owns one query and no invocation waits for another. For CPU adapters: lanes are
// queries, so every key and value is read at an address that is the same in all lanes.
// Operations per query and visible key: HEAD4 * 4 * 4 (softmax not counted).
// Layout of all four buffers: [plane][PADDED_SEQUENCE][HEAD4] vectors; padding is zero. SHARED query heads use
// one head of keys.
// CPU twin: src/check/reference/attention.rs.
// Prelude: TILES, LINEAR, stored_*.wgsl, QUERIES, KEY_BLOCK, SEQUENCE, PADDED_SEQUENCE, HEAD (multiple of 4),
// SHARED, CAUSAL, SCALE (log2 e / sqrt d).
@group(0) @binding(0) var<storage, read> queries: array<Quad>;
@group(0) @binding(1) var<storage, read> keys: array<Quad>;
@group(0) @binding(2) var<storage, read> values: array<Quad>;
@group(0) @binding(3) var<storage, read_write> dst: array<vec4<f32>>;

const HEAD4 = HEAD / 4u;

@compute @workgroup_size(QUERIES)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let plane = group.y / SHARED * PADDED_SEQUENCE;
  let row = group.x * QUERIES + lane;
  let at = (group.y * PADDED_SEQUENCE + row) * HEAD4;
  var q: array<vec4<f32>, HEAD4>;
  var o: array<vec4<f32>, HEAD4>;
  for (var d = 0u; d < HEAD4; d++) { q[d] = quad(queries[at + d]) * SCALE; }
  var maximum = -3e38f; // not -inf: fast-math back ends may assume that there is none
  var sum = 0.0f;
  // The last key that any query of this workgroup sees; the same in all lanes.
  let end = select(SEQUENCE, min(SEQUENCE, (group.x + 1u) * QUERIES), CAUSAL);
  for (var first = 0u; first < end; first += KEY_BLOCK) {
    var s: array<f32, KEY_BLOCK>;
    var block_maximum = maximum;
    for (var j = 0u; j < KEY_BLOCK; j++) {
      let key = first + j;
      var score = vec4<f32>(0.0);
      for (var d = 0u; d < HEAD4; d++) {
        score = fma(q[d], quad(keys[(plane + key) * HEAD4 + d]), score); // 8 operations
      }
      let visible = key < SEQUENCE && (!CAUSAL || key <= row);
      s[j] = select(-3e38f, score.x + score.y + score.z + score.w, visible);
      block_maximum = max(block_maximum, s[j]);
    }
    let shrink = exp2(maximum - block_maximum);
    maximum = block_maximum;
    sum *= shrink;
    for (var d = 0u; d < HEAD4; d++) { o[d] *= shrink; }
    for (var j = 0u; j < KEY_BLOCK; j++) {
      // A masked key weighs exactly nothing, also where a whole block is masked.
      let weight = select(0.0, exp2(s[j] - maximum), s[j] > -1e38f);
      sum += weight;
      for (var d = 0u; d < HEAD4; d++) {
        o[d] = fma(vec4<f32>(weight), quad(values[(plane + first + j) * HEAD4 + d]), o[d]); // 8 operations
      }
    }
  }
  for (var d = 0u; d < HEAD4; d++) { dst[at + d] = o[d] / sum; }
}
