// Four f16 from the two words that hold them. Through f32, which is exact; drivers for AMD find that nothing is to do.
fn halves(words: vec2<u32>) -> vec4<f16> {
  return vec4<f16>(vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y)));
}
