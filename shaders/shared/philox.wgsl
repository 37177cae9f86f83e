// Philox4x32-10 counter-based random numbers (Salmon et al., SC11).
// CPU twin: src/workload/inputs.rs, pinned there by the published known-answer vectors.

// High 32 bits of a 32x32-bit product, from 16-bit halves.
fn mul_high(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let low = (middle & 0xffffu) + a0 * b1;
  return a1 * b1 + (middle >> 16u) + (low >> 16u);
}

fn philox4x32(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high0 = mul_high(c.x, 0xD2511F53u);
    let high1 = mul_high(c.z, 0xCD9E8D57u);
    c = vec4<u32>(high1 ^ c.y ^ k.x, c.z * 0xCD9E8D57u, high0 ^ c.w ^ k.y, c.x * 0xD2511F53u);
    k += vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}
