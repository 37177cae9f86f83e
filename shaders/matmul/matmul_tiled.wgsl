// C[M,N] = A[M,K] * B[K,N], row-major; f32 sums, or f16 sums, two of which many GPUs do in one instruction.
// For GPUs without matrix units in use. One workgroup computes TILE_M x TILE_N results and stages
// both factors in workgroup memory, TILE_K at a time, A transposed so that four rows lie side by side.
// One invocation computes QUADS x QUADS blocks of 4 x 4 results, a quarter or half tile apart, so that
// neighbouring invocations read neighbouring vectors. The next tiles are loaded into registers while
// the present ones are multiplied: WGSL has no asynchronous copy.
// 8 x 8 results per invocation do 16 multiply-adds per vector read from workgroup memory, 4 x 4 do 8:
// small matrices take the latter, so that there are workgroups enough.
// Operations per invocation: K * QUADS * QUADS * 16 * 2. CPU twin: src/check/reference/matmul.rs.
// Prelude: TILES, LINEAR, stored_*.wgsl or packed_f16.wgsl, N, K (padded: M to TILE_M, N to TILE_N, K to TILE_K), TILE_M, TILE_N,
// TILE_K, QUADS.
@group(0) @binding(0) var<storage, read> lhs: array<Quad>;
@group(0) @binding(1) var<storage, read> rhs: array<Quad>;
@group(0) @binding(2) var<storage, read_write> dst: array<Four>;

const ACROSS = TILE_N / 4u / QUADS; // invocations along a row of results
const DOWN = TILE_M / 4u / QUADS;
const THREADS = ACROSS * DOWN;
const A_LOADS = TILE_M * TILE_K / 8u / THREADS; // pairs of rows
const B_LOADS = TILE_N * TILE_K / 4u / THREADS;
const A_ROW = TILE_M / 4u + 1u; // one vector more per row, against bank conflicts
// Two rows are what one invocation writes: the store of a component of a larger vector may touch the others.
var<workgroup> tile_a: array<array<Two, 2>, TILE_K * A_ROW>;
var<workgroup> tile_b: array<Four, TILE_K * TILE_N / 4u>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let y = lane / ACROSS;
  let x = lane % ACROSS;
  let n4 = N / 4u;
  let k4 = K / 4u;
  var sums: array<array<Four, QUADS>, QUADS * 4u>;
  var next_a: array<array<Four, 2>, A_LOADS>;
  var next_b: array<Four, B_LOADS>;
  for (var i = 0u; i < A_LOADS; i++) {
    let at = lane + i * THREADS;
    let first = (group.y * TILE_M + at / (TILE_K / 4u) * 2u) * k4 + at % (TILE_K / 4u);
    next_a[i] = array<Four, 2>(quad(lhs[first]), quad(lhs[first + k4]));
  }
  for (var i = 0u; i < B_LOADS; i++) {
    let at = lane + i * THREADS;
    next_b[i] = quad(rhs[at / (TILE_N / 4u) * n4 + group.x * (TILE_N / 4u) + at % (TILE_N / 4u)]);
  }
  for (var k0 = 0u; k0 < K; k0 += TILE_K) {
    for (var i = 0u; i < A_LOADS; i++) {
      let at = lane + i * THREADS;
      let pair = at / (TILE_K / 4u);
      let to = at % (TILE_K / 4u) * 4u * A_ROW + pair / 2u;
      for (var j = 0u; j < 4u; j++) { tile_a[to + j * A_ROW][pair % 2u] = Two(next_a[i][0][j], next_a[i][1][j]); }
    }
    for (var i = 0u; i < B_LOADS; i++) { tile_b[lane + i * THREADS] = next_b[i]; }
    workgroupBarrier();
    let after = min(k0 + TILE_K, K - TILE_K); // the last round loads its own tile again, unused
    for (var i = 0u; i < A_LOADS; i++) {
      let at = lane + i * THREADS;
      let first = (group.y * TILE_M + at / (TILE_K / 4u) * 2u) * k4 + after / 4u + at % (TILE_K / 4u);
      next_a[i] = array<Four, 2>(quad(lhs[first]), quad(lhs[first + k4]));
    }
    for (var i = 0u; i < B_LOADS; i++) {
      let at = lane + i * THREADS;
      next_b[i] = quad(rhs[(after + at / (TILE_N / 4u)) * n4 + group.x * (TILE_N / 4u) + at % (TILE_N / 4u)]);
    }
    for (var k = 0u; k < TILE_K; k++) {
      var b: array<Four, QUADS>;
      for (var q = 0u; q < QUADS; q++) { b[q] = tile_b[k * (TILE_N / 4u) + q * ACROSS + x]; }
      for (var p = 0u; p < QUADS; p++) {
        let a = tile_a[k * A_ROW + p * DOWN + y];
        for (var i = 0u; i < 4u; i++) {
          for (var q = 0u; q < QUADS; q++) {
            sums[p * 4u + i][q] = fma(Four(a[i / 2u][i % 2u]), b[q], sums[p * 4u + i][q]); // 8 operations
          }
        }
      }
    }
    workgroupBarrier();
  }
  for (var p = 0u; p < QUADS; p++) {
    for (var i = 0u; i < 4u; i++) {
      let row = group.y * TILE_M + (p * DOWN + y) * 4u + i;
      for (var q = 0u; q < QUADS; q++) {
        dst[row * n4 + group.x * (TILE_N / 4u) + q * ACROSS + x] = sums[p * 4u + i][q];
      }
    }
  }
}
