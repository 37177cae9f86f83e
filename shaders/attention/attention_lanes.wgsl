// O = softmax(Q K^T * scale) V per head, with a running maximum and sum (Milakov and Gimelshein,
// "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention", 2022); f32 sums.
// For CPU adapters whose subgroup is one vector of 8: lanes are queries, each lane has QUERIES of them.
// A lane loads one element of a key or value and subgroupBroadcast spreads it, so one gather brings
// eight elements for 8 * QUERIES queries. What limits the tile is code size: loops over the head are
// unrolled, and a body beyond the instruction cache starves the CPU's front end. So the loop over the keys of a
// block stays rolled in the first product, which took attention from 54 to 63 GFLOP/s on Mesa 26. One scalar
// load per element instead of gather and broadcast ran at 20 there, and at 4 instead of 52 on Mesa 22.3.
// Operations per query and visible key: HEAD * 4 (softmax not counted). CPU twin: src/check/reference/attention.rs.
// Layout: [plane][PADDED_SEQUENCE][HEAD]; padding is zero. SHARED query heads use one head of keys.
// Prelude: TILES, LINEAR, stored_*.wgsl, QUERIES, KEY_BLOCK, SEQUENCE, PADDED_SEQUENCE, HEAD (multiple of 8), SHARED,
// CAUSAL, SCALE (log2 e / sqrt d).
@group(0) @binding(0) var<storage, read> queries: array<Word>;
@group(0) @binding(1) var<storage, read> keys: array<Word>;
@group(0) @binding(2) var<storage, read> values: array<Word>;
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;

const EIGHTS = HEAD / 8u;

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(subgroup_invocation_id) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let row = group.x * 8u * QUERIES + lane;
  let own = group.y * PADDED_SEQUENCE + row;
  let shared_plane = group.y / SHARED * PADDED_SEQUENCE;
  var q: array<array<array<f32, 8>, EIGHTS>, QUERIES>;
  var o: array<array<array<f32, 8>, EIGHTS>, QUERIES>;
  var maximum: array<f32, QUERIES>;
  var sum: array<f32, QUERIES>;
  for (var v = 0u; v < QUERIES; v++) {
    maximum[v] = -3e38f; // not -inf: fast-math back ends may assume that there is none
    for (var d = 0u; d < EIGHTS; d++) {
      for (var i = 0u; i < 8u; i++) {
        let at = (own + v * 8u) * HEAD + d * 8u + i;
        q[v][d][i] = element(queries[at / PER_WORD], at) * SCALE;
      }
    }
  }
  // The last key that any query of this workgroup sees; the same in all lanes.
  let end = select(SEQUENCE, min(SEQUENCE, (group.x + 1u) * 8u * QUERIES), CAUSAL);
  for (var first = 0u; first < end; first += KEY_BLOCK) {
    var s: array<array<f32, QUERIES>, KEY_BLOCK>;
    // A bound that is not constant keeps this loop rolled.
    for (var j = 0u; j < min(KEY_BLOCK, PADDED_SEQUENCE - first); j++) {
      var score: array<f32, QUERIES>;
      for (var d = 0u; d < EIGHTS; d++) {
        let at = (shared_plane + first + j) * HEAD + d * 8u + lane;
        let key = element(keys[at / PER_WORD], at);
        for (var v = 0u; v < QUERIES; v++) {
          var part = fma(q[v][d][0], subgroupBroadcast(key, 0u), score[v]); // 2 operations
          part = fma(q[v][d][1], subgroupBroadcast(key, 1u), part);
          part = fma(q[v][d][2], subgroupBroadcast(key, 2u), part);
          part = fma(q[v][d][3], subgroupBroadcast(key, 3u), part);
          part = fma(q[v][d][4], subgroupBroadcast(key, 4u), part);
          part = fma(q[v][d][5], subgroupBroadcast(key, 5u), part);
          part = fma(q[v][d][6], subgroupBroadcast(key, 6u), part);
          score[v] = fma(q[v][d][7], subgroupBroadcast(key, 7u), part);
        }
      }
      for (var v = 0u; v < QUERIES; v++) {
        let visible = first + j < SEQUENCE && (!CAUSAL || first + j <= row + v * 8u);
        let seen = select(-3e38f, score[v], visible);
        for (var to = 0u; to < KEY_BLOCK; to++) { s[to][v] = select(s[to][v], seen, to == j); }
      }
    }
    var shrink: array<f32, QUERIES>;
    for (var v = 0u; v < QUERIES; v++) {
      var top = maximum[v];
      for (var j = 0u; j < KEY_BLOCK; j++) { top = max(top, s[j][v]); }
      shrink[v] = exp2(maximum[v] - top);
      maximum[v] = top;
      sum[v] *= shrink[v];
      for (var j = 0u; j < KEY_BLOCK; j++) {
        // A masked key weighs exactly nothing, also where a whole block is masked.
        s[j][v] = select(0.0, exp2(s[j][v] - top), s[j][v] > -1e38f);
        sum[v] += s[j][v];
      }
    }
    for (var d = 0u; d < EIGHTS; d++) {
      var value: array<f32, KEY_BLOCK>;
      for (var j = 0u; j < KEY_BLOCK; j++) {
        let at = (shared_plane + first + j) * HEAD + d * 8u + lane;
        value[j] = element(values[at / PER_WORD], at);
      }
      for (var v = 0u; v < QUERIES; v++) {
        for (var i = 0u; i < 8u; i++) { o[v][d][i] *= shrink[v]; }
        for (var j = 0u; j < KEY_BLOCK; j++) {
          let w = s[j][v];
          o[v][d][0] = fma(w, subgroupBroadcast(value[j], 0u), o[v][d][0]); // 2 operations
          o[v][d][1] = fma(w, subgroupBroadcast(value[j], 1u), o[v][d][1]);
          o[v][d][2] = fma(w, subgroupBroadcast(value[j], 2u), o[v][d][2]);
          o[v][d][3] = fma(w, subgroupBroadcast(value[j], 3u), o[v][d][3]);
          o[v][d][4] = fma(w, subgroupBroadcast(value[j], 4u), o[v][d][4]);
          o[v][d][5] = fma(w, subgroupBroadcast(value[j], 5u), o[v][d][5]);
          o[v][d][6] = fma(w, subgroupBroadcast(value[j], 6u), o[v][d][6]);
          o[v][d][7] = fma(w, subgroupBroadcast(value[j], 7u), o[v][d][7]);
        }
      }
    }
  }
  for (var v = 0u; v < QUERIES; v++) {
    for (var d = 0u; d < EIGHTS; d++) {
      for (var i = 0u; i < 8u; i++) { dst[(own + v * 8u) * HEAD + d * 8u + i] = o[v][d][i] / sum[v]; }
    }
  }
}
