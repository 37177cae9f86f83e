// C[M,N] = A[M,K] * B[K,N], row-major; f32 sums, or f16 sums, two of which many GPUs do in one instruction.
// For GPUs without matrix units in use. One workgroup computes TILE_M x TILE_N results and stages
// both factors in workgroup memory, TILE_K at a time, A transposed so that four rows are one vector.
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
// Blocks of 4 x 4 of both factors, each loaded and staged by one invocation: whole vectors are written, as WGSL
// leaves open whether the store of a component touches its neighbours.
const A_BLOCKS = TILE_M * TILE_K / 16u;
const BLOCKS = A_BLOCKS + TILE_N * TILE_K / 16u;
const ROUNDS = (BLOCKS + THREADS - 1u) / THREADS;
const A_ROW = TILE_M / 4u + 1u; // one vector more per row, against bank conflicts
var<workgroup> tile_a: array<Four, TILE_K * A_ROW>;
var<workgroup> tile_b: array<Four, TILE_K * TILE_N / 4u>;

// Four vectors of the tiles at k0: of A four rows below each other, of B a quarter of the tile apart.
fn load(block: u32, group: vec2<u32>, k0: u32) -> array<Four, 4> {
  var four: array<Four, 4>;
  if (block < A_BLOCKS) {
    let at = (group.y * TILE_M + block / (TILE_K / 4u) * 4u) * (K / 4u) + k0 / 4u + block % (TILE_K / 4u);
    for (var j = 0u; j < 4u; j++) { four[j] = quad(lhs[at + j * (K / 4u)]); }
  } else if (block < BLOCKS) {
    let begin = k0 * (N / 4u) + group.x * (TILE_N / 4u);
    for (var j = 0u; j < 4u; j++) {
      let at = block - A_BLOCKS + j * (BLOCKS - A_BLOCKS);
      four[j] = quad(rhs[begin + at / (TILE_N / 4u) * (N / 4u) + at % (TILE_N / 4u)]);
    }
  }
  return four;
}

// The same four vectors into workgroup memory, those of A turned.
fn stage(block: u32, four: array<Four, 4>) {
  if (block < A_BLOCKS) {
    let to = block % (TILE_K / 4u) * 4u * A_ROW + block / (TILE_K / 4u);
    for (var j = 0u; j < 4u; j++) {
      tile_a[to + j * A_ROW] = Four(four[0][j], four[1][j], four[2][j], four[3][j]);
    }
  } else if (block < BLOCKS) {
    for (var j = 0u; j < 4u; j++) { tile_b[block - A_BLOCKS + j * (BLOCKS - A_BLOCKS)] = four[j]; }
  }
}

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
  var sums: array<array<Four, QUADS>, QUADS * 4u>;
  var next: array<array<Four, 4>, ROUNDS>;
  for (var i = 0u; i < ROUNDS; i++) { next[i] = load(lane + i * THREADS, group, 0u); }
  for (var k0 = 0u; k0 < K; k0 += TILE_K) {
    for (var i = 0u; i < ROUNDS; i++) { stage(lane + i * THREADS, next[i]); }
    workgroupBarrier();
    let after = min(k0 + TILE_K, K - TILE_K); // the last round loads its own tile again, unused
    for (var i = 0u; i < ROUNDS; i++) { next[i] = load(lane + i * THREADS, group, after); }
    for (var k = 0u; k < TILE_K; k++) {
      var b: array<Four, QUADS>;
      for (var q = 0u; q < QUADS; q++) { b[q] = tile_b[k * (TILE_N / 4u) + q * ACROSS + x]; }
      for (var p = 0u; p < QUADS; p++) {
        let a = tile_a[k * A_ROW + p * DOWN + y];
        for (var i = 0u; i < 4u; i++) {
          for (var q = 0u; q < QUADS; q++) {
            sums[p * 4u + i][q] = fma(Four(a[i]), b[q], sums[p * 4u + i][q]); // 8 operations
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
