// O = softmax(Q K^T * scale) V per head as in attention_matrix.wgsl, where fragments and the rescue of O are
// explained; f16 in, f32 sums and softmax. Keys and values go through workgroup memory, one after the other in the same
// place, values turned 4 x 4 elements an invocation, so that all fragments load whole vectors.
// PARTS invocations share a row of scores; what they know of it stays in registers, and neighbours swap it.
// Instructions of a block of keys, without branches and waits, per matrix instruction, head 128, in the code of Mesa's
// compilers (before: what attention_matrix.wgsl has): NVK Ampere 14.1 (51.5 and 488 spills), RDNA 3 15.2 (30.7), RDNA 4
// 11.9 (21.1). No spills, nor at head 256, where most of Q is read anew for each block.
// Operations per query and visible key: HEAD * 4 (softmax not counted). CPU twin: src/check/reference/attention.rs.
// Layout: [plane][PADDED_SEQUENCE][HEAD]; padding is zero. SHARED query heads use one head of keys.
// Prelude: TILES, LINEAR, enables, aliases FragA, FragB, FragC, Sum; halves(); EDGE, SUBGROUPS, KEY_FRAGS, HEAD_FRAGS,
// THREADS, PARTS (1, 2 or 4), HEAD, SEQUENCE, PADDED_SEQUENCE, SHARED, CAUSAL, SCALE (log2 e / sqrt d).
@group(0) @binding(0) var<storage, read> queries: array<f16>;
@group(0) @binding(1) var<storage, read> keys: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> values: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> dst: array<vec4<f32>>;

const ROWS = SUBGROUPS * EDGE;
const KEYS = KEY_FRAGS * EDGE;
const CHUNKS = KEYS / 4u / PARTS; // vectors of scores that an invocation has
// Rows in vectors of four, with padding against bank conflicts: keys, values, scores and weights.
const K_ROW = HEAD / 4u + 2u;
const V_ROW = KEYS / 4u + 2u;
const S_ROW = KEYS / 4u + 1u;
const GROWTH = 8.0; // in powers of two
// Fragments of Q that stay in registers; with O those of a head of 256 are more than an invocation has.
const HELD = select(HEAD_FRAGS, 4u, HEAD > 128u);

var<workgroup> tile: array<vec4<f16>, max(KEYS * K_ROW, HEAD * V_ROW)>; // of keys, then of values
var<workgroup> scores: array<vec4<f32>, ROWS * S_ROW>;
var<workgroup> weights: array<vec4<f16>, ROWS * V_ROW>;
var<workgroup> grown: atomic<u32>;

fn greatest(own: f32) -> f32 {
  var top = own;
  if (PARTS > 1u) { top = max(top, quadSwapX(top)); }
  if (PARTS > 2u) { top = max(top, quadSwapY(top)); }
  return top;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(subgroup_id) subgroup_id: u32, @builtin(subgroup_size) size: u32,
        @builtin(subgroup_invocation_id) sublane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  // Where subgroups are smaller than foreseen there are more of them: these do the last one's work again.
  let subgroup = min(subgroup_id, SUBGROUPS - 1u);
  let lane = subgroup_id * size + sublane;
  let first_query = group.x * ROWS;
  let own = (group.y * PADDED_SEQUENCE + first_query + subgroup * EDGE) * HEAD;
  let plane = group.y / SHARED * PADDED_SEQUENCE;
  let row = lane / PARTS;
  let part = lane % PARTS;
  let fragment = subgroup * EDGE * S_ROW;
  var q: array<FragA, HELD>;
  var o: array<FragC, HEAD_FRAGS>;
  for (var d = 0u; d < HELD; d++) { q[d] = coopLoadT<FragA>(&queries[own + d * EDGE], HEAD); }
  var maximum = -3e38f; // not -inf: fast-math back ends may assume that there is none
  var sum = 0.0f; // of the weights of this part
  let end = select(SEQUENCE, min(SEQUENCE, (group.x + 1u) * ROWS), CAUSAL);
  for (var first = 0u; first < end; first += KEYS) {
    workgroupBarrier();
    if (lane == 0u) { atomicStore(&grown, 0u); }
    for (var at = lane; at < KEYS * HEAD / 8u; at += THREADS) {
      let eight = keys[(plane + first) * (HEAD / 8u) + at];
      let to = at / (HEAD / 8u) * K_ROW + at % (HEAD / 8u) * 2u;
      tile[to] = halves(eight.xy);
      tile[to + 1u] = halves(eight.zw);
    }
    workgroupBarrier();
    for (var j = 0u; j < KEY_FRAGS; j++) {
      var c: FragC;
      for (var d = 0u; d < HELD; d++) {
        let b = coopLoad<FragB>(&tile[j * EDGE * K_ROW + d * EDGE / 4u], K_ROW);
        c = coopMultiplyAdd(q[d], b, c); // EDGE * EDGE * EDGE * 2 operations
      }
      for (var d = HELD; d < HEAD_FRAGS; d++) {
        let a = coopLoadT<FragA>(&queries[own + d * EDGE], HEAD);
        let b = coopLoad<FragB>(&tile[j * EDGE * K_ROW + d * EDGE / 4u], K_ROW);
        c = coopMultiplyAdd(a, b, c);
      }
      // Every operand in a variable first: naga 30 does not emit expressions inside coopStore.
      let score = c;
      let to = fragment + j * EDGE / 4u;
      let stride = S_ROW;
      coopStoreT(score, &scores[to], stride);
    }
    workgroupBarrier();
    for (var at = lane; at < KEYS * HEAD / 16u; at += THREADS) {
      let key = at % (KEYS / 4u);
      let column = at / (KEYS / 4u);
      let at_v = (plane + first + key * 4u) * (HEAD / 4u) + column;
      var r: array<vec4<f16>, 4>;
      for (var i = 0u; i < 4u; i++) { r[i] = halves(values[at_v + i * (HEAD / 4u)]); }
      let to = column * 4u * V_ROW + key;
      for (var i = 0u; i < 4u; i++) { tile[to + i * V_ROW] = vec4<f16>(r[0][i], r[1][i], r[2][i], r[3][i]); }
    }
    let partial = (first + KEYS > SEQUENCE) | (CAUSAL & (first + KEYS > first_query));
    var s: array<vec4<f32>, CHUNKS>;
    var top = -3e38f;
    for (var c = 0u; c < CHUNKS; c++) {
      let at = part + c * PARTS;
      s[c] = scores[row * S_ROW + at] * SCALE;
      if (partial) {
        let key = vec4<u32>(first + at * 4u) + vec4<u32>(0u, 1u, 2u, 3u);
        let seen = select(SEQUENCE, min(SEQUENCE, first_query + row + 1u), CAUSAL);
        s[c] = select(vec4<f32>(-3e38f), s[c], key < vec4<u32>(seen));
      }
      top = max(top, max(max(s[c].x, s[c].y), max(s[c].z, s[c].w)));
    }
    top = greatest(top);
    let grows = top > maximum + GROWTH;
    let reference = select(maximum, top, grows);
    let shrink = exp2(maximum - reference);
    maximum = reference;
    sum *= shrink;
    for (var c = 0u; c < CHUNKS; c++) {
      // A masked key weighs exactly nothing, also where a whole block is masked.
      let w = exp2(s[c] - max(reference, -1e38f));
      weights[row * V_ROW + part + c * PARTS] = vec4<f16>(w);
      sum += (w.x + w.y) + (w.z + w.w);
    }
    if (grows & (first > 0u)) { atomicStore(&grown, 1u); }
    // The scores are used up: their place serves O, one fragment of each subgroup at a time.
    if (workgroupUniformLoad(&grown) != 0u) {
      for (var d = 0u; d < HEAD_FRAGS; d++) {
        let part_o = o[d];
        let stride = S_ROW;
        coopStoreT(part_o, &scores[fragment], stride);
        workgroupBarrier();
        for (var i = part; i < EDGE / 4u; i += PARTS) { scores[row * S_ROW + i] *= shrink; }
        workgroupBarrier();
        o[d] = coopLoadT<FragC>(&scores[fragment], S_ROW);
        workgroupBarrier();
      }
    }
    for (var j = 0u; j < KEY_FRAGS; j++) {
      let a = coopLoadT<FragA>(&weights[subgroup * EDGE * V_ROW + j * EDGE / 4u], V_ROW);
      for (var d = 0u; d < HEAD_FRAGS; d++) {
        let b = coopLoad<FragB>(&tile[d * EDGE * V_ROW + j * EDGE / 4u], V_ROW);
        o[d] = coopMultiplyAdd(a, b, o[d]); // EDGE * EDGE * EDGE * 2 operations
      }
    }
  }
  if (PARTS > 1u) { sum += quadSwapX(sum); }
  if (PARTS > 2u) { sum += quadSwapY(sum); }
  for (var d = 0u; d < HEAD_FRAGS; d++) {
    workgroupBarrier();
    let part_o = o[d];
    let stride = S_ROW;
    coopStoreT(part_o, &scores[fragment], stride);
    workgroupBarrier();
    let out = (group.y * PADDED_SEQUENCE + first_query + row) * (HEAD / 4u) + d * EDGE / 4u;
    for (var i = part; i < EDGE / 4u; i += PARTS) { dst[out + i] = scores[row * S_ROW + i] / sum; }
  }
}
