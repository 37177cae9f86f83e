// Four f16 from the two words that hold them, on adapters with 16-bit integers: no instruction at all on NVK, where
// the way through f32 takes three for each word. naga 30 has no bitcast from u32 to vec2<f16>.
fn halves(words: vec2<u32>) -> vec4<f16> {
  return bitcast<vec4<f16>>(vec4<u16>(u16(words.x), u16(words.x >> 16u), u16(words.y), u16(words.y >> 16u)));
}
