//! Workloads by name and size, and how much work they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Type of elements: of the stored inputs, or of the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// 32-bit float.
    F32,
    /// 16-bit float.
    F16,
    /// 8-bit signed integer, four in a word.
    I8,
    /// 32-bit signed integer: sums of products of 8-bit ones, never an input.
    I32,
}

impl ElementType {
    /// As WGSL and the command line spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::I8 => "i8",
            Self::I32 => "i32",
        }
    }

    /// Size of one element.
    pub fn bytes(self) -> u64 {
        u64::from(self.bits() / 8)
    }

    /// Bit length of the multiply's inputs.
    pub fn bits(self) -> u32 {
        match self {
            Self::F32 | Self::I32 => 32,
            Self::F16 => 16,
            Self::I8 => 8,
        }
    }

    /// What an operation on such elements is called in units.
    pub fn operation(self) -> &'static str {
        match self {
            Self::F32 | Self::F16 => "FLOP",
            Self::I8 | Self::I32 => "OP",
        }
    }

    /// Type of the sums where nothing else is asked for.
    #[must_use]
    pub fn usual_sums(self) -> Self {
        match self {
            Self::F32 | Self::F16 => Self::F32,
            Self::I8 | Self::I32 => Self::I32,
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
    /// `a = b + 3 c` over f32: two loads and a store, as in STREAM; all three count.
    Triad,
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

impl Unit {
    /// As it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Matrix => "matrix",
        }
    }
}

/// `C[m,n] = A[m,k] * B[k,n]`, row-major; of 8-bit integers B is stored column by column.
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
    /// Type of the sums and of C.
    pub accumulate: ElementType,
}

/// Which keys a query sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// All.
    None,
    /// Query `i` sees keys `0..=i`.
    Causal,
    /// There is one query, the newest, and it sees all keys.
    Decode,
}

/// Multi-head attention forward: `softmax(Q K^T / sqrt(d)) V` per head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionShape {
    /// Independent sequences.
    pub batch: u64,
    /// Query heads of each.
    pub heads: u64,
    /// Heads of keys and values; `heads / kv_heads` query heads share one.
    pub kv_heads: u64,
    /// Keys; as many queries, but one when decoding.
    pub sequence: u64,
    /// Length of a query, key and value.
    pub head_size: u64,
    /// Stored type of queries, keys and values; sums, softmax and the result are f32.
    pub input: ElementType,
    /// Which keys a query sees.
    pub mask: Mask,
}

/// A computation with its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Matrix multiply.
    Matmul(MatmulShape),
    /// Attention forward.
    Attention(AttentionShape),
    /// Streaming memory access over a buffer of `bytes`.
    Bandwidth {
        /// Direction.
        access: Access,
        /// Size of each buffer.
        bytes: u64,
    },
    /// Register-only multiply-adds: the roof of a unit.
    Roof {
        /// Unit that does the arithmetic.
        unit: Unit,
        /// Type of the factors; sums are of the same type on vector units, or i32 for i8, and f32 on matrix units.
        element: ElementType,
        /// Invocations; each does the same number of multiply-adds.
        invocations: u64,
    },
    /// One chain of dependent multiply-adds: its time is their latency, so the clock.
    Chain {
        /// Multiply-adds, a multiple of [`CHAIN_BLOCK`](super::CHAIN_BLOCK).
        steps: u64,
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
    /// Attention: operations by the convention of the FlashAttention papers, which counts half of all
    /// pairs under a causal mask. `ops` counts the pairs exactly.
    pub convention_ops: Option<u64>,
}

impl Workload {
    /// Name as it stands in records.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Matmul(_) => "matmul",
            Self::Attention(shape) => match shape.mask {
                Mask::None => "attention",
                Mask::Causal => "attention-causal",
                Mask::Decode => "attention-decode",
            },
            Self::Bandwidth { access: Access::Read, .. } => "bandwidth-read",
            Self::Bandwidth { access: Access::Write, .. } => "bandwidth-write",
            Self::Bandwidth { access: Access::Copy, .. } => "bandwidth-copy",
            Self::Bandwidth { access: Access::Triad, .. } => "bandwidth-triad",
            Self::Roof { unit: Unit::Vector, .. } => "roof",
            Self::Roof { unit: Unit::Matrix, .. } => "roof-matrix",
            Self::Chain { .. } => "chain",
            Self::Empty => "empty",
        }
    }

    /// Sizes as they stand in records: `MxNxK`, `BATCHxHEADSxSEQUENCExHEADSIZE`, bytes.
    pub fn shape(&self) -> String {
        match self {
            Self::Matmul(s) => format!("{}x{}x{}", s.m, s.n, s.k),
            Self::Attention(s) if s.heads == s.kv_heads => {
                format!("{}x{}x{}x{}", s.batch, s.heads, s.sequence, s.head_size)
            }
            Self::Attention(s) => {
                format!("{}x{}/{}x{}x{}", s.batch, s.heads, s.kv_heads, s.sequence, s.head_size)
            }
            Self::Bandwidth { bytes, .. } => bytes.to_string(),
            Self::Roof { invocations, .. } => invocations.to_string(),
            Self::Chain { steps } => steps.to_string(),
            Self::Empty => String::new(),
        }
    }

    /// Stored type of the inputs; `None` where the workload moves bits without meaning.
    pub fn input(&self) -> Option<ElementType> {
        match self {
            Self::Matmul(shape) => Some(shape.input),
            Self::Attention(shape) => Some(shape.input),
            Self::Roof { element, .. } => Some(*element),
            Self::Bandwidth { access: Access::Triad, .. } | Self::Chain { .. } => {
                Some(ElementType::F32)
            }
            Self::Bandwidth { .. } | Self::Empty => None,
        }
    }

    /// Type of the sums.
    pub fn accumulate(&self) -> Option<ElementType> {
        match self {
            Self::Matmul(shape) => Some(shape.accumulate),
            Self::Roof { element: ElementType::I8, .. } => Some(ElementType::I32),
            Self::Roof { unit: Unit::Vector, element, .. } => Some(*element),
            Self::Bandwidth { access: Access::Triad, .. }
            | Self::Attention(_)
            | Self::Roof { .. }
            | Self::Chain { .. } => Some(ElementType::F32),
            Self::Bandwidth { .. } | Self::Empty => None,
        }
    }
}

impl MatmulShape {
    /// `2 m n k` operations.
    pub fn work(&self) -> Work {
        let Self { m, n, k, input, accumulate } = *self;
        Work {
            ops: 2 * m * n * k,
            bytes: input.bytes() * (m * k + k * n) + accumulate.bytes() * m * n,
            bit_length: Some(input.bits()),
            convention_ops: None,
        }
    }
}

impl AttentionShape {
    /// Queries of one head.
    pub fn queries(&self) -> u64 {
        if self.mask == Mask::Decode { 1 } else { self.sequence }
    }

    /// Query-key pairs of one head: all of them, or the lower triangle with its diagonal.
    pub fn pairs(&self) -> u64 {
        let s = self.sequence;
        if self.mask == Mask::Causal { s * (s + 1) / 2 } else { self.queries() * s }
    }

    /// `4 d` operations for each query-key pair; the softmax is not counted.
    pub fn work(&self) -> Work {
        let (heads, kv_heads) = (self.batch * self.heads, self.batch * self.kv_heads);
        let queries = heads * self.queries() * self.head_size;
        let keys = kv_heads * self.sequence * self.head_size;
        let all = 4 * self.head_size * self.queries() * self.sequence * heads;
        Work {
            ops: 4 * self.head_size * self.pairs() * heads,
            bytes: self.input.bytes() * (queries + 2 * keys) + 4 * queries,
            bit_length: Some(self.input.bits()),
            convention_ops: Some(if self.mask == Mask::Causal { all / 2 } else { all }),
        }
    }
}

impl Workload {
    /// Exact work of one dispatch.
    pub fn work(&self) -> Work {
        let moved = |bytes| Work { ops: 0, bytes, bit_length: None, convention_ops: None };
        match self {
            Self::Matmul(shape) => shape.work(),
            Self::Attention(shape) => shape.work(),
            Self::Bandwidth { access: Access::Copy, bytes } => moved(2 * bytes),
            Self::Bandwidth { access: Access::Triad, bytes } => moved(3 * bytes),
            Self::Bandwidth { bytes, .. } => moved(*bytes),
            Self::Roof { unit, element, invocations } => {
                super::probes::roof_work(*unit, *element, *invocations)
            }
            Self::Chain { steps } => Work {
                ops: 2 * steps,
                bytes: 16,
                bit_length: Some(ElementType::F32.bits()),
                convention_ops: None,
            },
            Self::Empty => moved(4),
        }
    }

    /// Size class: every size rounded up to a power of two. Tuned choices hold for a class.
    pub fn bucket(&self) -> String {
        let rounded = |digits: &str| {
            digits.parse::<u64>().map_or(digits.to_owned(), |n| n.next_power_of_two().to_string())
        };
        let text = self.to_string();
        let (types, shape) = text.rsplit_once(':').unwrap_or((&text, ""));
        let shape: Vec<String> = shape
            .split('x')
            .map(|part| part.split('/').map(rounded).collect::<Vec<_>>().join("/"))
            .collect();
        format!("{types}:{}", shape.join("x"))
    }
}
