// C[M,N] = A[M,K] * B[K,N], row-major; f32 sums; no barrier, no subgroups, no arrays.
// For compilers that neither unroll loops nor keep arrays in registers (SwiftShader): 8 rows by 4
// columns in named variables, written out. One invocation computes 8 x 4 results.
// Operations per invocation: K * 8 * 4 * 2. CPU twin: src/check/reference/matmul.rs.
// Prelude: TILES, LINEAR, stored_*.wgsl, N, K (padded: M to 8, N to LANES * 4, K to 4), LANES.
@group(0) @binding(0) var<storage, read> lhs: array<Quad>;
@group(0) @binding(1) var<storage, read> rhs: array<Quad>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec4<f32>>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let n4 = N / 4u;
  let k4 = K / 4u;
  let column4 = group.x * LANES + lane;
  let at = group.y * 8u * k4;
  var s0 = vec4<f32>(); var s1 = s0; var s2 = s0; var s3 = s0;
  var s4 = s0; var s5 = s0; var s6 = s0; var s7 = s0;
  for (var k = 0u; k < k4; k++) {
    let b0 = quad(rhs[(k * 4u) * n4 + column4]);
    let b1 = quad(rhs[(k * 4u + 1u) * n4 + column4]);
    let b2 = quad(rhs[(k * 4u + 2u) * n4 + column4]);
    let b3 = quad(rhs[(k * 4u + 3u) * n4 + column4]);
    let a0 = quad(lhs[at + k]);           s0 += a0.x * b0 + a0.y * b1 + a0.z * b2 + a0.w * b3; // 32 operations
    let a1 = quad(lhs[at + k4 + k]);      s1 += a1.x * b0 + a1.y * b1 + a1.z * b2 + a1.w * b3;
    let a2 = quad(lhs[at + 2u * k4 + k]); s2 += a2.x * b0 + a2.y * b1 + a2.z * b2 + a2.w * b3;
    let a3 = quad(lhs[at + 3u * k4 + k]); s3 += a3.x * b0 + a3.y * b1 + a3.z * b2 + a3.w * b3;
    let a4 = quad(lhs[at + 4u * k4 + k]); s4 += a4.x * b0 + a4.y * b1 + a4.z * b2 + a4.w * b3;
    let a5 = quad(lhs[at + 5u * k4 + k]); s5 += a5.x * b0 + a5.y * b1 + a5.z * b2 + a5.w * b3;
    let a6 = quad(lhs[at + 6u * k4 + k]); s6 += a6.x * b0 + a6.y * b1 + a6.z * b2 + a6.w * b3;
    let a7 = quad(lhs[at + 7u * k4 + k]); s7 += a7.x * b0 + a7.y * b1 + a7.z * b2 + a7.w * b3;
  }
  let to = group.y * 8u * n4 + column4;
  dst[to] = s0;           dst[to + n4] = s1;      dst[to + 2u * n4] = s2; dst[to + 3u * n4] = s3;
  dst[to + 4u * n4] = s4; dst[to + 5u * n4] = s5; dst[to + 6u * n4] = s6; dst[to + 7u * n4] = s7;
}
