// C[M,N] = A[M,K] * B[K,N], row-major; f32 sums; no barrier, no workgroup memory, no subgroups.
// For CPU adapters: A is read at an address that is the same in all lanes (scalar loads), a gathered
// pair of B serves ROWS sums. One invocation computes ROWS x (PAIRS x 2) results.
// The order decides: the sums stay in registers over DEPTH steps of k (innermost loop) and are
// written back once per DEPTH, because in a loop llvmpipe blends every variable with the execution
// mask. With k outermost the same tile took 1.7 times as long. Loops above 32 steps stay rolled there
// and turn the arrays into memory, so ROWS and PAIRS end at 32.
// Operations per invocation: K * ROWS * PAIRS * 2 * 2. CPU twin: src/check/reference/matmul.rs.
// Prelude: TILES, LINEAR, stored_*.wgsl, N, K (padded: M to ROWS, N to LANES * PAIRS * 2, K to DEPTH), ROWS, PAIRS,
// DEPTH (multiple of 4), LANES.
@group(0) @binding(0) var<storage, read> lhs: array<Quad>;
@group(0) @binding(1) var<storage, read> rhs: array<Pair>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec2<f32>>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let row = group.y * ROWS;
  let column2 = group.x * LANES * PAIRS + lane;
  var sums: array<array<vec2<f32>, PAIRS>, ROWS>;
  for (var k0 = 0u; k0 < K; k0 += DEPTH) {
    var a: array<array<vec4<f32>, DEPTH / 4u>, ROWS>;
    for (var r = 0u; r < ROWS; r++) {
      for (var i = 0u; i < DEPTH / 4u; i++) { a[r][i] = quad(lhs[((row + r) * K + k0) / 4u + i]); }
    }
    for (var p = 0u; p < PAIRS; p++) {
      var b: array<vec2<f32>, DEPTH>;
      for (var i = 0u; i < DEPTH; i++) { b[i] = pair(rhs[(k0 + i) * (N / 2u) + column2 + p * LANES]); }
      for (var r = 0u; r < ROWS; r++) {
        var sum = sums[r][p];
        for (var i = 0u; i < DEPTH; i++) {
          sum = fma(vec2<f32>(a[r][i / 4u][i % 4u]), b[i], sum); // 4 operations
        }
        sums[r][p] = sum;
      }
    }
  }
  for (var r = 0u; r < ROWS; r++) {
    for (var p = 0u; p < PAIRS; p++) { dst[(row + r) * (N / 2u) + column2 + p * LANES] = sums[r][p]; }
  }
}
