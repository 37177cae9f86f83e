// C[M,N] = A[M,K] * B[K,N]; i8 in, i32 sums; no barrier, no workgroup memory, no subgroups.
// For CPU adapters, and as the kernel without staging: A is read at an address that is the same in all lanes, a
// gathered word of B serves ROWS sums. B is stored column by column ([N][K]): see matmul_i8_tiled.wgsl.
// One invocation computes ROWS x COLUMNS results, LANES columns apart.
// Operations per invocation: K * ROWS * COLUMNS * 2. CPU twin: src/check/reference/integers.rs.
// Prelude: TILES, LINEAR, N, K (padded: M to ROWS, N to LANES * COLUMNS, K to 16), ROWS, COLUMNS, LANES.
@group(0) @binding(0) var<storage, read> lhs: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> rhs: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> dst: array<i32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let row = group.y * ROWS;
  let column = group.x * LANES * COLUMNS + lane;
  let k16 = K / 16u;
  var sums: array<array<i32, COLUMNS>, ROWS>;
  for (var k = 0u; k < k16; k++) {
    var a: array<vec4<u32>, ROWS>;
    for (var r = 0u; r < ROWS; r++) { a[r] = lhs[(row + r) * k16 + k]; }
    for (var c = 0u; c < COLUMNS; c++) {
      let b = rhs[(column + c * LANES) * k16 + k];
      for (var r = 0u; r < ROWS; r++) {
        sums[r][c] += dot4I8Packed(a[r].x, b.x) + dot4I8Packed(a[r].y, b.y)
                    + dot4I8Packed(a[r].z, b.z) + dot4I8Packed(a[r].w, b.w); // 32 operations
      }
    }
  }
  for (var r = 0u; r < ROWS; r++) {
    for (var c = 0u; c < COLUMNS; c++) { dst[(row + r) * N + column + c * LANES] = sums[r][c]; }
  }
}
