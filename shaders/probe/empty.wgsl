// One invocation stores one word: what a dispatch costs when it does nothing else. In a timed batch the tally's
// dispatch (tally.wgsl) follows it as it follows every kernel, and is in the time.
// CPU twin: src/check/reference/probes.rs.
@group(0) @binding(0) var<storage, read_write> dst: array<u32>;

@compute @workgroup_size(1)
fn main() {
  dst[0] = 0x600DF00Du;
}
