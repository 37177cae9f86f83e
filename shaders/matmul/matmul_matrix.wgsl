// C[M,N] = A[M,K] * B[K,N], row-major; f16 in, Sum (f32 or f16) sums on matrix units.
// One workgroup of DOWN x ACROSS subgroups computes TILE_M x TILE_N results; a subgroup owns FRAG_M x
// FRAG_N fragments of EDGE x EDGE and keeps their sums in registers. Both factors go through workgroup
// memory, TILE_K deep; the next tiles are loaded into registers while the present ones are multiplied.
// Accumulators are stored straight to C: their layout is opaque to WGSL.
// What the code of Mesa's compilers taught, all instructions of a turn per matrix instruction (16x16x16; on
// NVIDIA half of one), for the first shape on each:
// * Matrix units take both factors along k. B is turned while it is staged, 4 x 4 elements an invocation, so that
//   fragments load whole vectors: a row-major B costs RDNA 3 a load for each element, NVIDIA a turn for each fragment.
// * wgpu's bounds checks split a load into its components on NVIDIA (NVK): factors are bound as words of two.
// * On RDNA 3 a fragment takes four loads however it lies, so fragments of a subgroup are many: 4 x 8.
// NVK Ampere 8.0, 240 registers (before: 18.3); RDNA 3 4.0, 256 (9.3); RDNA 4 2.4, 192 (4.8); no spills.
// On NVK more than half of it are moves between sums that its register allocator makes; loading all fragments
// before the first product, and products of a row after another, make them fewest.
// A row of a staged tile has 16 bytes more, and k runs fastest in the invocations: neither the stores nor the
// loads of a quarter of a subgroup meet in a bank.
// The matrix-multiply instruction that a subgroup-scope matrix can become reaches about 63 % of the dense
// peak of chips whose fastest path needs several subgroups and operands in shared memory.
// Operations per workgroup: TILE_M * TILE_N * K * 2. CPU twin: src/check/reference/matmul.rs.
// Prelude: TILES, LINEAR, enables, aliases FragA, FragB, FragC, Sum; halves(); M, N, K (padded to the tile), EDGE,
// DOWN, ACROSS, FRAG_M, FRAG_N, TILE_K (multiple of EDGE), THREADS (DOWN * ACROSS subgroups).
@group(0) @binding(0) var<storage, read> lhs: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> rhs: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> dst: array<Sum>;

const TILE_M = DOWN * FRAG_M * EDGE;
const TILE_N = ACROSS * FRAG_N * EDGE;
const ROW = TILE_K / 4u + 2u; // a row of A's tile and a column of B's, in vectors of four
const A_STEP = THREADS / (TILE_K / 8u); // rows of A that all invocations load at a time: eight elements each
const B_STEP = THREADS / (TILE_K / 4u); // columns of B in fours: four by four elements each
const A_LOADS = TILE_M / A_STEP;
const B_LOADS = TILE_N / 4u / B_STEP;
// Workgroups take the results in panels of this many tile rows, so that those which run at the same
// time share rows of A and columns of B in the last-level cache.
const PANEL = 8u;

var<workgroup> tile_a: array<vec4<f16>, TILE_M * ROW>;
var<workgroup> tile_b: array<vec4<f16>, TILE_N * ROW>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32,
        @builtin(subgroup_id) subgroup_id: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  // Where subgroups are smaller than foreseen there are more of them: these do the last one's work again.
  let subgroup = min(subgroup_id, DOWN * ACROSS - 1u);
  let index = group.y * (N / TILE_N) + group.x;
  let first = index / (PANEL * (N / TILE_N)) * PANEL;
  let height = min(PANEL, M / TILE_M - first);
  let within = index % (PANEL * (N / TILE_N));
  let tile_row = first + within % height;
  let tile_column = within / height;
  let row = subgroup / ACROSS * FRAG_M * EDGE;
  let column = subgroup % ACROSS * FRAG_N * EDGE;
  let a_row = lane / (TILE_K / 8u);
  let a_k = lane % (TILE_K / 8u);
  let a_to = a_row * ROW + 2u * a_k;
  let b_column = lane / (TILE_K / 4u);
  let b_k = lane % (TILE_K / 4u);
  let b_to = b_column * 4u * ROW + b_k;
  var a_from = (tile_row * TILE_M + a_row) * (K / 8u) + a_k;
  var b_from = b_k * N + tile_column * (TILE_N / 4u) + b_column;
  var sums: array<array<FragC, FRAG_N>, FRAG_M>;
  var next_a: array<vec4<u32>, A_LOADS>;
  var next_b: array<array<vec2<u32>, 4>, B_LOADS>;
  for (var i = 0u; i < A_LOADS; i++) { next_a[i] = lhs[a_from + i * A_STEP * (K / 8u)]; }
  for (var i = 0u; i < B_LOADS; i++) {
    for (var j = 0u; j < 4u; j++) { next_b[i][j] = rhs[b_from + i * B_STEP + j * (N / 4u)]; }
  }
  for (var k0 = 0u; k0 < K; k0 += TILE_K) {
    for (var i = 0u; i < A_LOADS; i++) {
      let to = a_to + i * A_STEP * ROW;
      tile_a[to] = halves(next_a[i].xy);
      tile_a[to + 1u] = halves(next_a[i].zw);
    }
    for (var i = 0u; i < B_LOADS; i++) {
      let to = b_to + i * B_STEP * 4u * ROW;
      let r0 = halves(next_b[i][0]);
      let r1 = halves(next_b[i][1]);
      let r2 = halves(next_b[i][2]);
      let r3 = halves(next_b[i][3]);
      tile_b[to] = vec4<f16>(r0.x, r1.x, r2.x, r3.x);
      tile_b[to + ROW] = vec4<f16>(r0.y, r1.y, r2.y, r3.y);
      tile_b[to + 2u * ROW] = vec4<f16>(r0.z, r1.z, r2.z, r3.z);
      tile_b[to + 3u * ROW] = vec4<f16>(r0.w, r1.w, r2.w, r3.w);
    }
    workgroupBarrier();
    if (k0 + TILE_K < K) { // the last round loads its own tile again, unused
      a_from += TILE_K / 8u;
      b_from += TILE_K * (N / 4u);
    }
    for (var i = 0u; i < A_LOADS; i++) { next_a[i] = lhs[a_from + i * A_STEP * (K / 8u)]; }
    for (var i = 0u; i < B_LOADS; i++) {
      for (var j = 0u; j < 4u; j++) { next_b[i][j] = rhs[b_from + i * B_STEP + j * (N / 4u)]; }
    }
    for (var k = 0u; k < TILE_K; k += EDGE) {
      var a: array<FragA, FRAG_M>;
      var b: array<FragB, FRAG_N>;
      for (var i = 0u; i < FRAG_M; i++) {
        a[i] = coopLoadT<FragA>(&tile_a[(row + i * EDGE) * ROW + k / 4u], ROW);
      }
      for (var j = 0u; j < FRAG_N; j++) {
        b[j] = coopLoad<FragB>(&tile_b[(column + j * EDGE) * ROW + k / 4u], ROW);
      }
      for (var i = 0u; i < FRAG_M; i++) {
        for (var j = 0u; j < FRAG_N; j++) {
          sums[i][j] = coopMultiplyAdd(a[i], b[j], sums[i][j]); // EDGE * EDGE * EDGE * 2 operations
        }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < FRAG_M; i++) {
    for (var j = 0u; j < FRAG_N; j++) {
      // Every operand in a variable first: naga 30 does not emit expressions inside coopStore.
      let sum = sums[i][j];
      let to = (tile_row * TILE_M + row + i * EDGE) * N + tile_column * TILE_N + column + j * EDGE;
      let stride = N;
      coopStoreT(sum, &dst[to], stride);
    }
  }
}
