// The sum over LANES neighbouring invocations, 4 or 8, in all of them; shaders/shared/sum_alone.wgsl is the other choice.
fn sum_of_lanes(own: f32) -> f32 {
  var sum = own + quadSwapX(own);
  sum += quadSwapY(sum);
  if (LANES == 8u) { sum += subgroupShuffleXor(sum, 4u); }
  return sum;
}
