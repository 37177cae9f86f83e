// Register-resident matrix multiply-adds: the roof of the matrix units. Each subgroup keeps two
// fragments of A, two of B and four sums: sums[i][j] += A[i] * B[j], STEPS times over.
// A[i] and B[j] are loaded once, from a buffer whose words are odd multiples of 1/256, and the sums start
// from zero; every element of the result is STEPS times that of one product, exactly computable.
// On subgroups smaller than foreseen several do the same: right, but at a part of the rate; a note says so.
// Operations per subgroup: STEPS * 4 * EDGE * EDGE * EDGE * 2. CPU twin: src/check/reference/probes.rs.
// Prelude: enables, aliases FragA, FragB, FragC, Sum; EDGE, STEPS, GROUPS, THREADS (one subgroup).
@group(0) @binding(0) var<storage, read> lhs: array<f16>;
@group(0) @binding(1) var<storage, read> rhs: array<f16>;
@group(0) @binding(2) var<storage, read_write> dst: array<Sum>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  // The grid is rounded up, and padding is not counted. Whole workgroups return, so control flow stays uniform.
  let index = group.y * groups.x + group.x;
  if (index >= GROUPS) { return; }
  let cell = EDGE * EDGE;
  let a0 = coopLoadT<FragA>(&lhs[0], EDGE);
  let a1 = coopLoadT<FragA>(&lhs[cell], EDGE);
  let b0 = coopLoadT<FragB>(&rhs[0], EDGE);
  let b1 = coopLoadT<FragB>(&rhs[cell], EDGE);
  var c00: FragC;
  var c01: FragC;
  var c10: FragC;
  var c11: FragC;
  for (var step = 0u; step < STEPS; step++) {
    c00 = coopMultiplyAdd(a0, b0, c00);
    c01 = coopMultiplyAdd(a0, b1, c01);
    c10 = coopMultiplyAdd(a1, b0, c10);
    c11 = coopMultiplyAdd(a1, b1, c11);
  }
  let to = index * 4u * cell;
  let s0 = c00;
  let s1 = c01;
  let s2 = c10;
  let s3 = c11;
  let t1 = to + cell;
  let t2 = to + 2u * cell;
  let t3 = to + 3u * cell;
  let stride = EDGE;
  coopStoreT(s0, &dst[to], stride);
  coopStoreT(s1, &dst[t1], stride);
  coopStoreT(s2, &dst[t2], stride);
  coopStoreT(s3, &dst[t3], stride);
}
