// C[M,N] = A[M,K] * B[K,N], row-major; f16 in, Sum (f32 or f16) sums on matrix units.
// One workgroup of DOWN x ACROSS subgroups computes TILE_M x TILE_N results; a subgroup owns FRAG_M x
// FRAG_N fragments of EDGE x EDGE and keeps their sums in registers. Both factors go through workgroup
// memory, TILE_K deep, with 16 bytes of skew per row against bank conflicts; the next tiles are
// loaded into registers while the present ones are multiplied. Accumulators are stored straight to C:
// their layout is opaque to WGSL.
// The matrix-multiply instruction that a subgroup-scope matrix can become reaches about 63 % of the dense
// peak of chips whose fastest path needs several subgroups and operands in shared memory.
// Operations per workgroup: TILE_M * TILE_N * K * 2. CPU twin: src/check/reference/matmul.rs.
// Prelude: TILES, LINEAR, enables, aliases FragA, FragB, FragC, Sum; M, N, K (padded to the tile), EDGE, DOWN,
// ACROSS, FRAG_M, FRAG_N, TILE_K (multiple of EDGE), THREADS (DOWN * ACROSS subgroups).
@group(0) @binding(0) var<storage, read> lhs: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read> rhs: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read_write> dst: array<Sum>;

const TILE_M = DOWN * FRAG_M * EDGE;
const TILE_N = ACROSS * FRAG_N * EDGE;
const A_ROW = TILE_K / 4u + 2u; // rows of the staged tiles, in vectors of four
const B_ROW = TILE_N / 4u + 2u;
const A_LOADS = TILE_M * TILE_K / 4u / THREADS;
const B_LOADS = TILE_N * TILE_K / 4u / THREADS;
// Workgroups take the results in panels of this many tile rows, so that those which run at the same
// time share rows of A and columns of B in the last-level cache.
const PANEL = 8u;

var<workgroup> tile_a: array<vec4<f16>, TILE_M * A_ROW>;
var<workgroup> tile_b: array<vec4<f16>, TILE_K * B_ROW>;

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
  var sums: array<array<FragC, FRAG_N>, FRAG_M>;
  var next_a: array<vec4<f16>, A_LOADS>;
  var next_b: array<vec4<f16>, B_LOADS>;
  for (var i = 0u; i < A_LOADS; i++) {
    let at = lane + i * THREADS;
    next_a[i] = lhs[(tile_row * TILE_M + at / (TILE_K / 4u)) * (K / 4u) + at % (TILE_K / 4u)];
  }
  for (var i = 0u; i < B_LOADS; i++) {
    let at = lane + i * THREADS;
    next_b[i] = rhs[at / (TILE_N / 4u) * (N / 4u) + tile_column * (TILE_N / 4u) + at % (TILE_N / 4u)];
  }
  for (var k0 = 0u; k0 < K; k0 += TILE_K) {
    for (var i = 0u; i < A_LOADS; i++) {
      let at = lane + i * THREADS;
      tile_a[at / (TILE_K / 4u) * A_ROW + at % (TILE_K / 4u)] = next_a[i];
    }
    for (var i = 0u; i < B_LOADS; i++) {
      let at = lane + i * THREADS;
      tile_b[at / (TILE_N / 4u) * B_ROW + at % (TILE_N / 4u)] = next_b[i];
    }
    workgroupBarrier();
    let after = min(k0 + TILE_K, K - TILE_K); // the last round loads its own tile again, unused
    for (var i = 0u; i < A_LOADS; i++) {
      let at = lane + i * THREADS;
      next_a[i] = lhs[(tile_row * TILE_M + at / (TILE_K / 4u)) * (K / 4u) + after / 4u + at % (TILE_K / 4u)];
    }
    for (var i = 0u; i < B_LOADS; i++) {
      let at = lane + i * THREADS;
      next_b[i] = rhs[(after + at / (TILE_N / 4u)) * (N / 4u) + tile_column * (TILE_N / 4u) + at % (TILE_N / 4u)];
    }
    for (var k = 0u; k < TILE_K; k += EDGE) {
      var a: array<FragA, FRAG_M>;
      for (var i = 0u; i < FRAG_M; i++) {
        a[i] = coopLoadT<FragA>(&tile_a[(row + i * EDGE) * A_ROW + k / 4u], A_ROW);
      }
      for (var j = 0u; j < FRAG_N; j++) {
        let b = coopLoadT<FragB>(&tile_b[k * B_ROW + (column + j * EDGE) / 4u], B_ROW);
        for (var i = 0u; i < FRAG_M; i++) {
          sums[i][j] = coopMultiplyAdd(a[i], b, sums[i][j]); // EDGE * EDGE * EDGE * 2 operations
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
