// C[M,N] = A[M,K] * B[K,N], row-major; Stored4 in, f32 sums out.
// One workgroup of 256 computes TILE x TILE results, one invocation 4 rows x 4 columns of them;
// both factors are staged through workgroup memory, TILE_DEPTH at a time, A transposed so that
// its four rows are one vector. Operations per invocation: K * 16 * 2.
// M and N are padded to TILE, K to TILE_DEPTH. CPU twin: src/check/matmul.rs.
// Prelude: Stored4, N, K, TILE (64), TILE_DEPTH (16).
@group(0) @binding(0) var<storage, read> lhs: array<Stored4>;
@group(0) @binding(1) var<storage, read> rhs: array<Stored4>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec4<f32>>;

const SKEW = TILE / 4u + 1u; // one vector more per row, against bank conflicts
var<workgroup> tile_a: array<vec4<f32>, TILE_DEPTH * SKEW>;
var<workgroup> tile_b: array<vec4<f32>, TILE_DEPTH * TILE / 4u>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let y = lane / 16u;
  let x = lane % 16u;
  let n4 = N / 4u;
  let k4 = K / 4u;
  var sums: array<vec4<f32>, 4>;
  // Loads: A has 64 rows x 4 vectors, B 16 rows x 16 vectors: one of each for every invocation.
  let a_row = lane / 4u;
  let a_quad = lane % 4u;
  var a_at = (group.y * TILE + a_row) * k4 + a_quad;
  var b_at = y * n4 + group.x * (TILE / 4u) + x;
  for (var k0 = 0u; k0 < K; k0 += TILE_DEPTH) {
    let a = vec4<f32>(lhs[a_at]);
    for (var i = 0u; i < 4u; i++) {
      let at = (a_quad * 4u + i) * SKEW + a_row / 4u;
      tile_a[at][a_row % 4u] = a[i];
    }
    tile_b[y * 16u + x] = vec4<f32>(rhs[b_at]);
    workgroupBarrier();
    for (var k = 0u; k < TILE_DEPTH; k++) {
      let column = tile_a[k * SKEW + y];
      let row = tile_b[k * 16u + x];
      for (var i = 0u; i < 4u; i++) {
        sums[i] = fma(vec4<f32>(column[i]), row, sums[i]); // 8 operations
      }
    }
    workgroupBarrier();
    a_at += TILE_DEPTH / 4u;
    b_at += TILE_DEPTH * n4;
  }
  for (var i = 0u; i < 4u; i++) {
    dst[(group.y * TILE + y * 4u + i) * n4 + group.x * (TILE / 4u) + x] = sums[i];
  }
}
