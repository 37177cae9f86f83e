// Fills a buffer with reproducible inputs. One invocation writes four neighbouring elements of a
// padded matrix; elements outside ROWS x COLUMNS become zero, so that padding adds nothing.
// Needs philox.wgsl in front. CPU twin: src/workload/inputs.rs.
// Prelude: FORMAT (0 f32 values, 1 f16 values packed in pairs, 2 raw words, 3 i8 values packed in fours), PLANES, ROWS and
// COLUMNS of one plane, PADDED_ROWS, PADDED_COLUMNS (multiple of 4), TAG, SEED_LOW, SEED_HIGH, WORKGROUP.
@group(0) @binding(0) var<storage, read_write> dst: array<u32>;

fn value(word: u32) -> f32 {
  let sum = (word & 0xffu) + ((word >> 8u) & 0xffu) + ((word >> 16u) & 0xffu) + (word >> 24u);
  let coarse = f32(2 * (i32(sum) - 510) + 1) / 256.0;
  if (FORMAT == 1u) { return coarse; }
  return coarse + f32(i32((word * 0x9E3779B1u) >> 20u) - 2048) / 1048576.0;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * WORKGROUP + lane;
  let padded_quads = PADDED_COLUMNS / 4u;
  if (at >= PLANES * PADDED_ROWS * padded_quads) { return; }
  let padded_row = at / padded_quads;
  let row_in_plane = padded_row % PADDED_ROWS;
  let row = padded_row / PADDED_ROWS * ROWS + row_in_plane;
  let quad = at % padded_quads;
  let quads = (COLUMNS + 3u) / 4u;
  let words = philox4x32(vec4<u32>(row * quads + quad, 0u, TAG, 0u), vec2<u32>(SEED_LOW, SEED_HIGH));
  var values = vec4<f32>(value(words.x), value(words.y), value(words.z), value(words.w));
  let inside = vec4<bool>(quad * 4u < COLUMNS, quad * 4u + 1u < COLUMNS,
                          quad * 4u + 2u < COLUMNS, quad * 4u + 3u < COLUMNS);
  values = select(vec4<f32>(0.0), values, inside & vec4<bool>(row_in_plane < ROWS));
  if (FORMAT == 3u) {
    let bytes = select(vec4<u32>(0u), words & vec4<u32>(0xffu) | vec4<u32>(1u), inside & vec4<bool>(row_in_plane < ROWS));
    dst[at] = bytes.x | (bytes.y << 8u) | (bytes.z << 16u) | (bytes.w << 24u);
    return;
  }
  if (FORMAT == 1u) {
    dst[at * 2u] = pack2x16float(values.xy);
    dst[at * 2u + 1u] = pack2x16float(values.zw);
  } else {
    let bits = select(bitcast<vec4<u32>>(values), words, FORMAT == 2u);
    dst[at * 4u] = bits.x;
    dst[at * 4u + 1u] = bits.y;
    dst[at * 4u + 2u] = bits.z;
    dst[at * 4u + 3u] = bits.w;
  }
}
