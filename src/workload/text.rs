//! The text form of a workload: what a profile lists and the command line is turned into.

use std::fmt;
use std::str::FromStr;

use super::inputs::LARGEST_I8;
use super::{Access, AttentionShape, CHAIN_BLOCK, ElementType, Mask, MatmulShape, Unit, Workload};
use crate::names::unknown;

/// Every form, for messages.
const FORMS: &str = "matmul:TYPE[/SUMS]:MxNxK, \
     attention[-causal|-decode]:TYPE:BATCHxHEADS[/KVHEADS]xSEQUENCExHEADSIZE, \
     bandwidth-read|write|copy|triad:BYTES, roof:TYPE:INVOCATIONS, roof-matrix:f16:INVOCATIONS, \
     chain:STEPS, empty";

/// Products of 8-bit inputs whose sum fits 32 bits, whatever they are.
const LARGEST_I8_DEPTH: u64 = (i32::MAX / (LARGEST_I8 * LARGEST_I8)) as u64;

impl Workload {
    /// Every name, in the order in which they are explained.
    pub const NAMES: &[&str] = &[
        "matmul",
        "attention",
        "attention-causal",
        "attention-decode",
        "bandwidth-read",
        "bandwidth-write",
        "bandwidth-copy",
        "bandwidth-triad",
        "roof",
        "roof-matrix",
        "chain",
        "empty",
    ];
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match (self, self.input()) {
            (Self::Matmul(s), Some(input)) if s.accumulate != input.usual_sums() => {
                write!(f, ":{}/{}", input.name(), s.accumulate.name())?;
            }
            (Self::Matmul(_) | Self::Attention(_) | Self::Roof { .. }, Some(input)) => {
                write!(f, ":{}", input.name())?;
            }
            _ => {}
        }
        let shape = self.shape();
        if shape.is_empty() { Ok(()) } else { write!(f, ":{shape}") }
    }
}

/// Reads the text form: `matmul:f16:512x512x512`, `attention-causal:f32:1x8/2x512x64`,
/// `bandwidth-copy:67108864`, `roof:f32:16384`, `empty`.
/// ```
/// for text in ["attention-causal:f32:1x8/2x512x64", "matmul:f16/f16:64x64x64", "chain:65536"] {
///     let workload: tierbench::workload::Workload = text.parse().unwrap();
///     assert_eq!(workload.to_string(), text);
/// }
/// ```
impl FromStr for Workload {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let workload = match (name, rest.as_slice()) {
            ("matmul", [types, size]) => {
                let (input, sums) = types.split_once('/').unzip();
                let input = element(input.unwrap_or(types))?;
                let accumulate = sums.map_or(Ok(input.usual_sums()), sums_type)?;
                let [m, n, k] = sizes(size, "MxNxK")?;
                matmul(MatmulShape { m, n, k, input, accumulate })?
            }
            ("attention", [input, size]) => attention(Mask::None, input, size)?,
            ("attention-causal", [input, size]) => attention(Mask::Causal, input, size)?,
            ("attention-decode", [input, size]) => attention(Mask::Decode, input, size)?,
            ("bandwidth-read", [size]) => bandwidth(Access::Read, size)?,
            ("bandwidth-write", [size]) => bandwidth(Access::Write, size)?,
            ("bandwidth-copy", [size]) => bandwidth(Access::Copy, size)?,
            ("bandwidth-triad", [size]) => bandwidth(Access::Triad, size)?,
            ("roof", [input, size]) => roof(Unit::Vector, input, size)?,
            ("roof-matrix", [input @ "f16", size]) => roof(Unit::Matrix, input, size)?,
            ("roof-matrix", [input, _]) => {
                element(input)?;
                return Err(format!("roof-matrix has no {input} kernel; say f16"));
            }
            ("chain", [size]) => {
                let [steps] = sizes(size, "STEPS")?;
                if steps % CHAIN_BLOCK != 0 {
                    return Err(format!("{steps} steps: take a multiple of {CHAIN_BLOCK}"));
                }
                Self::Chain { steps }
            }
            ("empty", []) => Self::Empty,
            (known, _) if Self::NAMES.contains(&known) => {
                return Err(format!("{text:?} is no workload; there are {FORMS}"));
            }
            (wrong, _) => {
                let all = format!("there are {}", Self::NAMES.join(", "));
                return Err(unknown("workload", wrong, Self::NAMES.iter().copied(), &all));
            }
        };
        Ok(workload)
    }
}

/// Reads a type as WGSL spells it.
impl FromStr for ElementType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "f32" => Ok(Self::F32),
            "f16" => Ok(Self::F16),
            "i8" => Ok(Self::I8),
            other => Err(format!("{other:?} is no input type; there are f32, f16 and i8")),
        }
    }
}

fn element(text: &str) -> Result<ElementType, String> {
    text.parse()
}

/// A type of sums: `i32` is one, and `i8` is none.
fn sums_type(text: &str) -> Result<ElementType, String> {
    match text {
        "i32" => Ok(ElementType::I32),
        "i8" => Err("sums of i8 products are i32".into()),
        other => element(other),
    }
}

fn matmul(shape: MatmulShape) -> Result<Workload, String> {
    use ElementType as E;
    match (shape.input, shape.accumulate) {
        (E::F32, E::F16) => Err("sums in f16 need inputs in f16".into()),
        (E::I8, sums) if sums != E::I32 => Err("inputs in i8 need sums in i32".into()),
        (input, E::I32) if input != E::I8 => Err("sums in i32 need inputs in i8".into()),
        (E::I8, _) if shape.k > LARGEST_I8_DEPTH => Err(format!(
            "k = {}: sums of so many i8 products can overflow i32; take {LARGEST_I8_DEPTH} at the most",
            shape.k
        )),
        _ => Ok(Workload::Matmul(shape)),
    }
}

fn attention(mask: Mask, input: &str, size: &str) -> Result<Workload, String> {
    let form = "BATCHxHEADS[/KVHEADS]xSEQUENCExHEADSIZE";
    let input = element(input)?;
    if input == ElementType::I8 {
        return Err("attention has no i8 kernel; say f32 or f16".into());
    }
    let (plain, kv_heads) = match size.split_once('/') {
        None => (size.to_owned(), None),
        Some((front, back)) => {
            let (kv_heads, rest) = back.split_once('x').unwrap_or((back, ""));
            let [kv_heads] = sizes(kv_heads, form)?;
            (format!("{front}x{rest}"), Some(kv_heads))
        }
    };
    let [batch, heads, sequence, head_size] = sizes(&plain, form)?;
    let kv_heads = kv_heads.unwrap_or(heads);
    if heads % kv_heads != 0 {
        return Err(format!("{heads} heads cannot share {kv_heads} heads of keys evenly"));
    }
    let shape = AttentionShape { batch, heads, kv_heads, sequence, head_size, input, mask };
    if shape.sequence.checked_mul(batch * heads * head_size).is_none_or(|x| x > 1 << 40)
        || (u128::from(4 * head_size) * u128::from(batch * heads))
            * (u128::from(sequence) * u128::from(sequence))
            > 1 << 62
    {
        return Err(format!("{size:?} is too much work to count; take a smaller size"));
    }
    Ok(Workload::Attention(shape))
}

fn bandwidth(access: Access, size: &str) -> Result<Workload, String> {
    let [bytes] = sizes(size, "BYTES")?;
    if bytes % 16 != 0 {
        return Err(format!("{bytes} bytes: a bandwidth buffer is a multiple of 16 bytes"));
    }
    Ok(Workload::Bandwidth { access, bytes })
}

fn roof(unit: Unit, input: &str, size: &str) -> Result<Workload, String> {
    let [invocations] = sizes(size, "INVOCATIONS")?;
    Ok(Workload::Roof { unit, element: element(input)?, invocations })
}

/// Numbers from 1 to 2^31 between `x`; their product stays below 2^56 so that work is exact.
fn sizes<const N: usize>(text: &str, form: &str) -> Result<[u64; N], String> {
    let parsed: Result<Vec<u64>, _> = text.split('x').map(str::parse).collect();
    let sizes: Option<[u64; N]> = parsed.ok().and_then(|sizes| sizes.try_into().ok());
    let sizes =
        sizes.ok_or_else(|| format!("{text:?} is no size; write {form} in whole numbers"))?;
    let product = sizes.iter().try_fold(1u64, |product, size| product.checked_mul(*size));
    if sizes.contains(&0) || sizes.iter().any(|s| *s > 1 << 31) {
        return Err(format!("{text:?}: every number of {form} lies between 1 and 2^31"));
    }
    if product.is_none_or(|p| p > 1 << 56) {
        return Err(format!("{text:?} is more than 2^56 multiply-adds; take a smaller size"));
    }
    Ok(sizes)
}
