//! Counter-based inputs: the same numbers in Rust and in WGSL (`shaders/shared/philox.wgsl`), bit for bit.
//!
//! Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11). Whoever
//! knows the seed can regenerate any element without the others, so a stranger can verify a
//! record. Values are sums of four random bytes, odd multiples of 1/256: roughly normal, and never zero,
//! since zeros would flatter a chip: they cost less power. As f16 they are exact. As f32 they carry eleven
//! more bits below, so that a kernel which rounds its f32 inputs to tf32, f16 or bf16 on the way shows it in
//! its error. 8-bit integers are odd and uniform over the range of the type.

use super::ElementType;

/// Philox4x32-10: four random words for a counter under a key.
pub fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let p0 = u64::from(counter[0]) * 0xD251_1F53;
        let p1 = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (p1 >> 32) as u32 ^ counter[1] ^ key[0],
            p1 as u32,
            (p0 >> 32) as u32 ^ counter[3] ^ key[1],
            p0 as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

/// Random words `4 quad .. 4 quad + 4` of buffer `tag` under a seed.
pub fn words(seed: u64, tag: u32, quad: u64) -> [u32; 4] {
    philox4x32([quad as u32, (quad >> 32) as u32, tag, 0], [seed as u32, (seed >> 32) as u32])
}

/// A random word as a value: `(2 (sum of its bytes - 510) + 1) / 256`, and as f32 up to 1/512 more or less
/// in steps of 2^-20, from the word's bits stirred by a multiplication.
///
/// Standard deviation 1.155, range -3.99 to 3.99; exact in its type.
pub fn value_from_word(word: u32, element: ElementType) -> f32 {
    let sum: i32 = word.to_le_bytes().into_iter().map(i32::from).sum();
    let coarse = (2 * (sum - 510) + 1) as f32 / 256.0;
    match element {
        ElementType::F16 => coarse,
        ElementType::F32 => {
            let fine = (word.wrapping_mul(0x9E37_79B1) >> 20).cast_signed() - 2048;
            coarse + fine as f32 / 1_048_576.0
        }
        ElementType::I8 | ElementType::I32 => f32::from(i8_from_word(word)),
    }
}

/// Largest magnitude of an 8-bit input.
pub const LARGEST_I8: i32 = 127;

/// A random word as an 8-bit integer: its low byte made odd, so -127 to 127 and never zero. Turning over the sign
/// bit gives another such value, so that a changed input stays one.
pub fn i8_from_word(word: u32) -> i8 {
    (word as u8 | 1).cast_signed()
}

/// One row of a matrix whose rows have `columns` values. Each row starts a new quad.
pub fn row(
    seed: u64,
    tag: u32,
    row: u64,
    columns: u64,
    element: ElementType,
) -> impl Iterator<Item = f32> {
    let quads = columns.div_ceil(4);
    (0..quads)
        .flat_map(move |q| words(seed, tag, row * quads + q))
        .take(columns as usize)
        .map(move |word| value_from_word(word, element))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_known_answers() {
        // Random123 1.14, tests/kat_vectors, philox4x32 10.
        let vectors = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in vectors {
            assert_eq!(philox4x32(counter, key), expected);
        }
    }

    #[test]
    fn every_value_is_exact_in_f16_and_never_zero() {
        for sum in 0..=1020u32 {
            let bytes = [sum.min(255), sum.saturating_sub(255).min(255), 0, 0];
            let rest = sum - bytes[0] - bytes[1];
            let word = u32::from_le_bytes([
                bytes[0] as u8,
                bytes[1] as u8,
                rest.min(255) as u8,
                rest.saturating_sub(255) as u8,
            ]);
            let value = value_from_word(word, ElementType::F16);
            assert_eq!(half::f16::from_f32(value).to_f32(), value);
            let finer = value_from_word(word, ElementType::F32);
            assert!((finer - value).abs() <= 1.0 / 512.0 && value != 0.0 && finer != 0.0);
        }
    }

    #[test]
    fn most_f32_values_do_not_survive_a_shorter_type() {
        let values = row(7, 1, 0, 10_000, ElementType::F32);
        let lost = values.filter(|v| half::f16::from_f32(*v).to_f32() != *v).count();
        assert!(lost > 9_900, "only {lost} of 10,000 need more than f16");
    }

    #[test]
    fn values_are_roughly_normal() {
        let values: Vec<f32> = row(7, 1, 0, 100_000, ElementType::F32).collect();
        let mean = values.iter().sum::<f32>() / 1e5;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.02, "mean {mean}");
        assert!((variance - 1.333).abs() < 0.03, "variance {variance}");
    }
}
