// C[M,N] = A[M,K] * B[K,N] for few rows (M <= 8), row-major; f32 sums. Bound by reading B once.
// One workgroup computes all rows of COLUMNS4 x 4 columns: invocation (part, column) adds up every
// PARTS-th row of B, then the parts are added through workgroup memory.
// Operations per invocation: K / PARTS * ROWS * 4 * 2. CPU twin: src/check/reference/matmul.rs.
// Prelude: TILES, LINEAR, stored_*.wgsl, N, K (padded: M to ROWS, N to COLUMNS4 * 4, K to PARTS * 4), ROWS, COLUMNS4,
// PARTS.
@group(0) @binding(0) var<storage, read> lhs: array<Word>;
@group(0) @binding(1) var<storage, read> rhs: array<Quad>;
@group(0) @binding(2) var<storage, read_write> dst: array<vec4<f32>>;

var<workgroup> partial: array<vec4<f32>, PARTS * ROWS * COLUMNS4>;

@compute @workgroup_size(COLUMNS4, PARTS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_id) local: vec3<u32>) {
  // A tile each; more than a dispatch has along one dimension are LINEAR (tile_grid in src/workload/job.rs).
  let place = id.y * groups.x + id.x;
  let group = select(id.xy, vec2<u32>(place % TILES.x, place / TILES.x), LINEAR);
  if (LINEAR & (group.y >= TILES.y)) { return; }
  let column4 = group.x * COLUMNS4 + local.x;
  var sums: array<vec4<f32>, ROWS>;
  for (var k = local.y; k < K; k += PARTS) {
    let b = quad(rhs[k * (N / 4u) + column4]);
    for (var r = 0u; r < ROWS; r++) {
      let at = r * K + k;
      sums[r] = fma(vec4<f32>(element(lhs[at / PER_WORD], at)), b, sums[r]); // 8 operations
    }
  }
  for (var r = 0u; r < ROWS; r++) { partial[(local.y * ROWS + r) * COLUMNS4 + local.x] = sums[r]; }
  workgroupBarrier();
  for (var r = local.y; r < ROWS; r += PARTS) {
    var sum = partial[r * COLUMNS4 + local.x];
    for (var p = 1u; p < PARTS; p++) { sum += partial[(p * ROWS + r) * COLUMNS4 + local.x]; }
    dst[r * (N / 4u) + column4] = sum;
  }
}
