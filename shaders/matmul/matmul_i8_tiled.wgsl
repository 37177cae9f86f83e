// C[M,N] = A[M,K] * B[K,N]; i8 in, i32 sums: dot products of four bytes, exact.
// A is row-major and B is stored column by column ([N][K]), so that four neighbours of a word meet in one
// dot4I8Packed: of a row-major B each block of 4 x 4 bytes would have to be turned with shifts and masks, since
// WGSL has no byte permutation, and integer matrix libraries take their factors like this too.
// One workgroup computes TILE_M x TILE_N results and stages both factors in workgroup memory, TILE_K at a time,
// turned by words so that four rows (columns) lie side by side. One invocation computes QUADS x QUADS blocks of 4 x 4
// results, a quarter or half tile apart. The next tiles are loaded into registers meanwhile.
// RADV on RDNA 3 (Mesa 26.1) makes one instruction of each dot product: 1,024 of the 1,188 of a turn of the tile of
// 128 x 128 with QUADS 2.
// Operations per invocation: K * QUADS * QUADS * 16 * 2. CPU twin: src/check/reference/integers.rs.
// Prelude: TILES, LINEAR, N, K (padded: M to TILE_M, N to TILE_N, K to TILE_K), TILE_M, TILE_N, TILE_K (multiple
// of 16), QUADS.
@group(0) @binding(0) var<storage, read> lhs: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> rhs: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec4<i32>>;

const ACROSS = TILE_N / 4u / QUADS; // invocations along a row of results
const DOWN = TILE_M / 4u / QUADS;
const THREADS = ACROSS * DOWN;
const DEEP = TILE_K / 16u; // vectors of a staged row
const A_LOADS = TILE_M * DEEP / 2u / THREADS; // pairs of rows
const B_LOADS = TILE_N * DEEP / 2u / THREADS; // pairs of columns
const A_ROW = TILE_M / 4u + 1u; // one vector more per row, against bank conflicts
const B_ROW = TILE_N / 4u + 1u;
// Two are what one invocation writes: the store of a component of a larger vector may touch the others.
var<workgroup> tile_a: array<array<vec2<u32>, 2>, TILE_K / 4u * A_ROW>;
var<workgroup> tile_b: array<array<vec2<u32>, 2>, TILE_K / 4u * B_ROW>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let y = lane / ACROSS;
  let x = lane % ACROSS;
  let k16 = K / 16u;
  var sums: array<array<vec4<i32>, QUADS>, QUADS * 4u>;
  var next_a: array<array<vec4<u32>, 2>, A_LOADS>;
  var next_b: array<array<vec4<u32>, 2>, B_LOADS>;
  for (var i = 0u; i < A_LOADS; i++) {
    let at = lane + i * THREADS;
    let first = (group.y * TILE_M + at / DEEP * 2u) * k16 + at % DEEP;
    next_a[i] = array<vec4<u32>, 2>(lhs[first], lhs[first + k16]);
  }
  for (var i = 0u; i < B_LOADS; i++) {
    let at = lane + i * THREADS;
    let first = (group.x * TILE_N + at / DEEP * 2u) * k16 + at % DEEP;
    next_b[i] = array<vec4<u32>, 2>(rhs[first], rhs[first + k16]);
  }
  for (var k0 = 0u; k0 < K; k0 += TILE_K) {
    for (var i = 0u; i < A_LOADS; i++) {
      let at = lane + i * THREADS;
      let pair = at / DEEP;
      let to = at % DEEP * 4u * A_ROW + pair / 2u;
      for (var j = 0u; j < 4u; j++) {
        tile_a[to + j * A_ROW][pair % 2u] = vec2<u32>(next_a[i][0][j], next_a[i][1][j]);
      }
    }
    for (var i = 0u; i < B_LOADS; i++) {
      let at = lane + i * THREADS;
      let pair = at / DEEP;
      let to = at % DEEP * 4u * B_ROW + pair / 2u;
      for (var j = 0u; j < 4u; j++) {
        tile_b[to + j * B_ROW][pair % 2u] = vec2<u32>(next_b[i][0][j], next_b[i][1][j]);
      }
    }
    workgroupBarrier();
    let after = min(k0 + TILE_K, K - TILE_K) / 16u; // the last round loads its own tile again, unused
    for (var i = 0u; i < A_LOADS; i++) {
      let at = lane + i * THREADS;
      let first = (group.y * TILE_M + at / DEEP * 2u) * k16 + after + at % DEEP;
      next_a[i] = array<vec4<u32>, 2>(lhs[first], lhs[first + k16]);
    }
    for (var i = 0u; i < B_LOADS; i++) {
      let at = lane + i * THREADS;
      let first = (group.x * TILE_N + at / DEEP * 2u) * k16 + after + at % DEEP;
      next_b[i] = array<vec4<u32>, 2>(rhs[first], rhs[first + k16]);
    }
    for (var k = 0u; k < TILE_K / 4u; k++) {
      var b: array<array<vec2<u32>, 2>, QUADS>;
      for (var q = 0u; q < QUADS; q++) { b[q] = tile_b[k * B_ROW + q * ACROSS + x]; }
      for (var p = 0u; p < QUADS; p++) {
        let a = tile_a[k * A_ROW + p * DOWN + y];
        for (var i = 0u; i < 4u; i++) {
          for (var q = 0u; q < QUADS; q++) {
            let row = a[i / 2u][i % 2u];
            sums[p * 4u + i][q] += vec4<i32>(dot4I8Packed(row, b[q][0].x), dot4I8Packed(row, b[q][0].y),
                                             dot4I8Packed(row, b[q][1].x), dot4I8Packed(row, b[q][1].y)); // 32 operations
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
        dst[row * (N / 4u) + group.x * (TILE_N / 4u) + q * ACROSS + x] = sums[p * 4u + i][q];
      }
    }
  }
}
