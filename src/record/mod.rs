//! Stage 5: what do we keep?
//!
//! Plain structs, one JSON file per run. Keys carry units; unsupported, failed and measured are
//! three states; a figure that is not known is null or absent, never 0. The doc comments here are
//! the descriptions in `schemas/record-v1.schema.json`.

mod conclusion;
mod external;
mod read;
mod samples;
mod schema1;
mod strict;
mod v1;
mod write;

pub use conclusion::{
    Conclusion, Declared, EstimatedTier, Finding, Measured, Peak, Quantities, Quantity, Ratio, Tier,
};
pub use external::{EXTERNAL_SCHEMA, External, ExternalFigure};

pub use read::{Read, read, read_any};
pub use samples::{Attachment, SAMPLES, Span};
pub use schema1::SCHEMA_1;
pub use v1::{
    DecisionRule, Environment, Note, Origin, PlanRecord, Record, SCHEMA, State, Summary, Tick,
    Tool, WorkloadRecord,
};
pub use write::Folder;
