// C[M,N] = A[M,K] * B[K,N], row-major; f16 in, Sum (f32 or f16) sums on matrix units, without staging.
// For adapters where barriers cost more than reading a tile twice (CPU), and as the variant that
// shows what staging brings. One workgroup is one subgroup; it computes FRAG_M x FRAG_N fragments of
// EDGE x EDGE and loads fragments straight from storage, which is padded: such loads are not bounds-checked.
// On subgroups smaller than foreseen several do the same: right, but at a part of the rate; a note says so.
// Operations per workgroup: FRAG_M * FRAG_N * EDGE * EDGE * K * 2. CPU twin: src/check/reference/matmul.rs.
// Prelude: TILES, LINEAR, enables, aliases FragA, FragB, FragC, Sum; N, K (padded to the tile), EDGE, FRAG_M, FRAG_N,
// THREADS.
@group(0) @binding(0) var<storage, read> lhs: array<f16>;
@group(0) @binding(1) var<storage, read> rhs: array<f16>;
@group(0) @binding(2) var<storage, read_write> dst: array<Sum>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let row = group.y * FRAG_M * EDGE;
  let column = group.x * FRAG_N * EDGE;
  var sums: array<array<FragC, FRAG_N>, FRAG_M>;
  for (var k = 0u; k < K; k += EDGE) {
    var a: array<FragA, FRAG_M>;
    for (var i = 0u; i < FRAG_M; i++) { a[i] = coopLoadT<FragA>(&lhs[(row + i * EDGE) * K + k], K); }
    for (var j = 0u; j < FRAG_N; j++) {
      let b = coopLoadT<FragB>(&rhs[k * N + column + j * EDGE], N);
      for (var i = 0u; i < FRAG_M; i++) {
        sums[i][j] = coopMultiplyAdd(a[i], b, sums[i][j]); // EDGE * EDGE * EDGE * 2 operations
      }
    }
  }
  for (var i = 0u; i < FRAG_M; i++) {
    for (var j = 0u; j < FRAG_N; j++) {
      // Every operand in a variable first: naga 30 does not emit expressions inside coopStore.
      let sum = sums[i][j];
      let to = (row + i * EDGE) * N + column + j * EDGE;
      let stride = N;
      coopStoreT(sum, &dst[to], stride);
    }
  }
}
