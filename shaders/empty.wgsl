// One invocation stores one word: what a dispatch costs when it does nothing else.
// CPU twin: src/check/probes.rs.
@group(0) @binding(0) var<storage, read_write> dst: array<u32>;

@compute @workgroup_size(1)
fn main() {
  dst[0] = 0x600DF00Du;
}
