// C[M,N] = A[M,K] * B[K,N], row-major; Stored in, f32 sums out; no barrier, no workgroup memory.
// For CPU adapters, where a barrier costs a coroutine switch and a load that differs between lanes
// costs a gather: one invocation computes REGISTER_ROWS x (VECTORS x 2) results, A is read at an
// address that is the same in all lanes (one scalar load), and one gathered element of B serves
// REGISTER_ROWS sums. Operations per invocation: K * REGISTER_ROWS * VECTORS * 2 * 2.
// M is padded to REGISTER_ROWS, N to LANES * VECTORS * 2, K to 4. CPU twin: src/check/matmul.rs.
// Prelude: Stored2, Stored4, N, K, REGISTER_ROWS, LANES, VECTORS.
@group(0) @binding(0) var<storage, read> lhs: array<Stored4>;
@group(0) @binding(1) var<storage, read> rhs: array<Stored2>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec2<f32>>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * REGISTER_ROWS;
  let column2 = group.x * LANES * VECTORS + lane;
  var sums: array<array<vec2<f32>, VECTORS>, REGISTER_ROWS>;
  for (var k4 = 0u; k4 < K / 4u; k4++) {
    var a: array<vec4<f32>, REGISTER_ROWS>;
    for (var r = 0u; r < REGISTER_ROWS; r++) {
      a[r] = vec4<f32>(lhs[(row + r) * (K / 4u) + k4]);
    }
    for (var i = 0u; i < 4u; i++) {
      let b_row = (k4 * 4u + i) * (N / 2u) + column2;
      for (var v = 0u; v < VECTORS; v++) {
        let b = vec2<f32>(rhs[b_row + v * LANES]);
        for (var r = 0u; r < REGISTER_ROWS; r++) {
          sums[r][v] = fma(vec2<f32>(a[r][i]), b, sums[r][v]); // 4 operations
        }
      }
    }
  }
  for (var r = 0u; r < REGISTER_ROWS; r++) {
    for (var v = 0u; v < VECTORS; v++) {
      dst[(row + r) * (N / 2u) + column2 + v * LANES] = sums[r][v];
    }
  }
}
