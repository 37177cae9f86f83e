// Register-only dot products of four 8-bit integers: the roof of the vector units' integer arithmetic (DP4A).
// Each invocation runs eight independent pairs of chains, UNROLL steps of all of them before the loop's end. A step
//   x -> x + dot(bytes of y, first),  y -> y + dot(bytes of x, second)
// is one instruction a line where the hardware has it. It has an inverse, so different starts never meet and no
// chain dies out; the bytes of a sum have no closed form, so nobody can shorten it. Wrapping arithmetic is exact.
// Mesa 26.1 (RADV on Vega 20, RDNA 3 and 4; NVK on Ampere) makes one instruction of each line, v_dot4_i32_i8,
// v_dot4_i32_iu8 and idp4: with UNROLL 4 the 64 dot products of a turn are 64 of its 67 to 69 instructions.
// Factors come from memory and differ between lanes, out of the compiler's sight and off scalar units.
// Operations per invocation: STEPS * 8 * 2 * 8 (four multiply-adds a dot product). CPU twin: src/workload/roof_i8.rs.
// Prelude: WORKGROUP, INVOCATIONS, STEPS, UNROLL, CLASSES.
@group(0) @binding(0) var<storage, read> given: vec4<u32>; // first, second, unused
@group(0) @binding(1) var<storage, read_write> dst: array<vec4<u32>>;

fn start(kind: u32, chain: u32) -> vec2<i32> {
  return vec2<i32>(bitcast<i32>((kind * 16u + chain * 2u + 1u) * 0x9E3779B1u),
                   bitcast<i32>((kind * 16u + chain * 2u + 2u) * 0x9E3779B1u));
}

fn step(p: vec2<i32>, first: u32, second: u32) -> vec2<i32> {
  let x = p.x + dot4I8Packed(bitcast<u32>(p.y), first); // 8 operations
  let y = p.y + dot4I8Packed(bitcast<u32>(x), second);
  return vec2<i32>(x, y);
}

fn ends(a: vec2<i32>, b: vec2<i32>) -> u32 { return bitcast<u32>(a.x + 3 * a.y + 5 * b.x + 7 * b.y); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if (at >= INVOCATIONS) { return; } // in front of the work: the grid is rounded up, and padding is not counted
  let kind = at % CLASSES;
  let first = given.x ^ kind;
  let second = given.y ^ kind;
  var p0 = start(kind, 0u); var p1 = start(kind, 1u); var p2 = start(kind, 2u); var p3 = start(kind, 3u);
  var p4 = start(kind, 4u); var p5 = start(kind, 5u); var p6 = start(kind, 6u); var p7 = start(kind, 7u);
  for (var done = 0u; done < STEPS; done += UNROLL) {
    for (var u = 0u; u < UNROLL; u++) {
      p0 = step(p0, first, second); p1 = step(p1, first, second);
      p2 = step(p2, first, second); p3 = step(p3, first, second);
      p4 = step(p4, first, second); p5 = step(p5, first, second);
      p6 = step(p6, first, second); p7 = step(p7, first, second);
    }
  }
  dst[at] = vec4<u32>(ends(p0, p1), ends(p2, p3), ends(p4, p5), ends(p6, p7));
}
