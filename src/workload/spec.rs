//! Workloads by name and size, their text form, and how much work they are.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Type of the stored inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// 32-bit float.
    F32,
    /// 16-bit float.
    F16,
}

impl ElementType {
    /// Size of one element.
    pub fn bytes(self) -> u64 {
        u64::from(self.bits() / 8)
    }

    /// Bit length of the multiply's inputs.
    pub fn bits(self) -> u32 {
        match self {
            Self::F32 => 32,
            Self::F16 => 16,
        }
    }
}

/// Direction of a bandwidth probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Every byte is loaded once and summed.
    Read,
    /// Every byte is stored once.
    Write,
    /// Every byte is loaded from one buffer and stored to another; both count.
    Copy,
}

/// Execution unit that a kernel uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Ordinary shader arithmetic.
    Vector,
    /// Cooperative matrices (tensor cores, matrix cores).
    Matrix,
}

/// `C[m,n] = A[m,k] * B[k,n]`, row-major, products summed in f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatmulShape {
    /// Rows of A and C.
    pub m: u64,
    /// Columns of B and C.
    pub n: u64,
    /// Columns of A, rows of B.
    pub k: u64,
    /// Stored type of A and B.
    pub input: ElementType,
}

/// Multi-head attention forward: `softmax(Q K^T / sqrt(d)) V` per head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionShape {
    /// Independent sequences.
    pub batch: u64,
    /// Heads of each.
    pub heads: u64,
    /// Queries, and as many keys.
    pub sequence: u64,
    /// Length of a query, key and value.
    pub head_size: u64,
    /// Query `i` sees keys `0..=i` only.
    pub causal: bool,
}

/// A computation with its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Matrix multiply.
    Matmul(MatmulShape),
    /// Attention forward, f32.
    Attention(AttentionShape),
    /// Streaming memory access over a buffer of `bytes`.
    Bandwidth {
        /// Direction.
        access: Access,
        /// Size of each buffer.
        bytes: u64,
    },
    /// Register-only multiply-adds: the roof of the vector units.
    Roof {
        /// Type of the arithmetic.
        element: ElementType,
        /// Invocations; each does the same number of multiply-adds.
        invocations: u64,
    },
    /// One invocation that stores one word: the cost of a dispatch.
    Empty,
}

/// Exact amount of work of one dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    /// Operations; a multiply-add counts as two.
    pub ops: u64,
    /// Bytes that must move at the least: each input read once, each output written once.
    pub bytes: u64,
    /// Largest bit length of the inputs to the multiply; absent where nothing is multiplied.
    pub bit_length: Option<u32>,
}

impl Workload {
    /// Name as it stands in records.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Matmul(_) => "matmul",
            Self::Attention(shape) if shape.causal => "attention-causal",
            Self::Attention(_) => "attention",
            Self::Bandwidth { access: Access::Read, .. } => "bandwidth-read",
            Self::Bandwidth { access: Access::Write, .. } => "bandwidth-write",
            Self::Bandwidth { access: Access::Copy, .. } => "bandwidth-copy",
            Self::Roof { .. } => "roof",
            Self::Empty => "empty",
        }
    }

    /// Sizes as they stand in records: `MxNxK`, `BATCHxHEADSxSEQUENCExHEADSIZE`, bytes.
    pub fn shape(&self) -> String {
        match self {
            Self::Matmul(s) => format!("{}x{}x{}", s.m, s.n, s.k),
            Self::Attention(s) => {
                format!("{}x{}x{}x{}", s.batch, s.heads, s.sequence, s.head_size)
            }
            Self::Bandwidth { bytes, .. } => bytes.to_string(),
            Self::Roof { invocations, .. } => invocations.to_string(),
            Self::Empty => String::new(),
        }
    }

    /// Stored type of the inputs; `None` where the workload moves bits without meaning.
    pub fn input(&self) -> Option<ElementType> {
        match self {
            Self::Matmul(shape) => Some(shape.input),
            Self::Attention(_) => Some(ElementType::F32),
            Self::Roof { element, .. } => Some(*element),
            Self::Bandwidth { .. } | Self::Empty => None,
        }
    }

    /// Type of the sums.
    pub fn accumulate(&self) -> Option<ElementType> {
        match self {
            Self::Matmul(_) | Self::Attention(_) => Some(ElementType::F32),
            Self::Roof { element, .. } => Some(*element),
            Self::Bandwidth { .. } | Self::Empty => None,
        }
    }

    pub(super) fn needs_f16_storage(&self) -> bool {
        matches!(self, Self::Matmul(_) | Self::Roof { .. })
    }
}

impl MatmulShape {
    /// `2 m n k` operations.
    pub fn work(&self) -> Work {
        let Self { m, n, k, input } = *self;
        Work {
            ops: 2 * m * n * k,
            bytes: input.bytes() * (m * k + k * n) + 4 * m * n,
            bit_length: Some(input.bits()),
        }
    }
}

impl AttentionShape {
    /// Query-key pairs of one head: all of them, or the lower triangle with its diagonal.
    pub fn pairs(&self) -> u64 {
        let s = self.sequence;
        if self.causal { s * (s + 1) / 2 } else { s * s }
    }

    /// `4 d` operations for each query-key pair; the softmax is not counted (FlashAttention's
    /// convention, but with the exact number of pairs under a causal mask, not half of all).
    pub fn work(&self) -> Work {
        let heads = self.batch * self.heads;
        Work {
            ops: 4 * self.head_size * self.pairs() * heads,
            bytes: 4 * 4 * heads * self.sequence * self.head_size,
            bit_length: Some(32),
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let element = match self.input() {
            Some(ElementType::F16) => ":f16",
            Some(ElementType::F32) => ":f32",
            None => "",
        };
        let shape = self.shape();
        let colon = if shape.is_empty() { "" } else { ":" };
        write!(f, "{}{element}{colon}{shape}", self.name())
    }
}

/// Reads the text form: `matmul:f16:512x512x512`, `attention-causal:f32:1x4x512x64`,
/// `bandwidth-copy:67108864`, `roof:f32:16384`, `empty`.
/// ```
/// let text = "attention-causal:f32:1x4x512x64";
/// let workload: tierbench::workload::Workload = text.parse().unwrap();
/// assert_eq!(workload.to_string(), text);
/// assert_eq!(workload.work().ops, 4 * 64 * (512 * 513 / 2) * 4);
/// ```
impl FromStr for Workload {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let element = |text: &str| match text {
            "f32" => Ok(ElementType::F32),
            "f16" => Ok(ElementType::F16),
            other => Err(format!("{other:?} is no input type; there are f32 and f16")),
        };
        let workload = match (name, rest.as_slice()) {
            ("matmul", [input, size]) => {
                let [m, n, k] = sizes(size, "MxNxK")?;
                Self::Matmul(MatmulShape { m, n, k, input: element(input)? })
            }
            ("attention" | "attention-causal", ["f32", size]) => {
                let [batch, heads, sequence, head_size] =
                    sizes(size, "BATCHxHEADSxSEQUENCExHEADSIZE")?;
                let causal = name == "attention-causal";
                Self::Attention(AttentionShape { batch, heads, sequence, head_size, causal })
            }
            ("attention" | "attention-causal", [input, _]) => {
                element(input)?;
                return Err(format!(
                    "attention has no {input} kernel; leave --input out or say f32"
                ));
            }
            ("bandwidth-read", [size]) => bandwidth(Access::Read, size)?,
            ("bandwidth-write", [size]) => bandwidth(Access::Write, size)?,
            ("bandwidth-copy", [size]) => bandwidth(Access::Copy, size)?,
            ("roof", [input, size]) => {
                let [invocations] = sizes(size, "INVOCATIONS")?;
                Self::Roof { element: element(input)?, invocations }
            }
            ("empty", []) => Self::Empty,
            _ => {
                return Err(format!(
                    "{text:?} is no workload; there are matmul:TYPE:MxNxK, \
                     attention[-causal]:f32:BATCHxHEADSxSEQUENCExHEADSIZE, \
                     bandwidth-read|write|copy:BYTES, roof:TYPE:INVOCATIONS, empty"
                ));
            }
        };
        Ok(workload)
    }
}

fn bandwidth(access: Access, size: &str) -> Result<Workload, String> {
    let [bytes] = sizes(size, "BYTES")?;
    if bytes % 16 != 0 {
        return Err(format!("{bytes} bytes: a bandwidth buffer is a multiple of 16 bytes"));
    }
    Ok(Workload::Bandwidth { access, bytes })
}

/// Numbers from 1 to 2^31 between `x`; their product stays below 2^62 so that work is exact.
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

impl Workload {
    /// Exact work of one dispatch.
    pub fn work(&self) -> Work {
        match self {
            Self::Matmul(shape) => shape.work(),
            Self::Attention(shape) => shape.work(),
            Self::Bandwidth { access, bytes } => {
                let passes = if *access == Access::Copy { 2 } else { 1 };
                Work { ops: 0, bytes: passes * bytes, bit_length: None }
            }
            Self::Roof { element, invocations } => super::probes::roof_work(*element, *invocations),
            Self::Empty => Work { ops: 0, bytes: 4, bit_length: None },
        }
    }
}
