// C[M,N] = A[M,K] * B[K,N], row-major; f32 sums; no barrier, no workgroup memory.
// For CPU adapters whose subgroup is one vector of 8: as matmul_register.wgsl, but a lane loads one
// element of each row of A and subgroupBroadcast spreads it. One gather then brings 8 steps of k, and
// the code is smaller than with scalar loads, each of which brings its own bounds check and branches.
// One invocation computes ROWS x (PAIRS x 2) results; the workgroup is one subgroup.
// Operations per invocation: K * ROWS * PAIRS * 2 * 2. CPU twin: src/check/reference/matmul.rs.
// Prelude: TILES, LINEAR, stored_*.wgsl, N, K (padded: M to ROWS, N to 8 * PAIRS * 2, K to 8), ROWS, PAIRS (both at
// most 32).
@group(0) @binding(0) var<storage, read> lhs: array<Word>;
@group(0) @binding(1) var<storage, read> rhs: array<Pair>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec2<f32>>;

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(subgroup_invocation_id) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let row = group.y * ROWS;
  let column2 = group.x * 8u * PAIRS + lane;
  var sums: array<array<vec2<f32>, PAIRS>, ROWS>;
  for (var k0 = 0u; k0 < K; k0 += 8u) {
    var a: array<f32, ROWS>;
    for (var r = 0u; r < ROWS; r++) {
      let at = (row + r) * K + k0 + lane;
      a[r] = element(lhs[at / PER_WORD], at);
    }
    for (var p = 0u; p < PAIRS; p++) {
      var b: array<vec2<f32>, 8>;
      for (var i = 0u; i < 8u; i++) { b[i] = pair(rhs[(k0 + i) * (N / 2u) + column2 + p * 8u]); }
      for (var r = 0u; r < ROWS; r++) {
        // Written out: the lane of a broadcast must be a constant.
        var sum = fma(vec2<f32>(subgroupBroadcast(a[r], 0u)), b[0], sums[r][p]); // 4 operations
        sum = fma(vec2<f32>(subgroupBroadcast(a[r], 1u)), b[1], sum);
        sum = fma(vec2<f32>(subgroupBroadcast(a[r], 2u)), b[2], sum);
        sum = fma(vec2<f32>(subgroupBroadcast(a[r], 3u)), b[3], sum);
        sum = fma(vec2<f32>(subgroupBroadcast(a[r], 4u)), b[4], sum);
        sum = fma(vec2<f32>(subgroupBroadcast(a[r], 5u)), b[5], sum);
        sum = fma(vec2<f32>(subgroupBroadcast(a[r], 6u)), b[6], sum);
        sums[r][p] = fma(vec2<f32>(subgroupBroadcast(a[r], 7u)), b[7], sum);
      }
    }
  }
  for (var r = 0u; r < ROWS; r++) {
    for (var p = 0u; p < PAIRS; p++) { dst[(row + r) * (N / 2u) + column2 + p * 8u] = sums[r][p]; }
  }
}
