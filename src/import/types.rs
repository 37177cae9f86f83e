//! Names that programs give to the types of a multiply's inputs, and their bit lengths.

/// Every name, in lower case and without signs. A name of two types takes the wider one elsewhere.
const TYPES: &[(&str, u32)] = &[
    ("f64", 64),
    ("fp64", 64),
    ("double", 64),
    ("f32", 32),
    ("fp32", 32),
    ("float", 32),
    ("int32", 32),
    ("s32", 32),
    ("i32", 32),
    ("tf32", 19),
    ("xf32", 19),
    ("f16", 16),
    ("fp16", 16),
    ("half", 16),
    ("bf16", 16),
    ("bfloat16", 16),
    ("int16", 16),
    ("s16", 16),
    ("u16", 16),
    ("fp8", 8),
    ("f8", 8),
    ("bf8", 8),
    ("f8fnuz", 8),
    ("bf8fnuz", 8),
    ("fe4m3", 8),
    ("fe5m2", 8),
    ("e4m3", 8),
    ("e5m2", 8),
    ("fp8e4m3", 8),
    ("fp8e5m2", 8),
    ("float8e4m3fn", 8),
    ("float8e5m2", 8),
    ("float8e4m3fnuz", 8),
    ("float8e5m2fnuz", 8),
    ("mxfp8", 8),
    ("mxf8", 8),
    ("int8", 8),
    ("s8", 8),
    ("u8", 8),
    ("i8", 8),
    ("s8u8", 8),
    ("u8s8", 8),
    ("u8u8", 8),
    ("fp6", 6),
    ("f6", 6),
    ("bf6", 6),
    ("fe2m3", 6),
    ("fe3m2", 6),
    ("e2m3", 6),
    ("e3m2", 6),
    ("fp6e2m3", 6),
    ("fp6e3m2", 6),
    ("mxfp6", 6),
    ("mxf6", 6),
    ("fp4", 4),
    ("f4", 4),
    ("fe2m1", 4),
    ("e2m1", 4),
    ("fp4e2m1", 4),
    ("mxfp4", 4),
    ("mxf4", 4),
    ("nvfp4", 4),
    ("nvf4", 4),
    ("int4", 4),
    ("s4", 4),
    ("u4", 4),
    ("i4", 4),
];

/// Bit length of a type by its whole name: `bf16`, `fp8_e4m3`, `torch.bfloat16`, `f16_r`.
pub(super) fn bit_length(name: &str) -> Option<u32> {
    let name = name.trim().to_lowercase();
    let name = name.strip_prefix("torch.").unwrap_or(&name);
    let name = name.strip_suffix("_r").unwrap_or(name);
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    TYPES.iter().find(|(known, _)| *known == plain).map(|(_, bits)| *bits)
}

/// The same for a name whose words have a type among them: `fp8_e4m3 2:4`. None where two contradict each other.
pub(super) fn bit_length_within(name: &str) -> Option<u32> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut lengths = words.filter_map(bit_length);
    let first = lengths.next()?;
    lengths.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_whole_words() {
        for (name, bits) in [
            ("fp8_e4m3", Some(8)),
            ("torch.bfloat16", Some(16)),
            ("f16_r", Some(16)),
            ("BF16", Some(16)),
            ("TF32", Some(19)),
            ("b1", None),
            ("cf32", None),
            ("", None),
        ] {
            assert_eq!(bit_length(name), bits, "{name}");
        }
        assert_eq!(bit_length_within("wmma_fp8_e4m3 2:4"), Some(8));
        assert_eq!(bit_length_within("mfma_f32"), Some(32));
        assert_eq!(bit_length_within("fp32/fp16"), None);
        assert_eq!(bit_length_within("atomics"), None);
    }
}
