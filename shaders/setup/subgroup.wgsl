// Writes how many invocations a subgroup has in a workgroup of THREADS: where the size varies a driver chooses it
// by the size of the workgroup, among others, so this is asked on the device for each kernel that depends on it.
// Prelude: THREADS.
@group(0) @binding(0) var<storage, read_write> dst: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(subgroup_size) size: u32) {
  if (lane == 0u) { dst[0] = size; }
}
