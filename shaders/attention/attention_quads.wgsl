// O = softmax(Q K^T * scale) V per head, online as in attention_shared.wgsl; f32 sums. For GPUs with subgroups.
// LANES neighbouring invocations (4 or 8) share ROWS queries; each holds every LANES-th vector of their heads, so
// that neighbours read neighbouring 16 bytes. They sum up by exchange: invocation p does key i ^ p as its i-th,
// so that what it sends is what its neighbour wants, and ends with the score of key p alone.
// The maximum follows only where it grew by more than 2^GROWTH, so that O is rarely rescaled; sums are f32.
// Head 128, f16, registers and spills: (LANES, ROWS) (8, 2): NVK 104, RADV 128 to 132, none spills on Turing, Ampere,
// vega20, navi21, navi31, gfx1201, Apple M1, Adreno 750. (4, 2): NVK 160, RADV 168 to 180; spills 113 on M1 only.
// Operations per query and visible key: HEAD * 4 (softmax not counted). CPU twin: src/check/reference/attention.rs.
// Layout: [plane][PADDED_SEQUENCE][HEAD4] vectors; padding is zero. SHARED query heads use one head of keys.
// Prelude: TILES, LINEAR, stored_*.wgsl, LANES, ROWS, KEY_BLOCK, THREADS, SEQUENCE, PADDED_SEQUENCE, HEAD (multiple of
// 4 LANES), SHARED, CAUSAL, SCALE (log2 e / sqrt d).
@group(0) @binding(0) var<storage, read> queries: array<Quad>;
@group(0) @binding(1) var<storage, read> keys: array<Quad>;
@group(0) @binding(2) var<storage, read> values: array<Quad>;
@group(0) @binding(3) var<storage, read_write> dst: array<vec4<f32>>;

const HEAD4 = HEAD / 4u;
const OWN = HEAD4 / LANES;
const QUERIES = THREADS / LANES * ROWS;
const GROWTH = 8.0;

var<workgroup> key_tile: array<vec4<f32>, KEY_BLOCK * HEAD4>;
var<workgroup> value_tile: array<vec4<f32>, KEY_BLOCK * HEAD4>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_size) size: u32,
        @builtin(subgroup_invocation_id) sublane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let plane = group.y / SHARED * PADDED_SEQUENCE;
  let lane = subgroup * size + sublane; // so that neighbours are those that exchange
  let part = lane % LANES;
  let row = group.x * QUERIES + lane / LANES * ROWS;
  let at = (group.y * PADDED_SEQUENCE + row) * HEAD4 + part;
  var q: array<array<vec4<f32>, OWN>, ROWS>;
  var o: array<array<vec4<f32>, OWN>, ROWS>;
  var maximum: array<f32, ROWS>;
  var sum: array<f32, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    maximum[r] = -1e30; // so far above a masked score that such a key weighs nothing
    for (var d = 0u; d < OWN; d++) { q[r][d] = quad(queries[at + r * HEAD4 + d * LANES]) * SCALE; }
  }
  let end = select(SEQUENCE, min(SEQUENCE, (group.x + 1u) * QUERIES), CAUSAL);
  for (var first = 0u; first < end; first += KEY_BLOCK) {
    for (var i = lane; i < KEY_BLOCK * HEAD4; i += THREADS) {
      let from_key = (plane + first) * HEAD4 + i;
      key_tile[i] = quad(keys[from_key]);
      value_tile[i] = quad(values[from_key]);
    }
    workgroupBarrier();
    for (var j = 0u; j < KEY_BLOCK; j += LANES) {
      var s: array<array<f32, LANES>, ROWS>;
      for (var i = 0u; i < LANES; i++) {
        let from_key = (j + (part ^ i)) * HEAD4 + part;
        for (var d = 0u; d < OWN; d++) {
          let key = key_tile[from_key + d * LANES];
          for (var r = 0u; r < ROWS; r++) {
            s[r][i] = fma(q[r][d].x, key.x, s[r][i]);
            s[r][i] = fma(q[r][d].y, key.y, s[r][i]);
            s[r][i] = fma(q[r][d].z, key.z, s[r][i]);
            s[r][i] = fma(q[r][d].w, key.w, s[r][i]);
          }
        }
      }
      for (var r = 0u; r < ROWS; r++) {
        if (LANES == 8u) {
          for (var i = 0u; i < 4u; i++) { s[r][i] += subgroupShuffleXor(s[r][LANES - 4u + i], 4u); }
        }
        s[r][0] += quadSwapY(s[r][2]);
        s[r][1] += quadSwapY(s[r][3]);
        let key = first + j + part;
        let visible = key < SEQUENCE && (!CAUSAL || key <= row + r);
        let score = select(-3e38f, s[r][0] + quadSwapX(s[r][1]), visible);
        var top = max(score, quadSwapX(score));
        top = max(top, quadSwapY(top));
        if (LANES == 8u) { top = max(top, subgroupShuffleXor(top, 4u)); }
        if (top > maximum[r] + GROWTH) {
          let shrink = exp2(maximum[r] - top);
          maximum[r] = top;
          sum[r] *= shrink;
          for (var d = 0u; d < OWN; d++) { o[r][d] *= shrink; }
        }
        let weight = exp2(score - maximum[r]);
        sum[r] += weight;
        s[r][0] = weight;
        s[r][1] = quadSwapX(weight);
        s[r][2] = quadSwapY(weight);
        s[r][3] = quadSwapDiagonal(weight);
        if (LANES == 8u) {
          for (var i = 0u; i < 4u; i++) { s[r][LANES - 4u + i] = subgroupShuffleXor(s[r][i], 4u); }
        }
      }
      for (var i = 0u; i < LANES; i++) {
        let from_value = (j + (part ^ i)) * HEAD4 + part;
        for (var d = 0u; d < OWN; d++) {
          let value = value_tile[from_value + d * LANES];
          for (var r = 0u; r < ROWS; r++) { o[r][d] = fma(vec4<f32>(s[r][i]), value, o[r][d]); }
        }
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < ROWS; r++) {
    var all = sum[r] + quadSwapX(sum[r]);
    all += quadSwapY(all);
    if (LANES == 8u) { all += subgroupShuffleXor(all, 4u); }
    for (var d = 0u; d < OWN; d++) { dst[at + r * HEAD4 + d * LANES] = o[r][d] / all; }
  }
}
