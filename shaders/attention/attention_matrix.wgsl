// O = softmax(Q K^T * scale) V per head, online as in attention_shared.wgsl, both products on matrix units;
// f16 in, f32 sums and softmax. A subgroup owns EDGE queries and keeps their Q and O as fragments.
// The layout of a fragment is opaque to WGSL, so scores go through workgroup memory, where invocations
// turn a row into weights. O cannot be rescaled row by row in registers either: a row keeps its reference
// maximum until the true one has grown by more than 2^8, and only then O takes the way through workgroup
// memory. Weights up to 2^8 are exact enough in f16, and the division by the sum at the end is the same.
// Keys and values come straight from storage, which is padded: such loads are not bounds-checked.
// Operations per query and visible key: HEAD * 4 (softmax not counted). CPU twin: src/check/reference/attention.rs.
// Layout: [plane][PADDED_SEQUENCE][HEAD]; padding is zero. SHARED query heads use one head of keys.
// Prelude: TILES, LINEAR, enables, aliases FragA, FragB, FragC, Sum; EDGE, SUBGROUPS, KEY_FRAGS, HEAD_FRAGS, THREADS,
// HEAD, SEQUENCE, PADDED_SEQUENCE, SHARED, CAUSAL, SCALE (log2 e / sqrt d).
@group(0) @binding(0) var<storage, read> queries: array<f16>;
@group(0) @binding(1) var<storage, read> keys: array<f16>;
@group(0) @binding(2) var<storage, read> values: array<f16>;
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;

const ROWS = SUBGROUPS * EDGE;
const KEYS = KEY_FRAGS * EDGE;
const PARTS = THREADS / ROWS; // invocations that share a row of scores
const S_ROW = KEYS + 4u;
const W_ROW = KEYS + 8u;
const GROWTH = 8.0; // in powers of two

var<workgroup> scores: array<f32, ROWS * S_ROW>;
var<workgroup> weights: array<f16, ROWS * W_ROW>;
var<workgroup> parts: array<f32, THREADS>;
var<workgroup> maximum: array<f32, ROWS>;
var<workgroup> sum: array<f32, ROWS>;
var<workgroup> shrink: array<f32, ROWS>;
var<workgroup> grown: atomic<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32,
        @builtin(subgroup_id) subgroup_id: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  // Where subgroups are smaller than foreseen there are more of them: these do the last one's work again.
  let subgroup = min(subgroup_id, SUBGROUPS - 1u);
  let first_query = group.x * ROWS;
  let own = (group.y * PADDED_SEQUENCE + first_query + subgroup * EDGE) * HEAD;
  let plane = group.y / SHARED * PADDED_SEQUENCE;
  let row = lane / PARTS;
  let part = lane % PARTS;
  let live = lane < ROWS * PARTS;
  var q: array<FragA, HEAD_FRAGS>;
  var o: array<FragC, HEAD_FRAGS>;
  for (var d = 0u; d < HEAD_FRAGS; d++) { q[d] = coopLoadT<FragA>(&queries[own + d * EDGE], HEAD); }
  if (lane < ROWS) {
    maximum[lane] = -3e38f; // not -inf: fast-math back ends may assume that there is none
    sum[lane] = 0.0;
  }
  let end = select(SEQUENCE, min(SEQUENCE, (group.x + 1u) * ROWS), CAUSAL);
  for (var first = 0u; first < end; first += KEYS) {
    for (var j = 0u; j < KEY_FRAGS; j++) {
      var c: FragC;
      for (var d = 0u; d < HEAD_FRAGS; d++) {
        // Column-major: a key is a column of K^T.
        let b = coopLoad<FragB>(&keys[(plane + first + j * EDGE) * HEAD + d * EDGE], HEAD);
        c = coopMultiplyAdd(q[d], b, c); // EDGE * EDGE * EDGE * 2 operations
      }
      // Every operand in a variable first: naga 30 does not emit expressions inside coopStore.
      let score = c;
      let to = subgroup * EDGE * S_ROW + j * EDGE;
      let stride = S_ROW;
      coopStoreT(score, &scores[to], stride);
    }
    if (lane == 0u) { atomicStore(&grown, 0u); }
    workgroupBarrier();
    var top = -3e38f;
    if (live) {
      for (var i = part; i < KEYS; i += PARTS) {
        let key = first + i;
        let visible = key < SEQUENCE && (!CAUSAL || key <= first_query + row);
        let s = select(-3e38f, scores[row * S_ROW + i] * SCALE, visible);
        scores[row * S_ROW + i] = s;
        top = max(top, s);
      }
    }
    parts[lane] = top;
    workgroupBarrier();
    var part_sum = 0.0f;
    if (live) {
      for (var p = 0u; p < PARTS; p++) { top = max(top, parts[row * PARTS + p]); }
      let before = maximum[row];
      let grows = top > before + GROWTH;
      let reference = select(before, top, grows);
      if (part == 0u) {
        shrink[row] = select(1.0, exp2(before - reference), grows);
        if (grows) { atomicStore(&grown, 1u); }
      }
      for (var i = part; i < KEYS; i += PARTS) {
        // A masked key weighs exactly nothing, also where a whole block is masked.
        let s = scores[row * S_ROW + i];
        let w = select(0.0, exp2(s - reference), s > -1e38f);
        weights[row * W_ROW + i] = f16(w);
        part_sum += w;
      }
      top = reference;
    }
    workgroupBarrier();
    parts[lane] = part_sum;
    workgroupBarrier();
    if (live && part == 0u) {
      var total = sum[row] * shrink[row];
      for (var p = 0u; p < PARTS; p++) { total += parts[row * PARTS + p]; }
      sum[row] = total;
      maximum[row] = top;
    }
    // The scores are used up: their place serves O, one fragment of each subgroup at a time.
    if (workgroupUniformLoad(&grown) != 0u) {
      for (var d = 0u; d < HEAD_FRAGS; d++) {
        let part_o = o[d];
        let to = subgroup * EDGE * S_ROW;
        let stride = S_ROW;
        coopStoreT(part_o, &scores[to], stride);
        workgroupBarrier();
        if (live) { for (var i = part; i < EDGE; i += PARTS) { scores[row * S_ROW + i] *= shrink[row]; } }
        workgroupBarrier();
        o[d] = coopLoadT<FragC>(&scores[subgroup * EDGE * S_ROW], S_ROW);
        workgroupBarrier();
      }
    }
    for (var j = 0u; j < KEY_FRAGS; j++) {
      let a = coopLoadT<FragA>(&weights[subgroup * EDGE * W_ROW + j * EDGE], W_ROW);
      for (var d = 0u; d < HEAD_FRAGS; d++) {
        let b = coopLoadT<FragB>(&values[(plane + first + j * EDGE) * HEAD + d * EDGE], HEAD);
        o[d] = coopMultiplyAdd(a, b, o[d]); // EDGE * EDGE * EDGE * 2 operations
      }
    }
    workgroupBarrier();
  }
  for (var d = 0u; d < HEAD_FRAGS; d++) {
    let part_o = o[d];
    let to = subgroup * EDGE * S_ROW;
    let stride = S_ROW;
    coopStoreT(part_o, &scores[to], stride);
    workgroupBarrier();
    if (live) {
      let out = (group.y * PADDED_SEQUENCE + first_query + row) * HEAD + d * EDGE;
      for (var i = part; i < EDGE; i += PARTS) { dst[out + i] = scores[row * S_ROW + i] / sum[row]; }
    }
    workgroupBarrier();
  }
}
